using Microsoft.Extensions.DependencyInjection;

namespace TokenService.AspNetCore;

/// <summary>Lets the host's <see cref="IHttpClientFactory"/> make the client that identity providers are reached with.</summary>
public static class ProviderHttpClientBuilderExtensions
{
    /// <summary>The name of the client where nothing else is said.</summary>
    public const string DefaultName = "TokenService";

    /// <summary>What the name of the client ends with by which providers are reached that may have a private address.</summary>
    public const string PrivateSuffix = ".private";

    /// <summary>Reaches identity providers by named clients of <see cref="IHttpClientFactory"/>, which the host may configure further, with handlers of
    /// its own: one of the name, and one of the name and <see cref="PrivateSuffix"/> for providers that may have a private address.</summary>
    /// <remarks>By themselves they hold what the library's own client holds (<see cref="TemporaryCredentialsBuilder.CreateProviderHandler"/>): no
    /// redirects, no cookies, no proxy, no private address. A host that gives them another primary handler, for a proxy or certificates, answers for
    /// where that leads.</remarks>
    /// <param name="builder">The service.</param>
    /// <param name="name">The client's name.</param>
    /// <returns>The builder.</returns>
    public static TemporaryCredentialsBuilder UseHttpClientFactory(this TemporaryCredentialsBuilder builder, string name = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Add(builder.Services, name, allowPrivateAddresses: false);
        Add(builder.Services, name + PrivateSuffix, allowPrivateAddresses: true);
        return builder.UseHttpClient((services, allowPrivateAddresses) =>
            services.GetRequiredService<IHttpClientFactory>().CreateClient(allowPrivateAddresses ? name + PrivateSuffix : name));
    }

    private static void Add(IServiceCollection services, string name, bool allowPrivateAddresses) => services.AddHttpClient(name)
        .ConfigurePrimaryHttpMessageHandler(() => TemporaryCredentialsBuilder.CreateProviderHandler(allowPrivateAddresses))
        .RemoveAllLoggers();
}
