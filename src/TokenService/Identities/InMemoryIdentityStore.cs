using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace TokenService;

/// <summary>Accounts, users, groups, roles, managed policies and identity providers in memory; they can change while requests run.</summary>
/// <remarks>Reading takes no lock and completes at once. Each <c>Put</c> replaces what has the same name; names are compared whatever their
/// letter case, as IAM does. To exchange everything at once, fill a second store and let the host point to that one.</remarks>
public sealed class InMemoryIdentityStore : IAccountStore, IRoleStore, IUserStore, IManagedPolicyStore, IIdentityProviderStore
{
    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<EntityKey, User> _users = new(EntityKey.Comparer);
    private readonly ConcurrentDictionary<EntityKey, Group> _groups = new(EntityKey.Comparer);
    private readonly ConcurrentDictionary<EntityKey, Role> _roles = new(EntityKey.Comparer);
    private readonly ConcurrentDictionary<Arn, Policy> _policies = new();
    private readonly ConcurrentDictionary<ProviderKey, OidcProvider> _oidcProviders = new();
    private readonly ConcurrentDictionary<EntityKey, SamlProvider> _samlProviders = new(EntityKey.Comparer);
    private readonly ConcurrentDictionary<ProviderKey, OAuth2Provider> _oauth2Providers = new();
    private readonly ConcurrentDictionary<string, AccessKeyOwner> _accessKeys = new(StringComparer.Ordinal);
    private readonly Lock _changes = new();

    /// <summary>Adds an account, or replaces it together with its root's keys.</summary>
    /// <param name="account">The account.</param>
    /// <exception cref="ArgumentException">One of the keys belongs to somebody else.</exception>
    public void Put(Account account)
    {
        ArgumentNullException.ThrowIfNull(account);
        lock (_changes)
        {
            var earlier = _accounts.GetValueOrDefault(account.Id);
            ExchangeKeys(earlier?.RootAccessKeys ?? [], account.RootAccessKeys, key => new AccessKeyOwner(key, account, null));
            _accounts[account.Id] = account;

            // The keys of the account's users lead to the account as it is from now on, its control policies above all.
            foreach (var user in _users.Values.Where(user => user.Account == account.Id))
            {
                ExchangeKeys(user.AccessKeys, user.AccessKeys, key => new AccessKeyOwner(key, account, user));
            }
        }
    }

    /// <summary>Adds a user, or replaces it together with its keys.</summary>
    /// <param name="user">The user; its account must be here already.</param>
    /// <exception cref="ArgumentException">The account is unknown, or one of the keys belongs to somebody else.</exception>
    public void Put(User user)
    {
        ArgumentNullException.ThrowIfNull(user);
        lock (_changes)
        {
            var account = Owner(user.Arn);
            var earlier = _users.GetValueOrDefault(new EntityKey(user.Account, user.Name));
            ExchangeKeys(earlier?.AccessKeys ?? [], user.AccessKeys, key => new AccessKeyOwner(key, account, user));
            _users[new EntityKey(user.Account, user.Name)] = user;
        }
    }

    /// <summary>Adds or replaces a group.</summary>
    /// <param name="group">The group; its account must be here already.</param>
    /// <exception cref="ArgumentException">The account is unknown.</exception>
    public void Put(Group group)
    {
        ArgumentNullException.ThrowIfNull(group);
        Owner(group.Arn);
        _groups[new EntityKey(group.Account, group.Name)] = group;
    }

    /// <summary>Adds or replaces a role, and pins the users and roles that its trust policy names to the ones that are here now. Pins that a new
    /// role brings along, and those of a role whose trust policy stays as it was, are kept.</summary>
    /// <param name="role">The role; its account must be here already. Put what it trusts first, or it stays matched by name alone.</param>
    /// <exception cref="ArgumentException">The account is unknown.</exception>
    public void Put(Role role)
    {
        ArgumentNullException.ThrowIfNull(role);
        lock (_changes)
        {
            Owner(role.Arn);
            var key = new EntityKey(role.Account, role.Name);
            var earlier = _roles.GetValueOrDefault(key) is { } stored && stored.Id == role.Id ? stored : null;
            var kept = earlier is null ? role.PinnedPrincipals
                : earlier.TrustPolicy.Text == role.TrustPolicy.Text ? earlier.PinnedPrincipals
                : ImmutableDictionary<string, string>.Empty;
            _roles[key] = role with { PinnedPrincipals = Pin(role, kept) };
        }
    }

    /// <summary>Adds or replaces a managed policy.</summary>
    /// <param name="policy">The policy; it has an ARN.</param>
    /// <exception cref="ArgumentException">The policy has no ARN.</exception>
    public void Put(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policies[policy.Arn ?? throw new ArgumentException("A managed policy has an ARN.", nameof(policy))] = policy;
    }

    /// <summary>Adds an OpenID Connect provider, or replaces that of the same issuer in the same account.</summary>
    /// <param name="provider">The provider; its account must be here already.</param>
    /// <exception cref="ArgumentException">The account is unknown.</exception>
    public void Put(OidcProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        Owner(provider.Arn);
        _oidcProviders[new ProviderKey(provider.Arn.Account, provider.Issuer)] = provider;
    }

    /// <summary>Adds a provider of opaque access tokens, or replaces it.</summary>
    /// <param name="provider">The provider; its account must be here already.</param>
    /// <exception cref="ArgumentException">The account is unknown.</exception>
    public void Put(OAuth2Provider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        Owner(provider.ProviderArn);
        _oauth2Providers[new ProviderKey(provider.Account, provider.Id)] = provider;
    }

    /// <summary>Adds a SAML provider, or replaces that of the same name in the same account.</summary>
    /// <param name="provider">The provider; its account must be here already.</param>
    /// <exception cref="ArgumentException">The account is unknown.</exception>
    public void Put(SamlProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        Owner(provider.Arn);
        _samlProviders[new EntityKey(provider.Arn.Account, provider.Name)] = provider;
    }

    /// <summary>Removes a SAML provider: its assertions are accepted no more. Sessions that began with one go on.</summary>
    /// <param name="accountId">The account that trusted it.</param>
    /// <param name="providerName">The name.</param>
    /// <returns>Whether there was one.</returns>
    public bool RemoveSamlProvider(string accountId, string providerName) => _samlProviders.TryRemove(new EntityKey(accountId, providerName), out _);

    /// <summary>Removes an OpenID Connect provider: its tokens are accepted no more. Sessions that began with one go on.</summary>
    /// <param name="accountId">The account that trusted it.</param>
    /// <param name="issuer">The issuer.</param>
    /// <returns>Whether there was one.</returns>
    public bool RemoveOidcProvider(string accountId, string issuer) => _oidcProviders.TryRemove(new ProviderKey(accountId, issuer), out _);

    /// <summary>Removes a user, its keys, and with them every session that stood on it.</summary>
    /// <param name="accountId">The owning account.</param>
    /// <param name="userName">The name.</param>
    /// <returns>Whether there was one.</returns>
    public bool RemoveUser(string accountId, string userName)
    {
        lock (_changes)
        {
            if (!_users.TryRemove(new EntityKey(accountId, userName), out var user))
            {
                return false;
            }

            ExchangeKeys(user.AccessKeys, [], key => throw new InvalidOperationException($"The key {key.Id} has no owner."));
            return true;
        }
    }

    /// <summary>Removes a role, and with it every session that stood on it.</summary>
    /// <param name="accountId">The owning account.</param>
    /// <param name="roleName">The name.</param>
    /// <returns>Whether there was one.</returns>
    public bool RemoveRole(string accountId, string roleName) => _roles.TryRemove(new EntityKey(accountId, roleName), out _);

    /// <summary>Removes a group.</summary>
    /// <param name="accountId">The owning account.</param>
    /// <param name="groupName">The name.</param>
    /// <returns>Whether there was one.</returns>
    public bool RemoveGroup(string accountId, string groupName) => _groups.TryRemove(new EntityKey(accountId, groupName), out _);

    /// <summary>Removes a managed policy; whoever has it attached is denied everything until it is detached.</summary>
    /// <param name="policyArn">The policy's ARN.</param>
    /// <returns>Whether there was one.</returns>
    public bool RemovePolicy(Arn policyArn) => _policies.TryRemove(policyArn, out _);

    /// <inheritdoc/>
    public ValueTask<Account?> FindAccountAsync(string accountId, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_accounts.GetValueOrDefault(accountId));

    /// <inheritdoc/>
    public ValueTask<Role?> FindRoleAsync(string accountId, string roleName, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_roles.GetValueOrDefault(new EntityKey(accountId, roleName)));

    /// <inheritdoc/>
    public ValueTask<User?> FindUserAsync(string accountId, string userName, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_users.GetValueOrDefault(new EntityKey(accountId, userName)));

    /// <inheritdoc/>
    public ValueTask<Group?> FindGroupAsync(string accountId, string groupName, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_groups.GetValueOrDefault(new EntityKey(accountId, groupName)));

    /// <inheritdoc/>
    public ValueTask<AccessKeyOwner?> FindAccessKeyAsync(string accessKeyId, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_accessKeys.GetValueOrDefault(accessKeyId));

    /// <inheritdoc/>
    public ValueTask<Policy?> FindPolicyAsync(Arn policyArn, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_policies.GetValueOrDefault(policyArn));

    /// <inheritdoc/>
    public ValueTask<OidcProvider?> FindOidcProviderAsync(string accountId, string issuer, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_oidcProviders.GetValueOrDefault(new ProviderKey(accountId, issuer)));

    /// <inheritdoc/>
    public ValueTask<SamlProvider?> FindSamlProviderAsync(string accountId, string providerName, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_samlProviders.GetValueOrDefault(new EntityKey(accountId, providerName)));

    /// <inheritdoc/>
    public ValueTask<OAuth2Provider?> FindOAuth2ProviderAsync(string accountId, string providerId, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_oauth2Providers.GetValueOrDefault(new ProviderKey(accountId, providerId)));

    private Account Owner(Arn arn) =>
        _accounts.TryGetValue(arn.Account, out var account) && account.Partition == arn.Partition
            ? account
            : throw new ArgumentException($"The account of {arn} is not in the store.", nameof(arn));

    private void ExchangeKeys(ImmutableArray<AccessKey> earlier, ImmutableArray<AccessKey> later, Func<AccessKey, AccessKeyOwner> owner)
    {
        foreach (var key in later)
        {
            if (_accessKeys.ContainsKey(key.Id) && !earlier.Any(mine => mine.Id == key.Id))
            {
                throw new ArgumentException($"The access key {key.Id} belongs to somebody else.", nameof(later));
            }
        }

        foreach (var key in later)
        {
            _accessKeys[key.Id] = owner(key);
        }

        foreach (var key in earlier)
        {
            if (!later.Any(kept => kept.Id == key.Id))
            {
                _accessKeys.TryRemove(key.Id, out _);
            }
        }
    }

    private ImmutableDictionary<string, string> Pin(Role role, ImmutableDictionary<string, string> kept)
    {
        var pins = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var name in role.TrustPolicy.PrincipalArns)
        {
            if (kept.TryGetValue(name, out var id) || (Arn.TryParse(name, out var arn) && (id = UniqueIdOf(arn, role)) is not null))
            {
                pins[name] = id;
            }
        }

        return pins.ToImmutable();
    }

    private string? UniqueIdOf(Arn arn, Role itself)
    {
        if (arn == itself.Arn)
        {
            return itself.Id;
        }

        var name = arn.Resource[(arn.Resource.LastIndexOf('/') + 1)..];
        var key = new EntityKey(arn.Account, name);
        return _users.TryGetValue(key, out var user) && user.Arn == arn ? user.Id
            : _roles.TryGetValue(key, out var role) && role.Arn == arn ? role.Id
            : null;
    }

    private readonly record struct ProviderKey(string Account, string Name);

    private readonly record struct EntityKey(string Account, string Name)
    {
        internal static readonly IEqualityComparer<EntityKey> Comparer = EqualityComparer<EntityKey>.Create(
            (left, right) => left.Account == right.Account && string.Equals(left.Name, right.Name, StringComparison.OrdinalIgnoreCase),
            key => HashCode.Combine(
                string.GetHashCode(key.Account, StringComparison.Ordinal), string.GetHashCode(key.Name, StringComparison.OrdinalIgnoreCase)));
    }
}
