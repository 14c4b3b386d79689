namespace TokenService;

/// <summary>Why a token is refused.</summary>
/// <param name="Error">What the client learns.</param>
/// <param name="Rule">The rule that was broken, for the operator; nothing of the token is in it.</param>
internal sealed record TokenRefusal(StsError Error, string Rule)
{
    private const string NoKeyMessage =
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";

    /// <summary>A token that breaks a rule of form, header, signature or claims.</summary>
    internal static TokenRefusal Invalid(string rule) => new(StsError.InvalidIdentityToken("The web identity token that was passed is not valid."), rule);

    internal static TokenRefusal NoKey(string rule) => new(StsError.InvalidIdentityToken(NoKeyMessage), rule);

    internal static TokenRefusal Unreachable(string rule) =>
        new(StsError.IdpCommunicationError("The identity provider could not be reached to verify the web identity token."), rule);
}
