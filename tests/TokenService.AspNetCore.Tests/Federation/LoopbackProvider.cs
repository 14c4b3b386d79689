using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TokenService.AspNetCore.Tests.Federation;

/// <summary>An identity provider on a free port of the loopback address, which answers as a test wants it to and counts what it is asked.</summary>
internal sealed class LoopbackProvider : IAsyncDisposable
{
    private WebApplication? _app;
    private int _discoveries;
    private int _keyFetches;

    internal string Issuer { get; private set; } = "";

    internal int Discoveries => Volatile.Read(ref _discoveries);

    internal int KeyFetches => Volatile.Read(ref _keyFetches);

    /// <summary>The issuer that the discovery document names; the provider's own where it is <see langword="null"/>.</summary>
    internal string? NamedIssuer { get; set; }

    /// <summary>The address of the keys in the discovery document.</summary>
    internal string? NamedKeys { get; set; }

    internal string Jwks { get; set; } = """{"keys":[]}""";

    internal string? CacheControl { get; set; }

    /// <summary>What happens in place of the answer with the keys.</summary>
    internal Func<HttpContext, Task>? AnswerKeys { get; set; }

    internal Func<HttpContext, Task>? AnswerDiscovery { get; set; }

    /// <summary>Whatever else is asked for, by path and query.</summary>
    internal Func<HttpContext, Task>? AnswerOther { get; set; }

    internal static async Task<LoopbackProvider> StartAsync()
    {
        var provider = new LoopbackProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/realm/.well-known/openid-configuration", provider.DiscoverAsync);
        app.MapGet("/realm/keys", provider.SendKeysAsync);
        app.MapFallback(context => provider.AnswerOther?.Invoke(context) ?? Task.CompletedTask);
        await app.StartAsync();
        provider._app = app;
        provider.Issuer = $"{app.Urls.Single()}/realm";
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.DisposeAsync();
        }
    }

    private Task DiscoverAsync(HttpContext context)
    {
        Interlocked.Increment(ref _discoveries);
        return AnswerDiscovery?.Invoke(context)
            ?? context.Response.WriteAsJsonAsync(new { issuer = NamedIssuer ?? Issuer, jwks_uri = NamedKeys ?? $"{Issuer}/keys" });
    }

    private Task SendKeysAsync(HttpContext context)
    {
        Interlocked.Increment(ref _keyFetches);
        if (CacheControl is not null)
        {
            context.Response.Headers.CacheControl = CacheControl;
        }

        return AnswerKeys?.Invoke(context) ?? context.Response.WriteAsync(Jwks);
    }
}
