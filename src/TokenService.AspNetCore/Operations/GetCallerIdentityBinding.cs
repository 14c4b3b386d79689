namespace TokenService.AspNetCore;

/// <summary><c>GetCallerIdentity</c> on the wire: no parameters.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>GetCallerIdentity</c>.</remarks>
internal static class GetCallerIdentityBinding
{
    internal static readonly WireOperation Operation = new WireOperation<Parameters, GetCallerIdentityResponse>(
        "GetCallerIdentity",
        parameters => parameters,
        (issuer, call, _, cancellationToken) => issuer.GetCallerIdentityAsync(call.Caller, cancellationToken),
        Write);

    private static void Write(AnswerWriter answer, GetCallerIdentityResponse response)
    {
        answer.Text("Arn", response.Arn.ToString());
        answer.Text("UserId", response.UserId);
        answer.Text("Account", response.Account);
    }
}
