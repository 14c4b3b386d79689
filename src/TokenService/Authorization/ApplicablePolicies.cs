using System.Collections.Frozen;
using System.Collections.Immutable;

namespace TokenService;

/// <summary>The policies that a request has to be weighed against.</summary>
internal readonly struct ApplicablePolicies
{
    /// <summary>The policies of the user with its groups, or of the role; for a federated user those of the user that made it.</summary>
    internal ImmutableArray<Policy> Identity { get; init; }

    /// <summary>The permissions boundary of that user or role.</summary>
    internal Policy? Boundary { get; init; }

    /// <summary>Whether the session was given policies of its own; with an empty list they allow nothing.</summary>
    internal bool HasSessionPolicies { get; init; }

    /// <summary>Whether the session's policies bind also where a resource names the caller itself: what is lent, is lent within its policy, and
    /// the one who lends has the same name.</summary>
    internal bool IsSessionAlwaysAsked { get; init; }

    /// <summary>The session's policies, one set: what any of them allows.</summary>
    internal ImmutableArray<Policy> Session { get; init; }

    /// <summary>The service control policies, which bound the caller's account; each has to allow.</summary>
    internal ImmutableArray<Policy> Control { get; init; }

    /// <summary>The resource control policies, which bound access to the resource's account; each has to allow.</summary>
    internal ImmutableArray<Policy> ResourceControl { get; init; }

    /// <summary>The resource's policy; the trust policy of the role where a role is to be assumed.</summary>
    internal PolicyDocument? Resource { get; init; }

    /// <summary>The unique ids that principals named in <see cref="Resource"/> had when it was stored, by their ARNs.</summary>
    internal ImmutableDictionary<string, string>? PinnedPrincipals { get; init; }

    /// <summary>A policy that is attached but is not there any more. What it said nobody knows, so nothing is allowed.</summary>
    internal Arn? Unavailable { get; init; }

    /// <summary>The condition keys whose values no reason tells.</summary>
    internal FrozenSet<string>? SensitiveKeys { get; init; }
}
