using System.Collections.Frozen;
using System.Collections.Immutable;

namespace TokenService;

/// <summary>Finds out why a request was not allowed: of each policy that was asked, how far it came. Only a denial pays for it.</summary>
/// <param name="sensitiveKeys">The condition keys whose values are not told.</param>
internal readonly struct Denials(FrozenSet<string>? sensitiveKeys)
{
    /// <summary>The most near misses told of one kind of policy.</summary>
    internal const int MaxNearMisses = 8;

    internal DenialReason NotAllowed(PolicyKind kind, ImmutableArray<Policy> policies, in PolicyRequest request, bool isResources = false)
    {
        var nearMisses = ImmutableArray.CreateBuilder<NearMiss>();
        var silent = ImmutableArray.CreateBuilder<SilentPolicy>(policies.Length);
        foreach (var policy in policies)
        {
            silent.Add(new SilentPolicy(policy, Search(nearMisses, policy, policy.Document, null, in request)));
        }

        // Each control policy has to allow, of the others one: so only a control policy is to blame alone, and the boundary, which is one.
        var only = kind is PolicyKind.Control or PolicyKind.Boundary ? policies[0] : null;
        return DenialReason.NotAllowed(kind, only, silent.ToImmutable(), nearMisses.ToImmutable(), isResources);
    }

    /// <summary>The same for the policy of the resource, where it has one; in it the caller has to be named.</summary>
    internal DenialReason NotAllowed(PolicyDocument? resource, IReadOnlyDictionary<string, string>? pinned, in PolicyRequest request)
    {
        if (resource is null)
        {
            return DenialReason.NotAllowed(PolicyKind.Resource, null, [], []);
        }

        var nearMisses = ImmutableArray.CreateBuilder<NearMiss>();
        var silent = new SilentPolicy(null, Search(nearMisses, null, resource, pinned, in request));
        return DenialReason.NotAllowed(resource.Kind, null, [silent], nearMisses.ToImmutable());
    }

    /// <returns>What the statement that came furthest lacked.</returns>
    private MissingPart Search(
        ImmutableArray<NearMiss>.Builder nearMisses, Policy? policy, PolicyDocument document, IReadOnlyDictionary<string, string>? pinned, in PolicyRequest request)
    {
        var furthest = MissingPart.Action;
        foreach (var statement in document.Statements)
        {
            if (statement.Effect != PolicyEffect.Allow)
            {
                continue;
            }

            var missing = Missing(statement, isNamed: policy is not null || statement.Names(request.Principal, pinned) != PrincipalNaming.None, in request);
            furthest = missing > furthest ? missing : furthest;
            if (missing < MissingPart.Principal || nearMisses.Count == MaxNearMisses)
            {
                continue;
            }

            // A statement that applies and yet is not heeded, such as one for another account's provider, is no near miss.
            var unmet = missing == MissingPart.Condition ? statement.FirstUnmet(request.Context) : null;
            if (unmet is not null || missing == MissingPart.Principal)
            {
                nearMisses.Add(Describe(policy, statement, unmet, in request));
            }
        }

        return furthest;
    }

    private static MissingPart Missing(PolicyStatement statement, bool isNamed, in PolicyRequest request) =>
        !statement.MatchesAction(request.Action) ? MissingPart.Action
        : !statement.MatchesResource(in request) ? MissingPart.Resource
        : !isNamed ? MissingPart.Principal
        : MissingPart.Condition;

    private NearMiss Describe(Policy? policy, PolicyStatement statement, Condition? condition, in PolicyRequest request)
    {
        var isWithheld = condition is not null && sensitiveKeys?.Contains(condition.Key.Text) == true;
        return new NearMiss(
            policy, statement, condition, condition is null || isWithheld ? [] : request.Context.Find(condition.Key).ToImmutableArray(), isWithheld);
    }
}
