using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>Draws the secrets of a new session, seals it, and tells the audit log.</summary>
internal sealed class SessionMint(TokenSealer sealer, int packedPolicyBudget, IClock clock, ILogger logger)
{
    private const int SessionIdBytes = 16;

    /// <summary>With this budget a token stays within what clients bear, unless names are long.</summary>
    internal const int DefaultBudget = 2560;

    /// <summary>Whether the variable parts of a session find room in its token.</summary>
    /// <param name="policies">The session policies.</param>
    /// <param name="tags">The tags.</param>
    /// <param name="percent">How much of the room they take, rounded up.</param>
    /// <returns><c>PackedPolicyTooLarge</c>, which says what takes how much, or <see langword="null"/>.</returns>
    internal StsError? CheckPackedSize(PassedPolicies policies, ImmutableArray<SessionTag> tags, out int percent)
    {
        var parts = TokenLayout.Measure(policies.Inline, policies.Managed, tags);
        percent = ((100 * parts.Total) + packedPolicyBudget - 1) / packedPolicyBudget;
        if (parts.Total <= packedPolicyBudget)
        {
            return null;
        }

        var start = parts.Tags == parts.Total
            ? $"Packed size of session tags consumes {percent}% of allotted space."
            : $"Packed policy consumes {percent}% of allotted space.";
        return StsError.PackedPolicyTooLarge($"{start} {Parts(parts)}");
    }

    private string Parts(PackedParts parts) => string.Create(
        CultureInfo.InvariantCulture,
        $"Of {packedPolicyBudget} bytes the inline policy takes {parts.InlinePolicy}, the policy ARNs {parts.ManagedPolicies}, the tags {parts.Tags}.");

    /// <summary>Mints a session.</summary>
    /// <param name="caller">Who asked for it; where that is a session, the new one goes on with its chain. <see langword="null"/> where the terms
    /// say which identity provider vouches for the one who asked.</param>
    /// <param name="basis">What it stands on.</param>
    /// <param name="terms">What was agreed on.</param>
    /// <returns>The credentials, or <c>PackedPolicyTooLarge</c> where the token would be longer than clients bear, <c>ExpiredToken</c> where the
    /// calling session is over, or <c>ExpiredTokenException</c> where the session at the identity provider is.</returns>
    internal StsResult<TemporaryCredentials> Mint(Caller? caller, in SessionBasis basis, in SessionTerms terms)
    {
        Span<byte> random = stackalloc byte[TokenLayout.SecretBytes + SessionIdBytes + EncodedAccount.RandomBytes];
        RandomBlock.Fill(random);
        var secret = new Secret(Convert.ToBase64String(random[..TokenLayout.SecretBytes]));
        var id = BinaryPrimitives.ReadUInt128BigEndian(random[TokenLayout.SecretBytes..]);
        var accessKeyId = AccessKeyId.Create(AccessKeyId.TemporaryPrefix, basis.Account.Number, random[(TokenLayout.SecretBytes + SessionIdBytes)..]);
        CryptographicOperations.ZeroMemory(random);

        // Whole seconds, as they stand on the wire and in aws:TokenIssueTime.
        var now = clock.GetCurrentInstant();
        var issuedAt = Instant.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var calling = caller?.Session;
        if (caller is not null && caller.HasEnded(now))
        {
            // A host that kept a caller must not give it a life beyond its session.
            return StsError.ExpiredToken();
        }

        var expiresAt = terms.Lent?.ExpiresAt ?? issuedAt + terms.Duration;
        if (terms.NotOnOrAfter is { } end && end < expiresAt)
        {
            expiresAt = Instant.FromUnixTimeSeconds(end.ToUnixTimeSeconds());
            if (expiresAt <= now)
            {
                return StsError.ExpiredIdentityToken("The session at the identity provider has ended.");
            }
        }

        // What is lent goes on with the chain of whoever lends it: that is whose permissions it has.
        var origin = terms.Lent ?? calling;
        var session = new Session(secret)
        {
            Kind = basis.Kind,
            AccessKeyId = accessKeyId,
            Id = id,
            ChainId = origin?.ChainId ?? id,
            ChainDepth = origin is null ? 0 : origin.ChainDepth + 1,
            Account = basis.Account.Id,
            Partition = basis.Partition,
            PrincipalPath = basis.Path,
            PrincipalName = basis.Name,
            PrincipalId = basis.Id,
            Name = basis.SessionName,

            // What was lent began when it was approved: to redeem it later does not make it younger than a policy that denies older sessions.
            IssuedAt = terms.Lent?.IssuedAt ?? issuedAt,
            ExpiresAt = expiresAt,
            IssuingAccessKeyId = caller?.AccessKeyId,
            InlineSessionPolicy = terms.Policies.Inline?.Policy,
            ManagedPolicies = terms.Policies.Managed,
            Tags = terms.Tags,
            SourceIdentity = terms.SourceIdentity,
            MfaAuthenticatedAt = terms.MfaAuthenticatedAt,
            TaskPolicy = terms.TaskPolicy,
            FederatedProvider = terms.Federated?.ProviderName ?? terms.Lent?.FederatedProvider,
            FederatedIssuer = terms.Federated?.Issuer ?? origin?.FederatedIssuer,
            FederatedSubject = terms.Federated?.Subject ?? origin?.FederatedSubject,
            FederatedKeys = terms.Federated?.SessionKeys ?? terms.Lent?.FederatedKeys ?? [],
            Approver = terms.Lent?.Approver,
        };
        var token = sealer.Seal(session, terms.Policies.Inline, terms.MinimumTokenSize);

        // Long paths and names take room too, and what an identity provider says. A host that raised the budget said that its clients bear longer
        // tokens; none is longer than what is ever opened again.
        var bound = packedPolicyBudget <= DefaultBudget ? TemporaryCredentials.MaxSessionTokenSize : TokenSealer.MaxTokenCharacters;
        if (token.Length > bound)
        {
            return StsError.PackedPolicyTooLarge(string.Create(
                CultureInfo.InvariantCulture,
                $"The session token would have {token.Length} characters, of which clients bear {bound}. {Parts(TokenLayout.Measure(terms.Policies.Inline, terms.Policies.Managed, terms.Tags))}"));
        }

        Tell(caller, in terms, session);
        return new TemporaryCredentials(accessKeyId, secret, token, session.ExpiresAt);
    }

    private void Tell(Caller? caller, in SessionTerms terms, Session session)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.SessionIssued(
                logger,
                session.AccessKeyId,
                session.IdText,
                caller?.Arn.ToString() ?? Telemetry.Bounded(terms.Federated?.ToString()) ?? "nobody",
                caller?.UserId,
                session.IssuingAccessKeyId,
                caller?.Session?.IdText,
                ArnText(session),
                session.PrincipalId,
                session.SourceIdentity,
                Telemetry.Bounded(session.FederatedSubject),
                Telemetry.Bounded(session.FederatedIssuer),
                terms.Lent is { } lent ? $"the trade-in token {lent.IdText}" : terms.AllowedBy?.Ground,
                session.ChainIdText,
                InstantPattern.General.Format(session.ExpiresAt));
        }
    }

    private static string ArnText(Session session) => session.Kind switch
    {
        SessionKind.Role => Arn.AssumedRoleText(session.Partition, session.Account, session.PrincipalName, session.Name),
        SessionKind.FederatedUser => Arn.FederatedUser(session.Partition, session.Account, session.Name).ToString(),
        SessionKind.Delegated when session.Approver == SessionKind.Role =>
            Arn.AssumedRoleText(session.Partition, session.Account, session.PrincipalName, session.Name),
        SessionKind.User or SessionKind.Delegated when session.PrincipalName.Length > 0 => $"arn:{session.Partition}:iam::{session.Account}:user{session.PrincipalPath}{session.PrincipalName}",
        _ => Arn.Root(session.Partition, session.Account).ToString(),
    };
}

/// <summary>What a session stands on: a role, or the very identity that asks for it.</summary>
internal readonly record struct SessionBasis
{
    private SessionBasis(SessionKind kind, Account account, string sessionName)
    {
        Kind = kind;
        Account = account;
        SessionName = sessionName;
        Partition = account.Partition;
    }

    internal SessionKind Kind { get; }

    /// <summary>The account of that identity.</summary>
    internal Account Account { get; }

    internal string Partition { get; private init; }

    /// <summary>The session's name; empty for the kinds that have none.</summary>
    internal string SessionName { get; }

    /// <summary>The path of the role or user; <c>/</c> for a root.</summary>
    internal string Path { get; private init; } = "/";

    /// <summary>The name of the role or user; empty for a root.</summary>
    internal string Name { get; private init; } = "";

    /// <summary>The unique id of the role or user, or the account of a root.</summary>
    internal required string Id { get; init; }

    internal static SessionBasis Of(Account account, Role role, string sessionName) =>
        new(SessionKind.Role, account, sessionName) { Partition = role.Arn.Partition, Path = role.Path, Name = role.Name, Id = role.Id };

    /// <summary>The calling user or root itself.</summary>
    /// <exception cref="ArgumentException">The caller is neither: nobody becomes a root by having no user.</exception>
    internal static SessionBasis Of(Caller caller) => caller.Kind switch
    {
        CallerKind.User => Of(caller, SessionKind.User, ""),
        CallerKind.Root => Of(caller, SessionKind.Root, ""),
        _ => throw new ArgumentException("Only users and roots have sessions of their own.", nameof(caller)),
    };

    /// <summary>The root of another account, for one task.</summary>
    internal static SessionBasis OfAssumedRoot(Account member) => new(SessionKind.AssumedRoot, member, "") { Id = member.Id };

    /// <summary>The approver of a delegation, in the session that it lends.</summary>
    internal static SessionBasis OfDelegation(Caller approver) =>
        new(SessionKind.Delegated, approver.Account, approver.Session!.Name)
        {
            Partition = approver.Session.Partition,
            Path = approver.Session.PrincipalPath,
            Name = approver.Session.PrincipalName,
            Id = approver.Session.PrincipalId,
        };

    /// <summary>A federated user of the calling user or root.</summary>
    internal static SessionBasis OfFederatedUser(Caller caller, string name) => Of(caller, SessionKind.FederatedUser, name);

    private static SessionBasis Of(Caller caller, SessionKind kind, string sessionName) => caller.User is { } user
        ? new SessionBasis(kind, caller.Account, sessionName) { Path = user.Path, Name = user.Name, Id = user.Id }
        : new SessionBasis(kind, caller.Account, sessionName) { Id = caller.Account.Id };
}

/// <summary>What was agreed on for a session.</summary>
internal readonly record struct SessionTerms
{
    /// <summary>How long the session lasts; nothing where that was not said, unless <see cref="Lent"/> says when it ends.</summary>
    internal Duration Duration { get; init; }

    /// <summary>When the session ends whatever its duration, where an identity provider says so.</summary>
    internal Instant? NotOnOrAfter { get; init; }

    internal PassedPolicies Policies { get => field ?? PassedPolicies.None; init; }

    internal ImmutableArray<SessionTag> Tags { get => field.IsDefault ? [] : field; init; }

    internal string? SourceIdentity { get; init; }

    /// <summary>When the caller proved a second factor that requests of the session shall show, if it did.</summary>
    internal Instant? MfaAuthenticatedAt { get; init; }

    /// <summary>The one task that an assumed root may do.</summary>
    internal Arn? TaskPolicy { get; init; }

    /// <summary>What an approver lends, for a delegated session: its end, its chain and who is behind it are those of the new one.</summary>
    internal Session? Lent { get; init; }

    /// <summary>What allowed it, for the audit log; absent where no policy is asked.</summary>
    internal Decision? AllowedBy { get; init; }

    /// <summary>Whom an identity provider vouches for, where the session begins with that.</summary>
    internal FederatedIdentity? Federated { get; init; }

    /// <summary>The least length of the token, in characters.</summary>
    internal int MinimumTokenSize { get; init; }

    internal static SessionTerms OfDelegation(TradeIn tradeIn) => new()
    {
        Lent = tradeIn.Session,
        Policies = tradeIn.Policy.PassedAlone,
        Tags = tradeIn.Session.Tags,
        SourceIdentity = tradeIn.Session.SourceIdentity,
    };
}
