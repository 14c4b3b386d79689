using System.Collections.Immutable;

namespace TokenService;

/// <summary>A <c>Principal</c> or <c>NotPrincipal</c> element: who it names.</summary>
internal sealed class PrincipalSet
{
    private readonly string[] _accounts;
    private readonly string[] _ids;
    private readonly string[] _federated;
    private readonly string[] _services;

    internal PrincipalSet(bool everybody, List<string> accounts, List<string> arns, List<string> ids, List<string> federated, List<string> services)
    {
        IsEverybody = everybody;
        _accounts = [.. accounts];
        Arns = [.. arns];
        _ids = [.. ids];
        _federated = [.. federated];
        _services = [.. services];
    }

    /// <summary>Whether <c>*</c> is among the names.</summary>
    internal bool IsEverybody { get; }

    /// <summary>The ARNs of users, roles, sessions and federated users.</summary>
    internal ImmutableArray<string> Arns { get; }

    /// <summary>By what sort of name the caller is called; the greatest, where there are several.</summary>
    internal PrincipalNaming Naming(RequestPrincipal principal, IReadOnlyDictionary<string, string>? pinned)
    {
        switch (principal.Kind)
        {
            case PrincipalKind.Provider:
                return Contains(_federated, principal.Name) || (principal.BuiltInName is { } host && Contains(_federated, host))
                    ? PrincipalNaming.Direct
                    : PrincipalNaming.None;
            case PrincipalKind.Service:
                return Contains(_services, principal.Name) ? PrincipalNaming.Direct : PrincipalNaming.None;
        }

        if (IsEverybody || IsNamed(principal.Name, principal.Id, pinned))
        {
            return PrincipalNaming.Direct;
        }

        if (IsNamed(principal.SourceArn, principal.SourceId, pinned))
        {
            return PrincipalNaming.LimitedDirect;
        }

        return !NamesAccount(principal) ? PrincipalNaming.None
            : principal.Kind == PrincipalKind.Root ? PrincipalNaming.Direct
            : PrincipalNaming.Delegation;
    }

    /// <summary>The same for a statement that denies: there <c>*</c> means everybody, services and providers too, so that none slips by.</summary>
    internal PrincipalNaming NamingForDeny(RequestPrincipal principal, IReadOnlyDictionary<string, string>? pinned) =>
        IsEverybody ? PrincipalNaming.Direct : Naming(principal, pinned);

    /// <summary>Whether the set, as the <c>NotPrincipal</c> of a statement that denies, spares the caller: a user or federated user only where
    /// its account is named beside it, a role's session only where account, role and session are.</summary>
    /// <remarks>Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".</remarks>
    internal bool Exempts(RequestPrincipal principal, IReadOnlyDictionary<string, string>? pinned) =>
        IsEverybody || principal.Kind switch
        {
            PrincipalKind.Anonymous => false,
            PrincipalKind.Provider or PrincipalKind.Service => Naming(principal, pinned) != PrincipalNaming.None,
            PrincipalKind.Root => NamesAccount(principal),
            PrincipalKind.RoleSession => NamesAccount(principal)
                && IsNamed(principal.SourceArn, principal.SourceId, pinned) && IsNamed(principal.Name, principal.Id, pinned),
            _ => NamesAccount(principal) && IsNamed(principal.Name, principal.Id, pinned),
        };

    private static bool Contains(ReadOnlySpan<string> names, string? name)
    {
        foreach (var candidate in names)
        {
            if (candidate == name)
            {
                return true;
            }
        }

        return false;
    }

    private bool NamesAccount(RequestPrincipal principal) =>
        _accounts.Length > 0 && (Contains(_accounts, principal.Account) || Contains(_accounts, principal.RootArn));

    // A name that was pinned to a unique id is the caller's only if the id is too: a namesake made later is somebody else.
    private bool IsNamed(string? arn, string? id, IReadOnlyDictionary<string, string>? pinned) =>
        (id is not null && Contains(_ids, id))
        || (arn is not null && Contains(Arns.AsSpan(), arn) && (pinned is null || !pinned.TryGetValue(arn, out var was) || was == id));
}
