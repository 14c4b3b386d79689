using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace TokenService.Testing.Tests;

/// <summary>The provider in memory, judged by the service itself.</summary>
public sealed class FakeOpenIdProviderTests : IDisposable
{
    private readonly TestTokenService _service = new();
    private readonly FakeOpenIdProvider _provider;

    public FakeOpenIdProviderTests() => _provider = _service.AddOpenIdProvider();

    public static TheoryData<BadToken> EveryFlaw => [.. Enum.GetValues<BadToken>()];

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task Token_is_accepted_and_says_what_the_test_wants()
    {
        var token = _provider.IssueToken("alice", claims => claims["department"] = "sales");
        var identity = (await ValidateAsync(token)).Value;
        (identity.Subject, identity.Audience, identity.Issuer).Should().Be(("alice", "app", FakeOpenIdProvider.DefaultIssuer));
        identity.Keys.Should().Contain(new KeyValuePair<string, string>("issuer.example:department", "sales"));
    }

    [Theory, MemberData(nameof(EveryFlaw))]
    public async Task Bad_token_is_refused(BadToken flaw)
    {
        (await CodeAsync(_provider.IssueBadToken(flaw))).Should().Be(flaw == BadToken.Expired ? "ExpiredTokenException" : "InvalidIdentityToken");
        (await CodeAsync(_provider.IssueToken())).Should().BeNull("only the bad token is bad");
    }

    [Fact]
    public async Task Bad_tokens_break_a_rule_each_and_not_all_the_same_one()
    {
        // A flaw that spoils the form of a token would be refused too, and prove nothing of what it is named after: a reader of the form alone takes it.
        foreach (var flaw in Enum.GetValues<BadToken>().Except([BadToken.PayloadNotJson]))
        {
            var parts = _provider.IssueBadToken(flaw, "alice").Split('.');
            parts.Should().HaveCount(3);
            JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(parts[0]))!["alg"].Should().NotBeNull();
            System.Text.Json.JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])).Dispose();
        }

        (await ErrorAsync(BadToken.OtherIssuer)).Should().StartWith("No OpenIDConnect provider found");
        (await ErrorAsync(BadToken.OtherAudience)).Should().Be("Incorrect token audience");
        (await ErrorAsync(BadToken.OtherAuthorizedParty)).Should().Be("Incorrect token audience");
        (await ErrorAsync(BadToken.UnknownKey)).Should().StartWith("Couldn't retrieve verification key");
        (await ErrorAsync(BadToken.ForgedSignature)).Should().Be("The web identity token that was passed is not valid.");
    }

    [Fact]
    public void Flaw_that_does_not_exist_is_refused() =>
        _provider.Invoking(provider => provider.IssueBadToken((BadToken)1000)).Should().Throw<ArgumentOutOfRangeException>();

    [Theory, InlineData(WebIdentityAlgorithm.RS256), InlineData(WebIdentityAlgorithm.ES384)]
    public async Task Keys_are_of_the_algorithm_that_a_test_wants(WebIdentityAlgorithm algorithm)
    {
        using var provider = new FakeOpenIdProvider(_service.Clock, "https://inline.example", algorithm: algorithm);
        _service.Store.Put(provider.Describe(_service.Account) with { Jwks = provider.Jwks, Algorithms = [algorithm.ToString()] });
        (await CodeAsync(provider.IssueToken())).Should().BeNull();
        (await CodeAsync(provider.IssueBadToken(BadToken.AlgorithmHmac))).Should().Be("InvalidIdentityToken");
    }

    [Fact]
    public async Task Token_ends_with_its_lifetime_by_the_clock_of_the_test()
    {
        var token = _provider.IssueToken();
        _service.Clock.Advance(_provider.TokenLifetime + Duration.FromSeconds(59));
        (await CodeAsync(token)).Should().BeNull("a minute is tolerated");
        _service.Clock.Advance(Duration.FromSeconds(1));
        (await CodeAsync(token)).Should().Be("ExpiredTokenException");
    }

    [Fact]
    public async Task Keys_rotate_and_those_that_retire_end_when_the_service_asks_again()
    {
        _provider.TokenLifetime = Duration.FromDays(1);
        var old = _provider.IssueToken();
        (await CodeAsync(old)).Should().BeNull();
        _provider.RotateKeys();
        var young = _provider.IssueToken();
        (await CodeAsync(young)).Should().BeNull();
        (await CodeAsync(old)).Should().BeNull();
        _provider.RetireOldKeys();
        _service.Clock.Advance(Duration.FromHours(1));
        (await CodeAsync(old)).Should().Be("InvalidIdentityToken");
        (await CodeAsync(young)).Should().BeNull();
        _provider.PublishedKeys.Should().ContainSingle().Which.KeyId.Should().Be("key-2");
    }

    [Fact]
    public async Task Client_reaches_the_provider_from_a_host_of_ones_own_and_nothing_else()
    {
        using var client = _provider.CreateClient();
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(_service.Clock);
        services.AddTemporaryCredentials().UseHttpClient(_ => client);
        await using var host = services.BuildServiceProvider();
        var store = host.GetRequiredService<InMemoryIdentityStore>();
        store.Put(_service.Account);
        store.Put(_provider.Describe(_service.Account));
        using var other = new FakeOpenIdProvider(_service.Clock, "https://out-of-reach.example");
        store.Put(other.Describe(_service.Account));
        var validator = host.GetRequiredService<IOidcValidator>();
        (await validator.ValidateAsync(_service.Account.Id, _provider.IssueToken())).IsSuccess.Should().BeTrue();
        (await validator.ValidateAsync(_service.Account.Id, other.IssueToken())).Error!.Code.Should().Be("IDPCommunicationError");
        await client.Invoking(each => each.GetAsync(new Uri("http://127.0.0.1:9/"))).Should().ThrowAsync<HttpRequestException>();
    }

    private async Task<string> ErrorAsync(BadToken flaw) => (await ValidateAsync(_provider.IssueBadToken(flaw))).Error!.Message!;

    private async Task<string?> CodeAsync(string token) => (await ValidateAsync(token)).Error?.Code;

    private Task<StsResult<FederatedIdentity>> ValidateAsync(string token) =>
        _service.Services.GetRequiredService<IOidcValidator>().ValidateAsync(_service.Account.Id, token).AsTask();
}
