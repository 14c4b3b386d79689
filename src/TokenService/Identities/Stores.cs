namespace TokenService;

/// <summary>Where accounts are found.</summary>
/// <remarks>A store answers from a snapshot and completes at once where it can; one that is down throws.</remarks>
public interface IAccountStore
{
    /// <summary>Finds an account.</summary>
    /// <param name="accountId">Twelve digits.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The account, or <see langword="null"/>.</returns>
    ValueTask<Account?> FindAccountAsync(string accountId, CancellationToken cancellationToken);
}

/// <summary>Where roles are found.</summary>
/// <remarks>Read on every request of a session: its permissions are what the role says now, and a role that is gone ends its sessions.</remarks>
public interface IRoleStore
{
    /// <summary>Finds a role by its name, whatever its letter case; paths do not count, because names are unique without them.</summary>
    /// <param name="accountId">The owning account.</param>
    /// <param name="roleName">The name.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The role, or <see langword="null"/>.</returns>
    ValueTask<Role?> FindRoleAsync(string accountId, string roleName, CancellationToken cancellationToken);
}

/// <summary>Where users, their groups and all long-term keys are found.</summary>
public interface IUserStore
{
    /// <summary>Finds a user by name, whatever its letter case.</summary>
    /// <param name="accountId">The owning account.</param>
    /// <param name="userName">The name.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The user, or <see langword="null"/>.</returns>
    ValueTask<User?> FindUserAsync(string accountId, string userName, CancellationToken cancellationToken);

    /// <summary>Finds a group by name, whatever its letter case.</summary>
    /// <param name="accountId">The owning account.</param>
    /// <param name="groupName">The name.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The group, or <see langword="null"/>.</returns>
    ValueTask<Group?> FindGroupAsync(string accountId, string groupName, CancellationToken cancellationToken);

    /// <summary>Finds a long-term key, active or not, with the user or the root it belongs to.</summary>
    /// <param name="accessKeyId">The access key id, compared ordinally.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The key and its owner, or <see langword="null"/>.</returns>
    ValueTask<AccessKeyOwner?> FindAccessKeyAsync(string accessKeyId, CancellationToken cancellationToken);
}

/// <summary>Where managed policies are found, an account's own and those that every account can attach.</summary>
public interface IManagedPolicyStore
{
    /// <summary>Finds the default version of a managed policy.</summary>
    /// <param name="policyArn"><c>arn:P:iam::ACCOUNT:policy/PATH/NAME</c>, or <c>arn:P:iam::aws:policy/…</c>.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The policy, or <see langword="null"/>.</returns>
    ValueTask<Policy?> FindPolicyAsync(Arn policyArn, CancellationToken cancellationToken);
}

/// <summary>Where identity providers are found; each belongs to one account.</summary>
public interface IIdentityProviderStore
{
    /// <summary>Finds the OpenID Connect provider of an issuer.</summary>
    /// <param name="accountId">The account that trusts it.</param>
    /// <param name="issuer">The issuer, compared ordinally.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The provider, or <see langword="null"/>.</returns>
    ValueTask<OidcProvider?> FindOidcProviderAsync(string accountId, string issuer, CancellationToken cancellationToken);

    /// <summary>Finds a SAML provider by its name, whatever its letter case.</summary>
    /// <param name="accountId">The account that trusts it.</param>
    /// <param name="providerName">The name.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The provider, or <see langword="null"/>.</returns>
    ValueTask<SamlProvider?> FindSamlProviderAsync(string accountId, string providerName, CancellationToken cancellationToken);

    /// <summary>Finds a provider of opaque access tokens.</summary>
    /// <param name="accountId">The account that trusts it.</param>
    /// <param name="providerId">Its id, such as <c>www.amazon.com</c>.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>The provider, or <see langword="null"/>.</returns>
    ValueTask<OAuth2Provider?> FindOAuth2ProviderAsync(string accountId, string providerId, CancellationToken cancellationToken);
}
