using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService.AspNetCore;

/// <summary>Maps the Security Token Service as an endpoint.</summary>
public static class TokenServiceEndpointRouteBuilderExtensions
{
    /// <summary>Answers AWS's query protocol, by POST form and by GET, so that AWS's clients work with nothing but their endpoint set. Where the
    /// host has a public address (<see cref="TemporaryCredentialsOptions.PublicAddress"/>), the discovery document and the keys of each
    /// account's issuer are served below the endpoint's path.</summary>
    /// <remarks>The client's address and scheme, which policies may ask for, are those of the connection: behind a proxy the host restores
    /// them with its forwarded-headers middleware, which also restores the <c>Host</c> that was signed. A request authenticates itself by its
    /// signature, so the endpoint carries <c>AllowAnonymous</c>: <c>RequireAuthorization()</c> on it or on its group has no effect. Presigned requests carry a session token in their address, which
    /// belongs into no log: hosts keep <c>Microsoft.AspNetCore</c> at <c>Warning</c>. Source: STS API Reference, "Making API requests".</remarks>
    /// <param name="endpoints">Where the host maps its endpoints; <c>AddTemporaryCredentials()</c> has been called on its services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The endpoints, for conventions such as rate limits.</returns>
    /// <exception cref="InvalidOperationException">The services of the token service are not registered.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is wrong; every one that is, is named.</exception>
    public static IEndpointConventionBuilder MapTokenService(
        this IEndpointRouteBuilder endpoints, Action<TokenServiceEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var registered = endpoints.ServiceProvider.GetService<IServiceProviderIsService>();
        if (registered is not null && !(registered.IsService(typeof(ITokenIssuer)) && registered.IsService(typeof(RequestAuthenticator))))
        {
            throw new InvalidOperationException("The token service is not registered: call services.AddTemporaryCredentials() first.");
        }

        return endpoints.MapTokenService(configure, static (context, request, rules, cancellationToken) =>
            context.RequestServices.GetRequiredService<RequestAuthenticator>().AuthenticateAsync(request, rules, cancellationToken));
    }

    internal static IEndpointConventionBuilder MapTokenService(
        this IEndpointRouteBuilder endpoints, Action<TokenServiceEndpointOptions>? configure, SignatureCheck authenticate)
    {
        var options = new TokenServiceEndpointOptions();
        configure?.Invoke(options);
        options.Validate();
        var loggers = endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>();
        var throttle = new RequestThrottle(
            options.Throttling, endpoints.ServiceProvider.GetRequiredService<IClock>(), loggers.CreateLogger(nameof(TokenService)));
        var endpoint = new StsEndpoint(options, authenticate, throttle, loggers.CreateLogger<StsEndpoint>());

        // Routing answers 405 for every method that is not named here.
        string[] methods = endpoint.Cors.IsEmpty ? [HttpMethods.Get, HttpMethods.Post] : [HttpMethods.Get, HttpMethods.Post, HttpMethods.Options];
        var all = endpoints.MapGroup("").WithMetadata(new AllowAnonymousAttribute());
        all.MapMethods(options.Path, methods, (RequestDelegate)endpoint.HandleAsync)
            .WithMetadata(new ChecksSignatures())
            .WithDisplayName("Security Token Service");
        OpenIdEndpoints.Map(all, options.Path);
        return all;
    }
}
