using System.Text.Json.Nodes;
using TokenService.Testing;

namespace TokenService.Tests.Federation;

/// <summary>What a provider may set, and what a set of keys may hold.</summary>
public sealed class OidcRuleTests : IDisposable
{
    private const string TooOld = "Token too old: ";

    private readonly TestHost _host = new();
    private readonly TokenMaker _maker = new();

    public void Dispose()
    {
        _maker.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(660, null)]
    [InlineData(661, "ExpiredTokenException")]
    public async Task Token_is_as_old_as_the_provider_lets_it_be_and_a_minute_of_tolerance(int age, string? code)
    {
        Put(provider => provider with { MaxAge = Duration.FromMinutes(10) });
        var error = (await ValidateAsync(Aged(age))).Error;
        error?.Code.Should().Be(code);
        (error is null).Should().Be(code is null);
        (error?.Message ?? TooOld).Should().StartWith(TooOld);
    }

    [Fact]
    public async Task Token_of_a_provider_without_a_maximum_age_is_good_until_its_end()
    {
        Put(provider => provider);
        (await ValidateAsync(Aged(86_000))).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Age_is_that_of_iat_which_must_be_there_and_no_other_time_stands_for_it()
    {
        Put(provider => provider with { MaxAge = Duration.FromMinutes(10) });
        var old = Aged(661);
        old["auth_time"] = TestHost.Start.ToUnixTimeSeconds();
        old["nbf"] = TestHost.Start.ToUnixTimeSeconds();
        (await CodeAsync(old)).Should().Be("ExpiredTokenException");
        var signedInLongAgo = Aged(0);
        signedInLongAgo["auth_time"] = 1;
        (await CodeAsync(signedInLongAgo)).Should().BeNull();
        var ageless = Aged(0);
        ageless.Remove("iat");
        (await CodeAsync(ageless)).Should().Be("InvalidIdentityToken");
    }

    [Theory]
    [InlineData("JWT", null)]
    [InlineData("jwt", null)]
    [InlineData("application/jwt", null)]
    [InlineData("at+jwt", "InvalidIdentityToken")]
    [InlineData("job+jwt", "InvalidIdentityToken")]
    [InlineData("", "InvalidIdentityToken")]
    public async Task Kind_of_token_is_an_ID_token_where_the_provider_declares_nothing(string type, string? code)
    {
        Put(provider => provider);
        (await CodeAsync(Aged(0), type)).Should().Be(code);
    }

    [Theory]
    [InlineData("JWT", null)]
    [InlineData("job+jwt", null)]
    [InlineData("JOB+JWT", null)]
    [InlineData("application/job+jwt", null)]
    [InlineData("job", "InvalidIdentityToken")]
    [InlineData("job+jwt ", "InvalidIdentityToken")]
    [InlineData("at+jwt", "InvalidIdentityToken")]
    [InlineData("application/application/job+jwt", "InvalidIdentityToken")]
    public async Task Kind_of_token_that_the_provider_declares_is_accepted_besides_and_no_other(string type, string? code)
    {
        Put(provider => provider with { TokenTypes = ["job+jwt"] });
        (await CodeAsync(Aged(0), type)).Should().Be(code);
    }

    [Theory]
    [InlineData("team", "Team", false)]
    [InlineData("https://claims.example/team", "https://Claims.example/team", false)]
    [InlineData("team", "teams", true)]
    [InlineData("sub", "Sub", true)]
    [InlineData("aud", "AUD", true)]
    public async Task Claims_that_differ_in_letter_case_alone_are_no_two_condition_keys(string one, string other, bool isAccepted)
    {
        Put(provider => provider);
        var claims = Aged(0);
        claims[one] ??= "blue";
        claims[other] = "red";
        var result = await ValidateAsync(claims);
        result.IsSuccess.Should().Be(isAccepted);
        if (isAccepted && other != "teams")
        {
            // Policies compare keys without regard to letter case: what is spelled like a claim with a meaning of its own is offered to none.
            result.Value.Keys.Should().NotContain(key => key.Value == "red");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[],"keys":[]}""")]
    public async Task Set_that_cannot_be_read_has_no_keys_and_the_operator_is_told_once(string jwks)
    {
        Put(provider => provider with { Jwks = jwks });
        (await CodeAsync(Aged(0))).Should().Be("InvalidIdentityToken");
        (await CodeAsync(Aged(0))).Should().Be("InvalidIdentityToken");
        _host.Log.Entries.Count(entry => entry.Id.Id == 2031).Should().Be(1);
        Put(provider => provider);
        (await CodeAsync(Aged(0))).Should().BeNull();
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task Four_keys_may_share_a_kid_and_where_more_do_none_is_used_whatever_their_order(int keys, bool isAccepted)
    {
        using var signs = new OpenIdSigningKey("same");
        using var another = new OpenIdSigningKey("another");
        var others = Enumerable.Range(0, keys - 1).Select(_ => new OpenIdSigningKey("same")).ToList();
        foreach (var first in new[] { true, false })
        {
            OpenIdSigningKey[] set = first ? [signs, .. others, another] : [.. others, another, signs];
            _host.Log.Clear();
            Put(provider => provider with { Jwks = OpenIdSigningKey.ToJwks(set) });
            (await _host.Get<IOidcValidator>().ValidateAsync(_host.Home.Id, signs.Sign(Aged(0)))).IsSuccess.Should().Be(isAccepted);
            (await _host.Get<IOidcValidator>().ValidateAsync(_host.Home.Id, another.Sign(Aged(0)))).IsSuccess.Should().BeTrue("the others of the set are good");
            _host.Log.Entries.Count(entry => entry.Id.Id == 2031).Should().Be(isAccepted ? 0 : 1);
        }

        others.ForEach(key => key.Dispose());
    }

    [Fact]
    public async Task Keys_of_one_kid_for_different_algorithms_are_no_crowd()
    {
        using var signs = new OpenIdSigningKey("same");
        var others = Enumerable.Range(0, 3).Select(_ => new OpenIdSigningKey("same")).ToList();
        using var rsa = new OpenIdSigningKey("same", WebIdentityAlgorithm.RS256);
        Put(provider => provider with { Jwks = OpenIdSigningKey.ToJwks([.. others, rsa, signs]) });
        foreach (var key in new[] { signs, rsa })
        {
            (await _host.Get<IOidcValidator>().ValidateAsync(_host.Home.Id, key.Sign(Aged(0)))).IsSuccess.Should().BeTrue();
        }

        others.ForEach(key => key.Dispose());
    }

    [Fact]
    public async Task Keys_of_a_provider_that_was_removed_go_with_its_next_token()
    {
        Put(provider => provider);
        (await CodeAsync(Aged(0))).Should().BeNull();
        _host.Get<ProviderKeySets>().Count.Should().Be(1);
        _host.Store.RemoveOidcProvider(_host.Home.Id, TokenMaker.Issuer);
        (await CodeAsync(Aged(0))).Should().Be("InvalidIdentityToken");
        _host.Get<ProviderKeySets>().Count.Should().Be(0);
        Put(provider => provider);
        (await CodeAsync(Aged(0))).Should().BeNull();
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    public async Task Keys_that_no_token_asks_for_are_let_go_when_those_of_another_provider_come(int secondsBeyond, int kept)
    {
        Put(provider => provider);
        (await CodeAsync(Aged(0))).Should().BeNull();

        // A day is the longest that keys are fresh, and another is what they serve beyond that: nothing usable is lost.
        _host.Clock.Advance(Duration.FromHours(48) + Duration.FromSeconds(secondsBeyond));
        _host.Store.Put(new OidcProvider(_host.Home, "https://other.example", [TokenMaker.Client]) { Jwks = _maker.Jwks });
        var claims = TokenMaker.Claims(_host.Clock.GetCurrentInstant(), issuer: "https://other.example");
        (await CodeAsync(claims)).Should().BeNull();
        _host.Get<ProviderKeySets>().Count.Should().Be(kept);
        (await CodeAsync(TokenMaker.Claims(_host.Clock.GetCurrentInstant()))).Should().BeNull("the provider is still there, and its keys are read anew");
    }

    private static JsonObject Aged(int seconds)
    {
        var claims = TokenMaker.Claims(TestHost.Start);
        claims["iat"] = TestHost.Start.ToUnixTimeSeconds() - seconds;
        return claims;
    }

    private void Put(Func<OidcProvider, OidcProvider> change) =>
        _host.Store.Put(change(new OidcProvider(_host.Home, TokenMaker.Issuer, [TokenMaker.Client]) { Jwks = _maker.Jwks }));

    private async Task<string?> CodeAsync(JsonObject claims, string? type = null) => (await ValidateAsync(claims, type)).Error?.Code;

    private async Task<StsResult<FederatedIdentity>> ValidateAsync(JsonObject claims, string? type = null) => await _host.Get<IOidcValidator>().ValidateAsync(
        _host.Home.Id,
        _maker.Sign(claims, type is null ? null : new JsonObject { ["alg"] = "RS256", ["kid"] = _maker.KeyId, ["typ"] = type }.ToJsonString()));
}
