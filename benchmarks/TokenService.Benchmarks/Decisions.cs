namespace TokenService.Benchmarks;

/// <summary>A decision over seven policies of three statements: five of the identity, a boundary, a session policy. The peer in
/// <c>benchmarks/Cedar</c> decides by the same 21 statements.</summary>
internal sealed class Decisions
{
    private const string Policy = """
        {"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:*:table/x"},
        {"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::secret/*"},
        {"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::artifacts/*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}}]}
        """;

    private readonly ApplicablePolicies _policies = new()
    {
        Identity = [.. Enumerable.Range(0, 5).Select(_ => Read(PolicyKind.Identity))],
        Boundary = Read(PolicyKind.Boundary),
        HasSessionPolicies = true,
        Session = [Read(PolicyKind.Session)],
    };

    private readonly RequestPrincipal _principal = RequestPrincipal.RoleSession(
        Arn.AssumedRole("aws", "111122223333", "deploy", "s1"), Arn.Parse("arn:aws:iam::111122223333:role/ci/deploy"), "AROARTX3GSDSQAAAAAAAA");

    private readonly Team _context = new();

    internal bool Decide()
    {
        var request = new PolicyRequest(
            _principal, "s3:GetObject", new RequestResource("arn:aws:s3:::artifacts/builds/4711/log.txt"), "111122223333", _context);
        return PolicyEvaluator.Evaluate(in _policies, in request).IsAllowed;
    }

    private static Policy Read(PolicyKind kind) => new(kind.ToString(), null, PolicyDocument.Parse(Policy, kind));

    private sealed class Team : RequestContext
    {
        internal override ConditionValues Find(ConditionKey key) => key.TagKey == "team" ? new ConditionValues("blue") : default;
    }
}
