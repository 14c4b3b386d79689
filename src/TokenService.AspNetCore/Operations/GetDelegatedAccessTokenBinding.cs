namespace TokenService.AspNetCore;

/// <summary><c>GetDelegatedAccessToken</c> on the wire.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>GetDelegatedAccessToken</c>.</remarks>
internal static class GetDelegatedAccessTokenBinding
{
    internal static readonly WireOperation Operation = new WireOperation<GetDelegatedAccessTokenRequest, GetDelegatedAccessTokenResponse>(
        "GetDelegatedAccessToken",
        parameters => new GetDelegatedAccessTokenRequest { TradeInToken = parameters.Text("TradeInToken") },
        (issuer, call, request, cancellationToken) =>
            issuer.GetDelegatedAccessTokenAsync(call.Caller, request, call.Environment, cancellationToken),
        Write);

    private static void Write(AnswerWriter answer, GetDelegatedAccessTokenResponse response)
    {
        answer.Credentials(response.Credentials);
        answer.Text("AssumedPrincipal", response.AssumedPrincipal.ToString());
    }
}
