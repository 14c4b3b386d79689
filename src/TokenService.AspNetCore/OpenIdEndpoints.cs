using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace TokenService.AspNetCore;

/// <summary>What verifiers of web identity tokens read: each account's discovery document, and the keys.</summary>
/// <remarks>Source: OpenID Connect Discovery 1.0, 4. Public by nature: whoever asks gets it, from every origin, and may keep it for five
/// minutes, which is a small part of the hour for which a key is published before it signs.</remarks>
internal static class OpenIdEndpoints
{
    private const string CacheControl = "public, max-age=300";
    private const string Account = "account";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    private delegate ValueTask<ReadOnlyMemory<byte>?> Find(WebIdentityIssuer issuer, string account, CancellationToken cancellationToken);

    internal static void Map(IEndpointRouteBuilder endpoints, string path)
    {
        // An account has twelve digits: with the length in the route, other pages of the host stay reachable.
        var issuer = $"{path.TrimEnd('/')}/{{{Account}:length(12)}}";
        Map(
            endpoints, issuer + WebIdentityIssuer.ConfigurationPath, "OpenID discovery",
            static (issuer, account, cancellationToken) => issuer.FindConfigurationAsync(account, cancellationToken));
        Map(
            endpoints, issuer + WebIdentityIssuer.KeysPath, "OpenID keys",
            static (issuer, account, cancellationToken) => issuer.FindKeysAsync(account, cancellationToken));
    }

    private static void Map(IEndpointRouteBuilder endpoints, string pattern, string name, Find find) =>
        endpoints.MapMethods(pattern, Methods, (RequestDelegate)(context => AnswerAsync(context, find))).WithDisplayName(name);

    private static async Task AnswerAsync(HttpContext context, Find find)
    {
        var response = context.Response;
        if (context.RequestServices.GetService<WebIdentityIssuer>() is not { } issuer
            || await find(issuer, (string)context.Request.RouteValues[Account]!, context.RequestAborted).ConfigureAwait(false) is not { } document)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.ContentType = "application/json";
        response.ContentLength = document.Length;
        response.Headers.CacheControl = CacheControl;
        response.Headers.AccessControlAllowOrigin = "*";
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await response.Body.WriteAsync(document, context.RequestAborted).ConfigureAwait(false);
        }
    }
}
