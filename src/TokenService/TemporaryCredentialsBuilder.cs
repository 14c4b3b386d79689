using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

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
        Services.Replace(ServiceDescriptor.Singleton(provider => new ProviderHttp(() => create(provider))));
        return this;
    }
}
