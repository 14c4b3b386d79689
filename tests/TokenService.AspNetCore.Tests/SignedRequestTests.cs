using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NodaTime.Testing;
using TokenService.Tests;

namespace TokenService.AspNetCore.Tests;

/// <summary>Real signatures through a real server to the real core.</summary>
public sealed class SignedRequestTests : IAsyncLifetime, IDisposable
{
    private const string Key = "AKIARTX3GSDSQAAAAAAA";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string Assume =
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fci%2Fdeploy&RoleSessionName=try&SourceIdentity=me";

    private readonly WebApplication _app;
    private HttpClient _client = new();

    public SignedRequestTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IClock>(new FakeClock(TestHost.Start));
        builder.Services.AddTemporaryCredentials();
        builder.Services.AddAuthentication().AddSigV4(options =>
        {
            options.Rules = new SignatureRules { Service = "echo" };
            options.MaxBodySize = 1024;
        });
        builder.Services.AddAuthorizationBuilder().AddPolicy("nobody", policy => policy.RequireClaim("nothing"));
        _app = builder.Build();
        var store = _app.Services.GetRequiredService<InMemoryIdentityStore>();
        store.Put(Known.Account);
        store.Put(User.Create(Known.Account, "alice") with
        {
            AccessKeys = [new AccessKey(Key, new Secret(Secret))],
            InlinePolicies = [new Policy("p", null, PolicyDocument.Parse(
                """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}""", PolicyKind.Identity))],
        });
        store.Put(Role.Create(Known.Account, "deploy", PolicyDocument.Parse(
            """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]}}
            """, PolicyKind.Trust), "/ci/"));
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapTokenService();
        _app.MapPost("/echo", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            return $"{context.GetCaller()!.Arn} {context.User.FindFirst(SigV4ClaimTypes.SourceIdentity)?.Value} {await reader.ReadToEndAsync()}";
        }).RequireAuthorization();
        _app.MapPost("/nobody", () => "in").RequireAuthorization("nobody");
    }

    private RequestSigner Alice { get; } = new(Key, Secret);

    private string Host => _client.BaseAddress!.Authority;

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        _client.Dispose();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Role_is_assumed_and_its_credentials_open_both_the_service_and_the_hosts_endpoint()
    {
        var session = await AssumeAsync();
        var identity = await SendAsync(session.Sign("POST", "/", "", "Action=GetCallerIdentity&Version=2011-06-15"u8.ToArray(), [("Host", Host)]));
        (await identity.Content.ReadAsStringAsync()).Should().Contain("<Arn>arn:aws:sts::111122223333:assumed-role/deploy/try</Arn>");
        var echo = await SendAsync((session with { Service = "echo" }).Sign("POST", "/echo", "", "body"u8.ToArray(), [("Host", Host)]));
        (await echo.Content.ReadAsStringAsync()).Should().Be("arn:aws:sts::111122223333:assumed-role/deploy/try me body");
    }

    [Fact]
    public async Task Presigned_address_proves_who_made_it()
    {
        var response = await SendAsync(Alice.Presign(
            "GET", "/", "Action=GetCallerIdentity&Version=2011-06-15", 60, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ("Host", Host)));
        (await response.Content.ReadAsStringAsync()).Should().Contain(":user/alice</Arn>");
    }

    [Theory]
    [InlineData("sts", "/", "body+changed", HttpStatusCode.Forbidden, "SignatureDoesNotMatch")]
    [InlineData("echo", "/echo", "body+changed", HttpStatusCode.Forbidden, "SignatureDoesNotMatch")]
    [InlineData("sts", "/echo", null, HttpStatusCode.Forbidden, "SignatureDoesNotMatch")]
    [InlineData("echo", "/", null, HttpStatusCode.Forbidden, "SignatureDoesNotMatch")]
    public async Task Changed_body_and_signature_for_another_service_are_refused(string service, string path, string? changed, HttpStatusCode status, string code)
    {
        var signed = (Alice with { Service = service }).Sign("POST", path, "", Encoding.UTF8.GetBytes("Action=GetCallerIdentity&Version=2011-06-15"), [("Host", Host)]);
        await ExpectAsync(await SendAsync(signed, changed is null ? null : $"Action=GetCallerIdentity&Version=2011-06-15&{changed}"), status, code);
    }

    [Fact]
    public async Task Unreadable_signature_is_told_with_its_own_status_and_code()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo");
        request.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=x");
        await ExpectAsync(await _client.SendAsync(request), HttpStatusCode.BadRequest, "IncompleteSignature");
    }

    [Fact]
    public async Task Caller_whom_the_host_lets_not_in_is_told_access_denied() => await ExpectAsync(
        await SendAsync((Alice with { Service = "echo" }).Sign("POST", "/nobody", "", [], [("Host", Host)])), HttpStatusCode.Forbidden, "AccessDenied");

    [Fact]
    public async Task Host_scheme_does_not_touch_the_token_services_own_requests()
    {
        // Longer than the scheme reads.
        var form = Encoding.UTF8.GetBytes("Action=GetCallerIdentity&Version=2011-06-15&Unheard=".PadRight(4096, 'x'));
        var response = await SendAsync(Alice.Sign("POST", "/", "", form, [("Host", Host)]));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Json_credentials_work_too()
    {
        var signed = Alice.Sign("POST", "/", "", Encoding.UTF8.GetBytes(Assume), [("Host", Host)]);
        var response = await SendAsync(signed, accept: "application/json");
        var credentials = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement
            .GetProperty("AssumeRoleResponse").GetProperty("AssumeRoleResult").GetProperty("Credentials");
        credentials.GetProperty("Expiration").GetInt64().Should().Be(TestHost.Start.Plus(Duration.FromHours(1)).ToUnixTimeSeconds());
    }

    private static async Task ExpectAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        response.StatusCode.Should().Be(status);
        (await response.Content.ReadAsStringAsync()).Should().Contain($"<Code>{code}</Code>");
    }

    private async Task<RequestSigner> AssumeAsync()
    {
        var response = await SendAsync(Alice.Sign("POST", "/", "", Encoding.UTF8.GetBytes(Assume), [("Host", Host)]));
        var xml = System.Xml.Linq.XDocument.Parse(await response.Content.ReadAsStringAsync());
        string Element(string name) => xml.Descendants().Single(element => element.Name.LocalName == name).Value;
        return new RequestSigner(Element("AccessKeyId"), Element("SecretAccessKey"), Element("SessionToken"));
    }

    private Task<HttpResponseMessage> SendAsync(SignedRequest signed, string? body = null, string? accept = null)
    {
        var address = new Uri(
            $"http://{Host}{signed.Path}{(signed.Query.Length == 0 ? "" : "?" + signed.Query)}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(signed.Method), address);
        if (signed.Method == "POST")
        {
            request.Content = new ByteArrayContent(body is null ? signed.Body.ToArray() : Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        }

        foreach (var (name, value) in signed.Headers.Where(header => header.Key != "Host"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return _client.SendAsync(request);
    }
}
