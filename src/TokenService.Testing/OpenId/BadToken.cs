namespace TokenService.Testing;

/// <summary>What is wrong with a token that <see cref="FakeOpenIdProvider.IssueBadToken"/> gives, and with nothing else of it.</summary>
/// <remarks>Each is refused as <c>InvalidIdentityToken</c>, but for <see cref="Expired"/>. Source: OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725,
/// section 2.</remarks>
public enum BadToken
{
    /// <summary>Its time is over: <c>ExpiredTokenException</c>.</summary>
    Expired,

    /// <summary>Its <c>nbf</c> is an hour away.</summary>
    NotYetValid,

    /// <summary>It was issued an hour from now.</summary>
    IssuedInTheFuture,

    /// <summary>It expires before it was issued.</summary>
    ExpiresBeforeItIsIssued,

    /// <summary>Another provider is said to have issued it.</summary>
    OtherIssuer,

    /// <summary>It is for another application.</summary>
    OtherAudience,

    /// <summary>It is for this application and was issued to another one.</summary>
    OtherAuthorizedParty,

    /// <summary>It does not say who issued it.</summary>
    NoIssuer,

    /// <summary>It is about nobody.</summary>
    NoSubject,

    /// <summary>It is for nobody.</summary>
    NoAudience,

    /// <summary>It never expires.</summary>
    NoExpiry,

    /// <summary>It does not say when it was issued.</summary>
    NoIssuedAt,

    /// <summary>Its <c>exp</c> is no number.</summary>
    ExpiryAsText,

    /// <summary>Its subject stands there twice, and readers differ in which they take.</summary>
    RepeatedClaim,

    /// <summary>Its payload is no JSON.</summary>
    PayloadNotJson,

    /// <summary>A key signed it that the provider does not publish, under an id of its own.</summary>
    UnknownKey,

    /// <summary>A key signed it that the provider does not publish, under the id of one that it does.</summary>
    ForgedSignature,

    /// <summary>The subject was changed after it was signed.</summary>
    ChangedPayload,

    /// <summary>The signature is left out.</summary>
    NoSignature,

    /// <summary>It says that it is not signed (<c>"alg":"none"</c>), and is not.</summary>
    AlgorithmNone,

    /// <summary>It is authenticated with the public key as if that were a shared secret (<c>HS256</c>).</summary>
    AlgorithmHmac,

    /// <summary>It brings the key along that it is to be verified with (<c>jwk</c>).</summary>
    KeyInHeader,

    /// <summary>Its header has an extension that must be understood (<c>crit</c>).</summary>
    CriticalHeader,

    /// <summary>It is an access token (<c>"typ":"at+jwt"</c>).</summary>
    AccessToken,

    /// <summary>It has more than 20,000 characters.</summary>
    TooLong,
}
