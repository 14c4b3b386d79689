namespace TokenService.AspNetCore;

/// <summary><c>AssumeRoleWithSAML</c> on the wire; nobody has to sign it.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>AssumeRoleWithSAML</c>.</remarks>
internal static class AssumeRoleWithSamlBinding
{
    internal static readonly WireOperation Operation = new WireOperation<AssumeRoleWithSamlRequest, AssumeRoleWithSamlResponse>(
        "AssumeRoleWithSAML",
        Read,
        (issuer, call, request, cancellationToken) => issuer.AssumeRoleWithSamlAsync(request, call.Environment, cancellationToken),
        Write)
    {
        IsUnsigned = true,
    };

    private static AssumeRoleWithSamlRequest Read(Parameters parameters) => new()
    {
        RoleArn = parameters.Text("RoleArn"),
        PrincipalArn = parameters.Text("PrincipalArn"),
        SamlAssertion = parameters.Text("SAMLAssertion"),
        PolicyArns = parameters.PolicyArns(),
        Policy = parameters.Text("Policy"),
        DurationSeconds = parameters.Integer("DurationSeconds"),
        MinimumSessionTokenSize = parameters.Integer("MinimumSessionTokenSize"),
    };

    private static void Write(AnswerWriter answer, AssumeRoleWithSamlResponse response)
    {
        answer.Text("Subject", response.Subject);
        answer.Text("SubjectType", response.SubjectType);
        answer.Text("Issuer", response.Issuer);
        answer.Text("Audience", response.Audience);
        answer.Text("NameQualifier", response.NameQualifier);
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
