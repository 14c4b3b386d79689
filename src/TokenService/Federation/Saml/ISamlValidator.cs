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

    /// <summary>Checks a response against several providers, and uses up its assertion once for all of them: an identity provider may be registered in several
    /// accounts, and a person who signs in picks among the roles of all.</summary>
    /// <param name="providers">The providers that may have signed it. Those that call themselves otherwise than its issuer are not tried.</param>
    /// <param name="response">The <c>Response</c> in base64, as a form posts it.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Whom the assertion is about, by each provider that accepts it, one at least; or the refusal of the first that was tried.</returns>
    ValueTask<StsResult<SamlIdentity[]>> ValidateEachAsync(
        IReadOnlyCollection<SamlProvider> providers, string response, CancellationToken cancellationToken = default);
}
