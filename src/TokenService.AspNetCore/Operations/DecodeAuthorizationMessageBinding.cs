namespace TokenService.AspNetCore;

/// <summary><c>DecodeAuthorizationMessage</c> on the wire.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>DecodeAuthorizationMessage</c>.</remarks>
internal static class DecodeAuthorizationMessageBinding
{
    internal static readonly WireOperation Operation = new WireOperation<DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse>(
        "DecodeAuthorizationMessage",
        parameters => new DecodeAuthorizationMessageRequest { EncodedMessage = parameters.Text("EncodedMessage") },
        (issuer, call, request, cancellationToken) =>
            issuer.DecodeAuthorizationMessageAsync(call.Caller, request, call.Environment, cancellationToken),
        (answer, response) => answer.Text("DecodedMessage", response.DecodedMessage));
}
