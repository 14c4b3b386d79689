namespace TokenService;

/// <summary>By what sort of name a statement calls a caller, which decides what else has to allow; the greater one prevails.</summary>
/// <remarks>Source: IAM User Guide, "Policy evaluation logic" and "AWS JSON policy elements: Principal".</remarks>
internal enum PrincipalNaming
{
    /// <summary>The caller is not named.</summary>
    None = 0,

    /// <summary>By the account: it may give the permission on to its identities.</summary>
    Delegation,

    /// <summary>By the role or user that the session stands on: its identity policies are not asked, its caps are.</summary>
    LimitedDirect,

    /// <summary>By the caller's own name, or as everybody: nothing else in its account has to allow.</summary>
    Direct,
}

/// <summary>What kind of caller a principal is.</summary>
internal enum PrincipalKind
{
    Anonymous,
    Root,
    User,
    RoleSession,
    FederatedUser,
    Provider,
    Service,
}

/// <summary>The caller as policies may call it: all its names, made once.</summary>
internal sealed class RequestPrincipal
{
    private RequestPrincipal(PrincipalKind kind) => Kind = kind;

    /// <summary>A caller without credentials.</summary>
    internal static RequestPrincipal Anonymous { get; } = new(PrincipalKind.Anonymous);

    internal PrincipalKind Kind { get; }

    /// <summary>The caller's account; <see langword="null"/> for anonymous callers, services and the built-in providers.</summary>
    internal string? Account { get; private init; }

    /// <summary>The ARN of the account's root, which stands for the account.</summary>
    internal string? RootArn { get; private init; }

    /// <summary>The caller's own name: the ARN of the user, session, federated user or provider, or the service's or provider's host name.</summary>
    internal string? Name { get; private init; }

    /// <summary>The bare host name that a built-in provider has besides its ARN.</summary>
    internal string? BuiltInName { get; private init; }

    /// <summary>The caller's own unique id: <c>AIDA…</c>, <c>AROA…:session</c>.</summary>
    internal string? Id { get; private init; }

    /// <summary>The ARN of the role or user that the session stands on, path included.</summary>
    internal string? SourceArn { get; private init; }

    /// <summary>The unique id of that role or user.</summary>
    internal string? SourceId { get; private init; }

    /// <summary>Whether identity policies are asked about the caller: those of a federated user are its maker's, and root has none.</summary>
    internal bool HasIdentityPolicies =>
        Kind is PrincipalKind.User or PrincipalKind.RoleSession || (Kind == PrincipalKind.FederatedUser && SourceArn is not null);

    /// <summary>Whether <c>*</c> names the caller where it allows: everybody, but services and providers, which are only named as such.</summary>
    internal bool IsCalledByStar => Kind is not (PrincipalKind.Provider or PrincipalKind.Service);

    /// <summary>The root of an account, with its key or in a session.</summary>
    internal static RequestPrincipal Root(Arn root) => Of(PrincipalKind.Root, root, null, null, null);

    /// <summary>A user, with a key or in a session of <c>GetSessionToken</c>.</summary>
    internal static RequestPrincipal User(Arn user, string? id) => Of(PrincipalKind.User, user, id, null, null);

    /// <summary>A session of a role.</summary>
    /// <param name="session">The session's ARN, in which the role has no path.</param>
    /// <param name="role">The role's ARN, path included.</param>
    /// <param name="roleId">The role's unique id.</param>
    internal static RequestPrincipal RoleSession(Arn session, Arn role, string? roleId)
    {
        var name = session.Resource[(session.Resource.LastIndexOf('/') + 1)..];
        return Of(PrincipalKind.RoleSession, session, roleId is null ? null : $"{roleId}:{name}", role.ToString(), roleId);
    }

    /// <summary>A federated user.</summary>
    /// <param name="federatedUser">Its ARN.</param>
    /// <param name="issuer">The ARN of the user that made it; <see langword="null"/> where root did.</param>
    /// <param name="issuerId">That user's unique id.</param>
    internal static RequestPrincipal FederatedUser(Arn federatedUser, Arn? issuer, string? issuerId) =>
        Of(PrincipalKind.FederatedUser, federatedUser, null, issuer?.ToString(), issuerId);

    /// <summary>Somebody an identity provider vouches for.</summary>
    /// <param name="name">The provider's ARN, or the host name of a built-in one.</param>
    /// <param name="builtInName">That host name, beside the ARN.</param>
    internal static RequestPrincipal Provider(string name, string? builtInName = null) => new(PrincipalKind.Provider)
    {
        Name = name,
        BuiltInName = builtInName,
        Account = Arn.TryParse(name, out var arn) ? arn.Account : null,
    };

    /// <summary>A service.</summary>
    /// <param name="name">Its name, such as <c>ec2.amazonaws.com</c>.</param>
    internal static RequestPrincipal Service(string name) => new(PrincipalKind.Service) { Name = name };

    private static RequestPrincipal Of(PrincipalKind kind, Arn arn, string? id, string? sourceArn, string? sourceId) => new(kind)
    {
        Account = arn.Account,
        RootArn = kind == PrincipalKind.Root ? arn.ToString() : Arn.Root(arn.Partition, arn.Account).ToString(),
        Name = arn.ToString(),
        Id = id,
        SourceArn = sourceArn,
        SourceId = sourceId,
    };
}
