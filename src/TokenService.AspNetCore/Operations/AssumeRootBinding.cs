namespace TokenService.AspNetCore;

/// <summary><c>AssumeRoot</c> on the wire.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>AssumeRoot</c>.</remarks>
internal static class AssumeRootBinding
{
    internal static readonly WireOperation Operation = new WireOperation<AssumeRootRequest, AssumeRootResponse>(
        "AssumeRoot",
        Read,
        (issuer, call, request, cancellationToken) => issuer.AssumeRootAsync(call.Caller, request, call.Environment, cancellationToken),
        Write);

    private static AssumeRootRequest Read(Parameters parameters) => new()
    {
        TargetPrincipal = parameters.Text("TargetPrincipal"),
        TaskPolicyArn = parameters.Text("TaskPolicyArn.arn"),
        DurationSeconds = parameters.Integer("DurationSeconds"),
        MinimumSessionTokenSize = parameters.Integer("MinimumSessionTokenSize"),
    };

    private static void Write(AnswerWriter answer, AssumeRootResponse response)
    {
        answer.Credentials(response.Credentials);
        answer.OptionalText("SourceIdentity", response.SourceIdentity);
    }
}
