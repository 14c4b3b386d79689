using System.Collections.Immutable;

namespace TokenService;

/// <summary>An IAM user: a person or a program with a name, long-term keys and policies.</summary>
/// <remarks>Source: IAM API Reference, <c>User</c> and <c>UserDetail</c>. Immutable; a change is a new value in the store.</remarks>
public sealed record User
{
    /// <summary>Describes a user.</summary>
    /// <param name="arn"><c>arn:P:iam::ACCOUNT:user/PATH/NAME</c>.</param>
    /// <param name="id">The unique id (<c>AIDA…</c>); sessions stand on it, so a user that is made again under the same name needs a new one.</param>
    /// <exception cref="ArgumentException">The ARN is not a user's.</exception>
    public User(Arn arn, string id)
    {
        ArgumentNullException.ThrowIfNull(arn);
        ArgumentException.ThrowIfNullOrEmpty(id);
        (Path, Name) = EntityName.Split(arn, "user");
        Arn = arn;
        Id = id;
    }

    /// <summary>The user's ARN.</summary>
    public Arn Arn { get; }

    /// <summary>The unique id, <c>AIDA…</c>.</summary>
    public string Id { get; }

    /// <summary>The name, unique in its account whatever the letter case.</summary>
    public string Name { get; }

    /// <summary>The path, <c>/</c> or <c>/…/</c>.</summary>
    public string Path { get; }

    /// <summary>The owning account's id.</summary>
    public string Account => Arn.Account;

    /// <summary>The user's long-term keys.</summary>
    public ImmutableArray<AccessKey> AccessKeys { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The names of the groups whose policies the user has.</summary>
    public ImmutableArray<string> Groups { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The policies that are part of the user.</summary>
    public ImmutableArray<Policy> InlinePolicies { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The managed policies that are attached; each is looked up when a request is decided, and one that is gone denies.</summary>
    public ImmutableArray<Arn> ManagedPolicies { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The managed policy that bounds what the user can do, if any.</summary>
    public Arn? PermissionsBoundary { get; init; }

    /// <summary>The user's tags; keys are unique whatever the letter case.</summary>
    /// <exception cref="ArgumentException">They are more than fifty, two have one key, or a key or value is too long, empty or reserved.</exception>
    public ImmutableArray<Tag> Tags { get; init => field = IdentityTags.Checked(value); } = [];

    /// <summary>The user's multi-factor devices; a code of any of them will do.</summary>
    public ImmutableArray<MfaDevice> MfaDevices { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Describes a new user, with a new unique id: another one at each call. Where identities are made anew at every start, use the
    /// constructor with a stored id, or <see cref="UniqueId.Derive"/>, or their sessions end with the process.</summary>
    /// <param name="account">The owning account.</param>
    /// <param name="name">The name, 1 to 128 characters of <c>A-Z a-z 0-9 _ + = , . @ -</c>.</param>
    /// <param name="path">The path, <c>/</c> or <c>/…/</c>.</param>
    /// <returns>The user.</returns>
    /// <exception cref="ArgumentException">The name or the path has not the form of one.</exception>
    public static User Create(Account account, string name, string path = "/")
    {
        ArgumentNullException.ThrowIfNull(account);
        return new User(EntityName.Compose(account, "user", path, name), UniqueId.Create(UniqueId.UserPrefix, account.Id));
    }
}
