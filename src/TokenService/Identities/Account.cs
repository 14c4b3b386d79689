using System.Collections.Immutable;
using System.Globalization;

namespace TokenService;

/// <summary>An account: the owner of users, roles and resources, and its root user.</summary>
public sealed record Account
{
    /// <summary>Describes an account.</summary>
    /// <param name="id">Twelve digits.</param>
    /// <param name="partition">The partition it lives in, such as <c>aws</c>.</param>
    /// <exception cref="ArgumentException">The id is not twelve digits.</exception>
    /// <exception cref="FormatException">The partition cannot stand in an ARN.</exception>
    public Account(string id, string partition = "aws")
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!AccountId.IsValid(id))
        {
            throw new ArgumentException("An account id is twelve digits.", nameof(id));
        }

        Id = id;
        Number = ulong.Parse(id, CultureInfo.InvariantCulture);
        RootArn = Arn.Root(partition, id);
    }

    /// <summary>The account's id, twelve digits.</summary>
    public string Id { get; }

    /// <summary>The partition the account lives in.</summary>
    public string Partition => RootArn.Partition;

    /// <summary>The root user's ARN, <c>arn:P:iam::ACCOUNT:root</c>.</summary>
    public Arn RootArn { get; }

    /// <summary>The root user's long-term keys.</summary>
    public ImmutableArray<AccessKey> RootAccessKeys { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The organization that the account belongs to, <c>aws:PrincipalOrgID</c>, if any.</summary>
    public string? OrganizationId { get; init; }

    /// <summary>Where in the organization the account is, <c>aws:PrincipalOrgPaths</c>, such as <c>o-a/r-b/ou-c/</c>.</summary>
    public ImmutableArray<string> OrganizationPaths { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Whether users and roles of this account may ask for sessions of the roots of the organization's other accounts, with
    /// <c>AssumeRoot</c>: the management account, or the one that it delegates this to, where root access is managed centrally.</summary>
    /// <value><see langword="false"/> where nothing else is said. The roots of accounts that have this are never assumed.</value>
    public bool ManagesMemberRoots { get; init; }

    /// <summary>Whether users and roles of this account may ask for web identity tokens, with <c>GetWebIdentityToken</c>, and the account's issuer
    /// is published.</summary>
    /// <value><see langword="true"/> where nothing else is said. It counts where the host is an OpenID provider at all
    /// (the option <c>PublicAddress</c>).</value>
    public bool IssuesWebIdentityTokens { get; init; } = true;

    /// <summary>What bounds every identity of the account, its root too: each of them must allow.</summary>
    public ImmutableArray<Policy> ServiceControlPolicies { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What bounds every access to the account's resources, whoever asks: each of them must allow.</summary>
    public ImmutableArray<Policy> ResourceControlPolicies { get; init => field = value.IsDefault ? [] : value; } = [];

    internal ulong Number { get; }
}
