using System.Collections.Immutable;

namespace TokenService;

/// <summary>Finds out why a request was not allowed. Only a denial pays for it.</summary>
internal static class Denials
{
    /// <summary>The most near misses told of one kind of policy.</summary>
    internal const int MaxNearMisses = 8;

    internal static DenialReason NotAllowed(PolicyKind kind, ImmutableArray<Policy> policies, in PolicyRequest request)
    {
        var nearMisses = ImmutableArray.CreateBuilder<NearMiss>();
        foreach (var policy in policies)
        {
            Collect(nearMisses, policy, policy.Document, in request);
        }

        return DenialReason.NotAllowed(kind, null, nearMisses.ToImmutable());
    }

    internal static DenialReason NotAllowed(Policy control, bool isResources, in PolicyRequest request)
    {
        var nearMisses = ImmutableArray.CreateBuilder<NearMiss>();
        Collect(nearMisses, control, control.Document, in request);
        return DenialReason.NotAllowed(PolicyKind.Control, control, nearMisses.ToImmutable(), isResources);
    }

    internal static DenialReason NotAllowed(PolicyKind kind, Policy policy, in PolicyRequest request)
    {
        var nearMisses = ImmutableArray.CreateBuilder<NearMiss>();
        Collect(nearMisses, policy, policy.Document, in request);
        return DenialReason.NotAllowed(kind, policy, nearMisses.ToImmutable());
    }

    internal static DenialReason NotAllowed(
        PolicyKind kind, PolicyDocument? resource, IReadOnlyDictionary<string, string>? pinned, in PolicyRequest request)
    {
        var nearMisses = ImmutableArray.CreateBuilder<NearMiss>();
        foreach (var statement in resource?.Statements ?? [])
        {
            if (nearMisses.Count == MaxNearMisses || !ComesNear(statement, in request))
            {
                continue;
            }

            if (statement.Names(request.Principal, pinned) == PrincipalNaming.None)
            {
                nearMisses.Add(new NearMiss(null, statement, null, []));
            }
            else
            {
                AddUnmet(nearMisses, null, statement, in request);
            }
        }

        return DenialReason.NotAllowed(kind, null, nearMisses.ToImmutable());
    }

    private static void Collect(ImmutableArray<NearMiss>.Builder nearMisses, Policy policy, PolicyDocument document, in PolicyRequest request)
    {
        foreach (var statement in document.Statements)
        {
            if (nearMisses.Count < MaxNearMisses && ComesNear(statement, in request))
            {
                AddUnmet(nearMisses, policy, statement, in request);
            }
        }
    }

    private static bool ComesNear(PolicyStatement statement, in PolicyRequest request) =>
        statement.Effect == PolicyEffect.Allow && statement.MatchesAction(request.Action) && statement.MatchesResource(in request);

    private static void AddUnmet(ImmutableArray<NearMiss>.Builder nearMisses, Policy? policy, PolicyStatement statement, in PolicyRequest request)
    {
        if (statement.FirstUnmet(request.Context) is { } condition)
        {
            nearMisses.Add(new NearMiss(policy, statement, condition, request.Context.Find(condition.Key).ToImmutableArray()));
        }
    }
}
