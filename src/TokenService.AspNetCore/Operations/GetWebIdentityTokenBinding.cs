namespace TokenService.AspNetCore;

/// <summary><c>GetWebIdentityToken</c> on the wire.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>GetWebIdentityToken</c>.</remarks>
internal static class GetWebIdentityTokenBinding
{
    internal static readonly WireOperation Operation = new WireOperation<GetWebIdentityTokenRequest, GetWebIdentityTokenResponse>(
        "GetWebIdentityToken",
        Read,
        (issuer, call, request, cancellationToken) => issuer.GetWebIdentityTokenAsync(call.Caller, request, call.Environment, cancellationToken),
        Write);

    private static GetWebIdentityTokenRequest Read(Parameters parameters) => new()
    {
        Audience = parameters.List("Audience"),
        SigningAlgorithm = parameters.Text("SigningAlgorithm"),
        DurationSeconds = parameters.Integer("DurationSeconds"),
        Tags = parameters.Tags(),
    };

    private static void Write(AnswerWriter answer, GetWebIdentityTokenResponse response)
    {
        answer.Text("WebIdentityToken", response.WebIdentityToken);
        answer.Time("Expiration", response.Expiration);
    }
}
