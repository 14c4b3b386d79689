using NodaTime;

namespace TokenService;

/// <summary>What kind of caller made a request.</summary>
public enum CallerKind
{
    /// <summary>A user with a long-term key.</summary>
    User,

    /// <summary>An account's root with a long-term key.</summary>
    Root,

    /// <summary>A session of a role.</summary>
    RoleSession,

    /// <summary>A user's session from <c>GetSessionToken</c>.</summary>
    UserSession,

    /// <summary>A root's session from <c>GetSessionToken</c>.</summary>
    RootSession,

    /// <summary>A federated user's session.</summary>
    FederatedUser,

    /// <summary>A session of <c>AssumeRoot</c>.</summary>
    AssumedRoot,

    /// <summary>A session of <c>GetDelegatedAccessToken</c>.</summary>
    Delegated,
}

/// <summary>Who makes a request: a user, an account's root, or a session, with the identity it stands on as the store knew it then.</summary>
/// <remarks>Comes from the <see cref="RequestAuthenticator"/> or from <see cref="Callers"/>, and cannot be made otherwise. Good for the request it
/// was made for: whether a session has expired, was revoked or lost its identity is looked at when the caller is made, so do not keep one.</remarks>
public sealed class Caller
{
    private Caller(CallerKind kind, Account account, string? accessKeyId, User? user, Role? role, Session? session)
    {
        Kind = kind;
        Account = account;
        AccessKeyId = accessKeyId;
        User = user;
        Role = role;
        Session = session;
    }

    /// <summary>What kind of caller it is.</summary>
    public CallerKind Kind { get; }

    /// <summary>The caller's account.</summary>
    public Account Account { get; }

    /// <summary>The key that signed the request, where one did.</summary>
    public string? AccessKeyId { get; }

    /// <summary>The user, for the kinds that stand on one; for a federated user the one that made it, for a delegated session the approver.</summary>
    public User? User { get; }

    /// <summary>The role, for a role session and for a delegated session that one approved.</summary>
    public Role? Role { get; }

    /// <summary>The session, for callers with temporary credentials.</summary>
    public Session? Session { get; }

    /// <summary>The caller's ARN as <c>GetCallerIdentity</c> gives it: for a role session that of the session.</summary>
    public Arn Arn => field ??= Standing switch
    {
        CallerKind.RoleSession => Arn.AssumedRole(Role!.Arn.Partition, Role.Account, Role.Name, Session!.Name),
        CallerKind.FederatedUser => Arn.FederatedUser(Account.Partition, Account.Id, Session!.Name),
        CallerKind.User or CallerKind.UserSession => User!.Arn,
        CallerKind.Root or CallerKind.RootSession or CallerKind.AssumedRoot => Account.RootArn,
        _ => throw Unsupported(),
    };

    /// <summary>The ARN that <c>aws:PrincipalArn</c> has: for a role session that of the role, path included.</summary>
    /// <remarks>Source: IAM User Guide, "Global condition context keys".</remarks>
    public Arn PrincipalArn => Standing switch
    {
        CallerKind.RoleSession => Role!.Arn,
        _ => Arn,
    };

    /// <summary>The unique id as <c>aws:userid</c> has it: <c>AIDA…</c>, <c>AROA…:session</c>, <c>ACCOUNT:name</c>, or the account id of a
    /// root.</summary>
    public string UserId => field ??= Standing switch
    {
        CallerKind.RoleSession => $"{Role!.Id}:{Session!.Name}",
        CallerKind.FederatedUser => $"{Account.Id}:{Session!.Name}",
        CallerKind.User or CallerKind.UserSession => User!.Id,
        CallerKind.Root or CallerKind.RootSession or CallerKind.AssumedRoot => Account.Id,
        _ => throw Unsupported(),
    };

    /// <summary>Whose names and permissions the caller has: a delegated session those of its approver, every other caller its own.</summary>
    internal CallerKind Standing => Kind != CallerKind.Delegated ? Kind : Session?.Approver switch
    {
        SessionKind.User => CallerKind.UserSession,
        SessionKind.Role => CallerKind.RoleSession,
        SessionKind.Root => CallerKind.RootSession,
        _ => throw Unsupported(),
    };

    /// <summary>What <c>aws:PrincipalType</c> has: <c>User</c>, <c>AssumedRole</c>, <c>FederatedUser</c>, or <c>Account</c> for a root.</summary>
    /// <remarks>Source: IAM User Guide, "Principal key values".</remarks>
    public string PrincipalType => Standing switch
    {
        CallerKind.User or CallerKind.UserSession => "User",
        CallerKind.RoleSession => "AssumedRole",
        CallerKind.FederatedUser => "FederatedUser",
        CallerKind.Root or CallerKind.RootSession or CallerKind.AssumedRoot => "Account",
        _ => throw Unsupported(),
    };

    /// <summary>The unique id of the identity that the caller stands on, one for all of its sessions: that of the role or user (for a federated
    /// user, of the one that made it), or the account id of a root.</summary>
    public string PrincipalId => Role?.Id ?? User?.Id ?? Account.Id;

    /// <summary>The names by which policies may call the caller.</summary>
    internal RequestPrincipal Principal => field ??= Standing switch
    {
        CallerKind.User or CallerKind.UserSession => RequestPrincipal.User(User!.Arn, User.Id),
        CallerKind.RoleSession => RequestPrincipal.RoleSession(Arn, Role!.Arn, Role.Id),
        CallerKind.FederatedUser => RequestPrincipal.FederatedUser(Arn, User?.Arn, User?.Id),
        CallerKind.Root or CallerKind.RootSession or CallerKind.AssumedRoot => RequestPrincipal.Root(Account.RootArn),

        // A root may do everything in its account; no kind becomes one by being forgotten here.
        _ => throw Unsupported(),
    };

    /// <summary>Whether the caller's session is over at an instant; a caller without a session does not end.</summary>
    internal bool HasEnded(Instant now) => Session is { } session && now >= session.ExpiresAt;

    internal static Caller ForUser(Account account, User user, string? accessKeyId) =>
        new(CallerKind.User, account, accessKeyId, user, null, null);

    internal static Caller ForRoot(Account account, string? accessKeyId) => new(CallerKind.Root, account, accessKeyId, null, null, null);

    internal static Caller ForRoleSession(Account account, Role role, Session session) =>
        new(CallerKind.RoleSession, account, session.AccessKeyId, null, role, session);

    internal static Caller ForUserSession(Account account, User user, Session session) =>
        new(CallerKind.UserSession, account, session.AccessKeyId, user, null, session);

    internal static Caller ForRootSession(Account account, Session session) =>
        new(CallerKind.RootSession, account, session.AccessKeyId, null, null, session);

    internal static Caller ForAssumedRoot(Account account, Session session) =>
        new(CallerKind.AssumedRoot, account, session.AccessKeyId, null, null, session);

    /// <param name="account">The account.</param>
    /// <param name="issuer">The user whose permissions bound the federated user's; <see langword="null"/> where root made it.</param>
    /// <param name="session">The session.</param>
    internal static Caller ForFederatedUser(Account account, User? issuer, Session session) =>
        new(CallerKind.FederatedUser, account, session.AccessKeyId, issuer, null, session);

    /// <param name="account">The approver's account.</param>
    /// <param name="user">The approver, where it is a user.</param>
    /// <param name="role">The approver, where it is a session of a role.</param>
    /// <param name="session">The session, which tells what the approver is.</param>
    internal static Caller ForDelegated(Account account, User? user, Role? role, Session session) =>
        new(CallerKind.Delegated, account, session.AccessKeyId, user, role, session);

    private NotSupportedException Unsupported() => new($"Nobody is a caller of the kind {Kind} yet.");
}
