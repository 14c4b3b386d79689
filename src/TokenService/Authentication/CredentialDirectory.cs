using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>What became of a look-up of credentials.</summary>
internal enum CredentialStatus
{
    /// <summary>There is a caller and a secret.</summary>
    Found,

    /// <summary>Nobody has this key.</summary>
    Unknown,

    /// <summary>The key is switched off.</summary>
    Inactive,

    /// <summary>A long-term key that came with a session token.</summary>
    UnexpectedToken,

    /// <summary>A temporary key without its token.</summary>
    MissingToken,

    /// <summary>A token that is none of this service's.</summary>
    MalformedToken,

    /// <summary>A token that is bound to another key.</summary>
    ForeignToken,

    /// <summary>The session has ended.</summary>
    Expired,

    /// <summary>The session was ended before its time.</summary>
    Revoked,

    /// <summary>The role or user that the session stood on is gone.</summary>
    Gone,
}

/// <summary>Who has an access key id, and the secret that signs for it.</summary>
/// <param name="Status">What became of the look-up.</param>
/// <param name="Caller">Who has it, where it is good.</param>
/// <param name="Secret">The secret.</param>
/// <param name="Session">The session that its token tells of, where that is authentic.</param>
internal readonly record struct FoundCredential(CredentialStatus Status, Caller? Caller = null, Secret? Secret = null, Session? Session = null);

/// <summary>Finds who has an access key id: long-term keys in the user store, temporary ones in the token that comes with them.</summary>
internal sealed class CredentialDirectory(
    IUserStore users, LiveIdentities identities, TokenSealer sealer, IRevocationList revocations, IClock clock, ILogger logger)
{
    private readonly RecentCallers _recent = new();

    internal ValueTask<FoundCredential> FindAsync(ReadOnlySpan<char> accessKeyId, string? token, CancellationToken cancellationToken) =>
        !AccessKeyId.IsValid(accessKeyId) ? ValueTask.FromResult(new FoundCredential(CredentialStatus.Unknown))
            : AccessKeyId.IsTemporary(accessKeyId) ? FindSessionAsync(accessKeyId.ToString(), token, cancellationToken)
            : FindLongTermAsync(_recent.TextOf(accessKeyId), token, cancellationToken);

    private ValueTask<FoundCredential> FindLongTermAsync(string accessKeyId, string? token, CancellationToken cancellationToken)
    {
        // Stores that answer from memory complete at once; then no state machine is needed.
        var finding = users.FindAccessKeyAsync(accessKeyId, cancellationToken);
        return finding.IsCompletedSuccessfully
            ? ValueTask.FromResult(LongTerm(finding.Result, accessKeyId, token))
            : LongTermWhenFoundAsync(finding, accessKeyId, token);
    }

    private async ValueTask<FoundCredential> LongTermWhenFoundAsync(ValueTask<AccessKeyOwner?> finding, string accessKeyId, string? token) =>
        LongTerm(await finding.ConfigureAwait(false), accessKeyId, token);

    private FoundCredential LongTerm(AccessKeyOwner? owner, string accessKeyId, string? token)
    {
        if (owner is not { Key.IsActive: true })
        {
            return new FoundCredential(owner is null ? CredentialStatus.Unknown : CredentialStatus.Inactive);
        }

        return new FoundCredential(
            token is null ? CredentialStatus.Found : CredentialStatus.UnexpectedToken, _recent.CallerOf(owner, accessKeyId), owner.Key.Secret);
    }

    private async ValueTask<FoundCredential> FindSessionAsync(string accessKeyId, string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token))
        {
            return new FoundCredential(CredentialStatus.MissingToken);
        }

        if (!sealer.TryOpen(token, accessKeyId, out var session))
        {
            return new FoundCredential(sealer.IsAuthentic(token) ? CredentialStatus.ForeignToken : CredentialStatus.MalformedToken);
        }

        if (clock.GetCurrentInstant() >= session.ExpiresAt)
        {
            return new FoundCredential(CredentialStatus.Expired, Session: session);
        }

        // A token that was opened before comes this way too: what is kept of it is the session, never the answer.
        if (await revocations.FindAsync(Revocable(session), cancellationToken).ConfigureAwait(false) is { } revoked)
        {
            Tell(session, revoked);
            return new FoundCredential(CredentialStatus.Revoked, Session: session);
        }

        return await identities.FindAsync(session, cancellationToken).ConfigureAwait(false) is { } caller
            ? new FoundCredential(CredentialStatus.Found, caller, session.Secret, session)
            : new FoundCredential(CredentialStatus.Gone, Session: session);
    }

    /// <summary>What a session can be ended by; a delegated one by what ends its approver's sessions too.</summary>
    internal static RevocableSession Revocable(Session session)
    {
        // A root has no name, and its sessions are ended with those of its account.
        var isRole = session.Kind == SessionKind.Role || session.Approver == SessionKind.Role;
        var isUser = !isRole && session.PrincipalName.Length > 0;
        return new RevocableSession
        {
            AccessKeyId = session.AccessKeyId,
            IssuedAt = session.IssuedAt,
            Account = session.Account,
            Name = session.Name,
            ChainId = session.ChainId,
            RoleId = isRole ? session.PrincipalId : null,
            RoleName = isRole ? session.PrincipalName : null,
            UserId = isUser ? session.PrincipalId : null,
            UserName = isUser ? session.PrincipalName : null,
            IsFederatedUser = session.Kind == SessionKind.FederatedUser,
            SourceIdentity = session.SourceIdentity,
            FederatedIssuer = session.FederatedIssuer,
            FederatedSubject = session.FederatedSubject,
            IssuingAccessKeyId = session.IssuingAccessKeyId,
        };
    }

    private void Tell(Session session, RevocationTarget revoked)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.RevokedSessionRefused(
                logger,
                session.AccessKeyId,
                session.IdText,
                session.ChainIdText,
                revoked.Text);
        }
    }
}
