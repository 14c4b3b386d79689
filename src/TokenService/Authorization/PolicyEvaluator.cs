using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace TokenService;

/// <summary>Decides a request by its policies.</summary>
/// <remarks>Source: IAM User Guide, "Policy evaluation logic"; the steps are numbered as in the reference, "Decision". Allowing allocates
/// nothing: the decision that a statement allows is made once and kept as long as its policy.</remarks>
internal static class PolicyEvaluator
{
    private static readonly Decision RootAllowed = Decision.Allow(null, null, null);

    private static readonly ConditionalWeakTable<object, Decision?[]> AllowedByIdentity = [];
    private static readonly ConditionalWeakTable<object, Decision?[]> AllowedBySession = [];
    private static readonly ConditionalWeakTable<object, Decision?[]> AllowedByResource = [];

    internal static Decision Evaluate(in ApplicablePolicies policies, in PolicyRequest request)
    {
        // 1. A Deny that applies, in any policy. The same pass finds what allows.
        var found = default(Findings);
        if (FirstDenial(in policies, in request, ref found) is { } denial)
        {
            return Decision.ExplicitDeny(in policies, in request, denial);
        }

        var principal = request.Principal;
        var isSameAccount = request.IsSameAccount;

        // Callers that have no policies of their own: what the resource's owner allows them is all they have.
        var isOutsider = principal.Kind is PrincipalKind.Anonymous or PrincipalKind.Provider or PrincipalKind.Service;
        var named = isSameAccount ? found.Naming : PrincipalNaming.None;

        // A provider lives in the account of the role it federates into; there is no across accounts for it.
        var isResourceSilent = principal.Kind == PrincipalKind.Provider ? named == PrincipalNaming.None : found.Naming == PrincipalNaming.None;

        // 3. For AssumeRole the trust policy has the last word, across accounts the resource's policy has.
        var isResourceAsked = isOutsider || !isSameAccount || policies.Resource?.Kind == PolicyKind.Trust;

        // 4. and 5. A direct name spares the caller both steps, a limited-direct one the fourth. Root is nobody's identity, and not named apart
        // from its sessions, so that the policies of such a session always bind it.
        var isIdentityAsked = principal.HasIdentityPolicies && named < PrincipalNaming.LimitedDirect;
        var isBoundaryAsked = principal.HasIdentityPolicies && policies.Boundary is not null && named < PrincipalNaming.Direct;
        var isSessionAsked = principal.Kind switch
        {
            PrincipalKind.Root => policies.HasSessionPolicies,
            PrincipalKind.FederatedUser => named < PrincipalNaming.Direct,
            _ => policies.HasSessionPolicies && (named < PrincipalNaming.Direct || policies.IsSessionAlwaysAsked) && !isOutsider,
        };

        if (policies.Unavailable is null
            && found.SilentControl is null
            && !(isResourceAsked && isResourceSilent)
            && !(isIdentityAsked && found.Identity.Statement is null)
            && !(isBoundaryAsked && found.Boundary.Statement is null)
            && !(isSessionAsked && found.Session.Statement is null))
        {
            return Allowed(in policies, in found, isResourceDeciding: isResourceAsked || named >= PrincipalNaming.LimitedDirect, principal);
        }

        // 6. Whatever is missing, in the order in which it was asked.
        var denials = new Denials(policies.SensitiveKeys);
        var reasons = ImmutableArray.CreateBuilder<DenialReason>();
        if (policies.Unavailable is not null)
        {
            reasons.Add(DenialReason.Missing(policies.Unavailable));
        }

        if (found.SilentControl is { } control)
        {
            reasons.Add(denials.NotAllowed(PolicyKind.Control, [control], in request, OrEmpty(policies.ResourceControl).Contains(control)));
        }

        if (isResourceAsked && isResourceSilent)
        {
            reasons.Add(denials.NotAllowed(policies.Resource, policies.PinnedPrincipals, in request));
        }

        if (isIdentityAsked && found.Identity.Statement is null)
        {
            reasons.Add(denials.NotAllowed(PolicyKind.Identity, OrEmpty(policies.Identity), in request));
        }

        if (isBoundaryAsked && found.Boundary.Statement is null)
        {
            reasons.Add(denials.NotAllowed(PolicyKind.Boundary, [policies.Boundary!], in request));
        }

        if (isSessionAsked && found.Session.Statement is null)
        {
            reasons.Add(denials.NotAllowed(PolicyKind.Session, OrEmpty(policies.Session), in request));
        }

        return Decision.ImplicitDeny(in policies, in request, reasons.ToImmutable());
    }

    private static DenialReason? FirstDenial(in ApplicablePolicies policies, in PolicyRequest request, ref Findings found)
    {
        if (FirstDenialOfControl(policies.Control, isResources: false, in request, ref found) is { } ofCaller)
        {
            return ofCaller;
        }

        if (FirstDenialOfControl(policies.ResourceControl, isResources: true, in request, ref found) is { } ofOwner)
        {
            return ofOwner;
        }

        if (policies.Resource is not null && DenyingOfResource(in policies, in request, ref found) is { } ofResource)
        {
            return DenialReason.Denied(policies.Resource.Kind, null, ofResource);
        }

        if (request.Principal.HasIdentityPolicies)
        {
            foreach (var policy in OrEmpty(policies.Identity))
            {
                if (Denying(policy, in request, ref found.Identity) is { } statement)
                {
                    return DenialReason.Denied(PolicyKind.Identity, policy, statement);
                }
            }

            if (policies.Boundary is { } boundary && Denying(boundary, in request, ref found.Boundary) is { } ofBoundary)
            {
                return DenialReason.Denied(PolicyKind.Boundary, boundary, ofBoundary);
            }
        }

        foreach (var policy in OrEmpty(policies.Session))
        {
            if (Denying(policy, in request, ref found.Session) is { } statement)
            {
                return DenialReason.Denied(PolicyKind.Session, policy, statement);
            }
        }

        return null;
    }

    private static DenialReason? FirstDenialOfControl(ImmutableArray<Policy> policies, bool isResources, in PolicyRequest request, ref Findings found)
    {
        foreach (var policy in OrEmpty(policies))
        {
            var allowing = default(Grant);
            if (Denying(policy, in request, ref allowing) is { } statement)
            {
                return DenialReason.Denied(PolicyKind.Control, policy, statement, isResources);
            }

            found.SilentControl ??= allowing.Statement is null ? policy : null;
        }

        return null;
    }

    private static PolicyStatement? Denying(Policy policy, in PolicyRequest request, ref Grant allowing)
    {
        foreach (var statement in policy.Document.Statements)
        {
            if (statement.Effect == PolicyEffect.Deny)
            {
                if (statement.Applies(in request))
                {
                    return statement;
                }
            }
            else if (allowing.Statement is null && statement.Applies(in request))
            {
                allowing = new Grant(policy, statement);
            }
        }

        return null;
    }

    private static PolicyStatement? DenyingOfResource(in ApplicablePolicies policies, in PolicyRequest request, ref Findings found)
    {
        foreach (var statement in policies.Resource!.Statements)
        {
            var naming = statement.Names(request.Principal, policies.PinnedPrincipals);
            var isDeny = statement.Effect == PolicyEffect.Deny;
            if (naming == PrincipalNaming.None || (!isDeny && naming <= found.Naming) || !statement.Applies(in request))
            {
                continue;
            }

            if (isDeny)
            {
                return statement;
            }

            found.Naming = naming;
            found.Resource = statement;
        }

        return null;
    }

    private static Decision Allowed(in ApplicablePolicies policies, in Findings found, bool isResourceDeciding, RequestPrincipal principal)
    {
        if (isResourceDeciding)
        {
            var document = policies.Resource!;
            return Kept(AllowedByResource, document, document.Kind, null, found.Resource!);
        }

        return principal.Kind == PrincipalKind.Root ? RootAllowed
            : found.Identity.Statement is not null
                ? Kept(AllowedByIdentity, found.Identity.Policy!, PolicyKind.Identity, found.Identity.Policy, found.Identity.Statement)
                : Kept(AllowedBySession, found.Session.Policy!, PolicyKind.Session, found.Session.Policy, found.Session.Statement!);
    }

    // Two threads may make the same decision at once; either will do.
    private static Decision Kept(
        ConditionalWeakTable<object, Decision?[]> kept, object owner, PolicyKind kind, Policy? policy, PolicyStatement statement)
    {
        if (!kept.TryGetValue(owner, out var decisions))
        {
            decisions = kept.GetValue(owner, static of => new Decision?[((of as Policy)?.Document ?? (PolicyDocument)of).Statements.Length]);
        }

        return decisions[statement.Index] ??= Decision.Allow(kind, policy, statement);
    }

    private static ImmutableArray<Policy> OrEmpty(ImmutableArray<Policy> policies) => policies.IsDefault ? [] : policies;

    private readonly record struct Grant(Policy? Policy, PolicyStatement? Statement);

    private struct Findings
    {
        internal Grant Identity;
        internal Grant Boundary;
        internal Grant Session;
        internal PolicyStatement? Resource;
        internal PrincipalNaming Naming;
        internal Policy? SilentControl;
    }
}
