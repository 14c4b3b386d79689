using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime.Testing;
using TokenService.Tests;

namespace TokenService.AspNetCore.Tests.Authorization;

/// <summary>Signed requests through a real server to endpoints that require an action.</summary>
public sealed class RequireActionTests : IAsyncLifetime, IDisposable
{
    private const string Key = "AKIARTX3GSDSQAAAAAAA";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    private readonly WebApplication _app;
    private readonly ActionAuthorizationOptions _options;
    private HttpClient _client = new();
    private Decision? _seen;

    public RequireActionTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IClock>(new FakeClock(TestHost.Start));
        builder.Services.AddTemporaryCredentials();
        builder.Services.AddAuthentication().AddSigV4(options => options.Rules = new SignatureRules { Service = "files" });
        builder.Services.AddAuthorization();
        builder.Services.Configure<ActionAuthorizationOptions>(options => options.ResourceAccount = Known.Account.Id);
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            options.KnownProxies.Add(IPAddress.Parse("127.0.0.2"));
        });
        _app = builder.Build();
        _options = _app.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<ActionAuthorizationOptions>>().Value;

        // The address that the connection comes from, as a test says it.
        _app.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = context.Request.Headers["Test-From"].FirstOrDefault() is { } from ? IPAddress.Parse(from) : IPAddress.Loopback;
            return next(context);
        });
        _app.UseForwardedHeaders();

        // Looked at before the answer leaves, or the client would be ahead of it.
        _app.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                _seen = context.GetDecision();
                return Task.CompletedTask;
            });
            return next(context);
        });
        _app.UseAuthentication();
        _app.UseAuthorization();
        var drawers = _app.MapGroup("/drawers").RequireAction("files:Enter", "*");
        drawers.MapGet("/{drawer}/{**name}", (string drawer, string name) => $"{drawer} {name}").RequireAction("files:Read", "arn:aws:files:::{drawer}/{name}");
        _app.MapGet("/nothing", () => "in").RequireAction(_ => ValueTask.FromResult(ImmutableArray<RequestedAction>.Empty));
        _app.MapGet("/both", () => "in").RequireAction(_ => ValueTask.FromResult<ImmutableArray<RequestedAction>>(
        [
            new RequestedAction { Action = "files:Read", Resource = "arn:aws:files:::a/1" },
            new RequestedAction { Action = "files:Write", Resource = "arn:aws:files:::b/1" },
        ]));
        _app.MapGet("/tagged", () => "in").RequireAction(context => ValueTask.FromResult<ImmutableArray<RequestedAction>>(
        [
            new RequestedAction
            {
                Action = "files:Read",
                Resource = "arn:aws:files:us-east-1:111122223333:x",
                ResourceTags = [new Tag("team", context.Request.Query["team"].ToString())],
                RequestTags = [new Tag("cost", "1")],
                ConditionKeys = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("files:Prefix", [context.Request.Query["prefix"].ToString()]),
            },
        ]));
        _app.MapGet("/lent", () => "in").RequireAction(_ => ValueTask.FromResult<ImmutableArray<RequestedAction>>(
        [
            new RequestedAction
            {
                Action = "files:Read",
                Resource = "arn:aws:files:::lent",
                ResourceAccount = "444455556666",
                ResourcePolicy = PolicyDocument.Parse(
                    """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}}""", PolicyKind.Resource),
            },
        ]));
    }

    private RequestSigner Alice { get; } = new(Key, Secret) { Service = "files" };

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
    public async Task Endpoint_is_reached_where_the_policies_allow_its_action_on_the_resource_of_its_route()
    {
        Give("""{"Effect":"Allow","Action":"files:*","Resource":["*"]}""");
        (await GetAsync("/drawers/a/b/c")).Should().Be((HttpStatusCode.OK, "a b/c"));
        _seen!.IsAllowed.Should().BeTrue();
    }

    [Theory]
    [InlineData("a", HttpStatusCode.OK)]
    [InlineData("b", HttpStatusCode.Forbidden)]
    [InlineData("a%2A", HttpStatusCode.Forbidden)]
    public async Task Resource_is_that_of_the_route(string drawer, HttpStatusCode status)
    {
        Give("""{"Effect":"Allow","Action":"files:Enter","Resource":"*"},{"Effect":"Allow","Action":"files:Read","Resource":"arn:aws:files:::a/*"}""");
        (await GetAsync($"/drawers/{drawer}/n")).Status.Should().Be(status);
    }

    [Fact]
    public async Task Group_and_endpoint_are_both_required()
    {
        Give("""{"Effect":"Allow","Action":"files:Read","Resource":"*"}""");
        (await GetAsync("/drawers/a/b")).Body.Should().Contain("files:Enter on resource: *");
    }

    [Fact]
    public async Task Refusal_is_as_AWS_words_it_with_the_encoded_message()
    {
        Give("""{"Effect":"Allow","Action":"files:Enter","Resource":"*"},{"Effect":"Deny","Action":"files:Read","Resource":"*"}""");
        var (status, body) = await GetAsync("/drawers/a/b");
        status.Should().Be(HttpStatusCode.Forbidden);
        body.Should().Contain("<Code>AccessDenied</Code>").And.MatchRegex(
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: files:Read on resource: arn:aws:files:::a/b"
            + " with an explicit deny in an identity-based policy. Encoded authorization failure message: [A-Za-z0-9_-]{100,}<");
        _seen!.Outcome.Should().Be(DecisionOutcome.ExplicitDeny);
    }

    [Fact]
    public async Task Reason_and_encoded_message_stay_away_where_the_host_says_so()
    {
        (_options.TellsReason, _options.SendsEncodedMessage) = (false, false);
        Give("""{"Effect":"Allow","Action":"files:Enter","Resource":"*"}""");
        (await GetAsync("/drawers/a/b")).Body.Should().Contain("files:Read on resource: arn:aws:files:::a/b<");
    }

    [Fact]
    public async Task Caller_of_another_account_is_not_told_the_reason()
    {
        Give("""{"Effect":"Deny","Action":"files:Read","Resource":"*"}""");
        _options.SendsEncodedMessage = false;
        (await GetAsync("/lent")).Body.Should().Contain("on resource: arn:aws:files:::lent<");
    }

    [Fact]
    public async Task Resource_policy_of_another_account_counts()
    {
        Give("""{"Effect":"Allow","Action":"files:Read","Resource":"arn:aws:files:::lent"}""");
        (await GetAsync("/lent")).Should().Be((HttpStatusCode.OK, "in"));
    }

    [Fact]
    public async Task Nobody_who_did_not_sign_comes_in()
    {
        var response = await _client.GetAsync("/drawers/a/b");
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).Should().Contain("<Code>MissingAuthenticationToken</Code>");
    }

    [Fact]
    public async Task Request_that_asks_for_nothing_is_refused()
    {
        Give("""{"Effect":"Allow","Action":"*","Resource":"*"}""");
        (await GetAsync("/nothing")).Status.Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("files:*", HttpStatusCode.OK)]
    [InlineData("files:Read", HttpStatusCode.Forbidden)]
    [InlineData("files:Write", HttpStatusCode.Forbidden)]
    public async Task Every_action_of_a_request_has_to_be_allowed(string allowed, HttpStatusCode status)
    {
        Give($$"""{"Effect":"Allow","Action":"{{allowed}}","Resource":"*"}""");
        (await GetAsync("/both")).Status.Should().Be(status);
    }

    [Theory]
    [InlineData("aws:ResourceTag/team", "blue", HttpStatusCode.OK)]
    [InlineData("aws:ResourceTag/team", "red", HttpStatusCode.Forbidden)]
    [InlineData("aws:RequestTag/cost", "1", HttpStatusCode.OK)]
    [InlineData("files:prefix", "p", HttpStatusCode.OK)]
    [InlineData("files:prefix", "q", HttpStatusCode.Forbidden)]
    [InlineData("aws:RequestedRegion", "us-east-1", HttpStatusCode.OK)]
    [InlineData("aws:RequestedRegion", "eu-west-1", HttpStatusCode.Forbidden)]
    [InlineData("aws:UserAgent", "agent/1", HttpStatusCode.OK)]
    [InlineData("aws:UserAgent", "agent/2", HttpStatusCode.Forbidden)]
    [InlineData("aws:referer", "http://page.example/", HttpStatusCode.OK)]
    [InlineData("aws:referer", "http://other.example/", HttpStatusCode.Forbidden)]
    [InlineData("aws:SecureTransport", "false", HttpStatusCode.OK)]
    [InlineData("aws:SecureTransport", "true", HttpStatusCode.Forbidden)]
    [InlineData("aws:SourceVpc", "vpc-1", HttpStatusCode.OK)]
    [InlineData("aws:SourceVpc", "vpc-2", HttpStatusCode.Forbidden)]
    [InlineData("aws:username", "alice", HttpStatusCode.OK)]
    [InlineData("aws:username", "bob", HttpStatusCode.Forbidden)]
    [InlineData("aws:CurrentTime", "2026-01-02T03:04:05Z", HttpStatusCode.OK)]
    public async Task Condition_keys_are_those_of_the_request(string key, string value, HttpStatusCode status)
    {
        _options.ConditionKeys = _ => ImmutableDictionary<string, ImmutableArray<string>>.Empty
            .Add("aws:SourceVpc", ["vpc-1"]).Add("FILES:PREFIX", ["q"]).Add("aws:username", ["bob"]);
        Give($$"""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"{{key}}":"{{value}}"} } }""");
        (await GetAsync("/tagged", "prefix=p&team=blue", ("User-Agent", "agent/1"), ("Referer", "http://page.example/"))).Status.Should().Be(status);
    }

    [Theory]
    [InlineData("127.0.0.2", "192.0.2.7", "192.0.2.7", HttpStatusCode.OK)]
    [InlineData("127.0.0.3", "192.0.2.7", "192.0.2.7", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.3", "192.0.2.7", "127.0.0.3", HttpStatusCode.OK)]
    [InlineData("::ffff:127.0.0.3", "192.0.2.7", "127.0.0.3", HttpStatusCode.OK)]
    public async Task Forwarded_address_counts_from_a_known_proxy_alone(string from, string forwarded, string allowed, HttpStatusCode status)
    {
        Give($$"""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"{{allowed}}"} } }""");
        (await GetAsync("/tagged", "prefix=p&team=blue", ("Test-From", from), ("X-Forwarded-For", forwarded))).Status.Should().Be(status);
    }

    [Theory]
    [InlineData("127.0.0.2", HttpStatusCode.OK)]
    [InlineData("127.0.0.3", HttpStatusCode.Forbidden)]
    public async Task Forwarded_scheme_counts_from_a_known_proxy_alone(string from, HttpStatusCode status)
    {
        Give("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}""");
        (await GetAsync("/tagged", "prefix=p&team=blue", ("Test-From", from), ("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-Proto", "https"))).Status.Should().Be(status);
    }

    [Fact]
    public async Task Owner_of_a_resource_that_nobody_states_is_a_fault_and_no_entrance()
    {
        _options.ResourceAccount = null;
        Give("""{"Effect":"Allow","Action":"*","Resource":"*"}""");
        (await GetAsync("/drawers/a/b")).Status.Should().Be(HttpStatusCode.InternalServerError);
    }

    [Theory]
    [InlineData("arn:aws:files:::{drawer")]
    [InlineData("arn:aws:files:::drawer}")]
    [InlineData("arn:aws:files:::{}")]
    [InlineData("arn:aws:files:::}{")]
    [InlineData("")]
    public void Resource_with_a_lonely_brace_is_refused(string resource) =>
        _app.MapGroup("/x").Invoking(group => group.RequireAction("files:Read", resource)).Should().Throw<ArgumentException>();

    [Fact]
    public void Resource_with_a_value_that_the_route_has_not_is_refused_when_endpoints_are_built()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/{drawer}", () => "in").RequireAction("files:Read", "arn:aws:files:::{drawers}");
        ((IEndpointRouteBuilder)app).DataSources.Single().Invoking(source => source.Endpoints.Count).Should()
            .Throw<InvalidOperationException>().WithMessage("*no parameter 'drawers'*");
    }

    private void Give(string statements)
    {
        var store = _app.Services.GetRequiredService<InMemoryIdentityStore>();
        store.Put(Known.Account);
        store.Put(new Account("444455556666"));
        store.Put(User.Create(Known.Account, "alice") with
        {
            AccessKeys = [new AccessKey(Key, new Secret(Secret))],
            InlinePolicies = [new Policy("p", null, PolicyDocument.Parse($$"""{"Version":"2012-10-17","Statement":[{{statements}}]}""", PolicyKind.Identity))],
        });
    }

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path, string query = "", params (string Name, string Value)[] more)
    {
        var canonical = path.Replace("%", "%25", StringComparison.Ordinal);
        var signed = Alice.Sign("GET", canonical, query, [], [("Host", Host)]);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(
            $"http://{Host}{path}{(query.Length == 0 ? "" : "?" + query)}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach (var (name, value) in signed.Headers.Where(header => header.Key != "Host").Select(header => (header.Key, header.Value)).Concat(more))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
