using Microsoft.AspNetCore.Http;
using TokenService.Testing;
using TokenService.Tests;

namespace TokenService.AspNetCore.Tests.Federation;

/// <summary>Access tokens that say nothing by themselves, against check endpoints that answer as Amazon's and Facebook's do.</summary>
public sealed class OAuth2TokenTests : IAsyncLifetime, IDisposable
{
    private readonly TestHost _host = new();
    private LoopbackOpenIdProvider _provider = null!;
    private string? _asked;

    public async Task InitializeAsync()
    {
        _provider = await LoopbackOpenIdProvider.StartAsync(_host.Clock);
        var endpoint = new Uri($"{_provider.Provider.Issuer}/check");
        _host.Store.Put(OAuth2Provider.Amazon(_host.Home, ["client-1"]) with { CheckEndpoint = endpoint });
        _host.Store.Put(OAuth2Provider.Facebook(_host.Home, "42", new Secret("42|secret")) with { CheckEndpoint = endpoint });
    }

    public async Task DisposeAsync() => await _provider.DisposeAsync();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("www.amazon.com", 200, """{"aud":"client-1","user_id":"u1","exp":3597}""", null)]
    [InlineData("www.amazon.com", 200, """{"aud":"client-2","user_id":"u1","exp":3597}""", "InvalidIdentityToken")]
    [InlineData("www.amazon.com", 200, """{"aud":"client-1","user_id":"u1","exp":0}""", "ExpiredTokenException")]
    [InlineData("www.amazon.com", 200, """{"aud":"client-1","exp":3597}""", "InvalidIdentityToken")]
    [InlineData("www.amazon.com", 400, """{"error":"invalid_token"}""", "IDPRejectedClaim")]
    [InlineData("www.amazon.com", 503, "", "IDPCommunicationError")]
    [InlineData("www.amazon.com", 200, "<html>", "IDPCommunicationError")]
    [InlineData("graph.facebook.com", 200, """{"data":{"app_id":"42","user_id":"u1","is_valid":true,"expires_at":0}}""", null)]
    [InlineData("graph.facebook.com", 200, """{"data":{"app_id":"43","user_id":"u1","is_valid":true,"expires_at":0}}""", "InvalidIdentityToken")]
    [InlineData("graph.facebook.com", 200, """{"data":{"app_id":"42","user_id":"u1","is_valid":false,"expires_at":0}}""", "IDPRejectedClaim")]
    [InlineData("graph.facebook.com", 200, """{"data":{"app_id":"42","user_id":"u1","is_valid":true,"expires_at":1}}""", "ExpiredTokenException")]
    [InlineData("example.com", 200, "{}", "ValidationError")]
    public async Task Provider_is_asked_and_its_answer_counts(string providerId, int status, string answer, string? code)
    {
        _provider.AnswerOther = context =>
        {
            _asked = context.Request.QueryString.Value;
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(answer);
        };
        var result = await _host.Get<IOAuth2TokenValidator>().ValidateAsync(_host.Home.Id, providerId, "Atza|opaque&x");
        (result.Error?.Code).Should().Be(code);
        if (code is null)
        {
            _asked.Should().Contain("token=Atza%7Copaque%26x");
            result.Value.SessionKeys.Should().Contain(key => key.Key.StartsWith(providerId, StringComparison.Ordinal) && key.Value == "u1");
        }

        _host.Log.Entries.Should().NotContain(entry => entry.Text.Contains("opaque", StringComparison.Ordinal));
    }

    [Theory, InlineData(20_000, 1), InlineData(20_001, 0)]
    public async Task Token_that_is_too_long_is_shown_to_nobody(int length, int asked)
    {
        var questions = 0;
        _provider.AnswerOther = context =>
        {
            questions++;
            return context.Response.WriteAsync("""{"aud":"client-1","user_id":"u1","exp":3597}""");
        };
        var result = await _host.Get<IOAuth2TokenValidator>().ValidateAsync(_host.Home.Id, "www.amazon.com", new string('a', length));
        (questions, result.Error?.Code).Should().Be((asked, asked == 1 ? null : "InvalidIdentityToken"));
    }

    [Fact]
    public async Task ID_token_is_shown_to_nobody()
    {
        _provider.AnswerOther = context =>
        {
            _asked = "asked";
            return Task.CompletedTask;
        };
        (await _host.Get<IOAuth2TokenValidator>().ValidateAsync(_host.Home.Id, "www.amazon.com", "eyJhbGciOi.a.b")).Error!.Code.Should().Be("InvalidIdentityToken");
        _asked.Should().BeNull();
    }
}
