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
            case SessionKind.Delegated when session.Approver == SessionKind.Role:
                return await FindRoleAsync(session, cancellationToken).ConfigureAwait(false) is { } role ? CallerOf(session, account, null, role) : null;
            case SessionKind.User:
            case SessionKind.FederatedUser when !StandsOnRoot(session):
            case SessionKind.Delegated when session.Approver == SessionKind.User:
                var user = await users.FindUserAsync(session.Account, session.PrincipalName, cancellationToken).ConfigureAwait(false);
                return user is not null && user.Id == session.PrincipalId ? CallerOf(session, account, user, null) : null;
            case SessionKind.Root or SessionKind.AssumedRoot or SessionKind.FederatedUser:
            case SessionKind.Delegated when session.Approver == SessionKind.Root:
                return StandsOnRoot(session) ? CallerOf(session, account, null, null) : null;
            default:
                return null;
        }
    }

    /// <summary>The caller that the session makes of what the store has now. One that was made before of the very same objects is as good, and has its names
    /// ready: of two threads that make one at once, either's stays.</summary>
    private static Caller CallerOf(Session session, Account account, User? user, Role? role) =>
        session.LastCaller is { } last && ReferenceEquals(last.Account, account) && ReferenceEquals(last.User, user) && ReferenceEquals(last.Role, role)
            ? last
            : session.LastCaller = session.Kind switch
            {
                SessionKind.Role => Caller.ForRoleSession(account, role!, session),
                SessionKind.User => Caller.ForUserSession(account, user!, session),
                SessionKind.Root => Caller.ForRootSession(account, session),
                SessionKind.AssumedRoot => Caller.ForAssumedRoot(account, session),
                SessionKind.FederatedUser => Caller.ForFederatedUser(account, user, session),
                _ => Caller.ForDelegated(account, user, role, session),
            };

    private async ValueTask<Role?> FindRoleAsync(Session session, CancellationToken cancellationToken) =>
        await roles.FindRoleAsync(session.Account, session.PrincipalName, cancellationToken).ConfigureAwait(false) is { } role && role.Id == session.PrincipalId
            ? role
            : null;

    private static bool StandsOnRoot(Session session) => session.PrincipalName.Length == 0 && session.PrincipalId == session.Account;
}
