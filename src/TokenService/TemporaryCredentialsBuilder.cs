using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NodaTime;

namespace TokenService;

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
        return UseHttpClient((services, _) => create(services));
    }

    /// <summary>Reaches identity providers by the host's own clients: one for those that may have a private address
    /// (<see cref="OidcProvider.AllowsPrivateAddresses"/>), and one for all others.</summary>
    /// <remarks>As the other; clients on a handler of <see cref="CreateProviderHandler"/> hold every rule of docs/oidc.md.</remarks>
    /// <param name="create">Gives a client, and is told whether the provider may have a private address; asked for each fetch.</param>
    /// <returns>The builder.</returns>
    public TemporaryCredentialsBuilder UseHttpClient(Func<IServiceProvider, bool, HttpClient> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.Replace(ServiceDescriptor.Singleton(provider => new ProviderHttp(allowPrivateAddresses => create(provider, allowPrivateAddresses))));
        return this;
    }

    /// <summary>Makes what identity providers are reached with where the host says nothing else: it follows no redirect, keeps no cookie, uses no
    /// proxy, and looks at each address that a name leads to when it connects.</summary>
    /// <param name="allowPrivateAddresses">Whether it reaches private addresses.</param>
    /// <returns>The handler, which the host disposes of.</returns>
    public static HttpMessageHandler CreateProviderHandler(bool allowPrivateAddresses) => ProviderHttp.CreateHandler(allowPrivateAddresses);

    /// <summary>Offers <c>AssumeRoleWithSAML</c> and <see cref="SamlOffers"/>, with a validator of responses where the host registered none. With neither, the
    /// operation is <c>InvalidAction</c>, and nothing of XML signatures is reached.</summary>
    /// <param name="configure">Sets what this service is called in SAML; AWS's own names where nothing is set.</param>
    /// <returns>The builder.</returns>
    public TemporaryCredentialsBuilder AddSaml(Action<SamlOptions>? configure = null)
    {
        Services.AddOptions<SamlOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SamlOptions>, SamlOptionsValidator>());
        Services.TryAddSingleton<ISamlValidator>(provider => new SamlValidator(
            provider.GetRequiredService<IOptions<SamlOptions>>().Value,
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<IClock>(),
            TemporaryCredentialsServiceCollectionExtensions.Logger(provider)));
        Services.TryAddSingleton<SamlOfferSealer>();
        Services.TryAddSingleton(provider => new SamlOffers(
            provider.GetRequiredService<ISamlValidator>(),
            provider.GetRequiredService<SamlOfferSealer>(),
            provider.GetRequiredService<IIdentityProviderStore>(),
            provider.GetRequiredService<AssumeRoleWithSaml>(),
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<IClock>(),
            TemporaryCredentialsServiceCollectionExtensions.Logger(provider)));
        return this;
    }

    /// <summary>Refuses options that cannot be, when the host starts.</summary>
    private sealed class SamlOptionsValidator : IValidateOptions<SamlOptions>
    {
        public ValidateOptionsResult Validate(string? name, SamlOptions options)
        {
            ArgumentNullException.ThrowIfNull(options);
            var faults = options.Faults().ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
