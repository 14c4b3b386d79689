using System.Collections.Frozen;
using System.Collections.Immutable;

namespace TokenService;

/// <summary>What came of a request.</summary>
public enum DecisionOutcome
{
    /// <summary>Nothing allows it, or not all that has to.</summary>
    ImplicitDeny = 0,

    /// <summary>A statement denies it, and nothing outweighs that.</summary>
    ExplicitDeny,

    /// <summary>It is allowed.</summary>
    Allow,
}

/// <summary>Whether a request is allowed, and why.</summary>
/// <remarks>Source: IAM User Guide, "Policy evaluation logic". The reasons are for the owner of the policies: what they tell, a caller who was
/// denied need not know.</remarks>
public sealed class Decision
{
    private Decision(
        DecisionOutcome outcome,
        string action,
        PolicyKind? kind,
        Policy? policy,
        PolicyStatement? statement,
        ImmutableArray<DenialReason> reasons,
        DeniedRequest? request = null,
        bool isByHost = false)
    {
        IsByHost = isByHost;
        Request = request;
        Outcome = outcome;
        Action = action;
        Kind = kind;
        Policy = policy;
        Statement = statement;
        Reasons = reasons;
    }

    /// <summary>What came of the request.</summary>
    public DecisionOutcome Outcome { get; }

    /// <summary>Whether the request is allowed; nothing else lets it through.</summary>
    public bool IsAllowed => Outcome == DecisionOutcome.Allow;

    /// <summary>The statement that allowed or denied; <see langword="null"/> where nothing allowed, and for an account's root in its own
    /// account, which needs no statement.</summary>
    public PolicyStatement? Statement { get; }

    /// <summary>The policy that statement is in; <see langword="null"/> where there is no statement, or it is the resource's or the role's
    /// trust policy, which have no name.</summary>
    public Policy? Policy { get; }

    /// <summary>What kind of policy that statement is in.</summary>
    public PolicyKind? Kind { get; }

    /// <summary>Why the request is denied, in the order in which policies are asked; empty where it is allowed.</summary>
    public ImmutableArray<DenialReason> Reasons { get; }

    /// <summary>The ending of AWS's message about a denial, such as <c> because no identity-based policy allows the s3:GetObject action</c>;
    /// empty where the request is allowed. It begins with a space.</summary>
    /// <remarks>Source: IAM User Guide, "Troubleshoot access denied error messages".</remarks>
    public string MessageSuffix => Reasons.IsEmpty ? string.Empty : Reasons[0].MessageSuffix(Action);

    /// <summary>The action that was denied; empty where the request is allowed.</summary>
    public string Action { get; }

    /// <summary>What allowed the request, in a text for people.</summary>
    internal string Ground => IsByHost ? "the host" : Statement is null ? "the account's root" : $"{DenialReason.Where(Policy, Statement)} of the {DenialReason.Name(Kind, isResources: false)}";

    private bool IsByHost { get; }

    /// <summary>What was denied; <see langword="null"/> where the request is allowed, or the host denied it by other means.</summary>
    internal DeniedRequest? Request { get; }

    /// <summary>The outcome, and every reason on a line of its own.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Join(Environment.NewLine, Reasons.Select(reason => reason.ToString()).Prepend(Outcome.ToString()));

    /// <summary>Allows, for a host that decides by other means than policies.</summary>
    /// <returns>A decision without a statement.</returns>
    public static Decision AllowedByHost() => new(DecisionOutcome.Allow, string.Empty, null, null, null, [], isByHost: true);

    /// <summary>Denies, for a host that decides by other means than policies.</summary>
    /// <param name="action">The action that is denied.</param>
    /// <returns>A decision without a statement, and without reasons.</returns>
    public static Decision DeniedByHost(string action) =>
        new(DecisionOutcome.ImplicitDeny, action, null, null, null, [], isByHost: true);

    internal static Decision Allow(PolicyKind? kind, Policy? policy, PolicyStatement? statement) =>
        new(DecisionOutcome.Allow, string.Empty, kind, policy, statement, []);

    internal static Decision ExplicitDeny(in ApplicablePolicies policies, in PolicyRequest request, DenialReason reason) =>
        new(
            DecisionOutcome.ExplicitDeny, request.Action, reason.Kind, reason.Policy, reason.Statement, [reason],
            DeniedRequest.Of(in policies, in request));

    internal static Decision OfEndedSession(in ApplicablePolicies policies, in PolicyRequest request) =>
        ImplicitDeny(in policies, in request, [DenialReason.OfEndedSession()]);

    internal static Decision ImplicitDeny(in ApplicablePolicies policies, in PolicyRequest request, ImmutableArray<DenialReason> reasons) =>
        new(DecisionOutcome.ImplicitDeny, request.Action, null, null, null, reasons, DeniedRequest.Of(in policies, in request));
}

/// <summary>A request that was denied, kept with its circumstances so that a message can tell of it when somebody wants one.</summary>
/// <param name="Context">The condition keys, as they were when it was decided.</param>
/// <param name="Resource">What was to be acted on.</param>
/// <param name="ResourcePolicy">The policy of that resource, if it has one.</param>
/// <param name="IsSameAccount">Whether the caller's account owns the resource, and so may know what its policies say.</param>
/// <param name="SensitiveKeys">The condition keys whose values are not told.</param>
internal sealed record DeniedRequest(
    RequestContext Context, string Resource, PolicyDocument? ResourcePolicy, bool IsSameAccount, FrozenSet<string>? SensitiveKeys)
{
    internal static DeniedRequest Of(in ApplicablePolicies policies, in PolicyRequest request) =>
        new(request.Context, request.Resource.Text, policies.Resource, request.IsSameAccount, policies.SensitiveKeys);

    /// <summary>Whether the values of a key are kept from whoever is told of the denial.</summary>
    internal bool Withholds(string key) => SensitiveKeys?.Contains(key) == true;
}
