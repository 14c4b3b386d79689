using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;

namespace TokenService.AspNetCore.Tests;

public sealed class ThrottlingTests
{
    private const string Identity = "Action=GetCallerIdentity&Version=2011-06-15";
    private const string Assume = "Action=AssumeRole&Version=2011-06-15&RoleArn=r&RoleSessionName=s";

    private static readonly RequestRate One = new(1, 1);

    [Fact]
    public async Task Address_that_asks_too_often_is_refused_in_AWS_words_until_the_next_request_has_run_in()
    {
        await using var host = await StubHost.StartAsync(options => options.Throttling.Unsigned = One);
        (await host.PostAsync(Identity)).StatusCode.Should().Be(HttpStatusCode.OK);
        var refused = await host.PostAsync(Identity);
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync()).Should().Contain("<Type>Sender</Type>").And.Contain("<Code>Throttling</Code>").And.Contain("<Message>Rate exceeded</Message>");
        (await (await host.PostAsync(Identity, accept: "application/json")).Content.ReadAsStringAsync()).Should().Contain("\"Code\":\"Throttling\"");
        host.Clock.Advance(Duration.FromSeconds(1));
        (await host.PostAsync(Identity)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Address_is_counted_before_the_request_is_read_and_its_signature_checked()
    {
        await using var host = await StubHost.StartAsync(options => (options.Throttling.Unsigned, options.MaxBodySize) = (One, 1024));
        host.SignatureError = StsError.InvalidClientTokenId();
        await host.PostAsync(Identity);
        var seen = host.Seen;
        seen.Should().NotBeNull();
        (await host.PostAsync(Identity)).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await host.PostAsync(new string('a', 1025))).StatusCode.Should().Be(HttpStatusCode.BadRequest, "it would be 413 if it were read");
        host.Seen.Should().BeSameAs(seen);
    }

    [Fact]
    public async Task Unknown_operations_and_missing_ones_count_for_the_address_too()
    {
        await using var host = await StubHost.StartAsync(options => options.Throttling.Unsigned = new RequestRate(2, 1));
        (await (await host.PostAsync("Action=Nothing&Version=2011-06-15")).Content.ReadAsStringAsync()).Should().Contain("InvalidAction");
        (await (await host.PostAsync("a=b")).Content.ReadAsStringAsync()).Should().Contain("MissingAction");
        (await (await host.PostAsync(Identity)).Content.ReadAsStringAsync()).Should().Contain("Throttling");
    }

    [Theory]
    [InlineData("Authorization", "AWS4-HMAC-SHA256 Credential=a", true)]
    [InlineData("Authorization", "Bearer abc", false)]
    [InlineData("X-Other", "AWS4-HMAC-SHA256", false)]
    public async Task Signed_requests_and_those_that_are_not_have_rates_of_their_own(string header, string value, bool isSigned)
    {
        await using var host = await StubHost.StartAsync(options => (options.Throttling.Source, options.Throttling.Unsigned) = (One, One));
        (await host.Client.GetAsync($"/?{Identity}")).StatusCode.Should().Be(HttpStatusCode.OK);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/?{Identity}");
        request.Headers.TryAddWithoutValidation(header, value);
        (await host.Client.SendAsync(request)).StatusCode.Should().Be(isSigned ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
        (await host.Client.GetAsync($"/?{Identity}&X-Amz-Signature=s")).StatusCode.Should().Be(isSigned ? HttpStatusCode.BadRequest : HttpStatusCode.OK);
    }

    [Theory, InlineData("x-amz-algorithm"), InlineData("X-AMZ-SIGNATURE"), InlineData("x-Amz-Credential")]
    public async Task What_nobody_would_check_as_a_signature_is_not_counted_as_one(string parameter)
    {
        await using var host = await StubHost.StartAsync(options => options.Throttling.Unsigned = One);
        host.SignatureError = StsError.SignatureDoesNotMatch("");
        const string Token = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=s&WebIdentityToken=t";
        (await host.PostAsync(Token, $"/?{parameter}=a")).StatusCode.Should().Be(HttpStatusCode.OK, "its signature is not looked at");
        (await (await host.PostAsync(Token, $"/?{parameter}=a")).Content.ReadAsStringAsync()).Should().Contain("<Code>Throttling</Code>");
    }

    [Fact]
    public async Task Principal_is_counted_once_its_signature_holds_and_its_request_is_then_not_executed()
    {
        await using var host = await StubHost.StartAsync(options => options.Throttling.Principal = One);
        host.SignatureError = StsError.InvalidClientTokenId();
        await host.PostAsync(Assume);
        host.SignatureError = null;
        (await host.PostAsync(Assume + "&ExternalId=first")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await (await host.PostAsync(Assume + "&ExternalId=second")).Content.ReadAsStringAsync()).Should().Contain("<Code>Throttling</Code>");
        host.Issuer.Request!.ExternalId.Should().Be("first");
        host.Clock.Advance(Duration.FromSeconds(1));
        (await host.PostAsync(Assume + "&ExternalId=third")).StatusCode.Should().Be(HttpStatusCode.OK);
        host.Log.Entries.Select(entry => entry.Text).Should().Contain($"Throttled the principal {Known.Alice.PrincipalId}");
    }

    [Fact]
    public async Task Account_is_counted()
    {
        await using var host = await StubHost.StartAsync(options => options.Throttling.Account = One);
        (await host.PostAsync(Identity)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await (await host.PostAsync(Identity)).Content.ReadAsStringAsync()).Should().Contain("<Code>Throttling</Code>");
        host.Log.Entries.Select(entry => entry.Text).Should().Contain("Throttled the account 111122223333");
    }

    [Fact]
    public async Task Address_is_the_connections_and_not_what_a_client_says()
    {
        await using var host = await StubHost.StartAsync(options => options.Throttling.Unsigned = One);
        (await FromAsync(host, "203.0.113.1")).Should().Be(HttpStatusCode.OK);
        (await FromAsync(host, "203.0.113.2")).Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Address_is_the_clients_where_the_host_restores_it()
    {
        await using var host = await StubHost.StartAsync(
            options => options.Throttling.Unsigned = One,
            app => app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor }));
        (await FromAsync(host, "203.0.113.1")).Should().Be(HttpStatusCode.OK);
        (await FromAsync(host, "203.0.113.2")).Should().Be(HttpStatusCode.OK);
        (await FromAsync(host, "203.0.113.1")).Should().Be(HttpStatusCode.BadRequest);
        (await FromAsync(host, "2001:db8::1")).Should().Be(HttpStatusCode.OK);
        (await FromAsync(host, "2001:db8::ffff:2")).Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Preflight_is_not_counted()
    {
        await using var host = await StubHost.StartAsync(options =>
        {
            options.CorsOrigins.Add("https://console.example");
            options.Throttling.Unsigned = One;
        });
        for (var preflight = 0; preflight < 5; preflight++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, "/");
            request.Headers.TryAddWithoutValidation("Origin", "https://console.example");
            (await host.Client.SendAsync(request)).IsSuccessStatusCode.Should().BeTrue();
        }

        (await host.PostAsync(Identity)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Endpoint_limits_where_nothing_else_is_said_and_does_not_where_no_rate_is_set()
    {
        var options = new TokenServiceEndpointOptions().Throttling;
        (options.Principal, options.Account, options.Source, options.Unsigned).Should().Be(
            (new RequestRate(400, 200), new RequestRate(1200, 600), new RequestRate(1200, 600), new RequestRate(200, 50)));
        (await AdmittedAsync(null)).Should().Be(200);
        (await AdmittedAsync(endpoint => endpoint.Throttling.Unsigned = null)).Should().Be(210);

        static async Task<int> AdmittedAsync(Action<TokenServiceEndpointOptions>? configure)
        {
            await using var host = await StubHost.StartAsync(configure);
            var admitted = 0;
            for (var request = 0; request < 210; request++)
            {
                admitted += (await host.Client.GetAsync($"/?{Identity}")).IsSuccessStatusCode ? 1 : 0;
            }

            return admitted;
        }
    }

    private static async Task<HttpStatusCode> FromAsync(StubHost host, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/?{Identity}");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
        return (await host.Client.SendAsync(request)).StatusCode;
    }
}
