namespace TokenService;

/// <summary>Checks access tokens that say nothing by themselves, by asking the provider that issued them.</summary>
public interface IOAuth2TokenValidator
{
    /// <summary>Asks the provider about a token, if the account has that provider.</summary>
    /// <param name="accountId">The account of the role that is to be assumed.</param>
    /// <param name="providerId">The provider's id, <c>www.amazon.com</c> or <c>graph.facebook.com</c>.</param>
    /// <param name="accessToken">The token.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Whom the token is about, or <c>ValidationError</c> for another id, <c>InvalidIdentityToken</c>, <c>ExpiredTokenException</c>,
    /// <c>IDPRejectedClaim</c> or <c>IDPCommunicationError</c>.</returns>
    ValueTask<StsResult<FederatedIdentity>> ValidateAsync(
        string accountId, string providerId, string accessToken, CancellationToken cancellationToken = default);
}
