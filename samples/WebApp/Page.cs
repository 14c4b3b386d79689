namespace WebApp;

/// <summary>The page: three files, and what the browser is told to hold it to.</summary>
internal static class Page
{
    internal static void UsePage(this IApplicationBuilder app, WebAppAddresses addresses)
    {
        // Scripts and styles of this origin alone; requests to this origin, the token service and the provider; nothing inline, no frames, no forms.
        var policy = string.Join("; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            $"connect-src 'self' {WebAppAddresses.OriginOf(addresses.TokenService)} {WebAppAddresses.OriginOf(new Uri(addresses.Provider))}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'");
        app.Use((http, next) =>
        {
            http.Response.Headers.ContentSecurityPolicy = policy;
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers["Referrer-Policy"] = "no-referrer";
            http.Response.Headers.CacheControl = "no-store";
            return next(http);
        });
        app.UseDefaultFiles();
        app.UseStaticFiles();
    }
}
