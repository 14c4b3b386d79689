namespace TokenService.AspNetCore;

/// <summary><c>GetFederationToken</c> on the wire.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>GetFederationToken</c>.</remarks>
internal static class GetFederationTokenBinding
{
    internal static readonly WireOperation Operation = new WireOperation<GetFederationTokenRequest, GetFederationTokenResponse>(
        "GetFederationToken",
        Read,
        (issuer, call, request, cancellationToken) => issuer.GetFederationTokenAsync(call.Caller, request, call.Environment, cancellationToken),
        Write);

    private static GetFederationTokenRequest Read(Parameters parameters) => new()
    {
        Name = parameters.Text("Name"),
        DurationSeconds = parameters.Integer("DurationSeconds"),
        Policy = parameters.Text("Policy"),
        PolicyArns = parameters.PolicyArns(),
        Tags = parameters.Tags(),
        MinimumSessionTokenSize = parameters.Integer("MinimumSessionTokenSize"),
    };

    private static void Write(AnswerWriter answer, GetFederationTokenResponse response)
    {
        answer.Credentials(response.Credentials);
        answer.Open("FederatedUser");
        answer.Text("FederatedUserId", response.FederatedUser.FederatedUserId);
        answer.Text("Arn", response.FederatedUser.Arn.ToString());
        answer.Close();
        answer.Number("PackedPolicySize", response.PackedPolicySize);
        answer.Number("SessionTokenSize", response.SessionTokenSize);
        answer.Number("SessionTokenUtilization", response.SessionTokenUtilization);
    }
}
