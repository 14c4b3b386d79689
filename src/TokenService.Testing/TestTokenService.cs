using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NodaTime.Testing;

namespace TokenService.Testing;

/// <summary>The whole service in memory, for unit tests: the library as a host embeds it, with one account, a clock that stands still until the test moves
/// it, and no way out to any network but fake providers.</summary>
/// <remarks>Nothing of the service is replaced: credentials come of its operations, and what a test's policies do not allow is refused.</remarks>
public sealed class TestTokenService : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly HttpClient _network;

    private readonly ConcurrentQueue<FakeOpenIdProvider> _providers = new();
    private readonly ConcurrentQueue<FakeSamlProvider> _samlProviders = new();

    /// <summary>Builds a service.</summary>
    /// <param name="configure">Sets the options.</param>
    /// <param name="register">Registers the host's own parts; what is registered here, wins.</param>
    public TestTokenService(Action<TemporaryCredentialsOptions>? configure = null, Action<IServiceCollection>? register = null)
    {
        _network = new HttpClient(new FakeNetwork(_providers, new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }));
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(Clock);
        register?.Invoke(services);
        services.AddTemporaryCredentials(configure).UseHttpClient(_ => _network).AddSaml();
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        Store.Put(Account);
    }

    /// <summary>The time: noon UTC on 1 June 2026, until the test moves it.</summary>
    public FakeClock Clock { get; } = new(Instant.FromUtc(2026, 6, 1, 12, 0));

    /// <summary>The account that users, roles and providers are added to.</summary>
    public Account Account { get; } = new("111122223333");

    /// <summary>The identities; more accounts, groups and managed policies go in here.</summary>
    public InMemoryIdentityStore Store => _services.GetRequiredService<InMemoryIdentityStore>();

    /// <summary>The operations.</summary>
    public ITokenIssuer Issuer => _services.GetRequiredService<ITokenIssuer>();

    /// <summary>Who a caller is, by name or by credentials.</summary>
    public Callers Callers => _services.GetRequiredService<Callers>();

    /// <summary>All registered parts.</summary>
    public IServiceProvider Services => _services;

    /// <summary>Adds a user with a long-term key.</summary>
    /// <param name="name">The name.</param>
    /// <param name="policy">What the user may do; nothing where it is absent.</param>
    /// <returns>The user; the key is the first of <see cref="User.AccessKeys"/>.</returns>
    public User AddUser(string name, PolicyDocument? policy = null)
    {
        var user = User.Create(Account, name) with
        {
            AccessKeys = [AccessKey.Create(Account.Id)],
            InlinePolicies = policy is null ? [] : [new Policy("test", null, policy)],
        };
        Store.Put(user);
        return user;
    }

    /// <summary>Adds a role.</summary>
    /// <param name="name">The name.</param>
    /// <param name="trust">Who may assume it.</param>
    /// <param name="policy">What it may do; nothing where it is absent.</param>
    /// <returns>The role.</returns>
    public Role AddRole(string name, PolicyDocument trust, PolicyDocument? policy = null)
    {
        var role = Role.Create(Account, name, trust) with { InlinePolicies = policy is null ? [] : [new Policy("test", null, policy)] };
        Store.Put(role);
        return role;
    }

    /// <summary>Adds an OpenID provider in memory that the account trusts; the service reaches it by discovery.</summary>
    /// <param name="issuer">Its <c>iss</c>.</param>
    /// <param name="clientId">The application that its tokens are for.</param>
    /// <returns>The provider, which this service disposes of.</returns>
    public FakeOpenIdProvider AddOpenIdProvider(string issuer = FakeOpenIdProvider.DefaultIssuer, string clientId = "app")
    {
        var provider = new FakeOpenIdProvider(Clock, issuer, clientId);
        _providers.Enqueue(provider);
        Store.Put(provider.Describe(Account));
        return provider;
    }

    /// <summary>Adds a SAML provider in memory that the account trusts.</summary>
    /// <param name="entityId">What it calls itself.</param>
    /// <param name="name">What the account calls it: <c>saml-provider/NAME</c>.</param>
    /// <returns>The provider, which this service disposes of.</returns>
    public FakeSamlProvider AddSamlProvider(string entityId = FakeSamlProvider.DefaultEntityId, string name = "corp")
    {
        var provider = new FakeSamlProvider(Clock, entityId);
        _samlProviders.Enqueue(provider);
        Store.Put(provider.Describe(Account, name));
        return provider;
    }

    /// <summary>Assumes a role as a user.</summary>
    /// <param name="user">The user.</param>
    /// <param name="role">The role.</param>
    /// <returns>Credentials for an hour.</returns>
    /// <exception cref="StsException">The user may not.</exception>
    public async Task<TemporaryCredentials> AssumeRoleAsync(User user, Role role)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(role);
        var caller = (await Callers.ForUserAsync(user.Account, user.Name).ConfigureAwait(false)).Value;
        var request = new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "test" };
        return (await Issuer.AssumeRoleAsync(caller, request).ConfigureAwait(false)).Value.Credentials;
    }

    /// <summary>Assumes a role with a token of an OpenID provider.</summary>
    /// <param name="webIdentityToken">The token.</param>
    /// <param name="role">The role.</param>
    /// <returns>Credentials for an hour.</returns>
    /// <exception cref="StsException">The token is not accepted, or the role does not trust whom it is about.</exception>
    public async Task<TemporaryCredentials> AssumeRoleAsync(string webIdentityToken, Role role)
    {
        ArgumentNullException.ThrowIfNull(role);
        var request = new AssumeRoleWithWebIdentityRequest
        {
            RoleArn = role.Arn.ToString(),
            RoleSessionName = "test",
            WebIdentityToken = webIdentityToken,
        };
        return (await Issuer.AssumeRoleWithWebIdentityAsync(request).ConfigureAwait(false)).Value.Credentials;
    }

    /// <summary>Assumes a role with a response of a SAML provider.</summary>
    /// <param name="samlResponse">The response in base64.</param>
    /// <param name="role">The role.</param>
    /// <param name="provider">The provider, as the role's account has it.</param>
    /// <returns>Credentials for an hour.</returns>
    /// <exception cref="StsException">The response is not accepted, or does not give the role, or the role does not trust whom it is about.</exception>
    public async Task<TemporaryCredentials> AssumeRoleAsync(string samlResponse, Role role, SamlProvider provider)
    {
        ArgumentNullException.ThrowIfNull(role);
        ArgumentNullException.ThrowIfNull(provider);
        var request = new AssumeRoleWithSamlRequest
        {
            RoleArn = role.Arn.ToString(),
            PrincipalArn = provider.Arn.ToString(),
            SamlAssertion = samlResponse,
        };
        return (await Issuer.AssumeRoleWithSamlAsync(request).ConfigureAwait(false)).Value.Credentials;
    }

    /// <summary>Finds who holds credentials, as the service does for a request that they signed.</summary>
    /// <param name="credentials">The credentials.</param>
    /// <returns>The caller.</returns>
    /// <exception cref="StsException">The credentials have expired, were revoked, or belong to a role or user that is gone.</exception>
    public async Task<Caller> CallerAsync(TemporaryCredentials credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        return (await Callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken)
            .ConfigureAwait(false)).Value;
    }

    /// <summary>Asks whether somebody may do something, by all policies as they are now.</summary>
    /// <param name="credentials">Who asks.</param>
    /// <param name="action">The action, such as <c>reports:Read</c>.</param>
    /// <param name="resource">The resource's ARN.</param>
    /// <returns>Whether it is allowed.</returns>
    /// <exception cref="StsException">The credentials have expired, were revoked, or belong to a role or user that is gone.</exception>
    public async Task<bool> IsAllowedAsync(TemporaryCredentials credentials, string action, string resource) =>
        (await _services.GetRequiredService<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest
        {
            Caller = await CallerAsync(credentials).ConfigureAwait(false),
            Action = action,
            Resource = resource,
        }).ConfigureAwait(false)).IsAllowed;

    /// <summary>Ends the service and the providers that it made.</summary>
    public void Dispose()
    {
        _services.Dispose();
        _network.Dispose();
        foreach (var provider in _providers)
        {
            provider.Dispose();
        }

        foreach (var provider in _samlProviders)
        {
            provider.Dispose();
        }
    }
}
