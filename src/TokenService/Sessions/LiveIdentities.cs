namespace TokenService;

/// <summary>Finds the identity a session stands on as it is now; a session whose role or user is gone has none.</summary>
internal sealed class LiveIdentities(IAccountStore accounts, IRoleStore roles)
{
    /// <returns>The caller, or <see langword="null"/> where the identity is gone, or another one has its name.</returns>
    internal async ValueTask<Caller?> FindAsync(Session session, CancellationToken cancellationToken)
    {
        if (session.Kind != SessionKind.Role
            || await accounts.FindAccountAsync(session.Account, cancellationToken).ConfigureAwait(false) is not { } account)
        {
            return null;
        }

        var role = await roles.FindRoleAsync(session.Account, session.PrincipalName, cancellationToken).ConfigureAwait(false);
        return role is not null && role.Id == session.PrincipalId ? Caller.ForRoleSession(account, role, session) : null;
    }
}
