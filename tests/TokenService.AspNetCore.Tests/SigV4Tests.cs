using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace TokenService.AspNetCore.Tests;

public sealed class SigV4Tests
{
    [Fact]
    public void Caller_becomes_a_principal_with_its_claims_and_stays_reachable()
    {
        var context = new DefaultHttpContext { User = new ClaimsPrincipal(new CallerIdentity(Known.Alice, "eu-west-1", "SigV4")) };
        context.GetCaller().Should().BeSameAs(Known.Alice);
        context.User.Clone().GetCaller().Should().BeSameAs(Known.Alice);
        context.User.Identity!.IsAuthenticated.Should().BeTrue();
        context.User.Identity.Name.Should().Be("arn:aws:iam::111122223333:user/alice");
        context.User.FindFirstValue(SigV4ClaimTypes.UserId).Should().Be("AIDARTX3GSDSQAAAAAAAA");
        context.User.FindFirstValue(ClaimTypes.NameIdentifier).Should().Be("AIDARTX3GSDSQAAAAAAAA");
        context.User.FindFirstValue(SigV4ClaimTypes.Account).Should().Be("111122223333");
        context.User.FindFirstValue(SigV4ClaimTypes.PrincipalType).Should().Be("User");
        context.User.FindFirstValue(SigV4ClaimTypes.AccessKeyId).Should().Be("AKIARTX3GSDSQAAAAAAA");
        context.User.FindFirstValue(SigV4ClaimTypes.Region).Should().Be("eu-west-1");
        context.User.HasClaim(claim => claim.Type is SigV4ClaimTypes.SessionName or SigV4ClaimTypes.SourceIdentity).Should().BeFalse();
    }

    [Fact]
    public void Caller_is_absent_where_another_scheme_authenticated()
    {
        new DefaultHttpContext().GetCaller().Should().BeNull();
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(SigV4ClaimTypes.Arn, "arn:aws:iam::111122223333:user/alice")], "Cookies"))
            .GetCaller().Should().BeNull();
    }

    [Theory]
    [InlineData("AWS4-HMAC-SHA256 Credential=x", "", true)]
    [InlineData("AWS4-ECDSA-P256-SHA256 Credential=x", "", true)]
    [InlineData(null, "?X-Amz-Signature=1", true)]
    [InlineData(null, "?X-Amz-Algorithm=AWS4-HMAC-SHA256", true)]
    [InlineData(null, "?x-amz-signature=1", false)]
    [InlineData("Bearer x", "", false)]
    [InlineData("Basic x", "", false)]
    [InlineData(null, "?x=1", false)]
    public void Only_what_claims_to_be_signed_is_looked_at(string? authorization, string query, bool signed)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = authorization;
        context.Request.QueryString = new QueryString(query);
        SigV4AuthenticationHandler.IsSigned(context.Request).Should().Be(signed);
    }

    [Fact]
    public async Task Request_that_is_not_signed_is_challenged_as_AWS_does()
    {
        await using var app = Build(options => options.Rules = SignatureRules.Sts);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var response = await client.GetAsync("/protected");
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        response.Content.Headers.GetValues("Content-Type").Should().Equal("text/xml");
        response.Headers.Contains("x-amzn-RequestId").Should().BeTrue();
        (await response.Content.ReadAsStringAsync()).Should().Contain("<Code>MissingAuthenticationToken</Code>");
    }

    [Theory]
    [InlineData(1025, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(1025, HttpStatusCode.RequestEntityTooLarge, true)]
    public async Task Signed_body_above_the_limit_is_413(int size, HttpStatusCode status, bool chunked = false)
    {
        await using var app = Build(options =>
        {
            options.Rules = SignatureRules.Sts;
            options.MaxBodySize = 1024;
        });
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/protected") { Content = new ByteArrayContent(new byte[size]) };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=x");
        (await client.SendAsync(request)).StatusCode.Should().Be(status);
    }

    [Fact]
    public void Scheme_without_the_name_of_a_service_is_refused()
    {
        new SigV4Options().Invoking(options => options.Validate()).Should().Throw<InvalidOperationException>().WithMessage("*Rules*");
        new SigV4Options { Rules = SignatureRules.Sts, MaxBodySize = -1 }.Invoking(options => options.Validate()).Should().Throw<InvalidOperationException>();
        new SigV4Options { Rules = SignatureRules.Sts }.Invoking(options => options.Validate()).Should().NotThrow();
    }

    private static WebApplication Build(Action<SigV4Options> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");

        // None of these requests comes as far as the check itself.
        builder.Services.AddSingleton((RequestAuthenticator)RuntimeHelpers.GetUninitializedObject(typeof(RequestAuthenticator)));
        builder.Services.AddAuthentication().AddSigV4(configure);
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.Map("/protected", () => "in").RequireAuthorization();
        return app;
    }
}
