using System.Collections.Frozen;
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
    /// <see cref="TradeInTokens"/>, <see cref="WebIdentityIssuer"/>, <see cref="Callers"/>, <see cref="Revoker"/> and what they stand on. What the
    /// host registered before wins; the stores that it did not are one <see cref="InMemoryIdentityStore"/>.</summary>
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

        // Station by station, in the order of docs/architecture.md. Whatever the host put in the place of a seam stays.
        AddIdentities(services);
        AddSessions(services);
        AddTokens(services);
        AddGuards(services);
        AddAuthorization(services);
        AddTrust(services);
        AddAuthentication(services);
        AddMfa(services);
        AddFederation(services);
        AddOperations(services);
        AddFrontDoors(services);
        return new TemporaryCredentialsBuilder(services);
    }

    private static void AddIdentities(IServiceCollection services)
    {
        services.TryAddSingleton<InMemoryIdentityStore>();
        services.TryAddSingleton<IAccountStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
        services.TryAddSingleton<IUserStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
        services.TryAddSingleton<IRoleStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
        services.TryAddSingleton<IManagedPolicyStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
        services.TryAddSingleton<IIdentityProviderStore>(provider => provider.GetRequiredService<InMemoryIdentityStore>());
    }

    private static void AddSessions(IServiceCollection services)
    {
        services.TryAddSingleton<LiveIdentities>();
        services.TryAddSingleton<SessionPolicyCache>();
    }

    private static void AddTokens(IServiceCollection services)
    {
        services.TryAddSingleton(CreateKeyRing);
        services.TryAddSingleton<TokenSealer>();
        services.TryAddSingleton<AuthorizationMessageSealer>();
        services.TryAddSingleton<TradeInTokenSealer>();
        services.TryAddSingleton(provider => new WebIdentityIssuer(
            PublicAddress(Settings(provider)),
            provider.GetRequiredService<IKeyRing>(),
            provider.GetRequiredService<IAccountStore>()));
    }

    private static void AddGuards(IServiceCollection services)
    {
        services.TryAddSingleton<IReplayGuard>(provider => new InMemoryReplayGuard(provider.GetRequiredService<IClock>()));
        services.TryAddSingleton<IAttemptLimiter>(provider => new InMemoryAttemptLimiter(provider.GetRequiredService<IClock>()));
        services.TryAddSingleton<IRevocationList>(provider => new InMemoryRevocationList(provider.GetRequiredService<IClock>()));
        services.TryAddSingleton(provider => new RequestThrottle(
            Settings(provider).Throttling, provider.GetRequiredService<IClock>(), Logger(provider)));
        services.TryAddSingleton(provider => new Revoker(
            provider.GetRequiredService<IRevocationList>(), provider.GetRequiredService<IClock>(), Logger(provider)));
    }

    private static void AddAuthorization(IServiceCollection services)
    {
        services.TryAddSingleton(provider => new CallerPolicies(
            provider.GetRequiredService<IUserStore>(),
            provider.GetRequiredService<IManagedPolicyStore>(),
            Settings(provider).SensitiveConditionKeys.ToFrozenSet(StringComparer.OrdinalIgnoreCase)));
        services.TryAddSingleton<Authorizer>();
        services.TryAddSingleton<IAuthorizer>(provider => new AuditedAuthorizer(provider.GetRequiredService<Authorizer>(), Logger(provider)));
    }

    /// <summary>Whoever decides for the operations, which tell what came of it themselves: the host's authorizer, or the library's without its events.</summary>
    private static IAuthorizer OperationsAuthorizer(IServiceProvider provider) =>
        provider.GetRequiredService<IAuthorizer>() is AuditedAuthorizer own ? own.Decides : provider.GetRequiredService<IAuthorizer>();

    private static void AddTrust(IServiceCollection services) =>
        services.TryAddSingleton<ITrustPolicyEvaluator>(provider => new TrustPolicyEvaluator(
            provider.GetRequiredService<CallerPolicies>(), provider.GetRequiredService<IAccountStore>(), provider.GetRequiredService<IClock>()));

    private static void AddAuthentication(IServiceCollection services)
    {
        services.TryAddSingleton(provider => new CredentialDirectory(
            provider.GetRequiredService<IUserStore>(),
            provider.GetRequiredService<LiveIdentities>(),
            provider.GetRequiredService<TokenSealer>(),
            provider.GetRequiredService<IRevocationList>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new RequestAuthenticator(
            provider.GetRequiredService<CredentialDirectory>(), provider.GetRequiredService<IClock>(), Logger(provider)));
        services.TryAddSingleton(provider => new Callers(
            provider.GetRequiredService<IAccountStore>(), provider.GetRequiredService<IUserStore>(), provider.GetRequiredService<CredentialDirectory>()));
    }

    private static void AddMfa(IServiceCollection services)
    {
        services.TryAddSingleton<MfaSecretSealer>();
        services.TryAddSingleton(provider => new TotpMfaVerifier(
            provider.GetRequiredService<MfaSecretSealer>(),
            provider.GetRequiredService<IAttemptLimiter>(),
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton<IMfaVerifier>(provider => provider.GetRequiredService<TotpMfaVerifier>());
        services.TryAddSingleton(provider => new MfaEnrollment(
            provider.GetRequiredService<MfaSecretSealer>(), provider.GetRequiredService<IReplayGuard>(), provider.GetRequiredService<IClock>()));
    }

    private static void AddFederation(IServiceCollection services)
    {
        services.TryAddSingleton(_ => new ProviderHttp(host: null));
        services.TryAddSingleton(provider => new KeyFetcher(provider.GetRequiredService<ProviderHttp>(), Settings(provider).Oidc.FetchTimeout));
        services.TryAddSingleton(provider => new ProviderKeySets(
            provider.GetRequiredService<KeyFetcher>(), Settings(provider).Oidc, provider.GetRequiredService<IClock>(), Logger(provider)));
        services.TryAddSingleton<IOidcValidator>(provider => new OidcValidator(
            provider.GetRequiredService<IIdentityProviderStore>(),
            provider.GetRequiredService<ProviderKeySets>(),
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton<IOAuth2TokenValidator>(provider => new OAuth2TokenValidator(
            provider.GetRequiredService<IIdentityProviderStore>(),
            provider.GetRequiredService<ProviderHttp>(),
            Settings(provider).Oidc.FetchTimeout,
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
    }

    private static void AddOperations(IServiceCollection services)
    {
        services.TryAddSingleton(provider => new SessionMint(
            provider.GetRequiredService<TokenSealer>(),
            Settings(provider).PackedPolicyBudget,
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton<SessionPolicies>();
        services.TryAddSingleton(provider => new OperationPermissions(OperationsAuthorizer(provider)));
        services.TryAddSingleton(provider => new FederatedSignIn(
            provider.GetRequiredService<IRoleStore>(),
            provider.GetRequiredService<IAccountStore>(),
            provider.GetRequiredService<ITrustPolicyEvaluator>(),
            provider.GetRequiredService<SessionPolicies>(),
            provider.GetRequiredService<SessionMint>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new AssumeRole(
            provider.GetRequiredService<IRoleStore>(),
            provider.GetRequiredService<IAccountStore>(),
            provider.GetRequiredService<ITrustPolicyEvaluator>(),
            provider.GetRequiredService<IMfaVerifier>(),
            provider.GetRequiredService<SessionPolicies>(),
            provider.GetRequiredService<SessionMint>(),
            provider.GetRequiredService<IClock>(),
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
        services.TryAddSingleton(provider => new DecodeAuthorizationMessage(
            provider.GetRequiredService<AuthorizationMessageSealer>(),
            provider.GetRequiredService<OperationPermissions>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new GetAccessKeyInfo(
            provider.GetRequiredService<IUserStore>(), provider.GetRequiredService<OperationPermissions>(), Logger(provider)));
        services.TryAddSingleton(provider => new GetCallerIdentity(Logger(provider)));
        services.TryAddSingleton(provider => new GetDelegatedAccessToken(
            provider.GetRequiredService<TradeInTokenSealer>(),
            OperationsAuthorizer(provider),
            provider.GetRequiredService<IRevocationList>(),
            provider.GetRequiredService<LiveIdentities>(),
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<SessionMint>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new GetFederationToken(
            OperationsAuthorizer(provider),
            provider.GetRequiredService<SessionPolicies>(),
            provider.GetRequiredService<SessionMint>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new GetSessionToken(
            provider.GetRequiredService<IMfaVerifier>(),
            provider.GetRequiredService<SessionMint>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
        services.TryAddSingleton(provider => new GetWebIdentityToken(
            provider.GetRequiredService<WebIdentityIssuer>(),
            provider.GetRequiredService<CallerPolicies>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
    }

    private static void AddFrontDoors(IServiceCollection services)
    {
        services.TryAddSingleton<ITokenIssuer>(provider => new TokenIssuer(
            provider.GetRequiredService<AssumeRole>(),
            provider.GetRequiredService<AssumeRoleWithSaml>(),
            provider.GetRequiredService<AssumeRoleWithWebIdentity>(),
            provider.GetRequiredService<AssumeRoot>(),
            provider.GetRequiredService<GetSessionToken>(),
            provider.GetRequiredService<GetFederationToken>(),
            provider.GetRequiredService<DecodeAuthorizationMessage>(),
            provider.GetRequiredService<GetAccessKeyInfo>(),
            provider.GetRequiredService<GetCallerIdentity>(),
            provider.GetRequiredService<GetDelegatedAccessToken>(),
            provider.GetRequiredService<GetWebIdentityToken>(),
            provider.GetRequiredService<RequestThrottle>()));
        services.TryAddSingleton(provider => new AuthorizationMessages(
            provider.GetRequiredService<AuthorizationMessageSealer>(),
            Duration.FromTimeSpan(Settings(provider).AuthorizationMessageLifetime),
            provider.GetRequiredService<IClock>()));
        services.TryAddSingleton(provider => new TradeInTokens(
            provider.GetRequiredService<TradeInTokenSealer>(),
            provider.GetRequiredService<SessionPolicyCache>(),
            provider.GetRequiredService<SessionMint>(),
            provider.GetRequiredService<IClock>(),
            Logger(provider)));
    }

    private static IKeyRing CreateKeyRing(IServiceProvider provider)
    {
        var options = Settings(provider);
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

    private static TemporaryCredentialsOptions Settings(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<TemporaryCredentialsOptions>>().Value;

    private static string? PublicAddress(TemporaryCredentialsOptions options) =>
        options.PublicAddress is { } text && TemporaryCredentialsOptionsValidator.TryReadAddress(text, out var address) ? address : null;

    internal static ILogger Logger(IServiceProvider provider) =>
        provider.GetService<ILoggerFactory>()?.CreateLogger(Telemetry.Name) ?? NullLogger.Instance;
}
