namespace TokenService.AspNetCore;

/// <summary><c>AssumeRoleWithWebIdentity</c> on the wire; nobody has to sign it.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>AssumeRoleWithWebIdentity</c>.</remarks>
internal static class AssumeRoleWithWebIdentityBinding
{
    internal static readonly WireOperation Operation = new WireOperation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse>(
        "AssumeRoleWithWebIdentity",
        Read,
        (issuer, call, request, cancellationToken) => issuer.AssumeRoleWithWebIdentityAsync(request, call.Environment, cancellationToken),
        Write)
    {
        IsUnsigned = true,
    };

    private static AssumeRoleWithWebIdentityRequest Read(Parameters parameters) => new()
    {
        RoleArn = parameters.Text("RoleArn"),
        RoleSessionName = parameters.Text("RoleSessionName"),
        WebIdentityToken = parameters.Text("WebIdentityToken"),
        ProviderId = parameters.Text("ProviderId"),
        PolicyArns = parameters.PolicyArns(),
        Policy = parameters.Text("Policy"),
        DurationSeconds = parameters.Integer("DurationSeconds"),
        MinimumSessionTokenSize = parameters.Integer("MinimumSessionTokenSize"),
    };

    private static void Write(AnswerWriter answer, AssumeRoleWithWebIdentityResponse response)
    {
        answer.Text("SubjectFromWebIdentityToken", response.SubjectFromWebIdentityToken);
        answer.Text("Audience", response.Audience);
        answer.Open("AssumedRoleUser");
        answer.Text("AssumedRoleId", response.AssumedRoleUser.AssumedRoleId);
        answer.Text("Arn", response.AssumedRoleUser.Arn.ToString());
        answer.Close();
        answer.Credentials(response.Credentials);
        answer.Text("Provider", response.Provider);
        if (response.PackedPolicySize is { } packed)
        {
            answer.Number("PackedPolicySize", packed);
        }

        answer.OptionalText("SourceIdentity", response.SourceIdentity);
        answer.Number("SessionTokenSize", response.SessionTokenSize);
        answer.Number("SessionTokenUtilization", response.SessionTokenUtilization);
    }
}
