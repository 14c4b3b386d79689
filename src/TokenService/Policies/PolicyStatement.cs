using System.Collections.Immutable;

namespace TokenService;

/// <summary>One statement of a policy.</summary>
/// <remarks>Source: IAM User Guide, "IAM JSON policy element reference".</remarks>
public sealed class PolicyStatement
{
    private readonly ActionPattern[] _actions;
    private readonly bool _exceptActions;
    private readonly ResourcePattern[]? _resources;
    private readonly bool _exceptResources;
    private readonly PrincipalSet? _principals;
    private readonly bool _exceptPrincipals;
    private readonly Condition[] _conditions;

    internal PolicyStatement(int index, StatementElements elements)
    {
        Index = index;
        Sid = elements.Sid;
        Effect = elements.Effect!.Value;
        _actions = elements.Actions!;
        _exceptActions = elements.ExceptActions;
        _resources = elements.Resources;
        _exceptResources = elements.ExceptResources;
        _principals = elements.Principals;
        _exceptPrincipals = elements.ExceptPrincipals;
        _conditions = elements.Conditions;
    }

    /// <summary>The <c>Sid</c> element, where there is one.</summary>
    public string? Sid { get; }

    /// <summary>What the statement does.</summary>
    public PolicyEffect Effect { get; }

    /// <summary>The statement's place in its document, from 0.</summary>
    public int Index { get; }

    internal ImmutableArray<string> PrincipalArns => _principals?.Arns ?? [];

    /// <summary>Whether the statement applies to a request, its principals not asked: those of policies that have none.</summary>
    internal bool Applies(in PolicyRequest request) =>
        MatchesAction(request.Action) && MatchesResource(in request) && FirstUnmet(request.Context) is null;

    internal bool MatchesAction(string action)
    {
        foreach (var pattern in _actions)
        {
            if (pattern.Matches(action))
            {
                return !_exceptActions;
            }
        }

        return _exceptActions;
    }

    internal bool MatchesResource(in PolicyRequest request)
    {
        if (_resources is null)
        {
            return true;
        }

        var unresolved = false;
        foreach (var pattern in _resources)
        {
            switch (pattern.Matches(request.Resource, request.Context, tellUnresolved: _exceptResources))
            {
                case TextMatch.Yes:
                    return !_exceptResources;
                case TextMatch.Unresolved:
                    unresolved = true;
                    break;
            }
        }

        // A NotResource with a variable that has no value excludes something unknown: an Allow must not reach it, a Deny must.
        return _exceptResources && (!unresolved || Effect == PolicyEffect.Deny);
    }

    /// <summary>By what sort of name the statement calls the caller, if it does.</summary>
    internal PrincipalNaming Names(RequestPrincipal principal, IReadOnlyDictionary<string, string>? pinned)
    {
        if (_principals is null)
        {
            return PrincipalNaming.None;
        }

        if (!_exceptPrincipals)
        {
            return Effect == PolicyEffect.Deny ? _principals.NamingForDeny(principal, pinned) : _principals.Naming(principal, pinned);
        }

        if (Effect == PolicyEffect.Deny)
        {
            return _principals.Exempts(principal, pinned) ? PrincipalNaming.None : PrincipalNaming.Direct;
        }

        // An Allow for everybody else is as wide as "*", anonymous callers included, and no wider: services and providers have their own names.
        return principal.IsCalledByStar && _principals.Naming(principal, pinned) == PrincipalNaming.None
            ? PrincipalNaming.Direct
            : PrincipalNaming.None;
    }

    /// <summary>The first condition that does not hold, or <see langword="null"/> where all do.</summary>
    internal Condition? FirstUnmet(RequestContext context)
    {
        foreach (var condition in _conditions)
        {
            if (!condition.Holds(context))
            {
                return condition;
            }
        }

        return null;
    }
}

/// <summary>The elements of a statement as the parser finds them, in whatever order.</summary>
internal sealed class StatementElements
{
    internal string? Sid { get; set; }

    internal PolicyEffect? Effect { get; set; }

    internal ActionPattern[]? Actions { get; set; }

    internal bool ExceptActions { get; set; }

    internal ResourcePattern[]? Resources { get; set; }

    internal bool ExceptResources { get; set; }

    internal PrincipalSet? Principals { get; set; }

    internal bool ExceptPrincipals { get; set; }

    internal Condition[] Conditions { get; set; } = [];
}
