using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Gives temporary credentials that act as the root of a member account, for one task. The steps are those of reference 5.6.</summary>
internal sealed class AssumeRoot(IAccountStore accounts, CallerPolicies policies, SessionMint mint, IClock clock, ILogger logger)
{
    private const string Action = "sts:AssumeRoot";

    internal async ValueTask<StsResult<AssumeRootResponse>> ExecuteAsync(
        Caller caller, AssumeRootRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if (Limits.Check(request) is { } broken)
        {
            return Refuse(caller, request, broken, null);
        }

        if (!TryReadTarget(request.TargetPrincipal!, caller.Account.Partition, out var target))
        {
            return Refuse(caller, request, StsError.ValidationError($"{request.TargetPrincipal} is invalid"), null);
        }

        if (!Arn.TryParse(request.TaskPolicyArn!, out var task) || task.Partition != caller.Account.Partition || RootTasks.Find(task) is null)
        {
            return Refuse(caller, request, StsError.ValidationError($"{request.TaskPolicyArn} is not the policy of a task."), null);
        }

        // Whoever is refused learns nothing of the account: whether it exists, and to whose organization it belongs.
        var refusal = StsError.AccessDenied($"User: {caller.Arn} is not authorized to perform: {Action} on resource: {target}");
        if (caller.Kind is not (CallerKind.User or CallerKind.RoleSession))
        {
            return Refuse(caller, request, refusal, "callers of this kind may not");
        }

        var member = await accounts.FindAccountAsync(target.Account, cancellationToken).ConfigureAwait(false);
        if (member is null || !Manages(caller.Account, member) || member.RootArn != target)
        {
            return Refuse(caller, request, refusal, "the account is not one whose root the caller's account manages");
        }

        var decision = await AuthorizeAsync(caller, member, task, environment, cancellationToken).ConfigureAwait(false);
        if (!decision.IsAllowed)
        {
            return Refuse(caller, request, refusal, decision.ToString());
        }

        var sourceIdentity = caller.Session?.SourceIdentity;
        var minted = mint.Mint(caller, SessionBasis.OfAssumedRoot(member), new SessionTerms
        {
            AllowedBy = decision,
            Duration = Duration.FromSeconds(request.DurationSeconds ?? Limits.MaxRootDurationSeconds),
            SourceIdentity = sourceIdentity,
            TaskPolicy = task,
            MinimumTokenSize = request.MinimumSessionTokenSize ?? 0,
        });
        return minted.TryGetValue(out var credentials, out var tooLong)
            ? new AssumeRootResponse { Credentials = credentials, SourceIdentity = sourceIdentity }
            : Refuse(caller, request, tooLong, null);
    }

    /// <summary>Reads the root's ARN, or makes it of an account id.</summary>
    private static bool TryReadTarget(string text, string partition, [NotNullWhen(true)] out Arn? root)
    {
        root = AccountId.IsValid(text) ? Arn.Root(partition, text)
            : Arn.TryParse(text, out var arn) && AccountId.IsValid(arn.Account) && arn == Arn.Root(arn.Partition, arn.Account) ? arn
            : null;
        return root is not null;
    }

    /// <summary>Nobody assumes the root of an account that itself manages roots, its own included.</summary>
    private static bool Manages(Account manager, Account member) =>
        manager is { ManagesMemberRoots: true, OrganizationId: { } organization }
        && member.OrganizationId == organization && !member.ManagesMemberRoots && member.Id != manager.Id;

    /// <summary>The caller's own policies decide; the member account has no say but by its resource control policies.</summary>
    private async ValueTask<Decision> AuthorizeAsync(
        Caller caller, Account member, Arn task, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        var applicable = await policies.FindAsync(caller, member, cancellationToken).ConfigureAwait(false);
        var context = new AssumeRootContext(caller, member, task, environment, clock.GetCurrentInstant());
        return PolicyEvaluator.Evaluate(
            applicable, new PolicyRequest(caller.Principal, Action, new RequestResource(member.RootArn.ToString()), caller.Account.Id, context));
    }

    /// <summary>The caller learns the refusal, the operator its reason too.</summary>
    private StsError Refuse(Caller caller, AssumeRootRequest request, StsError refusal, string? reason) =>
        Refusal.Tell(logger, nameof(AssumeRoot), Limits.Echo(request.TargetPrincipal), caller, refusal, reason);
}

/// <summary>The condition keys of a request to assume a root.</summary>
internal sealed class AssumeRootContext(Caller caller, Account member, Arn task, RequestEnvironment? environment, Instant now) : CallerContext(now)
{
    private protected override Caller Caller => caller;

    private protected override RequestEnvironment? Environment => environment;

    internal override ConditionValues Find(ConditionKey key) => key.Name switch
    {
        "sts:taskpolicyarn" => new ConditionValues(task.ToString()),
        "aws:resourceaccount" => new ConditionValues(member.Id),
        _ => base.Find(key),
    };
}
