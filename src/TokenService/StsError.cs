namespace TokenService;

/// <summary>A refusal: the standard code, a message for a person, and the HTTP status that belongs to the code.</summary>
/// <remarks>Source: STS API Reference, "Common Errors" and the errors of each operation. Every code has one factory here; where a code
/// keeps or drops the word Exception, it is as clients match it.</remarks>
public sealed record StsError
{
    private StsError(string code, int httpStatus, string? message)
    {
        Code = code;
        HttpStatus = httpStatus;
        Message = message;
    }

    /// <summary>The code as it stands on the wire, such as <c>AccessDenied</c>.</summary>
    public string Code { get; }

    /// <summary>What went wrong, in the service's wording; absent for the few errors that have none.</summary>
    public string? Message { get; }

    /// <summary>The HTTP status for transports that have one.</summary>
    public int HttpStatus { get; }

    /// <summary>Whether the fault is the service's own (<c>Receiver</c> on the wire) and not the caller's (<c>Sender</c>).</summary>
    public bool IsServiceFault => HttpStatus >= 500;

    /// <summary>The caller may not do this.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 403.</returns>
    public static StsError AccessDenied(string message) => new("AccessDenied", 403, message);

    /// <summary>Parameters break a constraint.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError ValidationError(string message) => new("ValidationError", 400, message);

    /// <summary>Parameters that are well-formed each but break a rule, such as those on tags.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidParameterValue(string message) => new("InvalidParameterValue", 400, message);

    /// <summary>A policy that cannot be read.</summary>
    /// <param name="message">The message, with place and reason.</param>
    /// <returns>The error, 400.</returns>
    public static StsError MalformedPolicyDocument(string message) => new("MalformedPolicyDocument", 400, message);

    /// <summary>Session policies and tags take more room than a session token has.</summary>
    /// <param name="message">The message, which says what takes how much.</param>
    /// <returns>The error, 400.</returns>
    public static StsError PackedPolicyTooLarge(string message) => new("PackedPolicyTooLarge", 400, message);

    /// <summary>An encoded authorization message that is none, or has expired, or is for another account.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidAuthorizationMessage() =>
        new("InvalidAuthorizationMessageException", 400, "The encoded authorization message is invalid or has expired.");

    /// <summary>Web identity tokens are not issued, by this host or for this account.</summary>
    /// <returns>The error, 403.</returns>
    public static StsError OutboundWebIdentityFederationDisabled() => new(
        "OutboundWebIdentityFederationDisabledException", 403, "The outbound web identity federation feature is not enabled for this account.");

    /// <summary>A web identity token that would outlive the session that asks for it.</summary>
    /// <returns>The error, 403.</returns>
    public static StsError SessionDurationEscalation() => new(
        "SessionDurationEscalationException", 403, "The requested token duration would extend the session beyond its original expiration time.");

    /// <summary>A web identity token that would have more to say than verifiers bear.</summary>
    /// <param name="message">The message, which says how much there is.</param>
    /// <returns>The error, 400.</returns>
    public static StsError JWTPayloadSizeExceeded(string message) => new("JWTPayloadSizeExceededException", 400, message);

    /// <summary>A trade-in token that is worth nothing any more: expired, redeemed before, or of an approver who is gone or was revoked.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError ExpiredTradeInToken() => new(
        "ExpiredTradeInTokenException", 400, "The trade-in token has expired or can no longer be exchanged for credentials. Request a new one.");

    /// <summary>A web identity token or assertion that is not what it has to be.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidIdentityToken(string message) => new("InvalidIdentityToken", 400, message);

    /// <summary>A web identity token or assertion that has expired; not the session that signed a request.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError ExpiredIdentityToken(string message) => new("ExpiredTokenException", 400, message);

    /// <summary>An identity provider that says no to a token of its own.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 403.</returns>
    public static StsError IdpRejectedClaim(string message) => new("IDPRejectedClaim", 403, message);

    /// <summary>An identity provider that could not be reached; trying again may help.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError IdpCommunicationError(string message) => new("IDPCommunicationError", 400, message);

    /// <summary>The signing session has ended.</summary>
    /// <returns>The error, 403.</returns>
    public static StsError ExpiredToken() => new("ExpiredToken", 403, "The security token included in the request is expired");

    /// <summary>An unknown or inactive key, or a token that is missing, broken or another key's.</summary>
    /// <returns>The error, 403.</returns>
    public static StsError InvalidClientTokenId() =>
        new("InvalidClientTokenId", 403, "The security token included in the request is invalid.");

    /// <summary>A signature that is not the right one, or one outside its time or scope.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 403.</returns>
    public static StsError SignatureDoesNotMatch(string message) => new("SignatureDoesNotMatch", 403, message);

    /// <summary>A signature with parts missing or unreadable.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError IncompleteSignature(string message) => new("IncompleteSignature", 400, message);

    /// <summary>A request that is not signed at all.</summary>
    /// <returns>The error, 403.</returns>
    public static StsError MissingAuthenticationToken() =>
        new("MissingAuthenticationToken", 403, "Request is missing Authentication Token");

    /// <summary>A parameter that does not parse as its type.</summary>
    /// <param name="message">The message; the service has none for text that is no number.</param>
    /// <returns>The error, 400.</returns>
    public static StsError MalformedInput(string? message) => new("MalformedInput", 400, message);

    /// <summary>S3's answer to a key that it does not know, and to a token that is missing or another key's.</summary>
    /// <returns>The error, 403.</returns>
    public static StsError InvalidAccessKeyId() =>
        new("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.");

    /// <summary>S3's answer to a session token that cannot be read.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidToken() => new("InvalidToken", 400, "The provided token is malformed or otherwise invalid.");

    /// <summary>S3's answer to a session that has ended; the code is that of <see cref="ExpiredToken"/>, the status is not.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError ExpiredS3Token() => new("ExpiredToken", 400, "The provided token has expired.");

    /// <summary>S3's answer to a credential scope of another region or service.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError AuthorizationHeaderMalformed(string message) => new("AuthorizationHeaderMalformed", 400, message);

    /// <summary>S3's answer to query parameters of a signature that do not fit.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError AuthorizationQueryParametersError(string message) => new("AuthorizationQueryParametersError", 400, message);

    /// <summary>S3's answer to a request dated too far from the service's clock.</summary>
    /// <returns>The error, 403.</returns>
    public static StsError RequestTimeTooSkewed() =>
        new("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.");

    /// <summary>The hash that the request states is not that of its body.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError XAmzContentSHA256Mismatch() =>
        new("XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.");

    /// <summary>S3's answer to a body that ends before it should, goes on after it, or is not laid out as its mode has it.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError IncompleteBody(string message) => new("IncompleteBody", 400, message);

    /// <summary>S3's answer to a body that is not the one that its checksum was made of.</summary>
    /// <param name="message">The message, which names the checksum.</param>
    /// <returns>The error, 400.</returns>
    public static StsError BadDigest(string message) => new("BadDigest", 400, message);

    /// <summary>S3's answer to a <c>Content-MD5</c> that is none.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidDigest() => new("InvalidDigest", 400, "The Content-MD5 you specified is not valid.");

    /// <summary>S3's answer to a chunk that is smaller than all but the last may be.</summary>
    /// <returns>The error, 403.</returns>
    public static StsError InvalidChunkSizeError() =>
        new("InvalidChunkSizeError", 403, "Only the last chunk is allowed to have a size less than 8192 bytes");

    /// <summary>S3's answer to a trailer that is not laid out as it has to be, or not the announced one.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError MalformedTrailerError() => new(
        "MalformedTrailerError", 400, "The request contained trailing data that was not well-formed or did not conform to our published schema.");

    /// <summary>S3's answer to an upload whose length is not stated.</summary>
    /// <param name="message">The message, which names the header.</param>
    /// <returns>The error, 411.</returns>
    public static StsError MissingContentLength(string message) => new("MissingContentLength", 411, message);

    /// <summary>S3's answer to a file of a form that has more bytes than its policy allows.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError EntityTooLarge() => new("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size");

    /// <summary>S3's answer to a file of a form that has fewer bytes than its policy allows.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError EntityTooSmall() => new("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size");

    /// <summary>S3's answer to a form with too much before the file.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError MaxPostPreDataLengthExceeded() =>
        new("MaxPostPreDataLengthExceeded", 400, "Your POST request fields preceding the upload file were too large.");

    /// <summary>S3's answer to an upload by form that is no form.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError MalformedPostRequest() =>
        new("MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data.");

    /// <summary>S3's answer to a form's policy that cannot be read.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidPolicyDocument(string message) => new("InvalidPolicyDocument", 400, message);

    /// <summary>S3's answer to a path that cannot be decoded.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidUri() => new("InvalidURI", 400, "Couldn't parse the specified URI.");

    /// <summary>S3's answer to a name that no bucket can have.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidBucketName() => new("InvalidBucketName", 400, "The specified bucket is not valid.");

    /// <summary>S3's answer to a key of more than 1,024 bytes.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError KeyTooLongError() => new("KeyTooLongError", 400, "Your key is too long");

    /// <summary>S3's answer to a request whose parts do not fit together.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidRequest(string message) => new("InvalidRequest", 400, message);

    /// <summary>S3's answer to an argument that does not fit.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidArgument(string message) => new("InvalidArgument", 400, message);

    /// <summary>An operation that is not offered, or not in that version of the interface.</summary>
    /// <param name="action">The operation that was asked for.</param>
    /// <param name="version">The version that was asked for, if any.</param>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidAction(string action, string? version) =>
        new("InvalidAction", 400, $"Could not find operation {action} for version {version ?? "NO_VERSION_SPECIFIED"}");

    /// <summary>A request that names no operation.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError MissingAction() =>
        new("MissingAction", 400, "The request is missing an action or a required parameter.");

    /// <summary>A parameter that the service has, sent to an operation that does not have it.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidParameterCombination(string message) => new("InvalidParameterCombination", 400, message);

    /// <summary>Parameters whose names or number the service's interface does not have.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The error, 400.</returns>
    public static StsError InvalidQueryParameter(string message) => new("InvalidQueryParameter", 400, message);

    /// <summary>The principal, its account or the address it comes from asks too often; clients wait and try again.</summary>
    /// <returns>The error, 400.</returns>
    public static StsError Throttling() => new("Throttling", 400, "Rate exceeded");

    /// <summary>The service cannot answer for the moment; its reason stands in the log, not here.</summary>
    /// <returns>The error, 503.</returns>
    public static StsError ServiceUnavailable() =>
        new("ServiceUnavailable", 503, "The request has failed due to a temporary failure of the server.");

    /// <summary>The service's own fault; its reason stands in the log, not here.</summary>
    /// <returns>The error, 500.</returns>
    public static StsError InternalFailure() =>
        new("InternalFailure", 500, "The request processing has failed because of an unknown error, exception or failure.");
}
