using NodaTime;

namespace TokenService;

/// <summary>Lets a role's trust policy decide together with the caller's own policies.</summary>
internal sealed class TrustPolicyEvaluator(CallerPolicies policies, IAccountStore accounts, IClock clock) : ITrustPolicyEvaluator
{
    public async ValueTask<Decision> EvaluateAsync(TrustRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var role = request.Role;
        var now = clock.GetCurrentInstant();
        ApplicablePolicies applicable;
        RequestPrincipal principal;
        RequestContext context;
        switch (request)
        {
            case { Caller: { } caller, Federated: null }:
                var owner = role.Account == caller.Account.Id ? caller.Account : await FindOwnerAsync(role, cancellationToken).ConfigureAwait(false);
                applicable = await policies.FindAsync(caller, owner, cancellationToken).ConfigureAwait(false);
                principal = caller.Principal;
                context = new TrustContext(request, now);
                break;
            case { Caller: null, Federated: { } federated }:
                // Nobody of an account: no identity policy speaks of it, and no control policy but that on the role's side.
                applicable = policies.OfNobody(await FindOwnerAsync(role, cancellationToken).ConfigureAwait(false));
                principal = RequestPrincipal.Provider(federated.ProviderArn.ToString(), federated.BuiltInName);
                context = new FederatedTrustContext(request, federated, now);
                break;
            default:
                throw new ArgumentException("Exactly one wants to act as the role: a caller or somebody federated.", nameof(request));
        }

        applicable = applicable with { Resource = role.TrustPolicy, PinnedPrincipals = role.PinnedPrincipals };
        var resource = new RequestResource(role.Arn.ToString());
        Decision? decision = null;
        foreach (var action in request.Actions)
        {
            var question = new PolicyRequest(principal, action, resource, role.Account, context);
            decision = request.Caller?.HasEnded(now) == true
                ? Decision.OfEndedSession(in applicable, in question)
                : PolicyEvaluator.Evaluate(applicable, in question);
            if (!decision.IsAllowed)
            {
                break;
            }
        }

        return decision ?? throw new ArgumentException("A request to a trust policy names at least one action.", nameof(request));
    }

    private ValueTask<Account?> FindOwnerAsync(Role role, CancellationToken cancellationToken) => accounts.FindAccountAsync(role.Account, cancellationToken);
}

/// <summary>The condition keys of a request to assume a role; most of them exist then and never again.</summary>
/// <remarks>Source: IAM User Guide, "IAM and AWS STS condition context keys"; reference 7.2.</remarks>
internal sealed class TrustContext(TrustRequest request, Instant now) : CallerContext(now)
{
    private protected override Caller Caller => request.Caller ?? throw new InvalidOperationException("Somebody federated has no caller's keys.");

    private protected override RequestEnvironment? Environment => request.Environment;

    protected override Instant? MfaAuthenticatedAt => request.MfaAuthenticatedAt ?? base.MfaAuthenticatedAt;

    internal override ConditionValues Find(ConditionKey key) => key.Name switch
    {
        "sts:externalid" => new ConditionValues(request.ExternalId),
        _ => AssumptionKeys.TryFind(request, key, out var values) ? values : base.Find(key),
    };
}

/// <summary>The condition keys of a request to assume a role that comes without credentials: what the provider says, what the request says, and
/// what the transport knows; nothing of any caller.</summary>
/// <remarks>Reference 7.2 and 9.4.</remarks>
internal sealed class FederatedTrustContext(TrustRequest request, FederatedIdentity federated, Instant now) : TransportContext(now)
{
    private protected override RequestEnvironment? Environment => request.Environment;

    internal override ConditionValues Find(ConditionKey key) => key.Name switch
    {
        "aws:federatedprovider" => new ConditionValues(federated.ProviderName),
        "aws:principalaccount" => new ConditionValues("anonymous"),
        "sts:roleauthorizedbyidp" => new ConditionValues(
            federated.Roles is { } roles && roles.Contains(request.Role.Arn.ToString(), StringComparer.Ordinal) ? "true" : "false"),
        _ => AssumptionKeys.TryFind(request, key, out var values) ? values
            : FederatedKeys(federated.Keys, key) is { Count: > 0 } said ? said
            : base.Find(key),
    };
}

/// <summary>The condition keys that every request to assume a role has, whoever makes it.</summary>
internal static class AssumptionKeys
{
    internal static bool TryFind(TrustRequest request, ConditionKey key, out ConditionValues values)
    {
        (var isOne, values) = key.Name switch
        {
            "sts:rolesessionname" => (true, new ConditionValues(request.RoleSessionName)),
            "sts:sourceidentity" => (true, new ConditionValues(request.SourceIdentity)),
            "sts:transitivetagkeys" => (true, new ConditionValues(request.TransitiveTagKeys)),
            "aws:requesttag/" => (true, TransportContext.TagValue(request.Tags, key.TagKey!)),
            "aws:tagkeys" => (true, TransportContext.TagKeys(request.Tags)),
            "aws:resourcetag/" or "iam:resourcetag/" => (true, TransportContext.TagValue(request.Role.Tags, key.TagKey!)),
            "aws:resourceaccount" => (true, new ConditionValues(request.Role.Account)),
            _ => (false, default),
        };
        return isOne;
    }
}
