namespace TokenService;

/// <summary>Finds the identity a session stands on as it is now; a session whose role or user is gone has none.</summary>
internal sealed class LiveIdentities(IAccountStore accounts, IUserStore users, IRoleStore roles)
{
    /// <returns>The caller, or <see langword="null"/> where the identity is gone, or another one has its name.</returns>
    internal async ValueTask<Caller?> FindAsync(Session session, CancellationToken cancellationToken)
    {
        if (await accounts.FindAccountAsync(session.Account, cancellationToken).ConfigureAwait(false) is not { } account)
        {
            return null;
        }

        switch (session.Kind)
        {
            case SessionKind.Role:
                return await FindRoleAsync(session, cancellationToken).ConfigureAwait(false) is { } role ? Caller.ForRoleSession(account, role, session) : null;
            case SessionKind.Delegated when session.Approver == SessionKind.Role:
                return await FindRoleAsync(session, cancellationToken).ConfigureAwait(false) is { } lending ? Caller.ForDelegated(account, null, lending, session) : null;
            case SessionKind.Delegated when session.Approver == SessionKind.Root:
                return StandsOnRoot(session) ? Caller.ForDelegated(account, null, null, session) : null;
            case SessionKind.Root:
                return StandsOnRoot(session) ? Caller.ForRootSession(account, session) : null;
            case SessionKind.AssumedRoot:
                return StandsOnRoot(session) ? Caller.ForAssumedRoot(account, session) : null;
            case SessionKind.FederatedUser when StandsOnRoot(session):
                return Caller.ForFederatedUser(account, issuer: null, session);
            case SessionKind.Delegated when session.Approver == SessionKind.User:
            case SessionKind.User or SessionKind.FederatedUser:
                var user = await users.FindUserAsync(session.Account, session.PrincipalName, cancellationToken).ConfigureAwait(false);
                return user is null || user.Id != session.PrincipalId ? null
                    : session.Kind == SessionKind.User ? Caller.ForUserSession(account, user, session)
                    : session.Kind == SessionKind.Delegated ? Caller.ForDelegated(account, user, null, session)
                    : Caller.ForFederatedUser(account, user, session);
            default:
                return null;
        }
    }

    private async ValueTask<Role?> FindRoleAsync(Session session, CancellationToken cancellationToken) =>
        await roles.FindRoleAsync(session.Account, session.PrincipalName, cancellationToken).ConfigureAwait(false) is { } role && role.Id == session.PrincipalId
            ? role
            : null;

    private static bool StandsOnRoot(Session session) => session.PrincipalName.Length == 0 && session.PrincipalId == session.Account;
}
