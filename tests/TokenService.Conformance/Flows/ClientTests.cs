using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using TokenService.Testing;

namespace TokenService.Conformance;

public sealed class DotNetSdkTests(LiveService service) : IClassFixture<LiveService>
{
    public static TheoryData<string> Flows => [.. ClientFlows.All.Keys];

    [Theory, MemberData(nameof(Flows))]
    public async Task SDK_for_NET_passes(string flow)
    {
        await using var client = new DotNetClient(service.Url);
        await ClientFlows.All[flow](client, service);
    }

    [Fact]
    public async Task Errors_come_as_the_types_of_the_model_with_request_id_and_side()
    {
        var (alice, role) = ClientFlows.Pair(service, "typed");
        using var client = DotNetClient.Create(service.Url, alice);
        var malformed = new Amazon.SecurityToken.Model.AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "session-1", Policy = "{" };
        var policy = await FluentActions.Awaiting(() => client.AssumeRoleAsync(malformed)).Should().ThrowAsync<MalformedPolicyDocumentException>();
        (policy.Which.ErrorCode, policy.Which.ErrorType, policy.Which.StatusCode).Should().Be(("MalformedPolicyDocument", ErrorType.Sender, System.Net.HttpStatusCode.BadRequest));
        Guid.TryParse(policy.Which.RequestId, out _).Should().BeTrue();

        var tags = Enumerable.Range(0, 50).Select(number => new Amazon.SecurityToken.Model.Tag { Key = $"k{number}", Value = new string('v', 200) }).ToList();
        var large = new Amazon.SecurityToken.Model.AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "session-1", Tags = tags };
        await FluentActions.Awaiting(() => client.AssumeRoleAsync(large)).Should().ThrowAsync<PackedPolicyTooLargeException>();
    }

    [Fact]
    public async Task Answer_tells_its_request_id_to_the_SDK()
    {
        using var client = DotNetClient.Create(service.Url, service.AddUser("metadata"));
        var answer = await client.GetCallerIdentityAsync(new GetCallerIdentityRequest());
        Guid.TryParse(answer.ResponseMetadata.RequestId, out _).Should().BeTrue();
    }

    [Fact]
    public async Task Credentials_of_the_SDK_exchange_a_token_file_by_themselves()
    {
        using var signIn = new SignIn(service, "net-token");
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_STS", service.Url.GetLeftPart(UriPartial.Authority));
        Environment.SetEnvironmentVariable("AWS_REGION", "us-east-1");
        try
        {
            var keys = await new AssumeRoleWithWebIdentityCredentials(signIn.TokenFile, signIn.RoleArn, "job").GetCredentialsAsync();
            (await service.SessionAsync(new Keys(keys.AccessKey, keys.SecretKey, keys.Token))).FederatedSubject.Should().Be(SignIn.Subject);
        }
        finally
        {
            Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_STS", null);
            Environment.SetEnvironmentVariable("AWS_REGION", null);
        }
    }

    [Fact]
    public async Task Refusals_of_tokens_come_as_the_types_of_the_model()
    {
        using var signIn = new SignIn(service, "net-types");
        using var client = new AmazonSecurityTokenServiceClient(
            new AnonymousAWSCredentials(), new AmazonSecurityTokenServiceConfig { ServiceURL = service.Url.ToString(), AuthenticationRegion = "us-east-1" });
        Amazon.SecurityToken.Model.AssumeRoleWithWebIdentityRequest Request(string token) => new() { RoleArn = signIn.RoleArn, RoleSessionName = "job", WebIdentityToken = token };
        var answer = await client.AssumeRoleWithWebIdentityAsync(Request(signIn.Token));
        (answer.SubjectFromWebIdentityToken, answer.Audience, answer.Provider)
            .Should().Be((SignIn.Subject, "app", "arn:aws:iam::111122223333:oidc-provider/issuer.example/realm"));
        await FluentActions.Awaiting(() => client.AssumeRoleWithWebIdentityAsync(Request(signIn.Token + "A"))).Should().ThrowAsync<InvalidIdentityTokenException>();
        await FluentActions.Awaiting(() => client.AssumeRoleWithWebIdentityAsync(Request(signIn.Expired))).Should().ThrowAsync<Amazon.SecurityToken.Model.ExpiredTokenException>();
    }

    [Fact]
    public async Task Assertion_of_a_SAML_provider_gives_a_session_and_its_refusals_come_as_the_types_of_the_model()
    {
        using var signIn = new SamlSignIn(service, "net-saml");
        using var client = new AmazonSecurityTokenServiceClient(
            new AnonymousAWSCredentials(), new AmazonSecurityTokenServiceConfig { ServiceURL = service.Url.ToString(), AuthenticationRegion = "us-east-1" });
        AssumeRoleWithSAMLRequest Request(string assertion) => new() { RoleArn = signIn.RoleArn, PrincipalArn = signIn.ProviderArn, SAMLAssertion = assertion };
        var answer = await client.AssumeRoleWithSAMLAsync(Request(signIn.Response()));
        (answer.Subject, answer.SubjectType, answer.Issuer, answer.Audience)
            .Should().Be((SamlSignIn.Subject, "persistent", signIn.EntityId, FakeSamlProvider.DefaultRecipient));
        var keys = answer.Credentials;
        (await service.SessionAsync(new Keys(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken))).FederatedSubject.Should().Be(SamlSignIn.Subject);
        Task RefusedAsync(BadSamlResponse flaw) => client.AssumeRoleWithSAMLAsync(Request(signIn.BadResponse(flaw)));
        await FluentActions.Awaiting(() => RefusedAsync(BadSamlResponse.UnknownKey)).Should().ThrowAsync<InvalidIdentityTokenException>();
        await FluentActions.Awaiting(() => RefusedAsync(BadSamlResponse.TooOld)).Should().ThrowAsync<Amazon.SecurityToken.Model.ExpiredTokenException>();
        await FluentActions.Awaiting(() => RefusedAsync(BadSamlResponse.RejectedByProvider)).Should().ThrowAsync<IDPRejectedClaimException>();
    }

    [Fact]
    public async Task Refreshing_credentials_of_the_SDK_assume_the_role_by_themselves()
    {
        var (alice, role) = ClientFlows.Pair(service, "refreshing");

        // The SDK makes the client behind these credentials itself and learns the endpoint from the environment; no other test reads it there.
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_STS", service.Url.GetLeftPart(UriPartial.Authority));
        Environment.SetEnvironmentVariable("AWS_REGION", "us-east-1");
        try
        {
            var credentials = new AssumeRoleAWSCredentials(
                new BasicAWSCredentials(alice.Id, alice.Secret), role.Arn.ToString(), "refreshed", new AssumeRoleAWSCredentialsOptions { DurationSeconds = 900 });
            var keys = await credentials.GetCredentialsAsync();
            var session = await service.SessionAsync(new Keys(keys.AccessKey, keys.SecretKey, keys.Token));
            (session.Name, session.PrincipalName, session.ExpiresAt - session.IssuedAt).Should().Be(("refreshed", "refreshing", Duration.FromMinutes(15)));
        }
        finally
        {
            Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_STS", null);
            Environment.SetEnvironmentVariable("AWS_REGION", null);
        }
    }
}

/// <summary>The processes of the script clients, each started once.</summary>
public sealed class ScriptClients : IAsyncLifetime
{
    private ScriptClient? _node;
    private ScriptClient? _python;

    internal LiveService Service { get; } = new();

    internal ScriptClient Node => _node ??= ScriptClient.Node(Service.Url);

    internal ScriptClient Python => _python ??= ScriptClient.Python(Service.Url);

    public Task InitializeAsync() => Service.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (var client in new[] { _node, _python })
        {
            if (client is not null)
            {
                await client.DisposeAsync();
            }
        }

        await Service.DisposeAsync();
    }
}

public sealed class NodeSdkTests(ScriptClients clients) : IClassFixture<ScriptClients>
{
    public static TheoryData<string> Flows => [.. ClientFlows.All.Keys];

    [Theory, MemberData(nameof(Flows))]
    public Task SDK_for_JavaScript_passes(string flow) => ClientFlows.All[flow](clients.Node, clients.Service);

    [Fact]
    public async Task Presigned_request_tells_anybody_who_signed_it_until_the_token_is_another()
    {
        var (alice, role) = ClientFlows.Pair(clients.Service, "presigned");
        (await clients.Node.CallAsync("Presign", alice, [])).Text("text").Should().Contain("<Arn>arn:aws:iam::111122223333:user/presigned</Arn>");
        var session = (await clients.Node.CallAsync("AssumeRole", alice, ClientFlows.Assume(role))).Keys;
        var answer = await clients.Node.CallAsync("Presign", session, []);
        answer.Status.Should().Be(200);
        answer.Text("text").Should().Contain("<Arn>arn:aws:sts::111122223333:assumed-role/presigned/session-1</Arn>");
        var refusal = await clients.Node.CallAsync("Presign", session with { Token = session.Token![..^4] }, []);
        refusal.Status.Should().Be(403);
        refusal.Text("text").Should().Contain("<Code>InvalidClientTokenId</Code>");
    }

    [Theory, InlineData("RS256"), InlineData("ES384")]
    public async Task Web_identity_token_is_verified_by_a_library_of_another_ecosystem_from_the_discovery_document_alone(string algorithm)
    {
        var alice = clients.Service.AddUser($"verified-{algorithm}", LiveService.AllowAll);
        var token = (await clients.Node.CallAsync("GetWebIdentityToken", alice, ClientFlows.WebIdentity(algorithm))).Text("WebIdentityToken");
        var issuer = clients.Service.IssuerOf(LiveService.Home);
        var verified = await VerifyAsync(issuer, "second", token);
        verified.Text("protectedHeader", "alg").Should().Be(algorithm);
        verified.Text("payload", "sub").Should().Be($"arn:aws:iam::111122223333:user/verified-{algorithm}");
        (await VerifyAsync(issuer, "third", token)).Error.Should().Be("ERR_JWT_CLAIM_VALIDATION_FAILED");
        (await VerifyAsync(clients.Service.IssuerOf(LiveService.Away), "second", token)).Error.Should().Be("ERR_JWT_CLAIM_VALIDATION_FAILED");
        var parts = token.Split('.');
        parts[1] = (parts[1][0] == 'e' ? 'f' : 'e') + parts[1][1..];
        (await VerifyAsync(issuer, "second", string.Join('.', parts))).Error.Should().Be("ERR_JWS_SIGNATURE_VERIFICATION_FAILED");

        Task<ClientAnswer> VerifyAsync(string trusted, string audience, string text) => clients.Node.CallAsync(
            "Verify", alice, new JsonObject { ["issuer"] = trusted, ["audience"] = audience, ["token"] = text });
    }

    [Theory]
    [InlineData("FromTokenFile", "webIdentityTokenFile")]
    [InlineData("FromWebToken", "webIdentityToken")]
    public async Task Credential_providers_of_the_SDK_for_JavaScript_exchange_a_token(string provider, string parameter)
    {
        using var signIn = new SignIn(clients.Service, provider);
        var nobody = new Keys("none", "none");
        JsonObject Parameters(string token) => new()
        {
            [parameter] = token,
            ["roleArn"] = signIn.RoleArn,
            ["roleSessionName"] = "job",
        };
        var keys = (await clients.Node.CallAsync(provider, nobody, Parameters(provider == "FromTokenFile" ? signIn.TokenFile : signIn.Token))).Keys;
        (await clients.Service.SessionAsync(keys)).FederatedSubject.Should().Be(SignIn.Subject);
        await File.WriteAllTextAsync(signIn.TokenFile, signIn.Expired);
        var refusal = await clients.Node.CallAsync(provider, nobody, Parameters(provider == "FromTokenFile" ? signIn.TokenFile : signIn.Expired));
        refusal.Error.Should().Be("ExpiredTokenException");
    }

    [Fact]
    public Task Credentials_open_a_resource_of_the_host_and_no_others_do_SDK_for_JavaScript() =>
        ResourceFlow.RunAsync(clients.Node, clients.Service, "node");
}

public sealed class Boto3Tests(ScriptClients clients) : IClassFixture<ScriptClients>
{
    private const string Absent = "no boto3 on this machine: nothing to run";

    private static readonly bool IsThere = ChildProcess.Probe("python3", "-c", "import boto3") is not null;

    /// <summary>The flows, or one line that says why there are none.</summary>
    public static TheoryData<string> Flows => IsThere ? [.. ClientFlows.All.Keys, nameof(ResourceFlow)] : [Absent];

    [Theory, MemberData(nameof(Flows))]
    public Task Boto3_passes(string flow) =>
        flow == Absent ? Task.CompletedTask
        : flow == nameof(ResourceFlow) ? ResourceFlow.RunAsync(clients.Python, clients.Service, "python")
        : ClientFlows.All[flow](clients.Python, clients.Service);
}

/// <summary>The door of <c>AddSigV4</c>, for clients that can sign for any service.</summary>
internal static class ResourceFlow
{
    internal static async Task RunAsync(ScriptClient client, LiveService service, string name)
    {
        var (alice, role) = ClientFlows.Pair(service, $"resource-{name}");
        var session = (await client.CallAsync("AssumeRole", alice, ClientFlows.Assume(role))).Keys;
        var parameters = new JsonObject { ["path"] = "/whoami", ["service"] = LiveService.ResourceService };
        (await client.CallAsync("Resource", session, parameters)).Text("text").Should().Be($"arn:aws:sts::111122223333:assumed-role/resource-{name}/session-1");
        (await client.CallAsync("Resource", alice, parameters)).Text("text").Should().Be($"arn:aws:iam::111122223333:user/resource-{name}");
        var refused = await client.CallAsync("Resource", session with { Secret = alice.Secret }, parameters);
        refused.Status.Should().Be(403);
        refused.Text("text").Should().Contain("SignatureDoesNotMatch");
        parameters["service"] = "s3";
        (await client.CallAsync("Resource", session, parameters)).Text("text").Should().Contain("Credential should be scoped to correct service");
    }
}

public sealed partial class CommandLineTests(LiveService service) : IClassFixture<LiveService>
{
    private const string Absent = "no aws of 1.29, 2.13 or newer: nothing to run";

    private static readonly bool IsThere = ChildProcess.Probe("aws", "--version") is { } version && KnowsEndpoints(version);

    /// <summary>The flows, or one line that says why there are none.</summary>
    public static TheoryData<string> Flows => IsThere ? [.. ClientFlows.All.Keys, nameof(Profile), nameof(TokenFile)] : [Absent];

    [Theory, MemberData(nameof(Flows))]
    public async Task Command_line_passes(string flow)
    {
        var client = new CommandLineClient(service.Url);
        await (flow == Absent ? Task.CompletedTask : flow == nameof(Profile) ? Profile(client) : flow == nameof(TokenFile) ? TokenFile(client) : ClientFlows.All[flow](client, service));
    }

    [Theory]
    [InlineData("aws-cli/1.28.9 Python/3.8.8", false)]
    [InlineData("aws-cli/1.29.0 Python/3.8.8", true)]
    [InlineData("aws-cli/2.12.7 Python/3.11.4", false)]
    [InlineData("aws-cli/2.13.0 Python/3.11.4", true)]
    [InlineData("aws-cli/3.0.0 Python/3.15.0", true)]
    [InlineData("something else", false)]
    public void Version_that_knows_endpoints_of_services_is_recognized(string version, bool knows) => KnowsEndpoints(version).Should().Be(knows);

    /// <summary>A profile that assumes a role through another one that does: the command line chains by itself.</summary>
    private async Task Profile(CommandLineClient client)
    {
        var (alice, first) = ClientFlows.Pair(service, "profile-first");
        var second = service.AddRole("profile-second", LiveService.Trust(first.Arn.ToString(), condition: """{"StringEquals":{"sts:ExternalId":"for-profiles"}}"""));
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, $"""
                [profile alice]
                aws_access_key_id = {alice.Id}
                aws_secret_access_key = {alice.Secret}
                [profile first]
                role_arn = {first.Arn}
                source_profile = alice
                role_session_name = one
                [profile second]
                role_arn = {second.Arn}
                source_profile = first
                role_session_name = two
                external_id = for-profiles
                duration_seconds = 900
                [profile unknown]
                role_arn = {second.Arn}
                source_profile = alice
                """);
            var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["AWS_CONFIG_FILE"] = file };
            var answer = CommandLineClient.ToAnswer(await client.RunAsync(null, ["sts", "get-caller-identity", "--profile", "second"], environment));
            answer.Text("Arn").Should().Be("arn:aws:sts::111122223333:assumed-role/profile-second/two");
            var refusal = CommandLineClient.ToAnswer(await client.RunAsync(null, ["sts", "get-caller-identity", "--profile", "unknown"], environment));
            refusal.Error.Should().Be("AccessDenied");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A token in a file, which the command line exchanges by itself, and the operation as a command.</summary>
    private async Task TokenFile(CommandLineClient client)
    {
        using var signIn = new SignIn(service, "cli-token");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = signIn.TokenFile,
            ["AWS_ROLE_ARN"] = signIn.RoleArn,
            ["AWS_ROLE_SESSION_NAME"] = "job",
        };
        var answer = CommandLineClient.ToAnswer(await client.RunAsync(null, ["sts", "get-caller-identity"], environment));
        answer.Text("Arn").Should().Be("arn:aws:sts::111122223333:assumed-role/cli-token/job");
        string[] Command(string token) =>
            ["sts", "assume-role-with-web-identity", "--role-arn", signIn.RoleArn, "--role-session-name", "job", "--web-identity-token", token];
        CommandLineClient.ToAnswer(await client.RunAsync(null, Command(signIn.Token))).Text("SubjectFromWebIdentityToken").Should().Be(SignIn.Subject);
        CommandLineClient.ToAnswer(await client.RunAsync(null, Command(signIn.Expired))).Error.Should().Be("ExpiredTokenException");
    }

    private static bool KnowsEndpoints(string version) =>
        Version().Match(version) is { Success: true } match
        && (int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups["minor"].Value, CultureInfo.InvariantCulture)) is var (major, minor)
        && (major > 2 || (major == 2 && minor >= 13) || (major == 1 && minor >= 29));

    [GeneratedRegex(@"^aws-cli/(?<major>\d{1,4})\.(?<minor>\d{1,4})\.", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Version();
}
