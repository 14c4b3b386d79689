using Microsoft.AspNetCore.Http.Features;
using TokenService;

namespace StsServer.SignIn;

/// <summary>The page that a person signs in at with SAML: an identity provider posts its response to it (the HTTP-POST binding), it lists the roles that the
/// response offers, and gives the credentials of the one that is picked.</summary>
/// <remarks>It keeps nothing: what is offered lies sealed in the form. There is no cookie, so nobody's browser can be made to act in a session.</remarks>
internal static class SignInEndpoint
{
    /// <summary>Where identity providers post to: what their settings call the assertion consumer service.</summary>
    internal const string Path = "/saml";

    internal const string PickPath = "/saml/role";
    internal const string ScriptPath = "/saml/copy.js";
    internal const string StylePath = "/saml/page.css";

    /// <summary>A response of the largest size, or a sealed offer of it, as a form writes them.</summary>
    private const int MaxBody = 320 * 1024;

    private static readonly FormOptions Form = new()
    {
        BufferBody = false,
        ValueCountLimit = 8,
        KeyLengthLimit = 64,
        ValueLengthLimit = MaxBody,
    };

    /// <summary>Maps the page.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="providers">The providers that may post responses, as they are when one comes.</param>
    internal static void MapSignIn(this IEndpointRouteBuilder endpoints, Func<IReadOnlyCollection<SamlProvider>> providers)
    {
        endpoints.MapPost(Path, (HttpContext context, SamlOffers offers) => AnswerAsync(context, async form =>
        {
            var received = await offers.ReceiveAsync(providers(), form["SAMLResponse"].ToString(), context.RequestAborted);
            return received.TryGetValue(out var offer, out var refused) ? SignInPage.Roles(offer) : SignInPage.Refusal(refused);
        }));
        endpoints.MapPost(PickPath, (HttpContext context, SamlOffers offers) => AnswerAsync(context, async form =>
        {
            // Neither part has a space in it.
            var picked = form["role"].ToString().Split(' ');
            var given = await offers.PickAsync(
                form["offer"].ToString(), picked[0], picked.Length == 2 ? picked[1] : "", EnvironmentOf(context), context.RequestAborted);
            return given.TryGetValue(out var session, out var refused) ? SignInPage.Credentials(session) : SignInPage.Refusal(refused);
        }));
        endpoints.MapGet(ScriptPath, (HttpContext context) => FileOf(context, "copy.js", "text/javascript"));
        endpoints.MapGet(StylePath, (HttpContext context) => FileOf(context, "page.css", "text/css"));
    }

    private static async Task AnswerAsync(HttpContext context, Func<IFormCollection, Task<Page>> answerAsync)
    {
        var page = await ReadAsync(context) is { } form ? await answerAsync(form) : SignInPage.Refusal(StsError.MalformedInput("The form cannot be read."));
        Protect(context.Response);
        context.Response.StatusCode = page.Status;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(page.Html, context.RequestAborted);
    }

    /// <summary>The posted form, or <see langword="null"/> where it is none or too large.</summary>
    private static async Task<IFormCollection?> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBody;
        }

        if (context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }

        try
        {
            return await new FormFeature(context.Request, Form).ReadFormAsync(context.RequestAborted);
        }
        catch (Exception malformed) when (malformed is BadHttpRequestException or InvalidDataException)
        {
            return null;
        }
    }

    private static async Task FileOf(HttpContext context, string name, string type)
    {
        await using var file = typeof(SignInEndpoint).Assembly.GetManifestResourceStream(name)!;
        Protect(context.Response);
        context.Response.ContentType = $"{type}; charset=utf-8";
        await file.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    /// <summary>Scripts and styles of this host alone, no frame around the page, nothing kept, nothing told to whoever is visited next.</summary>
    private static void Protect(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    private static RequestEnvironment EnvironmentOf(HttpContext context) => new()
    {
        SourceIp = context.Connection.RemoteIpAddress,
        UserAgent = context.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null,
        SecureTransport = context.Request.IsHttps,
    };
}
