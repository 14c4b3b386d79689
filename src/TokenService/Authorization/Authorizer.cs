using NodaTime;

namespace TokenService;

/// <summary>Gathers the policies that have a say, and lets them decide. It tells nobody: whoever asks leaves the one event of the decision.</summary>
internal sealed class Authorizer(CallerPolicies policies, IAccountStore accounts, IClock clock) : IAuthorizer
{
    public async ValueTask<Decision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.ResourcePolicy is { Kind: not PolicyKind.Resource })
        {
            throw new ArgumentException("A resource policy is a document that was read as one.", nameof(request));
        }

        var resource = new RequestResource(request.Resource);
        if (string.IsNullOrEmpty(request.ResourceAccount) && resource.Account.IsEmpty && request.Resource != "*")
        {
            // Taking the caller's account for the owner would make every account's administrator the owner of everybody's buckets.
            throw new ArgumentException("A resource whose ARN names no account is decided about with its ResourceAccount.", nameof(request));
        }

        var account = request.ResourceAccount is { Length: > 0 } stated ? stated
            : resource.Account.IsEmpty ? request.Caller.Account.Id : resource.Account.ToString();
        var owner = account == request.Caller.Account.Id
            ? request.Caller.Account
            : await accounts.FindAccountAsync(account, cancellationToken).ConfigureAwait(false);
        var applicable = await policies.FindAsync(request.Caller, owner, cancellationToken).ConfigureAwait(false) with { Resource = request.ResourcePolicy };
        var now = clock.GetCurrentInstant();
        var question = new PolicyRequest(
            request.Caller.Principal, request.Action, resource, account, new AuthorizationContext(request, account, now));

        // A host that kept a caller must not give it rights beyond its session.
        return request.Caller.HasEnded(now)
            ? Decision.OfEndedSession(in applicable, in question)
            : PolicyEvaluator.Evaluate(in applicable, in question);
    }
}

/// <summary>The condition keys of a request to a service: the caller's, the transport's, and those of the resource and of the tags.</summary>
internal sealed class AuthorizationContext(AuthorizationRequest request, string resourceAccount, Instant now) : CallerContext(now)
{
    private protected override Caller Caller => request.Caller;

    private protected override RequestEnvironment? Environment => request.Environment;

    internal override ConditionValues Find(ConditionKey key) => key.Name switch
    {
        "aws:resourceaccount" => new ConditionValues(resourceAccount),
        "aws:resourcetag/" => TagValue(request.ResourceTags, key.TagKey!),
        "aws:requesttag/" => TagValue(request.RequestTags, key.TagKey!),
        "aws:tagkeys" => TagKeys(request.RequestTags),
        _ => base.Find(key),
    };
}
