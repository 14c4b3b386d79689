using System.Collections.Frozen;
using System.Collections.Immutable;

namespace TokenService;

/// <summary>Gathers the policies that have a say about a caller, as they are now: those of its identity, its boundary, its session, and the
/// control policies of both accounts.</summary>
/// <remarks>Source: IAM User Guide, "Policy evaluation logic". A policy that is attached and cannot be found could hold a Deny: until it is
/// detached, nothing is allowed.</remarks>
internal sealed class CallerPolicies(IUserStore users, IManagedPolicyStore managedPolicies, FrozenSet<string> sensitiveKeys)
{
    /// <summary>Those that have a say about somebody of no account: an identity provider's user.</summary>
    /// <param name="owner">The account that owns what is asked for, where it is known.</param>
    internal ApplicablePolicies OfNobody(Account? owner) => new() { ResourceControl = owner?.ResourceControlPolicies ?? [], SensitiveKeys = sensitiveKeys };

    /// <param name="caller">Who asks.</param>
    /// <param name="owner">The account that owns what is asked for, where it is known.</param>
    /// <param name="cancellationToken">Ends the look-ups early.</param>
    internal async ValueTask<ApplicablePolicies> FindAsync(Caller caller, Account? owner, CancellationToken cancellationToken)
    {
        var identity = caller switch
        {
            { Role: { } role } => await FindAsync(role.InlinePolicies, role.ManagedPolicies, cancellationToken).ConfigureAwait(false),
            { User: { } user } => await FindAsync(user, cancellationToken).ConfigureAwait(false),
            _ => new Found([], null),
        };
        var session = caller.Session switch
        {
            { TaskPolicy: { } task } => RootTasks.Find(task) is { } allowed ? new Found([allowed], null) : new Found([], task),
            { HasSessionPolicies: true } narrowed =>
                await FindAsync(narrowed.InlineSessionPolicy is { } inline ? [inline] : [], narrowed.ManagedPolicies, cancellationToken).ConfigureAwait(false),
            _ => new Found([], null),
        };
        var boundaryArn = caller.Role?.PermissionsBoundary ?? caller.User?.PermissionsBoundary;
        var boundary = boundaryArn is null ? null : await managedPolicies.FindPolicyAsync(boundaryArn, cancellationToken).ConfigureAwait(false);
        return new ApplicablePolicies
        {
            Identity = identity.Policies,
            Boundary = boundary,
            HasSessionPolicies = caller.Kind is CallerKind.AssumedRoot or CallerKind.Delegated || (caller.Session?.HasSessionPolicies ?? false),
            IsSessionAlwaysAsked = caller.Kind == CallerKind.Delegated,
            Session = session.Policies,
            Control = caller.Account.ServiceControlPolicies,
            ResourceControl = owner?.ResourceControlPolicies ?? [],
            SensitiveKeys = sensitiveKeys,
            Unavailable = identity.Unavailable ?? session.Unavailable ?? (boundary is null ? boundaryArn : null),
        };
    }

    /// <summary>A user's own policies and those of its groups.</summary>
    private async ValueTask<Found> FindAsync(User user, CancellationToken cancellationToken)
    {
        var all = await FindAsync(user.InlinePolicies, user.ManagedPolicies, cancellationToken).ConfigureAwait(false);
        foreach (var name in user.Groups)
        {
            var lent = await users.FindGroupAsync(user.Account, name, cancellationToken).ConfigureAwait(false) is { } group
                ? await FindAsync(group.InlinePolicies, group.ManagedPolicies, cancellationToken).ConfigureAwait(false)
                : new Found([], Arn.Parse($"arn:{user.Arn.Partition}:iam::{user.Account}:group/{name}"));
            all = new Found(all.Policies.AddRange(lent.Policies), all.Unavailable ?? lent.Unavailable);
        }

        return all;
    }

    /// <summary>Inline policies as they are, with the managed ones behind them.</summary>
    private async ValueTask<Found> FindAsync(ImmutableArray<Policy> inline, ImmutableArray<Arn> managed, CancellationToken cancellationToken)
    {
        Arn? unavailable = null;
        foreach (var arn in managed)
        {
            if (await managedPolicies.FindPolicyAsync(arn, cancellationToken).ConfigureAwait(false) is { } policy)
            {
                inline = inline.Add(policy);
            }
            else
            {
                unavailable ??= arn;
            }
        }

        return new Found(inline, unavailable);
    }

    /// <param name="Policies">Those that were found.</param>
    /// <param name="Unavailable">One that is attached and was not.</param>
    private readonly record struct Found(ImmutableArray<Policy> Policies, Arn? Unavailable);
}
