using System.Collections.Immutable;

namespace TokenService;

/// <summary>A group of users, which lends them its policies; it is no principal and has no permissions boundary.</summary>
/// <remarks>Source: IAM API Reference, <c>Group</c> and <c>GroupDetail</c>.</remarks>
public sealed record Group
{
    /// <summary>Describes a group.</summary>
    /// <param name="arn"><c>arn:P:iam::ACCOUNT:group/PATH/NAME</c>.</param>
    /// <exception cref="ArgumentException">The ARN is not a group's.</exception>
    public Group(Arn arn)
    {
        ArgumentNullException.ThrowIfNull(arn);
        (Path, Name) = EntityName.Split(arn, "group");
        Arn = arn;
    }

    /// <summary>The group's ARN.</summary>
    public Arn Arn { get; }

    /// <summary>The name, unique in its account whatever the letter case.</summary>
    public string Name { get; }

    /// <summary>The path, <c>/</c> or <c>/…/</c>.</summary>
    public string Path { get; }

    /// <summary>The owning account's id.</summary>
    public string Account => Arn.Account;

    /// <summary>The policies that are part of the group.</summary>
    public ImmutableArray<Policy> InlinePolicies { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The managed policies that are attached.</summary>
    public ImmutableArray<Arn> ManagedPolicies { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Describes a new group.</summary>
    /// <param name="account">The owning account.</param>
    /// <param name="name">The name, 1 to 128 characters of <c>A-Z a-z 0-9 _ + = , . @ -</c>.</param>
    /// <param name="path">The path, <c>/</c> or <c>/…/</c>.</param>
    /// <returns>The group.</returns>
    /// <exception cref="ArgumentException">The name or the path has not the form of one.</exception>
    public static Group Create(Account account, string name, string path = "/")
    {
        ArgumentNullException.ThrowIfNull(account);
        return new Group(EntityName.Compose(account, "group", path, name));
    }
}
