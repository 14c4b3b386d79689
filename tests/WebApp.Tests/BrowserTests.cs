using System.Net;
using System.Net.Sockets;
using Microsoft.Playwright;
using TokenService.Conformance;

namespace WebApp.Tests;

/// <summary>The sample in a real Chromium: sign-in at the identity provider, credentials across origins, a signed request.</summary>
public sealed class BrowserTests
{
    private const string Absent = "no Chromium on this machine: nothing to run";

    private static readonly string? Chromium = Browser.Find();

    /// <summary>Who signs in, or one line that says why nobody does.</summary>
    public static TheoryData<string> Visits => Chromium is null ? [Absent] : ["alice", "mallory"];

    [Theory, MemberData(nameof(Visits))]
    public async Task Person_who_signs_in_gets_the_report_or_learns_why_not_and_what_to_do(string name)
    {
        if (name == Absent)
        {
            return;
        }

        await using var sample = await Sample.StartAsync();
        await using var visit = await Visit.StartAsync(Chromium!, sample);
        await visit.SignInAsync("Sign in", name);
        if (name == "mallory")
        {
            (await visit.MessageAsync("refused")).Should().Be(
                "You are signed in as mallory, and mallory may not read reports.\n"
                + "Ask whoever looks after the role report-readers to add mallory to its trust policy, or sign in as somebody who may. (AccessDenied)");
            await visit.SignInAsync("Sign in as somebody else", "alice");
        }

        (await visit.MessageAsync("answered")).Should().Be(
            "Report q1\nRead by arn:aws:sts::111122223333:assumed-role/report-readers/alice");

        // The page's script and nothing else is at work: no other origin is asked, and the browser has nothing to complain of but the refusal.
        visit.Origins.Distinct(StringComparer.Ordinal).Should().BeEquivalentTo([sample.Page, sample.TokenService, sample.Provider]);
        visit.Complaints.Where(line => !line.Contains("status of 403", StringComparison.Ordinal)).Should().BeEmpty();
        visit.Complaints.Should().HaveCount(name == "mallory" ? 1 : 0);
    }

    /// <summary>The application and its provider, as the sample's own script starts them.</summary>
    private sealed class Sample(ChildProcess process, string page, string tokenService, string provider) : IAsyncDisposable
    {
        internal string Page { get; } = page;

        internal string TokenService { get; } = tokenService;

        internal string Provider { get; } = provider;

        internal static async Task<Sample> StartAsync()
        {
            var (page, tokenService, provider) = (FreeAddress(), FreeAddress(), FreeAddress());
            var environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                // tests/X/bin/CONFIGURATION/FRAMEWORK/
                ["CONFIGURATION"] = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name,
                ["PATH"] = $"{Path.GetDirectoryName(ChildProcess.DotnetHost)}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}",
            };
            var process = ChildProcess.Start("bash", [Repository.PathOf("samples", "WebApp", "start.sh"), page, tokenService, provider], environment);
            var sample = new Sample(process, page, tokenService, provider);
            try
            {
                // Either may be there first.
                bool isProvider = false, isPage = false;
                await process.WaitForLineAsync(line =>
                {
                    isProvider |= line.StartsWith("Identity provider on", StringComparison.Ordinal);
                    isPage |= line.StartsWith("Open http", StringComparison.Ordinal);
                    return isProvider && isPage;
                });
                return sample;
            }
            catch
            {
                await sample.DisposeAsync();
                throw;
            }
        }

        public ValueTask DisposeAsync() => process.DisposeAsync();

        private static string FreeAddress()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return $"http://{listener.LocalEndpoint}";
        }
    }

    /// <summary>A person in front of the page.</summary>
    private sealed class Visit(Browser browser) : IAsyncDisposable
    {
        internal IEnumerable<string> Origins => browser.Origins;

        internal IEnumerable<string> Complaints => browser.Complaints;

        internal static async Task<Visit> StartAsync(string chromium, Sample sample) => new(await Browser.StartAsync(chromium, sample.Page));

        /// <summary>Presses the page's button, and says a name to the provider's form.</summary>
        internal async Task SignInAsync(string button, string name)
        {
            await browser.Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
            await browser.Page.GetByLabel("Name").FillAsync(name);
            await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        }

        /// <summary>What the page says, once it says something of that kind.</summary>
        internal Task<string> MessageAsync(string outcome) => browser.Page.Locator($"[role=status][data-outcome={outcome}]").InnerTextAsync();

        public ValueTask DisposeAsync() => browser.DisposeAsync();
    }
}
