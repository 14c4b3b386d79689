namespace TokenService.AspNetCore;

/// <summary><c>GetAccessKeyInfo</c> on the wire.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>GetAccessKeyInfo</c>.</remarks>
internal static class GetAccessKeyInfoBinding
{
    internal static readonly WireOperation Operation = new WireOperation<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse>(
        "GetAccessKeyInfo",
        parameters => new GetAccessKeyInfoRequest { AccessKeyId = parameters.Text("AccessKeyId") },
        (issuer, call, request, cancellationToken) => issuer.GetAccessKeyInfoAsync(call.Caller, request, call.Environment, cancellationToken),
        (answer, response) => answer.Text("Account", response.Account));
}
