using System.Text.Json.Nodes;
using Microsoft.Playwright;
using TokenService.Conformance;
using TokenService.Testing;

namespace StsServer.Tests;

/// <summary>The sign-in page in a real Chromium, from the login form of an identity provider that others wrote, npm's <c>samlp</c>, to credentials that sign a
/// request. The server is the sample as a process, and its time the real one.</summary>
public sealed class SignInBrowserTests : IDisposable
{
    private const string Absent = "no Chromium on this machine: nothing to run";
    private const string Provider = "arn:aws:iam::111122223333:saml-provider/corp";

    private static readonly string? Chromium = Browser.Find();

    private readonly Folder _folder = new();

    /// <summary>Who signs in and how, or one line that says why nobody does.</summary>
    public static TheoryData<string, bool> Visits => Chromium is null ? new() { { Absent, false } } : new() { { "alice", false }, { "alice", true }, { "mallory", false } };

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Visits))]
    public async Task Person_who_signs_in_picks_a_role_and_gets_credentials_that_sign_a_request(string name, bool byKeyboard)
    {
        if (name == Absent)
        {
            return;
        }

        var server = FreeAddress();
        using var company = new FakeSamlProvider(SystemClock.Instance) { Recipient = $"{server}/saml" };
        await File.WriteAllTextAsync(_folder.PathOf("corp.xml"), company.Metadata);
        await File.WriteAllTextAsync(_folder.PathOf("accounts.json"), Seed);
        await using var sts = ChildProcess.Start(
            ChildProcess.DotnetHost, [Path.Combine(AppContext.BaseDirectory, "StsServer.dll"), "--urls", server, "--seed", _folder.PathOf("accounts.json")]);
        await sts.WaitForLineAsync(line => line.StartsWith($"SAML providers sign people in at {server}/saml", StringComparison.Ordinal));
        await sts.WaitForLineAsync(line => line.Contains("export AWS_ENDPOINT_URL_STS", StringComparison.Ordinal));
        await using var provider = ChildProcess.Start("node", [Repository.PathOf("tests", "StsServer.Tests", "identity-provider.mjs")]);
        await provider.Input.WriteLineAsync(new JsonObject
        {
            ["issuer"] = company.EntityId,
            ["certificate"] = company.Certificate.ExportCertificatePem(),
            ["key"] = company.SigningKey.ExportPkcs8PrivateKeyPem(),
            ["audience"] = company.Audience,
            ["recipient"] = company.Recipient,
            ["attributes"] = new JsonObject
            {
                [SamlResponse.AttributePrefix + "Role"] = new JsonArray($"arn:aws:iam::111122223333:role/Reader,{Provider}", $"arn:aws:iam::111122223333:role/Writer,{Provider}"),
            },
        }.ToJsonString());
        await provider.Input.FlushAsync();
        var login = (await provider.WaitForLineAsync(line => line.StartsWith("Identity provider on ", StringComparison.Ordinal)))["Identity provider on ".Length..];

        await using var browser = await Browser.StartAsync(Chromium!, login);
        var page = browser.Page;
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Pick a role" }).WaitForAsync();
        (await page.Locator("main").InnerTextAsync()).Should().Contain($"You are signed in as {name}").And.Contain("Account 111122223333").And.Contain("Writer");
        if (byKeyboard)
        {
            await page.Keyboard.PressAsync("Tab");
            await page.Keyboard.PressAsync("Space");
            await page.Keyboard.PressAsync("Enter");
        }
        else
        {
            await page.GetByLabel("Reader").CheckAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Get credentials" }).ClickAsync();
        }

        if (name == "mallory")
        {
            (await page.GetByRole(AriaRole.Alert).InnerTextAsync()).Should().Be("Not authorized to perform sts:AssumeRoleWithSAML (AccessDenied)");
            return;
        }

        await page.GetByRole(AriaRole.Heading, new() { Name = "Your credentials" }).WaitForAsync();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"], new() { Origin = server });
        var copied = new List<string>();
        foreach (var button in await page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).AllAsync())
        {
            if (byKeyboard)
            {
                await button.FocusAsync();
                await page.Keyboard.PressAsync("Enter");
            }
            else
            {
                await button.ClickAsync();
            }

            await page.Locator("[role=status]").GetByText("Copied.").WaitForAsync();
            copied.Add(await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        }

        copied.Should().HaveCount(3);
        var process = JsonNode.Parse(copied[2])!;
        ((int)process["Version"]!, (string?)process["Expiration"]).Should().Be((1, await page.Locator("time").InnerTextAsync()));
        copied[1].Should().Contain($"aws_access_key_id = {process["AccessKeyId"]}\n").And.Contain($"aws_session_token = {process["SessionToken"]}\n");

        // What the shell makes of the exports signs a request, which says who it is.
        var signed = await ChildProcess.RunAsync("bash", ["-c", $$"""
            {{copied[0]}}
            curl --silent --aws-sigv4 aws:amz:us-east-1:sts --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-security-token: $AWS_SESSION_TOKEN" \
              --data 'Action=GetCallerIdentity&Version=2011-06-15' {{server}}/
            """]);
        signed.Output.Should().Contain("<Arn>arn:aws:sts::111122223333:assumed-role/Reader/alice</Arn>", signed.Errors);
        browser.Complaints.Where(line => !line.Contains("favicon", StringComparison.Ordinal)).Should().BeEmpty();

        // The browser sends the form once more, and it is refused.
        await page.ReloadAsync();
        (await page.GetByRole(AriaRole.Alert).InnerTextAsync()).Should().Contain("InvalidIdentityToken");
    }

    private const string Seed = $$"""
        { "Accounts": [ { "AccountId": "111122223333",
          "SAMLProviders": [ { "Name": "corp", "SAMLMetadataFile": "corp.xml" } ],
          "RoleDetailList": [
            { "RoleName": "Reader", "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated": "{{Provider}}" },
              "Action": "sts:AssumeRoleWithSAML", "Condition": { "StringEquals": { "saml:sub": "alice" } } } } },
            { "RoleName": "Writer", "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated": "{{Provider}}" },
              "Action": "sts:AssumeRoleWithSAML", "Condition": { "StringEquals": { "saml:sub": "alice" } } } } } ] } ] }
        """;

    private static string FreeAddress()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }
}
