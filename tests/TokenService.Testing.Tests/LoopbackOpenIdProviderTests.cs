using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace TokenService.Testing.Tests;

/// <summary>The provider on a port, which the service reaches over HTTP.</summary>
public sealed class LoopbackOpenIdProviderTests : IAsyncLifetime, IDisposable
{
    private readonly TestTokenService _service = new();
    private LoopbackOpenIdProvider _served = null!;

    public async Task InitializeAsync()
    {
        _served = await LoopbackOpenIdProvider.StartAsync(_service.Clock);
        _service.Store.Put(_served.Provider.Describe(_service.Account));
    }

    public async Task DisposeAsync() => await _served.DisposeAsync();

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task Discovery_and_keys_are_served_and_counted()
    {
        (await CodeAsync()).Should().BeNull();
        (await CodeAsync()).Should().BeNull();
        (_served.Discoveries, _served.KeyFetches).Should().Be((1, 1));
        _served.Provider.RotateKeys();
        (await CodeAsync()).Should().BeNull();
        _served.KeyFetches.Should().Be(2);
    }

    [Fact]
    public async Task Wrong_answer_and_none_are_given_where_a_test_wants_them()
    {
        _served.AnswerKeys = context => context.Response.WriteAsync("<html>");
        (await CodeAsync()).Should().Be("InvalidIdentityToken");
        _served.AnswerKeys = null;
        _service.Clock.Advance(Duration.FromSeconds(30));
        (await CodeAsync()).Should().BeNull();
        await _served.StopAsync();
        (await CodeAsync()).Should().BeNull("the keys are kept");
        _service.Clock.Advance(Duration.FromHours(26));
        (await CodeAsync()).Should().Be("IDPCommunicationError");
    }

    [Fact]
    public async Task Life_of_the_keys_and_other_addresses_are_the_tests_to_say()
    {
        _served.CacheControl = "max-age=600";
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var keys = await client.GetAsync(new Uri(_served.Provider.JwksAddress));
        keys.Headers.CacheControl!.MaxAge.Should().Be(TimeSpan.FromMinutes(10));
        (await keys.Content.ReadAsStringAsync()).Should().Be(_served.Provider.Jwks);
        using var missing = await client.GetAsync(new Uri(_served.Provider.Issuer + "/elsewhere"));
        missing.StatusCode.Should().Be(System.Net.HttpStatusCode.NotFound);
        _served.AnswerOther = context => context.Response.WriteAsync("here");
        (await client.GetStringAsync(new Uri(_served.Provider.Issuer + "/elsewhere"))).Should().Be("here");
    }

    private async Task<string?> CodeAsync() => (await _service.Services.GetRequiredService<IOidcValidator>()
        .ValidateAsync(_service.Account.Id, _served.Provider.IssueToken())).Error?.Code;
}
