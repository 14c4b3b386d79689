using System.Collections.Immutable;
using NodaTime;
using TokenService;

namespace StsServer.Seed;

/// <summary>What a seed file says, each part with its place: read for form, not yet for sense.</summary>
internal sealed record SeedDocument(
    ImmutableArray<SeedAccount> Accounts, ImmutableArray<SeedManagedPolicy> AwsManagedPolicies, SeedOrganization? Organization);

/// <summary>Something named by its name elsewhere in the file.</summary>
internal sealed record SeedReference(string Place, string Text);

internal sealed record SeedAccount(string Place, Account Account)
{
    internal ImmutableArray<SeedEntity> Users { get; init; } = [];

    internal ImmutableArray<SeedEntity> Groups { get; init; } = [];

    internal ImmutableArray<SeedEntity> Roles { get; init; } = [];

    internal ImmutableArray<SeedManagedPolicy> Policies { get; init; } = [];

    internal ImmutableArray<SeedAccessKey> AccessKeys { get; init; } = [];

    internal ImmutableArray<SeedMfaDevice> MfaDevices { get; init; } = [];

    internal ImmutableArray<SeedOidcProvider> OidcProviders { get; init; } = [];

    internal ImmutableArray<SeedSamlProvider> SamlProviders { get; init; } = [];
}

/// <summary>A user, a group or a role; what a kind does not have stays empty.</summary>
internal sealed record SeedEntity(string Place, string Name, Arn Arn)
{
    /// <summary>The unique id that the file gives, if it does.</summary>
    internal SeedReference? Id { get; init; }

    internal ImmutableArray<Policy> InlinePolicies { get; init; } = [];

    internal ImmutableArray<SeedReference> ManagedPolicies { get; init; } = [];

    internal SeedReference? PermissionsBoundary { get; init; }

    internal ImmutableArray<Tag> Tags { get; init; } = [];

    internal ImmutableArray<SeedReference> Groups { get; init; } = [];

    /// <summary>A role's trust policy; absent, and reported, where it could not be read.</summary>
    internal PolicyDocument? TrustPolicy { get; init; }

    internal Duration MaxSessionDuration { get; init; } = Role.MinMaxSessionDuration;
}

/// <summary>A managed policy; its document is absent, and reported, where it could not be read.</summary>
internal sealed record SeedManagedPolicy(string Place, string Name, Arn Arn, PolicyDocument? Document);

/// <summary>A long-term key; the key is absent, and reported, where it could not be read.</summary>
internal sealed record SeedAccessKey(string Place, string UserName, string Id, AccessKey? Key)
{
    /// <summary>How AWS's credential report spells the root user.</summary>
    internal const string RootUserName = "<root_account>";
}

/// <summary>A multi-factor device; its seed is sealed as soon as it is read.</summary>
internal sealed record SeedMfaDevice(string Place, string UserName, MfaDevice Device);

internal sealed record SeedOidcProvider(string Place, OidcProvider Provider);

internal sealed record SeedSamlProvider(string Place, SamlProvider Provider);

/// <summary>Which of the accounts belong together, and whose users and roles may ask for the roots of the others.</summary>
internal sealed record SeedOrganization(
    string Place,
    string Id,
    string ManagementAccountId,
    ImmutableArray<SeedReference> DelegatedAdministrators,
    ImmutableArray<SeedReference> MemberAccountIds)
{
    /// <summary>Whether an account belongs to it.</summary>
    internal bool Has(string accountId) => Manages(accountId) || MemberAccountIds.Any(member => member.Text == accountId);

    /// <summary>Whether an account may assume the roots of the others: the management account, and those that it delegates to.</summary>
    internal bool Manages(string accountId) =>
        ManagementAccountId == accountId || DelegatedAdministrators.Any(administrator => administrator.Text == accountId);
}
