namespace TokenService.AspNetCore;

/// <summary><c>AssumeRole</c> on the wire.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>AssumeRole</c>.</remarks>
internal static class AssumeRoleBinding
{
    internal static readonly WireOperation Operation = new WireOperation<AssumeRoleRequest, AssumeRoleResponse>(
        "AssumeRole",
        Read,
        (issuer, call, request, cancellationToken) => issuer.AssumeRoleAsync(call.Caller, request, call.Environment, cancellationToken),
        Write);

    private static AssumeRoleRequest Read(Parameters parameters) => new()
    {
        RoleArn = parameters.Text("RoleArn"),
        RoleSessionName = parameters.Text("RoleSessionName"),
        DurationSeconds = parameters.Integer("DurationSeconds"),
        Policy = parameters.Text("Policy"),
        PolicyArns = parameters.PolicyArns(),
        Tags = parameters.Tags(),
        TransitiveTagKeys = parameters.List("TransitiveTagKeys"),
        ExternalId = parameters.Text("ExternalId"),
        SerialNumber = parameters.Text("SerialNumber"),
        TokenCode = parameters.Text("TokenCode"),
        SourceIdentity = parameters.Text("SourceIdentity"),
        ProvidedContexts = parameters.ProvidedContexts(),
        MinimumSessionTokenSize = parameters.Integer("MinimumSessionTokenSize"),
    };

    private static void Write(AnswerWriter answer, AssumeRoleResponse response)
    {
        answer.Open("AssumedRoleUser");
        answer.Text("AssumedRoleId", response.AssumedRoleUser.AssumedRoleId);
        answer.Text("Arn", response.AssumedRoleUser.Arn.ToString());
        answer.Close();
        answer.Credentials(response.Credentials);
        if (response.PackedPolicySize is { } packed)
        {
            answer.Number("PackedPolicySize", packed);
        }

        answer.OptionalText("SourceIdentity", response.SourceIdentity);
        answer.Number("SessionTokenSize", response.SessionTokenSize);
        answer.Number("SessionTokenUtilization", response.SessionTokenUtilization);
    }
}
