using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NodaTime;

namespace TokenService;

/// <summary>Registers the service and its parts with a host.</summary>
public static class TemporaryCredentialsServiceCollectionExtensions
{
    /// <summary>Adds <see cref="ITokenIssuer"/>, <see cref="RequestAuthenticator"/>, <see cref="IAuthorizer"/>, <see cref="AuthorizationMessages"/>,
    /// <see cref="TradeInTokens"/>, <see cref="WebIdentityIssuer"/>, <see cref="Callers"/>, <see cref="Revoker"/> and what they stand on. What the host registered before, wins; the stores that it did not are
    /// one <see cref="InMemoryIdentityStore"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder, for further parts.</returns>
    public static TemporaryCredentialsBuilder AddTemporaryCredentials(
        this IServiceCollection services, Action<TemporaryCredentialsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<TemporaryCredentialsOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<TemporaryCredentialsOptions>, TemporaryCredentialsOptionsValidator>());
        services.TryAddSingleton<IClock>(SystemClock.Instance);

        // Seams: whatever the host put in their place stays.
        services.TryAddSingleton<InMemoryIdentityStore>();
        services.TryAddSingleton<IAccountStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
        services.TryAddSingleton<IUserStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
        services.TryAddSingleton<IRoleStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
        services.TryAddSingleton<IManagedPolicyStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
        services.TryAddSingleton<IIdentityProviderStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
        services.TryAddSingleton(CreateKeyRing);
        services.TryAddSingleton<ITrustPolicyEvaluator>(provider => new TrustPolicyEvaluator(
            provider.GetRequiredService<CallerPolicies>(), provider.GetRequiredService<IAccountStore>(), provider.GetRequiredService<IClock>()));
        services.TryAddSingleton<IAuthorizer>(provider => new Authorizer(
            provider.GetRequiredService<CallerPolicies>(), provider.GetRequiredService<IAccountStore>(), provider.GetRequiredService<IClock>(), Logger(provider)));
        services.TryAddSingleton<IReplayGuard>(provider => new InMemoryReplayGuard(provider.GetRequiredService<IClock>()));
        services.TryAddSingleton<IAttemptLimiter>(provider => new InMemoryAttemptLimiter(provider.GetRequiredService<IClock>()));
        services.TryAddSingleton<IRevocationList>(provider => new InMemoryRevocationList(provider.GetRequiredService<IClock>()));
        services.TryAddSingleton<IMfaVerifier>(provider => provider.GetRequiredService<TotpMfaVerifier>());

        AddOidc(services);

        // Stations.
        services.TryAddSingleton<MfaSecretSealer>();
        services.TryAddSingleton(provider => new TotpMfaVerifier(
            provider.GetRequiredService<MfaSecretSealer>(),
            provider.GetRequiredService<IAttemptLimiter>(),
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new MfaEnrollment(
            provider.GetRequiredService<MfaSecretSealer>(), provider.GetRequiredService<IReplayGuard>(), provider.GetRequiredService<IClock>()));
        services.TryAddSingleton(provider => new RequestThrottle(
            provider.GetRequiredService<IOptions<TemporaryCredentialsOptions>>().Value.Throttling, provider.GetRequiredService<IClock>(), Logger(provider)));
        services.TryAddSingleton<SessionPolicyCache>();
        services.TryAddSingleton<CallerPolicies>();
        services.TryAddSingleton<LiveIdentities>();
        services.TryAddSingleton<TokenSealer>();
        services.TryAddSingleton(provider => new CredentialDirectory(
            provider.GetRequiredService<IUserStore>(),
            provider.GetRequiredService<LiveIdentities>(),
            provider.GetRequiredService<TokenSealer>(),
            provider.GetRequiredService<IRevocationList>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton<AuthorizationMessageSealer>();
        services.TryAddSingleton<TradeInTokenSealer>();
        services.TryAddSingleton(provider => new WebIdentityIssuer(
            PublicAddress(provider.GetRequiredService<IOptions<TemporaryCredentialsOptions>>().Value),
            provider.GetRequiredService<IKeyRing>(),
            provider.GetRequiredService<IAccountStore>()));
        services.TryAddSingleton(provider => new SessionMint(
            provider.GetRequiredService<TokenSealer>(),
            provider.GetRequiredService<IOptions<TemporaryCredentialsOptions>>().Value.PackedPolicyBudget,
            provider.GetRequiredService<IClock>(),
            Logger(provider)));

        // Operations.
        services.TryAddSingleton(provider => new AssumeRole(
            provider.GetRequiredService<IRoleStore>(),
            provider.GetRequiredService<IAccountStore>(),
            provider.GetRequiredService<ITrustPolicyEvaluator>(),
            provider.GetRequiredService<IMfaVerifier>(),
            provider.GetRequiredService<SessionPolicies>(),
            provider.GetRequiredService<SessionMint>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new FederatedSignIn(
            provider.GetRequiredService<IRoleStore>(),
            provider.GetRequiredService<IAccountStore>(),
            provider.GetRequiredService<ITrustPolicyEvaluator>(),
            provider.GetRequiredService<SessionPolicies>(),
            provider.GetRequiredService<SessionMint>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new AssumeRoleWithSaml(
            provider.GetRequiredService<IIdentityProviderStore>(),
            provider.GetService<ISamlValidator>(),
            provider.GetRequiredService<FederatedSignIn>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new AssumeRoleWithWebIdentity(
            provider.GetRequiredService<IOidcValidator>(),
            provider.GetRequiredService<IOAuth2TokenValidator>(),
            provider.GetRequiredService<FederatedSignIn>(),
            provider.GetRequiredService<WebIdentityIssuer>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new AssumeRoot(
            provider.GetRequiredService<IAccountStore>(),
            provider.GetRequiredService<CallerPolicies>(),
            provider.GetRequiredService<SessionMint>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new GetSessionToken(
            provider.GetRequiredService<IMfaVerifier>(),
            provider.GetRequiredService<SessionMint>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new GetFederationToken(
            provider.GetRequiredService<IAuthorizer>(),
            provider.GetRequiredService<SessionPolicies>(),
            provider.GetRequiredService<SessionMint>(),
            Logger(provider)));
        services.TryAddSingleton<SessionPolicies>();
        services.TryAddSingleton<OperationPermissions>();
        services.TryAddSingleton(provider => new GetAccessKeyInfo(
            provider.GetRequiredService<IUserStore>(), provider.GetRequiredService<OperationPermissions>(), Logger(provider)));
        services.TryAddSingleton(provider => new DecodeAuthorizationMessage(
            provider.GetRequiredService<AuthorizationMessageSealer>(),
            provider.GetRequiredService<OperationPermissions>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));

        services.TryAddSingleton(provider => new GetDelegatedAccessToken(
            provider.GetRequiredService<TradeInTokenSealer>(),
            provider.GetRequiredService<IAuthorizer>(),
            provider.GetRequiredService<IRevocationList>(),
            provider.GetRequiredService<LiveIdentities>(),
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<SessionMint>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new GetWebIdentityToken(
            provider.GetRequiredService<WebIdentityIssuer>(),
            provider.GetRequiredService<CallerPolicies>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));

        // Front doors.
        services.TryAddSingleton<ITokenIssuer>(provider => new TokenIssuer(
            provider.GetRequiredService<AssumeRole>(),
            provider.GetRequiredService<AssumeRoleWithSaml>(),
            provider.GetRequiredService<AssumeRoleWithWebIdentity>(),
            provider.GetRequiredService<AssumeRoot>(),
            provider.GetRequiredService<GetSessionToken>(),
            provider.GetRequiredService<GetFederationToken>(),
            provider.GetRequiredService<DecodeAuthorizationMessage>(),
            provider.GetRequiredService<GetAccessKeyInfo>(),
            provider.GetRequiredService<GetDelegatedAccessToken>(),
            provider.GetRequiredService<GetWebIdentityToken>(),
            provider.GetRequiredService<RequestThrottle>()));
        services.TryAddSingleton(provider => new TradeInTokens(
            provider.GetRequiredService<TradeInTokenSealer>(),
            provider.GetRequiredService<SessionPolicyCache>(),
            provider.GetRequiredService<SessionMint>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new AuthorizationMessages(
            provider.GetRequiredService<AuthorizationMessageSealer>(),
            Duration.FromTimeSpan(provider.GetRequiredService<IOptions<TemporaryCredentialsOptions>>().Value.AuthorizationMessageLifetime),
            provider.GetRequiredService<IClock>()));
        services.TryAddSingleton(provider => new RequestAuthenticator(
            provider.GetRequiredService<CredentialDirectory>(), provider.GetRequiredService<IClock>(), Logger(provider)));
        services.TryAddSingleton(provider => new Revoker(
            provider.GetRequiredService<IRevocationList>(), provider.GetRequiredService<IClock>(), Logger(provider)));
        services.TryAddSingleton(provider => new Callers(
            provider.GetRequiredService<IAccountStore>(), provider.GetRequiredService<IUserStore>(), provider.GetRequiredService<CredentialDirectory>()));
        return new TemporaryCredentialsBuilder(services);
    }

    private static void AddOidc(IServiceCollection services)
    {
        services.TryAddSingleton(_ => new ProviderHttp(host: null));
        services.TryAddSingleton(provider => new KeyFetcher(provider.GetRequiredService<ProviderHttp>(), OidcOptions(provider).FetchTimeout));
        services.TryAddSingleton(provider => new ProviderKeySets(
            provider.GetRequiredService<KeyFetcher>(), OidcOptions(provider), provider.GetRequiredService<IClock>(), Logger(provider)));
        services.TryAddSingleton<IOidcValidator>(provider => new OidcValidator(
            provider.GetRequiredService<IIdentityProviderStore>(),
            provider.GetRequiredService<ProviderKeySets>(),
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton<IOAuth2TokenValidator>(provider => new OAuth2TokenValidator(
            provider.GetRequiredService<IIdentityProviderStore>(),
            provider.GetRequiredService<ProviderHttp>(),
            OidcOptions(provider).FetchTimeout,
            provider.GetRequiredService<IClock>(),
            Logger(provider)));

        static OidcOptions OidcOptions(IServiceProvider provider) => provider.GetRequiredService<IOptions<TemporaryCredentialsOptions>>().Value.Oidc;
    }

    private static IKeyRing CreateKeyRing(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<TemporaryCredentialsOptions>>().Value;
        var signs = options.PublicAddress is not null;
        if (options.KeyRingFile is { } path)
        {
            return new KeyRingFile(path, Duration.FromTimeSpan(options.KeyRotation), signs, provider.GetRequiredService<IClock>(), Logger(provider));
        }

        RootKey[] keys =
        [
            .. options.Keys.Select(key => TemporaryCredentialsOptionsValidator.TryDecode(key.Material, out var bytes)
                ? new RootKey(key.Id, bytes)
                : throw new OptionsValidationException(Options.DefaultName, typeof(RootKeyOptions), [$"{key} is no key."])),
        ];
        if (keys is [var current, .. var older])
        {
            return new KeyRing(current, older) { WebIdentityKeys = [.. options.WebIdentityKeys.Select(WebIdentityKey.FromPem)] };
        }

        Telemetry.EphemeralKey(Logger(provider));
        return new KeyRing(RootKey.Generate())
        {
            WebIdentityKeys = signs ? [.. Enum.GetValues<WebIdentityAlgorithm>().Select(WebIdentityKey.Generate)] : [],
        };
    }

    private static string? PublicAddress(TemporaryCredentialsOptions options) =>
        options.PublicAddress is { } text && TemporaryCredentialsOptionsValidator.TryReadAddress(text, out var address) ? address : null;

    internal static ILogger Logger(IServiceProvider provider) =>
        provider.GetService<ILoggerFactory>()?.CreateLogger(Telemetry.Name) ?? NullLogger.Instance;
}

/// <summary>Where further parts of the service are registered.</summary>
public sealed class TemporaryCredentialsBuilder
{
    internal TemporaryCredentialsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Reaches identity providers by the host's own client: with its certificates, its proxy, its <c>IHttpClientFactory</c>.</summary>
    /// <remarks>The client follows no redirects; an answer that comes from another address is not used. Which addresses a name may lead to is then
    /// the host's business; addresses that are written out are still refused where they are private.</remarks>
    /// <param name="create">Gives a client; asked for each fetch.</param>
    /// <returns>The builder.</returns>
    public TemporaryCredentialsBuilder UseHttpClient(Func<IServiceProvider, HttpClient> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.Replace(ServiceDescriptor.Singleton(provider => new ProviderHttp(() => create(provider))));
        return this;
    }
}
