using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace TokenService.Conformance;

/// <summary>The samples as processes, started from what was built.</summary>
public sealed partial class SampleTests(ITestOutputHelper output) : IDisposable
{
    private static readonly Keys Alice = new("AKIARTX3GSDSVPMANSL7", "U5OB9Fo5sHTTgmJvQMccMdsU+z31e/B+mEXAMPLE");
    private static readonly Keys Bob = new("AKIARTX3GSDSQG3DPWH4", "rc0qHOVuLuYMhDoKsdmL3r9w4nWHZIEY2EXAMPLE");

    private readonly string _folder = Directory.CreateTempSubdirectory("tokenservice-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Server_answers_as_soon_as_it_says_that_it_is_there()
    {
        var clock = Stopwatch.StartNew();
        await using var server = await Server.StartAsync("--urls", "http://127.0.0.1:0");
        var said = clock.Elapsed;
        await using var client = new DotNetClient(server.Url);
        (await client.CallAsync("GetCallerIdentity", Alice, [])).Text("Arn").Should().Be("arn:aws:iam::111122223333:user/alice");
        output.WriteLine($"Started after {said.TotalMilliseconds:F0} ms; first answer after {clock.Elapsed.TotalMilliseconds:F0} ms.");
    }

    [Fact]
    public async Task Server_prints_commands_that_work_and_refuses_who_may_not()
    {
        await using var server = await Server.StartAsync("--urls", "http://127.0.0.1:0");
        await using var client = new DotNetClient(server.Url);
        foreach (var parameters in new[] { Deploy(), Partner("example-7f3c") })
        {
            var session = await client.CallAsync("AssumeRole", Alice, parameters);
            var answer = await new RequestSignerHttp(server.Url).WhoAmIAsync(session.Keys);
            answer.Should().Contain(session.Text("AssumedRoleUser", "Arn"));
        }

        ClientFlows.Expect(client, await client.CallAsync("AssumeRole", Alice, Partner("other")), "AccessDenied", 403, null);
        ClientFlows.Expect(client, await client.CallAsync("AssumeRole", Bob, Deploy()), "AccessDenied", 403, null);
    }

    [Fact]
    public async Task Server_gives_the_root_of_the_member_account_for_the_task_that_a_policy_allows()
    {
        await using var server = await Server.StartAsync("--urls", "http://127.0.0.1:0");
        await using var client = new DotNetClient(server.Url);
        var session = await client.CallAsync("AssumeRoot", Alice, ClientFlows.AssumeRoot("444455556666", "S3UnlockBucketPolicy"));
        (await client.CallAsync("GetCallerIdentity", session.Keys, [])).Text("Arn").Should().Be("arn:aws:iam::444455556666:root");
        ClientFlows.Expect(client, await client.CallAsync("AssumeRoot", Alice, ClientFlows.AssumeRoot("444455556666", "IAMCreateRootUserPassword")), "AccessDenied", 403, null);
        ClientFlows.Expect(client, await client.CallAsync("AssumeRoot", Alice, ClientFlows.AssumeRoot("111122223333", "S3UnlockBucketPolicy")), "AccessDenied", 403, null);
        ClientFlows.Expect(client, await client.CallAsync("AssumeRoot", Bob, ClientFlows.AssumeRoot("444455556666", "S3UnlockBucketPolicy")), "AccessDenied", 403, null);
    }

    [Fact]
    public async Task Server_issues_web_identity_tokens_under_its_own_address_and_its_keys_outlive_a_restart()
    {
        var address = LiveService.FreeAddress();
        var ring = Path.Combine(_folder, "outbound.json");
        string kid;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await using (var server = await Server.StartAsync("--urls", address, "--keys", ring))
        {
            await using var client = new DotNetClient(server.Url);
            var token = (await client.CallAsync("GetWebIdentityToken", Alice, ClientFlows.WebIdentity("ES384"))).Text("WebIdentityToken").Split('.');
            kid = Part(token[0])["kid"]!.ToString();
            Part(token[1])["iss"]!.ToString().Should().Be(address + "/111122223333");
            ClientFlows.Expect(client, await client.CallAsync("GetWebIdentityToken", Bob, ClientFlows.WebIdentity("ES384")), "AccessDenied", 403, null);
            (await http.GetStringAsync(new Uri(address + "/111122223333/.well-known/openid-configuration"))).Should().Contain(address + "/111122223333/.well-known/jwks.json");
        }

        await using var again = await Server.StartAsync("--urls", address, "--keys", ring);
        (await http.GetStringAsync(new Uri(address + "/111122223333/.well-known/jwks.json"))).Should().Contain(kid);

        static System.Text.Json.Nodes.JsonNode Part(string text) =>
            System.Text.Json.Nodes.JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(text))!;
    }

    [Fact]
    public async Task Restart_with_a_key_ring_file_ends_no_session()
    {
        var ring = Path.Combine(_folder, "ring.json");
        Keys session;
        await using (var server = await Server.StartAsync("--urls", "http://127.0.0.1:0", "--keys", ring))
        {
            await using var client = new DotNetClient(server.Url);
            session = (await client.CallAsync("AssumeRole", Alice, Deploy())).Keys;
        }

        await using var again = await Server.StartAsync("--urls", "http://127.0.0.1:0", "--keys", ring);
        await using var after = new DotNetClient(again.Url);
        (await after.CallAsync("GetCallerIdentity", session, [])).Text("Arn").Should().Be("arn:aws:sts::444455556666:assumed-role/deploy/try");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(ring).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task Restart_without_a_key_ring_file_ends_every_session_and_the_log_has_said_so()
    {
        Keys session;
        await using (var server = await Server.StartAsync("--urls", "http://127.0.0.1:0"))
        {
            await using var client = new DotNetClient(server.Url);
            session = (await client.CallAsync("AssumeRole", Alice, Deploy())).Keys;
            server.Before.Should().Contain("No key ring is configured");
        }

        await using var again = await Server.StartAsync("--urls", "http://127.0.0.1:0");
        await using var after = new DotNetClient(again.Url);
        ClientFlows.Expect(after, await after.CallAsync("GetCallerIdentity", session, []), "InvalidClientTokenId", 403, null);
    }

    [Fact]
    public async Task Faulty_options_are_told_all_together_and_nothing_starts()
    {
        var outcome = await ChildProcess.RunAsync(
            ChildProcess.DotnetHost,
            [Server.Path, "--urls", "ftp://127.0.0.1", "--seed", Path.Combine(_folder, "no-seed.json"), "--keys", Path.Combine(_folder, "none", "ring.json"), "--color", "red"]);
        outcome.ExitCode.Should().NotBe(0);
        outcome.Errors.Should().Contain("urls (command line)").And.Contain("ftp://127.0.0.1").And.Contain("no-seed.json")
            .And.Contain("keys (command line)").And.Contain("--color");
        outcome.Output.Should().NotContain("Security Token Service on");
    }

    [Fact]
    public async Task Faults_of_a_seed_are_told_all_together_with_their_places()
    {
        var seed = Path.Combine(_folder, "seed.json");
        await File.WriteAllTextAsync(seed, """
            { "Accounts": [ { "AccountId": "12", "UserDetailList": [ { "UserName": "a b" } ] },
              { "AccountId": "111122223333", "RoleDetailList": [ { "RoleName": "r", "AssumeRolePolicyDocument": { "Statement": { "Effect": "Permit" } } } ] } ] }
            """);
        var outcome = await ChildProcess.RunAsync(ChildProcess.DotnetHost, [Server.Path, "--urls", "http://127.0.0.1:0", "--seed", seed]);
        outcome.ExitCode.Should().NotBe(0);
        outcome.Errors.Should().Contain("$.Accounts[0]").And.Contain("$.Accounts[1].RoleDetailList[0]");
    }

    [Fact]
    public async Task Changed_seed_is_taken_over_whole_and_a_faulty_one_is_not()
    {
        var seed = Path.Combine(_folder, "seed.json");
        var shipped = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(Server.Path)!, "seed.json"));
        await File.WriteAllTextAsync(seed, shipped);
        await using var server = await Server.StartAsync("--urls", "http://127.0.0.1:0", "--seed", seed);
        await using var client = new DotNetClient(server.Url);
        var session = (await client.CallAsync("AssumeRole", Alice, Deploy())).Keys;

        await File.WriteAllTextAsync(seed, "{ \"Accounts\": [ { } ] }");
        await server.Process.WaitForLineAsync(line => line.Contains("what was loaded before stays", StringComparison.Ordinal));
        (await client.CallAsync("GetCallerIdentity", session, [])).Result.Should().NotBeNull();

        await File.WriteAllTextAsync(seed, shipped.Replace("\"deploy\"", "\"deploy-renamed\"", StringComparison.Ordinal));
        await server.Process.WaitForLineAsync(line => line.EndsWith("is loaded", StringComparison.Ordinal));
        ClientFlows.Expect(client, await client.CallAsync("GetCallerIdentity", session, []), "InvalidClientTokenId", 403, null);
        ClientFlows.Expect(client, await client.CallAsync("AssumeRole", Alice, Deploy()), "AccessDenied", 403, null);
        (await client.CallAsync("GetCallerIdentity", Alice, [])).Result.Should().NotBeNull();
    }

    [Fact]
    public async Task Quick_start_runs_as_the_readme_shows_it()
    {
        var outcome = await ChildProcess.RunAsync(ChildProcess.DotnetHost, [Built("QuickStart")]);
        outcome.ExitCode.Should().Be(0, "it said {0}", outcome.Errors);
        outcome.Output.Should().MatchRegex(@"^arn:aws:sts::111122223333:assumed-role/deploy/quick-start: ASIA[A-Z2-7]{16} until ")
            .And.Contain("RoleSession arn:aws:sts::111122223333:assumed-role/deploy/quick-start of account 111122223333");
    }

    private static System.Text.Json.Nodes.JsonObject Deploy() => Named("arn:aws:iam::444455556666:role/ci/deploy");

    private static System.Text.Json.Nodes.JsonObject Partner(string externalId)
    {
        var parameters = Named("arn:aws:iam::444455556666:role/partner");
        parameters["ExternalId"] = externalId;
        return parameters;
    }

    private static System.Text.Json.Nodes.JsonObject Named(string role)
    {
        var parameters = ClientFlows.Assume(role);
        parameters["RoleSessionName"] = "try";
        return parameters;
    }

    /// <summary>What the same build made of a sample.</summary>
    private static string Built(string sample)
    {
        // tests/X/bin/CONFIGURATION/FRAMEWORK/ has its counterpart under samples/.
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Repository.PathOf("samples", sample, "bin", here.Parent!.Name, here.Name, $"{sample}.dll");
    }

    private sealed record RequestSignerHttp(Uri Url)
    {
        internal async Task<string> WhoAmIAsync(Keys keys)
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            using var request = new RequestSigner(keys, Url) { Service = LiveService.ResourceService }.Get("", "/whoami");
            using var answer = await http.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    private sealed partial record Server(ChildProcess Process, Uri Url, string Before) : IAsyncDisposable
    {
        internal static string Path { get; } = Built("StsServer");

        internal static async Task<Server> StartAsync(params string[] arguments)
        {
            var process = ChildProcess.Start(ChildProcess.DotnetHost, [Path, .. arguments]);
            var before = new System.Text.StringBuilder();
            var line = await process.WaitForLineAsync(line =>
            {
                before.Append(line).Append('\n');
                return Listening().IsMatch(line);
            });
            return new Server(process, new Uri(Listening().Match(line).Groups["url"].Value), before.ToString());
        }

        public ValueTask DisposeAsync() => Process.DisposeAsync();

        [GeneratedRegex(@"^Security Token Service on (?<url>http://127\.0\.0\.1:\d+)", RegexOptions.CultureInvariant, 1000)]
        private static partial Regex Listening();
    }
}
