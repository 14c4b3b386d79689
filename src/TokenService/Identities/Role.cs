using System.Collections.Immutable;
using NodaTime;

namespace TokenService;

/// <summary>An IAM role: permissions that callers whom its trust policy names can take on for a while.</summary>
/// <remarks>Source: IAM API Reference, <c>Role</c> and <c>RoleDetail</c>. Immutable; a change is a new value in the store.</remarks>
public sealed record Role
{
    /// <summary>The least maximum session duration of a role, and the default: one hour.</summary>
    public static readonly Duration MinMaxSessionDuration = Duration.FromHours(1);

    /// <summary>The greatest maximum session duration of a role: twelve hours.</summary>
    public static readonly Duration MaxMaxSessionDuration = Duration.FromHours(12);

    /// <summary>Describes a role.</summary>
    /// <param name="arn"><c>arn:P:iam::ACCOUNT:role/PATH/NAME</c>.</param>
    /// <param name="id">The unique id (<c>AROA…</c>); sessions stand on it, so a role that is made again under the same name needs a new one.</param>
    /// <param name="trustPolicy">Who may assume the role, read as <see cref="PolicyKind.Trust"/>.</param>
    /// <exception cref="ArgumentException">The ARN is not a role's, or the policy was not read as a trust policy.</exception>
    public Role(Arn arn, string id, PolicyDocument trustPolicy)
    {
        ArgumentNullException.ThrowIfNull(arn);
        ArgumentException.ThrowIfNullOrEmpty(id);
        (Path, Name) = EntityName.Split(arn, "role");
        Arn = arn;
        Id = id;
        TrustPolicy = trustPolicy;
    }

    /// <summary>The role's ARN, path included.</summary>
    public Arn Arn { get; }

    /// <summary>The unique id, <c>AROA…</c>.</summary>
    public string Id { get; }

    /// <summary>The name, unique in its account whatever the letter case.</summary>
    public string Name { get; }

    /// <summary>The path, <c>/</c> or <c>/…/</c>; it is not part of a session's ARN.</summary>
    public string Path { get; }

    /// <summary>The owning account's id.</summary>
    public string Account => Arn.Account;

    /// <summary>Who may assume the role.</summary>
    /// <exception cref="ArgumentException">The policy was not read as a trust policy.</exception>
    public PolicyDocument TrustPolicy
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Kind != PolicyKind.Trust)
            {
                throw new ArgumentException("A role's trust policy is a document that was read as one.", nameof(value));
            }

            field = value;
        }
    }

    /// <summary>The unique ids that the users and roles named in the trust policy had when the role was stored, by their ARNs. A caller
    /// must match both; a namesake that was made later does not. The store fills it in.</summary>
    /// <remarks>Source: IAM User Guide, "AWS JSON policy elements: Principal".</remarks>
    public ImmutableDictionary<string, string> PinnedPrincipals { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The policies that are part of the role.</summary>
    public ImmutableArray<Policy> InlinePolicies { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The managed policies that are attached; each is looked up when a request is decided, and one that is gone denies.</summary>
    public ImmutableArray<Arn> ManagedPolicies { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The managed policy that bounds what the role can do, if any.</summary>
    public Arn? PermissionsBoundary { get; init; }

    /// <summary>The longest session that can be asked for, 1 to 12 hours.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is outside that range.</exception>
    public Duration MaxSessionDuration
    {
        get;
        init => field = value < MinMaxSessionDuration || value > MaxMaxSessionDuration
            ? throw new ArgumentOutOfRangeException(nameof(value), value, "A role's maximum session duration is 1 to 12 hours.")
            : value;
    } = MinMaxSessionDuration;

    /// <summary>The role's tags; keys are unique whatever the letter case. Sessions have them live, under their own.</summary>
    /// <exception cref="ArgumentException">They are more than fifty, two have one key, or a key or value is too long, empty or reserved.</exception>
    public ImmutableArray<Tag> Tags { get; init => field = IdentityTags.Checked(value); } = [];

    /// <summary>Describes a new role, with a new unique id: another one at each call. Where identities are made anew at every start, use the
    /// constructor with a stored id, or <see cref="UniqueId.Derive"/>, or their sessions end with the process.</summary>
    /// <param name="account">The owning account.</param>
    /// <param name="name">The name, 1 to 128 characters of <c>A-Z a-z 0-9 _ + = , . @ -</c>.</param>
    /// <param name="trustPolicy">Who may assume it.</param>
    /// <param name="path">The path, <c>/</c> or <c>/…/</c>.</param>
    /// <returns>The role.</returns>
    /// <exception cref="ArgumentException">The name or the path has not the form of one, or the policy was not read as a trust policy.</exception>
    public static Role Create(Account account, string name, PolicyDocument trustPolicy, string path = "/")
    {
        ArgumentNullException.ThrowIfNull(account);
        return new Role(EntityName.Compose(account, "role", path, name), UniqueId.Create(UniqueId.RolePrefix, account.Id), trustPolicy);
    }
}
