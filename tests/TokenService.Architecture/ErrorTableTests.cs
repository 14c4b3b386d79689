using System.Reflection;

namespace TokenService.Architecture;

/// <summary>Every error's code with its status, as the reference has it: the operations' own errors and the common ones of STS, then S3's.</summary>
public sealed class ErrorTableTests
{
    /// <summary>Source: STS API Reference, "Common Errors" and "Errors" of each operation; S3 API Reference, "Error responses".</summary>
    private static readonly Dictionary<string, (string Code, int Status)> Table = new(StringComparer.Ordinal)
    {
        ["AccessDenied"] = ("AccessDenied", 403),
        ["ValidationError"] = ("ValidationError", 400),
        ["InvalidParameterValue"] = ("InvalidParameterValue", 400),
        ["MalformedPolicyDocument"] = ("MalformedPolicyDocument", 400),
        ["PackedPolicyTooLarge"] = ("PackedPolicyTooLarge", 400),
        ["ServiceUnavailable"] = ("ServiceUnavailable", 503),
        ["InvalidAuthorizationMessage"] = ("InvalidAuthorizationMessageException", 400),
        ["OutboundWebIdentityFederationDisabled"] = ("OutboundWebIdentityFederationDisabledException", 403),
        ["SessionDurationEscalation"] = ("SessionDurationEscalationException", 403),
        ["JWTPayloadSizeExceeded"] = ("JWTPayloadSizeExceededException", 400),
        ["ExpiredTradeInToken"] = ("ExpiredTradeInTokenException", 400),
        ["InvalidIdentityToken"] = ("InvalidIdentityToken", 400),
        ["ExpiredIdentityToken"] = ("ExpiredTokenException", 400),
        ["IdpRejectedClaim"] = ("IDPRejectedClaim", 403),
        ["IdpCommunicationError"] = ("IDPCommunicationError", 400),
        ["ExpiredToken"] = ("ExpiredToken", 403),
        ["InvalidClientTokenId"] = ("InvalidClientTokenId", 403),
        ["SignatureDoesNotMatch"] = ("SignatureDoesNotMatch", 403),
        ["IncompleteSignature"] = ("IncompleteSignature", 400),
        ["MissingAuthenticationToken"] = ("MissingAuthenticationToken", 403),
        ["MalformedInput"] = ("MalformedInput", 400),
        ["InvalidAction"] = ("InvalidAction", 400),
        ["MissingAction"] = ("MissingAction", 400),
        ["InvalidParameterCombination"] = ("InvalidParameterCombination", 400),
        ["InvalidQueryParameter"] = ("InvalidQueryParameter", 400),
        ["Throttling"] = ("Throttling", 400),
        ["InternalFailure"] = ("InternalFailure", 500),

        ["InvalidAccessKeyId"] = ("InvalidAccessKeyId", 403),
        ["InvalidToken"] = ("InvalidToken", 400),
        ["ExpiredS3Token"] = ("ExpiredToken", 400),
        ["AuthorizationHeaderMalformed"] = ("AuthorizationHeaderMalformed", 400),
        ["AuthorizationQueryParametersError"] = ("AuthorizationQueryParametersError", 400),
        ["RequestTimeTooSkewed"] = ("RequestTimeTooSkewed", 403),
        ["XAmzContentSHA256Mismatch"] = ("XAmzContentSHA256Mismatch", 400),
        ["InvalidArgument"] = ("InvalidArgument", 400),
        ["IncompleteBody"] = ("IncompleteBody", 400),
        ["BadDigest"] = ("BadDigest", 400),
        ["InvalidDigest"] = ("InvalidDigest", 400),
        ["InvalidChunkSizeError"] = ("InvalidChunkSizeError", 403),
        ["MalformedTrailerError"] = ("MalformedTrailerError", 400),
        ["MissingContentLength"] = ("MissingContentLength", 411),
        ["InvalidRequest"] = ("InvalidRequest", 400),
        ["EntityTooLarge"] = ("EntityTooLarge", 400),
        ["EntityTooSmall"] = ("EntityTooSmall", 400),
        ["MaxPostPreDataLengthExceeded"] = ("MaxPostPreDataLengthExceeded", 400),
        ["MalformedPostRequest"] = ("MalformedPOSTRequest", 400),
        ["InvalidPolicyDocument"] = ("InvalidPolicyDocument", 400),
        ["InvalidUri"] = ("InvalidURI", 400),
        ["InvalidBucketName"] = ("InvalidBucketName", 400),
        ["KeyTooLongError"] = ("KeyTooLongError", 400),
    };

    public static TheoryData<string> Factories => [.. FindFactories().Select(factory => factory.Name)];

    [Theory, MemberData(nameof(Factories))]
    public void Factory_gives_the_code_and_the_status_of_the_reference(string factory)
    {
        var method = FindFactories().Single(candidate => candidate.Name == factory);
        var error = (StsError)method.Invoke(null, [.. method.GetParameters().Select(_ => "text")])!;
        Table.Should().ContainKey(factory);
        (error.Code, error.HttpStatus).Should().Be(Table[factory]);
        error.IsServiceFault.Should().Be(error.HttpStatus >= 500);
    }

    [Fact]
    public void Table_has_no_error_that_is_not_there() =>
        Table.Keys.Except(FindFactories().Select(factory => factory.Name), StringComparer.Ordinal).Should().BeEmpty();

    private static IEnumerable<MethodInfo> FindFactories() =>
        typeof(StsError).GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Where(method => method.ReturnType == typeof(StsError));
}
