namespace TokenService;

/// <summary>Makes callers for a host that has established in its own way who somebody is: a console host, a unit test, a gateway with client
/// certificates.</summary>
/// <remarks>It trusts the host: <see cref="ForUserAsync"/> and <see cref="ForRootAsync"/> ask for no proof. What comes over the network goes
/// through <see cref="RequestAuthenticator"/>.</remarks>
public sealed class Callers
{
    private readonly IAccountStore _accounts;
    private readonly IUserStore _users;
    private readonly CredentialDirectory _credentials;

    internal Callers(IAccountStore accounts, IUserStore users, CredentialDirectory credentials)
    {
        _accounts = accounts;
        _users = users;
        _credentials = credentials;
    }

    /// <summary>A user, as with a long-term key.</summary>
    /// <param name="accountId">The user's account.</param>
    /// <param name="userName">The user's name.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The caller, or <c>InvalidClientTokenId</c> where there is no such user.</returns>
    public async ValueTask<StsResult<Caller>> ForUserAsync(string accountId, string userName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(accountId);
        ArgumentNullException.ThrowIfNull(userName);
        return await _accounts.FindAccountAsync(accountId, cancellationToken).ConfigureAwait(false) is { } account
            && await _users.FindUserAsync(accountId, userName, cancellationToken).ConfigureAwait(false) is { } user
                ? Caller.ForUser(account, user, accessKeyId: null)
                : StsError.InvalidClientTokenId();
    }

    /// <summary>An account's root, as with a long-term key.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The caller, or <c>InvalidClientTokenId</c> where there is no such account.</returns>
    public async ValueTask<StsResult<Caller>> ForRootAsync(string accountId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(accountId);
        return await _accounts.FindAccountAsync(accountId, cancellationToken).ConfigureAwait(false) is { } account
            ? Caller.ForRoot(account, accessKeyId: null)
            : StsError.InvalidClientTokenId();
    }

    /// <summary>Whoever holds these credentials; the secret is compared, so only their holder is answered.</summary>
    /// <param name="accessKeyId">The access key id.</param>
    /// <param name="secretAccessKey">The secret access key.</param>
    /// <param name="sessionToken">The session token, for temporary credentials.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The caller, <c>InvalidClientTokenId</c> where the credentials are none, or <c>ExpiredToken</c>.</returns>
    public async ValueTask<StsResult<Caller>> FromCredentialsAsync(
        string accessKeyId, Secret secretAccessKey, string? sessionToken, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(accessKeyId);
        ArgumentNullException.ThrowIfNull(secretAccessKey);
        var found = await _credentials.FindAsync(accessKeyId, sessionToken, cancellationToken).ConfigureAwait(false);
        return found switch
        {
            { Status: CredentialStatus.Expired } => StsError.ExpiredToken(),
            { Status: CredentialStatus.Found, Caller: { } caller, Secret: { } secret } when secret.Equals(secretAccessKey) => caller,
            _ => StsError.InvalidClientTokenId(),
        };
    }
}
