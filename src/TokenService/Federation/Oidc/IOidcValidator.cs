namespace TokenService;

/// <summary>Checks the ID tokens of OpenID Connect providers.</summary>
public interface IOidcValidator
{
    /// <summary>Checks a token against the provider that it names, if the account has that one.</summary>
    /// <param name="accountId">The account of the role that is to be assumed.</param>
    /// <param name="token">The token: a JSON Web Signature in its compact form.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Whom the token is about, or <c>InvalidIdentityToken</c>, <c>ExpiredTokenException</c> or <c>IDPCommunicationError</c>. The rule that
    /// was broken stands in the log alone.</returns>
    ValueTask<StsResult<FederatedIdentity>> ValidateAsync(string accountId, string token, CancellationToken cancellationToken = default);
}
