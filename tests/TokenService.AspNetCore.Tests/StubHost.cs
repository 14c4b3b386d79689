using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime.Testing;

namespace TokenService.AspNetCore.Tests;

/// <summary>The endpoint on a free loopback port, with signatures that are believed and an issuer that is a stub.</summary>
internal sealed class StubHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubHost(WebApplication app, StubIssuer issuer)
    {
        _app = app;
        Issuer = issuer;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    internal HttpClient Client { get; }

    internal StubIssuer Issuer { get; }

    internal FakeClock Clock { get; private init; } = null!;

    internal SignedRequest? Seen { get; private set; }

    internal StsError? SignatureError { get; set; }

    internal Capture Log { get; private init; } = new();

    internal static async Task<StubHost> StartAsync(Action<TokenServiceEndpointOptions>? configure = null, Action<WebApplication>? before = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var log = new Capture();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = new StubIssuer();
        var clock = new FakeClock(Instant.FromUtc(2026, 1, 2, 3, 4, 5));
        builder.Services.AddSingleton<ITokenIssuer>(issuer);
        builder.Services.AddSingleton<IClock>(clock);
        var app = builder.Build();
        before?.Invoke(app);
        StubHost? host = null;
        app.MapTokenService(configure, (_, request, _, _) =>
        {
            host!.Seen = request;
            return ValueTask.FromResult<StsResult<AuthenticatedRequest>>(host.SignatureError is { } error ? error : Known.Authenticated());
        });
        await app.StartAsync();
        return host = new StubHost(app, issuer) { Log = log, Clock = clock };
    }

    /// <summary>An address that the client sends letter by letter, and does not tidy up first.</summary>
    internal Uri Exact(string pathAndQuery) => new(
        Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + pathAndQuery,
        new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    internal Task<HttpResponseMessage> PostAsync(string form, string path = "/", string? accept = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Exact(path))
        {
            Content = new StringContent(form, null, "application/x-www-form-urlencoded"),
        };
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class Capture : ILoggerProvider, ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<(LogLevel Level, string Text)> _entries = new();

    internal IEnumerable<(LogLevel Level, string Text)> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, formatter(state, exception)));

    public void Dispose()
    {
    }
}
