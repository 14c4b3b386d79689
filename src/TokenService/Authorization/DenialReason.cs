using System.Collections.Immutable;

namespace TokenService;

/// <summary>In what way a policy, or the want of one, denied a request.</summary>
public enum DenialCause
{
    /// <summary>No statement of that kind of policy allows.</summary>
    NothingAllows = 0,

    /// <summary>A statement denies.</summary>
    ExplicitDeny,

    /// <summary>A policy is attached that is not there any more, so nobody knows what it says.</summary>
    PolicyUnavailable,

    /// <summary>The caller's session is over, whatever its policies allow.</summary>
    SessionEnded,
}

/// <summary>One reason why a request is denied.</summary>
public sealed class DenialReason
{
    private DenialReason(
        DenialCause cause,
        PolicyKind? kind = null,
        Policy? policy = null,
        PolicyStatement? statement = null,
        Arn? unavailable = null,
        ImmutableArray<SilentPolicy> silent = default,
        ImmutableArray<NearMiss> nearMisses = default,
        bool isResources = false)
    {
        IsResourceControl = isResources;
        Cause = cause;
        Kind = kind;
        Policy = policy;
        Statement = statement;
        Unavailable = unavailable;
        SilentPolicies = silent.IsDefault ? [] : silent;
        NearMisses = nearMisses.IsDefault ? [] : nearMisses;
    }

    /// <summary>In what way it was denied.</summary>
    public DenialCause Cause { get; }

    /// <summary>The kind of policy; <see langword="null"/> for one that is not there, and where no policy is in the way.</summary>
    public PolicyKind? Kind { get; }

    /// <summary>Whether it is a control policy of the account that owns the resource, and not of the caller's.</summary>
    public bool IsResourceControl { get; }

    /// <summary>The policy that denies; for a control policy also the one that does not allow. <see langword="null"/> where no single policy
    /// is meant, and for resource and trust policies, which have no name.</summary>
    public Policy? Policy { get; }

    /// <summary>The statement that denies.</summary>
    public PolicyStatement? Statement { get; }

    /// <summary>The policy that is not there.</summary>
    public Arn? Unavailable { get; }

    /// <summary>The policies of that kind that were asked, none of which allows, and how far each came; empty where there is no such policy, or
    /// another cause denied.</summary>
    public ImmutableArray<SilentPolicy> SilentPolicies { get; }

    /// <summary>Statements of that kind of policy that would have allowed, had one thing been otherwise; the first few.</summary>
    public ImmutableArray<NearMiss> NearMisses { get; }

    /// <summary>The reason and its near misses.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString()
    {
        var text = Cause switch
        {
            DenialCause.ExplicitDeny => $"{Where(Policy, Statement!)} of the {KindName} denies",
            DenialCause.PolicyUnavailable => $"the attached policy {Unavailable} cannot be found",
            DenialCause.SessionEnded => "the caller's session is over",
            _ => $"no {KindName} allows",
        };
        // A policy whose statement came near is told of by that.
        var details = SilentPolicies.Where(silent => silent.Missing < MissingPart.Principal).Select(silent => silent.ToString())
            .Concat(NearMisses.Select(miss => miss.ToString()));
        return SilentPolicies.IsEmpty ? text : $"{text}: {string.Join("; ", details)}";
    }

    internal static DenialReason Denied(PolicyKind kind, Policy? policy, PolicyStatement statement, bool isResources = false) =>
        new(DenialCause.ExplicitDeny, kind, policy, statement, isResources: isResources);

    internal static DenialReason NotAllowed(
        PolicyKind kind, Policy? policy, ImmutableArray<SilentPolicy> silent, ImmutableArray<NearMiss> nearMisses, bool isResources = false) =>
        new(DenialCause.NothingAllows, kind, policy, silent: silent, nearMisses: nearMisses, isResources: isResources);

    internal static DenialReason Missing(Arn policy) => new(DenialCause.PolicyUnavailable, unavailable: policy);

    internal static DenialReason OfEndedSession() => new(DenialCause.SessionEnded);

    internal static string Where(Policy? policy, PolicyStatement statement)
    {
        var name = statement.Sid is { Length: > 0 } sid ? $"statement {statement.Index} ({sid})" : $"statement {statement.Index}";
        return policy is null ? name : $"{name} in {policy.Arn?.ToString() ?? policy.Name}";
    }

    internal string MessageSuffix(string action) => Cause switch
    {
        DenialCause.ExplicitDeny when Kind == PolicyKind.Trust => " with an explicit deny in the role trust policy",
        DenialCause.ExplicitDeny => $" with an explicit deny in {(Kind == PolicyKind.Identity ? "an" : "a")} {KindName}{(Policy?.Arn is { } arn ? $": {arn}" : string.Empty)}",
        DenialCause.SessionEnded => " because the session is over",
        DenialCause.PolicyUnavailable => $" because the policy {Unavailable} is attached and cannot be found",
        _ => $" because no {KindName} allows the {action} action",
    };

    private string KindName => Name(Kind, IsResourceControl);

    internal static string Name(PolicyKind? kind, bool isResources) => kind switch
    {
        PolicyKind.Identity => "identity-based policy",
        PolicyKind.Session => "session policy",
        PolicyKind.Boundary => "permissions boundary",
        PolicyKind.Resource => "resource-based policy",
        PolicyKind.Trust => "role trust policy",
        _ => isResources ? "resource control policy" : "service control policy",
    };
}

/// <summary>What a policy that does not allow lacks: the first of these that none of its statements has.</summary>
public enum MissingPart
{
    /// <summary>No statement allows the action, whatever the resource.</summary>
    Action = 0,

    /// <summary>A statement allows the action, and none of those the resource.</summary>
    Resource,

    /// <summary>A statement allows the action on the resource, and none of those names the caller; in resource and trust policies alone.</summary>
    Principal,

    /// <summary>Only a condition is in the way.</summary>
    Condition,
}

/// <summary>A policy that was asked and does not allow.</summary>
public sealed class SilentPolicy
{
    internal SilentPolicy(Policy? policy, MissingPart missing)
    {
        Policy = policy;
        Missing = missing;
    }

    /// <summary>The policy; <see langword="null"/> for resource and trust policies, which have no name.</summary>
    public Policy? Policy { get; }

    /// <summary>What it lacks.</summary>
    public MissingPart Missing { get; }

    /// <summary>The policy and what it lacks.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString()
    {
        var lack = Missing switch
        {
            MissingPart.Action => "has no statement that allows the action",
            MissingPart.Resource => "allows the action, and not on this resource",
            MissingPart.Principal => "does not name the caller",
            _ => "has a condition that does not hold",
        };
        return Policy is null ? $"it {lack}" : $"{Policy.Arn?.ToString() ?? Policy.Name} {lack}";
    }
}

/// <summary>A statement whose action and resource fit the request and which yet did not apply: the first thing in its way.</summary>
public sealed class NearMiss
{
    internal NearMiss(Policy? policy, PolicyStatement statement, Condition? condition, ImmutableArray<string> requestValues, bool areValuesWithheld)
    {
        AreValuesWithheld = areValuesWithheld;
        Policy = policy;
        Statement = statement;
        Operator = condition?.Operator;
        Key = condition?.Key.Text;
        PolicyValues = areValuesWithheld ? [] : condition?.Values ?? [];
        RequestValues = requestValues;
    }

    /// <summary>The policy the statement is in; <see langword="null"/> for resource and trust policies.</summary>
    public Policy? Policy { get; }

    /// <summary>The statement.</summary>
    public PolicyStatement Statement { get; }

    /// <summary>The operator of the condition that does not hold, as the policy spells it; <see langword="null"/> where the statement does not
    /// name the caller.</summary>
    public string? Operator { get; }

    /// <summary>The key of that condition, as the policy spells it.</summary>
    public string? Key { get; }

    /// <summary>Whether the host has marked the key as sensitive (<see cref="TemporaryCredentialsOptions.SensitiveConditionKeys"/>): then both lists
    /// of values are empty.</summary>
    public bool AreValuesWithheld { get; }

    /// <summary>The values that the request has for the key; empty where it does not have the key.</summary>
    public ImmutableArray<string> RequestValues { get; }

    /// <summary>The values of the policy, variables unresolved.</summary>
    public ImmutableArray<string> PolicyValues { get; }

    /// <summary>What is in the way.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString()
    {
        var place = DenialReason.Where(Policy, Statement);
        return Operator is null ? $"{place} does not name the caller"
            : AreValuesWithheld ? $"{place} asks for {Operator} of {Key}, whose values are not told"
            : $"{place} asks for {Operator} of {Key} and [{string.Join(", ", PolicyValues)}], "
                + (RequestValues.IsEmpty ? "which the request does not have" : $"the request has [{string.Join(", ", RequestValues)}]");
    }
}
