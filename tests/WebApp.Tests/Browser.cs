using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace TokenService.Conformance;

/// <summary>A Chromium that nobody used before, with one page.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Arguments =
    [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--no-proxy-server",
    ];

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser, IPage page)
    {
        (_playwright, _browser, Page) = (playwright, browser, page);
        page.Request += (_, request) => Origins.Enqueue(new Uri(request.Url).GetLeftPart(UriPartial.Authority));
        page.PageError += (_, error) => Complaints.Enqueue(error);
        page.Console += (_, line) =>
        {
            if (line.Type is "error" or "warning")
            {
                Complaints.Enqueue(line.Text);
            }
        };
    }

    internal IPage Page { get; }

    /// <summary>The origins that were asked.</summary>
    internal ConcurrentQueue<string> Origins { get; } = new();

    /// <summary>What the browser had to complain of.</summary>
    internal ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>The program, or <see langword="null"/> where there is none.</summary>
    internal static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    internal static async Task<Browser> StartAsync(string chromium, string address)
    {
        var playwright = await Playwright.CreateAsync();
        try
        {
            // The sandbox takes rights that a container has not; every page here is the test's own.
            var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, ChromiumSandbox = false, Args = Arguments });
            var page = await browser.NewPageAsync();
            page.SetDefaultTimeout(90_000);
            var started = new Browser(playwright, browser, page);
            await page.GotoAsync(address);
            return started;
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
