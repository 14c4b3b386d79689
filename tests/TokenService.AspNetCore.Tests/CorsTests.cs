using System.Net;

namespace TokenService.AspNetCore.Tests;

public sealed class CorsTests
{
    private const string Page = "https://console.example";

    [Fact]
    public async Task Preflight_is_answered_for_named_origins_with_the_headers_that_clients_send()
    {
        await using var host = await StubHost.StartAsync(options => options.CorsOrigins.Add(Page));
        var response = await PreflightAsync(host, Page);
        response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        response.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal(Page);
        response.Headers.GetValues("Access-Control-Allow-Methods").Should().Equal("GET, POST");
        response.Headers.GetValues("Access-Control-Allow-Headers").Should().Equal("authorization, X-Amz-Date, amz-sdk-request, content-type");
        response.Headers.Vary.Should().Contain("Origin");
    }

    [Theory]
    [InlineData("https://console.example.evil.example")]
    [InlineData("http://console.example")]
    [InlineData("https://CONSOLE.example")]
    [InlineData("null")]
    public async Task Other_origins_are_not_let_in(string origin)
    {
        await using var host = await StubHost.StartAsync(options => options.CorsOrigins.Add(Page));
        var response = await PreflightAsync(host, origin);
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        response.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
    }

    [Theory]
    [InlineData(Page, true)]
    [InlineData("https://other.example", false)]
    public async Task Answer_can_be_read_by_pages_of_named_origins_and_shows_them_the_request_id(string origin, bool allowed)
    {
        await using var host = await StubHost.StartAsync(options => options.CorsOrigins.Add(Page));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/?Action=GetCallerIdentity&Version=2011-06-15");
        request.Headers.Add("Origin", origin);
        var response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Headers.Contains("Access-Control-Allow-Origin").Should().Be(allowed);
        response.Headers.Contains("Access-Control-Expose-Headers").Should().Be(allowed);
        response.Headers.Vary.Should().Contain("Origin");
    }

    [Fact]
    public async Task Nobody_is_let_in_where_the_host_names_nobody()
    {
        await using var host = await StubHost.StartAsync();
        (await PreflightAsync(host, Page)).StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
    }

    private static Task<HttpResponseMessage> PreflightAsync(StubHost host, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization, X-Amz-Date, amz-sdk-request, x-evil, content-type, x-amz-\u007f");
        return host.Client.SendAsync(request);
    }
}
