using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace TokenService.Conformance;

/// <summary>The identity provider of the sample <c>WebApp</c>, npm's <c>oidc-provider</c>, as a process; and a person who signs in there.</summary>
internal sealed class NpmProvider : IAsyncDisposable
{
    internal const string Client = "reports-page";
    private const string RedirectUri = "http://127.0.0.1:5999/";

    private readonly ChildProcess _process;
    private bool _isStopped;

    private NpmProvider(ChildProcess process, string issuer)
    {
        _process = process;
        Issuer = issuer;
    }

    internal string Issuer { get; }

    /// <summary>What it has said until now.</summary>
    internal string Output => _process.Output();

    /// <summary>Starts the provider.</summary>
    /// <param name="tokenLifetime">How long its ID tokens are good.</param>
    internal static async Task<NpmProvider> StartAsync(Duration tokenLifetime)
    {
        var issuer = LiveService.FreeAddress();
        string[] arguments =
        [
            "--import", new Uri(Repository.PathOf("tests", "TokenService.Conformance", "OpenId", "misbehave.mjs")).AbsoluteUri,
            Repository.PathOf("samples", "WebApp", "identity-provider.mjs"), issuer, RedirectUri, $"{(long)tokenLifetime.TotalSeconds}",
        ];
        var process = ChildProcess.Start("node", arguments);
        try
        {
            await process.WaitForLineAsync(line => line == $"Identity provider on {issuer}");
            return new NpmProvider(process, issuer);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a new key, which signs from now on.</summary>
    internal Task RotateAsync() => TellAsync("rotate", line => line.EndsWith(" signs", StringComparison.Ordinal));

    /// <summary>Answers otherwise from now on.</summary>
    /// <param name="part">What is answered otherwise: <c>discovery</c> or <c>keys</c>.</param>
    /// <param name="fault">How; <c>misbehave.mjs</c> has the list.</param>
    internal Task MisbehaveAsync(string part, string fault) => TellAsync($"misbehave {part} {fault}", line => line == $"Misbehaves: {part} {fault}");

    /// <summary>Answers as it should again.</summary>
    internal Task BehaveAsync() => TellAsync("behave", line => line == "Behaves");

    /// <summary>Signs in as a browser does, by authorization code with PKCE (RFC 7636).</summary>
    /// <param name="name">Who signs in.</param>
    /// <param name="verifier">What is sent to redeem the code; the one that belongs to it where it is absent.</param>
    /// <returns>The ID token, or the error of the provider.</returns>
    internal async Task<(string? Token, string? Error)> SignInAsync(string name, string? verifier = null)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, CookieContainer = new CookieContainer() });
        var discovery = JsonNode.Parse(await browser.GetStringAsync(new Uri($"{Issuer}/.well-known/openid-configuration")))!;
        var mine = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var state = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var query = HttpUtility.ParseQueryString("");
        query["client_id"] = Client;
        query["redirect_uri"] = RedirectUri;
        query["response_type"] = "code";
        query["scope"] = "openid";
        query["state"] = query["nonce"] = state;
        query["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(mine)));
        query["code_challenge_method"] = "S256";

        var form = await FollowAsync(browser, await browser.GetAsync(new Uri($"{discovery["authorization_endpoint"]}?{query}")));
        using var filled = new FormUrlEncodedContent([new("name", name)]);
        var back = await FollowAsync(browser, await browser.PostAsync(form, filled));
        var answer = HttpUtility.ParseQueryString(back.Query);
        answer["state"].Should().Be(state);

        using var redemption = new FormUrlEncodedContent(
        [
            new("grant_type", "authorization_code"), new("client_id", Client), new("redirect_uri", RedirectUri), new("code", answer["code"]!),
            new("code_verifier", verifier ?? mine),
        ]);
        using var redeemed = await browser.PostAsync(new Uri(discovery["token_endpoint"]!.ToString()), redemption);
        var result = JsonNode.Parse(await redeemed.Content.ReadAsStringAsync())!;
        return (result["id_token"]?.ToString(), result["error"]?.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await _process.DisposeAsync();
        }
    }

    private async Task TellAsync(string command, Predicate<string> isDone)
    {
        await _process.Input.WriteLineAsync(command);
        await _process.Input.FlushAsync();
        await _process.WaitForLineAsync(isDone);
    }

    /// <summary>Follows redirects inside the provider.</summary>
    /// <returns>The address of the first page that is none, or the first that is elsewhere.</returns>
    private async Task<Uri> FollowAsync(HttpClient browser, HttpResponseMessage answer)
    {
        while (answer.Headers.Location is { } location)
        {
            var next = new Uri(answer.RequestMessage!.RequestUri!, location);
            answer.Dispose();
            if (!next.AbsoluteUri.StartsWith(Issuer + "/", StringComparison.Ordinal))
            {
                return next;
            }

            answer = await browser.GetAsync(next);
        }

        var address = answer.RequestMessage!.RequestUri!;
        answer.EnsureSuccessStatusCode().Dispose();
        return address;
    }
}
