namespace TokenService;

/// <summary>Checks the responses of SAML 2.0 identity providers.</summary>
public interface ISamlValidator
{
    /// <summary>Checks a response against a provider, and uses up its assertion: each is accepted once, whatever becomes of the request.</summary>
    /// <param name="provider">The provider that has to have signed it.</param>
    /// <param name="response">The <c>Response</c> in base64, as a form posts it.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Whom the assertion is about, or <c>InvalidIdentityToken</c>, <c>ExpiredTokenException</c> or <c>IDPRejectedClaim</c>. The rule that was
    /// broken stands in the log alone.</returns>
    ValueTask<StsResult<SamlIdentity>> ValidateAsync(SamlProvider provider, string response, CancellationToken cancellationToken = default);
}
