using NodaTime;

namespace TokenService;

/// <summary>Whose sessions are ended, and which of them.</summary>
/// <remarks>Made by <see cref="Revoker"/>, or by a shared <see cref="IRevocationList"/> out of what another node added.</remarks>
public sealed record Revocation
{
    /// <summary>How long after the instant a session may still live that began before it: the longest session, 36 hours, and an hour for
    /// clocks that differ.</summary>
    public static readonly Duration Memory = SessionLifetime.Remembered;

    /// <summary>Whose sessions are ended.</summary>
    public required RevocationTarget Target { get; init; }

    /// <summary>Sessions that began before this are ended; <see cref="Instant.MaxValue"/> for all.</summary>
    /// <remarks>Sessions begin at whole seconds, so a fraction of a second counts as the whole next one.</remarks>
    public required Instant IssuedBefore { get; init; }

    /// <summary>The first instant at which no session can be left that this ends.</summary>
    public required Instant Until { get; init; }
}

/// <summary>What a session can be ended by.</summary>
public readonly record struct RevocableSession
{
    /// <summary>The session's access key id.</summary>
    public required string AccessKeyId { get; init; }

    /// <summary>When the session began, in whole seconds.</summary>
    public required Instant IssuedAt { get; init; }

    /// <summary>The account of the identity that the session acts as.</summary>
    public required string Account { get; init; }

    /// <summary>The name of the role session or federated user; empty for the kinds that have none.</summary>
    public required string Name { get; init; }

    /// <summary>The id of the first session of the chain.</summary>
    public required UInt128 ChainId { get; init; }

    /// <summary>The unique id of the role, for a role session.</summary>
    public string? RoleId { get; init; }

    /// <summary>The name of the role, for a role session.</summary>
    public string? RoleName { get; init; }

    /// <summary>The unique id of the user, for a session that stands on one.</summary>
    public string? UserId { get; init; }

    /// <summary>The name of the user, for a session that stands on one.</summary>
    public string? UserName { get; init; }

    /// <summary>Whether it is the session of a federated user.</summary>
    public bool IsFederatedUser { get; init; }

    /// <summary>Who is behind the chain of sessions, where that was set.</summary>
    public string? SourceIdentity { get; init; }

    /// <summary>The issuer of what the chain began with, where that was an assertion or token.</summary>
    public string? FederatedIssuer { get; init; }

    /// <summary>The subject of what the chain began with, where that was an assertion or token.</summary>
    public string? FederatedSubject { get; init; }

    /// <summary>The access key that signed the request for the session, where one did.</summary>
    public string? IssuingAccessKeyId { get; init; }
}
