using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using NodaTime;

namespace TokenService.Testing;

/// <summary>A <see cref="FakeOpenIdProvider"/> on a free port of the loopback address, with discovery and keys, which counts what it is asked and answers
/// wrongly where a test wants it to.</summary>
public sealed class LoopbackOpenIdProvider : IAsyncDisposable
{
    private const string Path = "/realm";

    private readonly WebApplication _app;
    private int _discoveries;
    private int _keyFetches;

    private LoopbackOpenIdProvider(WebApplication app) => _app = app;

    /// <summary>The provider that is served: its issuer is the address, and a path.</summary>
    public FakeOpenIdProvider Provider { get; private set; } = null!;

    /// <summary>How often the discovery document was asked for.</summary>
    public int Discoveries => Volatile.Read(ref _discoveries);

    /// <summary>How often the keys were asked for.</summary>
    public int KeyFetches => Volatile.Read(ref _keyFetches);

    /// <summary>The <c>Cache-Control</c> of the keys; absent where nothing else is said.</summary>
    public string? CacheControl { get; set; }

    /// <summary>What is answered in place of the discovery document: nothing, garbage, a redirect.</summary>
    public RequestDelegate? AnswerDiscovery { get; set; }

    /// <summary>What is answered in place of the keys.</summary>
    public RequestDelegate? AnswerKeys { get; set; }

    /// <summary>What is answered at every other address; 404 where nothing else is said.</summary>
    public RequestDelegate? AnswerOther { get; set; }

    /// <summary>Starts a provider.</summary>
    /// <param name="clock">The time of its tokens; a test gives it the clock that the service has.</param>
    /// <param name="clientId">The application that its tokens are for.</param>
    /// <param name="algorithm">What its keys sign with.</param>
    /// <returns>The provider, which is served until it is disposed of.</returns>
    public static async Task<LoopbackOpenIdProvider> StartAsync(
        IClock clock, string clientId = "app", WebIdentityAlgorithm algorithm = WebIdentityAlgorithm.ES384)
    {
        // The empty builder reads no settings of the host whose tests these are.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        // Check endpoints of access tokens get these in their address, as long as tokens may be.
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.Limits.MaxRequestLineSize = 32 * 1024).UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var served = new LoopbackOpenIdProvider(app);
        app.Run(served.AnswerAsync);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
            served.Provider = new FakeOpenIdProvider(clock, app.Urls.Single() + Path, clientId, algorithm);
            return served;
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops serving, as a provider that is down: its tokens and keys are still there.</summary>
    /// <returns>When nothing answers any more.</returns>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Stops serving and forgets the keys.</summary>
    /// <returns>When it is over.</returns>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        Provider.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case Path + "/.well-known/openid-configuration":
                Interlocked.Increment(ref _discoveries);
                return AnswerDiscovery?.Invoke(context) ?? SendAsync(context, Provider.DiscoveryDocument);
            case Path + "/keys":
                Interlocked.Increment(ref _keyFetches);
                if (CacheControl is not null)
                {
                    context.Response.Headers.CacheControl = CacheControl;
                }

                return AnswerKeys?.Invoke(context) ?? SendAsync(context, Provider.Jwks);
            default:
                context.Response.StatusCode = AnswerOther is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
                return AnswerOther?.Invoke(context) ?? Task.CompletedTask;
        }
    }

    private static Task SendAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }
}
