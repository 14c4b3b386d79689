using Microsoft.Extensions.DependencyInjection;

namespace TokenService.AspNetCore;

/// <summary>Lets the host's <see cref="IHttpClientFactory"/> make the client that identity providers are reached with.</summary>
public static class ProviderHttpClientBuilderExtensions
{
    /// <summary>The name of the client where nothing else is said.</summary>
    public const string DefaultName = "TokenService";

    /// <summary>Reaches identity providers by a named client of <see cref="IHttpClientFactory"/>, which the host may configure further: with
    /// certificates, a proxy, handlers. By itself it follows no redirects and keeps no cookies.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="name">The client's name.</param>
    /// <returns>The builder.</returns>
    public static TemporaryCredentialsBuilder UseHttpClientFactory(this TemporaryCredentialsBuilder builder, string name = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        builder.Services.AddHttpClient(name)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
            .RemoveAllLoggers();
        return builder.UseHttpClient(services => services.GetRequiredService<IHttpClientFactory>().CreateClient(name));
    }
}
