namespace TokenService.Testing;

/// <summary>What is wrong with a response that <see cref="FakeSamlProvider.IssueBadResponse(BadSamlResponse, string, SamlProvider, IEnumerable{Role})"/> gives,
/// and with nothing else of it.</summary>
/// <remarks>Each is refused as <c>InvalidIdentityToken</c> where it says nothing else. Sources: SAML 2.0 Profiles, 4.1.4; "On Breaking SAML: Be Whoever You
/// Want to Be" (Somorovsky and others, USENIX Security 2012), whose eight ways of wrapping are numbered as they are there.</remarks>
public enum BadSamlResponse
{
    /// <summary>Its conditions are over: <c>ExpiredTokenException</c>.</summary>
    Expired,

    /// <summary>Its bearer confirmation is over: <c>ExpiredTokenException</c>.</summary>
    ConfirmationExpired,

    /// <summary>Its subject's session at the provider is over: <c>ExpiredTokenException</c>.</summary>
    SessionEnded,

    /// <summary>It was issued ten minutes ago: <c>ExpiredTokenException</c>.</summary>
    TooOld,

    /// <summary>It begins to hold in an hour.</summary>
    NotYetValid,

    /// <summary>It was issued an hour from now.</summary>
    IssuedInTheFuture,

    /// <summary>Another provider is said to have issued it.</summary>
    OtherIssuer,

    /// <summary>It is for another service.</summary>
    OtherAudience,

    /// <summary>It does not say whom it is for.</summary>
    NoAudience,

    /// <summary>It was to be delivered to another address.</summary>
    OtherRecipient,

    /// <summary>The response around it was to be delivered to another address.</summary>
    OtherDestination,

    /// <summary>Its bearer has to prove that he holds a key.</summary>
    NotForBearer,

    /// <summary>It does not say that anybody signed in.</summary>
    NoAuthentication,

    /// <summary>The provider says that it did not sign anybody in: <c>IDPRejectedClaim</c>.</summary>
    RejectedByProvider,

    /// <summary>It is about nobody.</summary>
    NoSubject,

    /// <summary>It gives no role: <c>AccessDenied</c>.</summary>
    NoRole,

    /// <summary>It gives another role: <c>AccessDenied</c>.</summary>
    OtherRole,

    /// <summary>It does not name the session.</summary>
    NoSessionName,

    /// <summary>It is the last response that was issued, once more. Where the service has not seen the first, it is no bad one.</summary>
    Replayed,

    /// <summary>Nobody signed it.</summary>
    NoSignature,

    /// <summary>A key signed it that is not the provider's.</summary>
    UnknownKey,

    /// <summary>A key signed it that is not the provider's, and it brings the certificate along.</summary>
    KeyInKeyInfo,

    /// <summary>The subject was changed after it was signed.</summary>
    ChangedSubject,

    /// <summary>The roles were changed after it was signed.</summary>
    ChangedRole,

    /// <summary>The signature is that of another response.</summary>
    SignatureOfAnother,

    /// <summary>It is signed and digested with SHA-1.</summary>
    Sha1,

    /// <summary>A comment splits the subject's name, so that some readers see the half of it; the signature bears that.</summary>
    CommentInName,

    /// <summary>It has a document type, with an entity in it.</summary>
    DocumentType,

    /// <summary>Signature wrapping: the signed response is a copy inside the signature of a forged one.</summary>
    Wrapping1,

    /// <summary>Signature wrapping: the signed response is a copy before the signature of a forged one.</summary>
    Wrapping2,

    /// <summary>Signature wrapping: a forged assertion stands before the signed one.</summary>
    Wrapping3,

    /// <summary>Signature wrapping: the signed assertion stands inside a forged one.</summary>
    Wrapping4,

    /// <summary>Signature wrapping: a forged assertion has the signature, and the signed one is a copy at the end.</summary>
    Wrapping5,

    /// <summary>Signature wrapping: a forged assertion has the signature, and the signed one is a copy inside it.</summary>
    Wrapping6,

    /// <summary>Signature wrapping: a forged assertion of the same identifier stands in the extensions.</summary>
    Wrapping7,

    /// <summary>Signature wrapping: a forged assertion has the signature, and the signed one is a copy in an object of it.</summary>
    Wrapping8,

    /// <summary>The assertion is encrypted to a key that is not the service's.</summary>
    EncryptedToAnother,

    /// <summary>The assertion's ciphertext was changed.</summary>
    ChangedCiphertext,

    /// <summary>The assertion is encrypted and nobody signed it: everybody can encrypt.</summary>
    EncryptedWithoutSignature,

    /// <summary>It is no base64.</summary>
    NotBase64,

    /// <summary>It has more than 100,000 characters.</summary>
    TooLong,
}
