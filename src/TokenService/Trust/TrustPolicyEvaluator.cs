using NodaTime;

namespace TokenService;

/// <summary>Lets a role's trust policy decide together with the caller's own policies.</summary>
internal sealed class TrustPolicyEvaluator(CallerPolicies policies, IAccountStore accounts, IClock clock) : ITrustPolicyEvaluator
{
    public async ValueTask<Decision> EvaluateAsync(TrustRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (caller, role) = (request.Caller, request.Role);
        var owner = role.Account == caller.Account.Id
            ? caller.Account
            : await accounts.FindAccountAsync(role.Account, cancellationToken).ConfigureAwait(false);
        var applicable = await policies.FindAsync(caller, owner, cancellationToken).ConfigureAwait(false);
        applicable = applicable with { Resource = role.TrustPolicy, PinnedPrincipals = role.PinnedPrincipals };
        var resource = new RequestResource(role.Arn.ToString());
        var now = clock.GetCurrentInstant();
        var context = new TrustContext(request, now);
        Decision? decision = null;
        foreach (var action in request.Actions)
        {
            var question = new PolicyRequest(caller.Principal, action, resource, role.Account, context);
            decision = caller.HasEnded(now)
                ? Decision.OfEndedSession(in question, role.TrustPolicy)
                : PolicyEvaluator.Evaluate(applicable, in question);
            if (!decision.IsAllowed)
            {
                break;
            }
        }

        return decision ?? throw new ArgumentException("A request to a trust policy names at least one action.", nameof(request));
    }
}

/// <summary>The condition keys of a request to assume a role; most of them exist then and never again.</summary>
/// <remarks>Source: IAM User Guide, "IAM and AWS STS condition context keys"; reference 7.2.</remarks>
internal sealed class TrustContext(TrustRequest request, Instant now) : CallerContext(now)
{
    private protected override Caller Caller => request.Caller;

    private protected override RequestEnvironment? Environment => request.Environment;

    protected override Instant? MfaAuthenticatedAt => request.MfaAuthenticatedAt ?? base.MfaAuthenticatedAt;

    internal override ConditionValues Find(ConditionKey key) => key.Name switch
    {
        "sts:externalid" => new ConditionValues(request.ExternalId),
        "sts:rolesessionname" => new ConditionValues(request.RoleSessionName),
        "sts:sourceidentity" => new ConditionValues(request.SourceIdentity),
        "sts:transitivetagkeys" => new ConditionValues(request.TransitiveTagKeys),
        "aws:requesttag/" => TagValue(request.Tags, key.TagKey!),
        "aws:tagkeys" => TagKeys(request.Tags),
        "aws:resourcetag/" or "iam:resourcetag/" => TagValue(request.Role.Tags, key.TagKey!),
        "aws:resourceaccount" => new ConditionValues(request.Role.Account),
        _ => base.Find(key),
    };
}
