namespace TokenService;

/// <summary>Why a response is refused.</summary>
/// <param name="Error">What the client learns: nothing that would help to forge the next one.</param>
/// <param name="Rule">The rule that was broken, for the operator; nothing of the response is in it.</param>
internal sealed record SamlRefusal(StsError Error, string Rule)
{
    private const string SignatureMessage = "Response signature invalid";

    /// <summary>A response that breaks a rule of form or meaning.</summary>
    internal static SamlRefusal Invalid(string rule) => Invalid(rule, "The SAML response that was passed is not valid.");

    internal static SamlRefusal Invalid(string rule, string message) => new(StsError.InvalidIdentityToken(message), rule);

    /// <summary>A response whose signature is missing or wrong, or what is encrypted in it no signed assertion: one wording for all.</summary>
    internal static SamlRefusal Signature(string rule) => Invalid(rule, SignatureMessage);

    internal static SamlRefusal UnknownIssuer() => Invalid("the issuer is one of the providers", "Issuer not present in specified provider");

    internal static SamlRefusal Expired(string rule) => new(StsError.ExpiredIdentityToken("The SAML assertion has expired."), rule);

    internal static SamlRefusal TooOld() =>
        new(StsError.ExpiredIdentityToken("Token must be redeemed within 5 minutes of issuance"), "the assertion was issued in the last five minutes");

    internal static SamlRefusal Rejected(string rule) =>
        new(StsError.IdpRejectedClaim("The identity provider reports that it did not authenticate the user."), rule);
}
