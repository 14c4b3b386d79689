using StsServer.Seed;
using TokenService;

namespace StsServer;

/// <summary>The stores of the host: what the seed file said when the request began.</summary>
/// <remarks>A request pins the directory it starts on, so that one which is in flight when the file changes sees one state from its first
/// look-up to its last.</remarks>
internal sealed class SeedStore(SeedDirectory first) : IAccountStore, IRoleStore, IUserStore, IManagedPolicyStore, IIdentityProviderStore
{
    private readonly AsyncLocal<SeedDirectory?> _pinned = new();
    private volatile SeedDirectory _current = first;

    /// <summary>The directory of the running request, or where there is none, the newest.</summary>
    internal SeedDirectory Current => _pinned.Value ?? _current;

    private InMemoryIdentityStore Identities => Current.Identities;

    /// <summary>Holds the newest directory for the rest of the running request.</summary>
    internal void Pin() => _pinned.Value = _current;

    /// <summary>Lets requests from now on see another directory.</summary>
    internal void Exchange(SeedDirectory next) => _current = next;

    public ValueTask<Account?> FindAccountAsync(string accountId, CancellationToken cancellationToken) =>
        Identities.FindAccountAsync(accountId, cancellationToken);

    public ValueTask<Role?> FindRoleAsync(string accountId, string roleName, CancellationToken cancellationToken) =>
        Identities.FindRoleAsync(accountId, roleName, cancellationToken);

    public ValueTask<User?> FindUserAsync(string accountId, string userName, CancellationToken cancellationToken) =>
        Identities.FindUserAsync(accountId, userName, cancellationToken);

    public ValueTask<Group?> FindGroupAsync(string accountId, string groupName, CancellationToken cancellationToken) =>
        Identities.FindGroupAsync(accountId, groupName, cancellationToken);

    public ValueTask<AccessKeyOwner?> FindAccessKeyAsync(string accessKeyId, CancellationToken cancellationToken) =>
        Identities.FindAccessKeyAsync(accessKeyId, cancellationToken);

    public ValueTask<Policy?> FindPolicyAsync(Arn policyArn, CancellationToken cancellationToken) =>
        Identities.FindPolicyAsync(policyArn, cancellationToken);

    public ValueTask<OidcProvider?> FindOidcProviderAsync(string accountId, string issuer, CancellationToken cancellationToken) =>
        Identities.FindOidcProviderAsync(accountId, issuer, cancellationToken);

    public ValueTask<SamlProvider?> FindSamlProviderAsync(string accountId, string providerName, CancellationToken cancellationToken) =>
        Identities.FindSamlProviderAsync(accountId, providerName, cancellationToken);

    public ValueTask<OAuth2Provider?> FindOAuth2ProviderAsync(string accountId, string providerId, CancellationToken cancellationToken) =>
        Identities.FindOAuth2ProviderAsync(accountId, providerId, cancellationToken);
}
