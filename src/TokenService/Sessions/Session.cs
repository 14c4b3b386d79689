using System.Collections.Immutable;
using System.Globalization;
using NodaTime;

namespace TokenService;

/// <summary>What a session stands on.</summary>
public enum SessionKind
{
    /// <summary>A role that was assumed, by whatever operation.</summary>
    Role = 1,

    /// <summary>A user's own identity, from <c>GetSessionToken</c>.</summary>
    User = 2,

    /// <summary>An account root's own identity, from <c>GetSessionToken</c>.</summary>
    Root = 3,

    /// <summary>A federated user, from <c>GetFederationToken</c>.</summary>
    FederatedUser = 4,

    /// <summary>A member account's root for one task, from <c>AssumeRoot</c>.</summary>
    AssumedRoot = 5,

    /// <summary>An approver's permissions on loan, from <c>GetDelegatedAccessToken</c>.</summary>
    Delegated = 6,
}

/// <summary>The facts of a session: what is sealed into its token when it begins, and read from there on every request.</summary>
/// <remarks>Nothing of it is stored. Made by minting or by opening a sealed token, never by a host.</remarks>
public sealed class Session
{
    internal Session(Secret secret) => Secret = secret;

    /// <summary>What the session stands on.</summary>
    public required SessionKind Kind { get; init; }

    /// <summary>The temporary access key id the token is bound to.</summary>
    public required string AccessKeyId { get; init; }

    /// <summary>128 random bits that name this session in audit logs and revocations; the client never sees them.</summary>
    public required UInt128 Id { get; init; }

    /// <summary>The <see cref="Id"/> of the first session of the chain; the session's own where it is the first.</summary>
    public required UInt128 ChainId { get; init; }

    /// <summary>How many sessions came before this one in its chain; 0 for the first.</summary>
    public int ChainDepth { get; init; }

    /// <summary>The account of the identity that the session acts as.</summary>
    public required string Account { get; init; }

    /// <summary>The partition of that account.</summary>
    public required string Partition { get; init; }

    /// <summary>The path of the role or user the session stands on; <c>/</c> for a root.</summary>
    public required string PrincipalPath { get; init; }

    /// <summary>The name of the role or user the session stands on; empty for a root.</summary>
    public required string PrincipalName { get; init; }

    /// <summary>The unique id of that role or user, or the account id of a root: a namesake made later is not it.</summary>
    public required string PrincipalId { get; init; }

    /// <summary>The role session's or federated user's name; empty for the kinds that have none.</summary>
    public required string Name { get; init; }

    /// <summary>When the session began, in whole seconds.</summary>
    public required Instant IssuedAt { get; init; }

    /// <summary>The first instant at which the session is no more.</summary>
    public required Instant ExpiresAt { get; init; }

    /// <summary>The access key that signed the request for the session, where one did.</summary>
    public string? IssuingAccessKeyId { get; init; }

    /// <summary>The session policy that was passed as text, if any.</summary>
    public PolicyDocument? InlinePolicy => InlineSessionPolicy?.Document;

    /// <summary>The managed session policies; looked up on every request, so that one that is gone denies.</summary>
    public ImmutableArray<Arn> ManagedPolicies { get; init; } = [];

    /// <summary>The session's own tags, as passed or inherited; those of the role or user lie under them.</summary>
    public ImmutableArray<SessionTag> Tags { get; init; } = [];

    /// <summary>Who is behind the chain of sessions, where that was set; it cannot change along the chain.</summary>
    public string? SourceIdentity { get; init; }

    /// <summary>When the user proved a second factor, if one was asked for.</summary>
    public Instant? MfaAuthenticatedAt { get; init; }

    /// <summary>The identity provider that vouched for the one behind the session: its ARN, or its host name for the built-in ones.</summary>
    public string? FederatedProvider { get; init; }

    /// <summary>The issuer of the assertion or token that the chain began with.</summary>
    public string? FederatedIssuer { get; init; }

    /// <summary>The subject of the assertion or token that the chain began with.</summary>
    public string? FederatedSubject { get; init; }

    /// <summary>The provider's condition keys that requests of the session carry; a key with several values stands several times.</summary>
    public ImmutableArray<KeyValuePair<string, string>> FederatedKeys { get; init; } = [];

    /// <summary>The one task an assumed root may do.</summary>
    public Arn? TaskPolicy { get; init; }

    /// <summary>What the approver of a <see cref="SessionKind.Delegated"/> session is: a <see cref="SessionKind.Role"/>, a
    /// <see cref="SessionKind.User"/> or a <see cref="SessionKind.Root"/>; <see langword="null"/> for sessions of other kinds.</summary>
    public SessionKind? Approver { get; init; }

    /// <summary>Whether any session policy was passed: none means no restriction for a role, and no permission for a federated user.</summary>
    public bool HasSessionPolicies => InlinePolicy is not null || !ManagedPolicies.IsEmpty;

    /// <summary>The <see cref="Id"/> as audit events have it.</summary>
    internal string IdText => Id.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>The <see cref="ChainId"/> as audit events have it.</summary>
    internal string ChainIdText => ChainId.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>The session policy as it takes part in decisions.</summary>
    internal Policy? InlineSessionPolicy { get; init; }

    /// <summary>The caller that was made of it last, kept as long as the opened token is.</summary>
    internal Caller? LastCaller { get; set; }

    /// <summary>The secret that signs the session's requests.</summary>
    internal Secret Secret { get; }
}
