namespace TokenService.AspNetCore;

/// <summary><c>GetSessionToken</c> on the wire.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>GetSessionToken</c>.</remarks>
internal static class GetSessionTokenBinding
{
    internal static readonly WireOperation Operation = new WireOperation<GetSessionTokenRequest, GetSessionTokenResponse>(
        "GetSessionToken",
        Read,
        (issuer, call, request, cancellationToken) => issuer.GetSessionTokenAsync(call.Caller, request, cancellationToken),
        (answer, response) => answer.Credentials(response.Credentials));

    private static GetSessionTokenRequest Read(Parameters parameters) => new()
    {
        DurationSeconds = parameters.Integer("DurationSeconds"),
        SerialNumber = parameters.Text("SerialNumber"),
        TokenCode = parameters.Text("TokenCode"),
    };
}
