using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime.Testing;
using TokenService.Testing;
using TokenService.Tests;

namespace TokenService.AspNetCore.Tests.Federation;

/// <summary>Reference, oidc.md rule 7: what an anonymous caller can make the service ask for, and what a provider can do to it.</summary>
public sealed class ProviderKeysTests : IAsyncLifetime, IDisposable
{
    private const string NoKey =
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";

    private static readonly Instant Start = Instant.FromUtc(2026, 1, 2, 3, 4, 5);
    private static readonly Account Home = new("111122223333");

    private readonly FakeClock _clock = new(Start);
    private readonly OpenIdSigningKey _first = new("first");
    private readonly OpenIdSigningKey _second = new("second");
    private readonly RecordingLog _log = new();
    private LoopbackOpenIdProvider _provider = null!;
    private string _jwks = "";
    private ServiceProvider? _services;
    private TimeSpan _timeout = TimeSpan.FromSeconds(30);

    private string Issuer => _provider.Provider.Issuer;

    public async Task InitializeAsync()
    {
        _provider = await LoopbackOpenIdProvider.StartAsync(_clock);
        Publish(_first);
        Mend();
    }

    public async Task DisposeAsync() => await _provider.DisposeAsync();

    public void Dispose()
    {
        _services?.Dispose();
        _first.Dispose();
        _second.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Keys_are_fetched_once_and_kept_as_long_as_the_provider_says()
    {
        _provider.CacheControl = "max-age=600";
        for (var call = 0; call < 5; call++)
        {
            (await CodeAsync()).Should().BeNull();
        }

        (_provider.Discoveries, _provider.KeyFetches).Should().Be((1, 1));
        _clock.Advance(Duration.FromSeconds(601));
        (await CodeAsync()).Should().BeNull();
        _provider.KeyFetches.Should().Be(2);
    }

    [Theory]
    [InlineData("max-age=1", 299, 1)]
    [InlineData("no-store", 299, 1)]
    [InlineData("max-age=1", 300, 2)]
    [InlineData("max-age=9999999", 86399, 1)]
    [InlineData("max-age=9999999", 86400, 2)]
    [InlineData(null, 3600, 2)]
    public async Task Keys_live_between_five_minutes_and_a_day(string? cacheControl, int seconds, int fetches)
    {
        _provider.CacheControl = cacheControl;
        (await CodeAsync()).Should().BeNull();
        Publish(_second);
        _clock.Advance(Duration.FromSeconds(seconds));

        // Shortly before their end keys are renewed beside the request, which does not wait for that; at their end it does, and finds them gone.
        (await CodeAsync()).Should().Be(fetches == 1 ? null : "InvalidIdentityToken");
    }

    [Fact]
    public async Task Keys_are_renewed_in_the_background_before_they_expire()
    {
        _provider.CacheControl = "max-age=1000";
        (await CodeAsync()).Should().BeNull();
        var asked = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        _provider.AnswerKeys = async context =>
        {
            asked.TrySetResult();
            await release.Task;
            await context.Response.WriteAsync(OpenIdSigningKey.ToJwks(_first, _second));
        };
        _clock.Advance(Duration.FromSeconds(800));
        (await CodeAsync()).Should().BeNull("the keys are fresh, and nobody waits for the new ones");
        await asked.Task;
        (await CodeAsync()).Should().BeNull();
        release.SetResult();
        (await CodeAsync(_second)).Should().BeNull();
        _provider.KeyFetches.Should().Be(2);
    }

    [Fact]
    public async Task Ten_thousand_tokens_with_unknown_keys_cause_one_fetch_and_valid_tokens_are_accepted_meanwhile()
    {
        (await CodeAsync()).Should().BeNull();
        var good = Token(_first);
        var codes = new ConcurrentBag<string?>();
        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, _) =>
        {
            var unknown = _first.Sign(_provider.Provider.CreateClaims(), new JsonObject { ["alg"] = "ES384", ["kid"] = $"unknown-{index % 5000}" });
            codes.Add(await CodeAsync(unknown));
            if (index % 100 == 0)
            {
                (await CodeAsync(good)).Should().BeNull();
            }
        });
        codes.Should().HaveCount(10_000).And.AllBe("InvalidIdentityToken");
        _provider.KeyFetches.Should().Be(2, "one for all keys, and one for the unknown ones");

        _clock.Advance(Duration.FromSeconds(29));
        (await CodeAsync(_second)).Should().Be("InvalidIdentityToken");
        _provider.KeyFetches.Should().Be(2);
        _clock.Advance(Duration.FromSeconds(1));
        (await CodeAsync(_second)).Should().Be("InvalidIdentityToken");
        _provider.KeyFetches.Should().Be(3);
    }

    [Fact]
    public async Task Token_of_an_issuer_that_is_not_registered_causes_no_fetch()
    {
        var claims = _provider.Provider.CreateClaims();
        claims["iss"] = Issuer + "/";
        (await CodeAsync(_first.Sign(claims))).Should().Be("InvalidIdentityToken");
        (await CodeAsync("not.a.token")).Should().Be("InvalidIdentityToken");
        (_provider.Discoveries, _provider.KeyFetches).Should().Be((0, 0));
    }

    [Fact]
    public async Task Key_that_comes_by_rotation_is_found_by_its_first_token_and_the_one_that_goes_ends_with_the_next_fetch()
    {
        (await CodeAsync()).Should().BeNull();
        Publish(_first, _second);
        (await CodeAsync(_second)).Should().BeNull();
        (await CodeAsync(_first)).Should().BeNull();
        Publish(_second);
        (await CodeAsync(_first)).Should().BeNull("nobody has asked again");
        _clock.Advance(Duration.FromHours(1));
        (await CodeAsync(_first)).Should().Be("InvalidIdentityToken");
        (await CodeAsync(_second)).Should().BeNull();
    }

    [Fact]
    public async Task Algorithm_that_the_provider_does_not_list_is_refused_before_its_key_is_fetched_and_after()
    {
        using var key = new OpenIdSigningKey("rsa", WebIdentityAlgorithm.RS256);
        Put(provider => provider with { Algorithms = ["ES384"] });
        (await CodeAsync()).Should().BeNull();
        Publish(_first, _second, key);
        (await CodeAsync(key)).Should().Be("InvalidIdentityToken");
        _provider.KeyFetches.Should().Be(1, "the algorithm is looked at first");
        (await CodeAsync(_second)).Should().BeNull("its key id is not known, so that the keys are fetched again");
        (await CodeAsync(key)).Should().Be("InvalidIdentityToken");
        Put(provider => provider with { Algorithms = ["ES384", "RS256"] });
        (await CodeAsync(key)).Should().BeNull();
    }

    [Fact]
    public async Task Provider_that_rotates_under_load_refuses_none_of_its_tokens()
    {
        (await CodeAsync()).Should().BeNull();
        var tokens = new[] { Token(_first), Token(_second) };
        Publish(_first, _second);
        var codes = new ConcurrentBag<string?>();
        await Parallel.ForAsync(0, 500, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (index, _) => codes.Add(await CodeAsync(tokens[index % 2])));
        codes.Should().OnlyContain(code => code == null);
        _provider.KeyFetches.Should().Be(2);
    }

    [Fact]
    public async Task Keys_of_a_provider_that_is_down_serve_for_a_day_beyond_their_end_and_then_no_more()
    {
        (await CodeAsync()).Should().BeNull();
        await _provider.StopAsync();
        _clock.Advance(Duration.FromHours(25) - Duration.FromSeconds(1));
        (await CodeAsync()).Should().BeNull();
        _log.Entries.Should().Contain(line => line.Id.Id == 2030 && line.Text.Contains("serve until 2026-01-03T04:04:05Z", StringComparison.Ordinal));
        _clock.Advance(Duration.FromSeconds(1));
        (await CodeAsync()).Should().Be("IDPCommunicationError");
    }

    [Fact]
    public async Task Provider_that_was_never_reached_is_a_communication_error_and_is_asked_once_an_interval()
    {
        _provider.AnswerDiscovery = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        for (var call = 0; call < 3; call++)
        {
            (await CodeAsync()).Should().Be("IDPCommunicationError");
        }

        _provider.Discoveries.Should().Be(1);
        _provider.AnswerDiscovery = null;
        _clock.Advance(Duration.FromSeconds(30));
        (await CodeAsync()).Should().BeNull();
    }

    [Fact]
    public async Task Clock_that_steps_back_keeps_no_fetch_away()
    {
        (await CodeAsync()).Should().BeNull();
        _clock.Advance(Duration.FromDays(-30));
        (await CodeAsync()).Should().BeNull();
        _provider.KeyFetches.Should().Be(2);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "another issuer", NoKey },
        { "another issuer's slash", NoKey },
        { "garbage", NoKey },
        { "garbage keys", NoKey },
        { "a list", NoKey },
        { "a key twice", NoKey },
        { "10 MB", NoKey },
        { "one byte too many", NoKey },
        { "101 keys", NoKey },
        { "redirected discovery", NoKey },
        { "redirected keys", NoKey },
        { "not found", NoKey },
        { "plain http elsewhere", NoKey },
        { "no answer", "The identity provider could not be reached to verify the web identity token." },
        { "a byte at a time", "The identity provider could not be reached to verify the web identity token." },
        { "cut off", "The identity provider could not be reached to verify the web identity token." },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task Wrong_answer_is_not_used_and_leaves_the_keys_from_before_in_place(string fault, string message)
    {
        _timeout = fault is "no answer" or "a byte at a time" ? TimeSpan.FromSeconds(2) : _timeout;
        Break(fault);
        var refusal = (await ValidateAsync(Token(_first))).Error;
        refusal!.Message.Should().Be(message);
        _log.Entries.Should().Contain(line => line.Id.Id == 2030);
        Mend();
        _clock.Advance(Duration.FromSeconds(30));
        (await CodeAsync()).Should().BeNull();
        Break(fault);
        _clock.Advance(Duration.FromHours(2));
        (await CodeAsync()).Should().BeNull();
    }

    [Fact]
    public async Task Answer_of_the_largest_size_is_read_whole()
    {
        _jwks = _first.Jwks + new string(' ', (256 * 1024) - _first.Jwks.Length);
        (await CodeAsync()).Should().BeNull();
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(101, "InvalidIdentityToken")]
    public async Task Set_has_100_keys_of_a_kind_at_most(int keys, string? code)
    {
        var others = string.Concat(Enumerable.Repeat(""",{"kty":"EC"}""", keys - 1));
        _jwks = _first.Jwks.Replace("]}", others + "]}", StringComparison.Ordinal);
        (await CodeAsync()).Should().Be(code);
    }

    [Fact]
    public async Task Fetch_is_shared_by_all_who_wait_and_goes_on_when_one_of_them_leaves()
    {
        var release = new TaskCompletionSource();
        _provider.AnswerKeys = async context =>
        {
            await release.Task;
            await context.Response.WriteAsync(_first.Jwks);
        };
        using var leaving = new CancellationTokenSource();
        var token = Token(_first);
        var gone = ValidateAsync(token, leaving.Token);
        var others = Enumerable.Range(0, 20).Select(_ => ValidateAsync(token)).ToList();
        await leaving.CancelAsync();
        await gone.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        release.SetResult();
        (await Task.WhenAll(others)).Should().OnlyContain(result => result.IsSuccess);
        _provider.KeyFetches.Should().Be(1);
    }

    [Fact]
    public async Task Keys_at_an_address_are_fetched_without_discovery_and_keys_inline_not_at_all()
    {
        Put(provider => provider with { JwksUri = new Uri($"{Issuer}/keys") });
        (await CodeAsync()).Should().BeNull();
        (_provider.Discoveries, _provider.KeyFetches).Should().Be((0, 1));
        Put(provider => provider with { Jwks = _second.Jwks });
        (await CodeAsync(_first)).Should().Be("InvalidIdentityToken");
        (await CodeAsync(_second)).Should().BeNull();
        (_provider.Discoveries, _provider.KeyFetches).Should().Be((0, 1));
    }

    [Fact]
    public async Task Addresses_in_a_header_are_not_asked_and_keys_in_it_not_used()
    {
        var asked = 0;
        _provider.AnswerOther = context =>
        {
            Interlocked.Increment(ref asked);
            return context.Response.WriteAsync(_second.Jwks);
        };
        var claims = _provider.Provider.CreateClaims().ToJsonString();
        var root = new Uri(Issuer).GetLeftPart(UriPartial.Authority);
        foreach (var member in new[] { $"\"jku\":\"{root}/evil\"", $"\"x5u\":\"{root}/evil\"", $"\"jwk\":{_second.Jwks}", "\"x5c\":[\"AAAA\"]" })
        {
            var header = $$"""{"alg":"ES384","kid":"first",{{member}}}""";
            (await CodeAsync(_second.SignText(claims, header))).Should().Be("InvalidIdentityToken");
            (await CodeAsync(_first.SignText(claims, header))).Should().BeNull("the provider's own key signed it");
        }

        asked.Should().Be(0);
    }

    [Fact]
    public async Task Bad_key_is_told_to_the_operator_and_spoils_no_other()
    {
        _jwks = _first.Jwks.Replace("]}", """,{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":7},{"kty":"oct","k":"AAAA"}]}""", StringComparison.Ordinal);
        (await CodeAsync()).Should().BeNull();
        _log.Entries.Count(line => line.Id.Id == 2031).Should().Be(2, "a kind that no signature takes is no fault");
    }

    [Fact]
    public async Task Private_addresses_are_not_reached_unless_the_provider_may_have_one()
    {
        Put(provider => provider with { AllowsPrivateAddresses = false });
        (await ValidateAsync(Token(_first))).Error!.Message.Should().Be(NoKey);
        _log.Entries.Should().Contain(line => line.Text.Contains("private", StringComparison.Ordinal));
        (_provider.Discoveries, _provider.KeyFetches).Should().Be((0, 0));
        new OidcProvider(Home, "https://169.254.169.254/x", ["app"]).AllowsPrivateAddresses.Should().BeTrue();
        new OidcProvider(Home, "https://issuer.example", ["app"]).AllowsPrivateAddresses.Should().BeFalse();
    }

    [Fact]
    public async Task Name_that_leads_to_a_private_address_is_not_reached()
    {
        using var client = new HttpMessageInvoker(ProviderHttp.CreateHandler(allowPrivateAddresses: false));
        using var request = new HttpRequestMessage(HttpMethod.Get, Issuer.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/keys");
        await client.Invoking(each => each.SendAsync(request, default)).Should().ThrowAsync<Exception>().Where(broken => broken is HttpRequestException || broken is IOException);
        _provider.KeyFetches.Should().Be(0);
    }

    [Fact]
    public async Task Client_of_the_host_is_used_and_what_it_was_redirected_to_is_not()
    {
        using var client = new HttpClient();
        Build(builder => builder.UseHttpClient(_ => client));
        (await CodeAsync()).Should().BeNull();
        _provider.AnswerOther = context => context.Response.WriteAsync(_first.Jwks);
        _provider.AnswerKeys = context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };
        Build(builder => builder.UseHttpClient(_ => client));
        (await ValidateAsync(Token(_first))).Error!.Message.Should().Be(NoKey);
    }

    [Fact]
    public async Task Factory_of_the_host_makes_the_client_where_the_host_says_so()
    {
        Build(builder => builder.UseHttpClientFactory("providers"));
        (await CodeAsync()).Should().BeNull();
        _provider.KeyFetches.Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Factorys_clients_hold_what_the_librarys_own_hold(bool allowPrivateAddresses)
    {
        Build(builder => builder.UseHttpClientFactory());
        var name = ProviderHttpClientBuilderExtensions.DefaultName + (allowPrivateAddresses ? ProviderHttpClientBuilderExtensions.PrivateSuffix : "");
        using var client = _services!.GetRequiredService<IHttpClientFactory>().CreateClient(name);
        var address = new Uri(Issuer.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/keys");
        _provider.AnswerKeys = context =>
        {
            context.Response.Headers.SetCookie = "a=b";
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };
        if (allowPrivateAddresses)
        {
            using var answer = await client.GetAsync(address);
            ((int)answer.StatusCode, _provider.KeyFetches).Should().Be((302, 1));
        }
        else
        {
            (await client.Invoking(each => each.GetAsync(address)).Should().ThrowAsync<HttpRequestException>()).WithInnerException<IOException>().WithMessage("*private address*");
            _provider.KeyFetches.Should().Be(0);
        }
    }

    [Fact]
    public async Task Client_for_private_addresses_is_for_the_providers_that_may_have_one()
    {
        using var client = new HttpClient(TemporaryCredentialsBuilder.CreateProviderHandler(allowPrivateAddresses: true));
        var asked = new ConcurrentQueue<bool>();
        Build(builder => builder.UseHttpClient((_, allowPrivateAddresses) =>
        {
            asked.Enqueue(allowPrivateAddresses);
            return client;
        }));
        (await CodeAsync()).Should().BeNull();
        asked.Should().Equal(true, true);
        var other = new OidcProvider(Home, "https://issuer.invalid", ["app"]);
        _services!.GetRequiredService<InMemoryIdentityStore>().Put(other);
        var claims = _provider.Provider.CreateClaims();
        claims["iss"] = other.Issuer;
        (await CodeAsync(_first.Sign(claims))).Should().Be("IDPCommunicationError");
        asked.Should().Equal(true, true, false);
    }

    [Fact]
    public async Task Factory_that_the_host_has_for_other_things_is_not_used_unasked()
    {
        // Its clients follow redirects, and connect to whatever a name leads to.
        var used = 0;
        Build(builder => builder.Services.AddHttpClient().ConfigureHttpClientDefaults(each => each.ConfigureHttpClient(_ => used++)));
        (await CodeAsync()).Should().BeNull();
        used.Should().Be(0);
    }

    [Fact]
    public async Task Fetches_are_counted_by_what_came_of_them()
    {
        var counted = new ConcurrentQueue<string?>();
        using var metrics = new MeterListener();
        metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "tokenservice.oidc.key_fetches")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        var arn = new OidcProvider(Home, Issuer, ["app"], allowPlainHttp: true).Arn.ToString();
        metrics.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            // Each test has a provider on a port of its own.
            if (tags[0].Key == "provider" && (string?)tags[0].Value == arn)
            {
                counted.Enqueue($"{value} {tags[1].Key} {tags[1].Value}");
            }
        });
        metrics.Start();
        Break("not found");
        (await CodeAsync()).Should().Be("InvalidIdentityToken");
        counted.Should().Equal("1 result unusable");
        (await CodeAsync()).Should().Be("InvalidIdentityToken");
        counted.Should().HaveCount(1, "nothing is fetched within the interval");
        Mend();
        _clock.Advance(Duration.FromSeconds(30));
        (await CodeAsync()).Should().BeNull();
        counted.Should().Equal("1 result unusable", "1 result ok");
        (await CodeAsync()).Should().BeNull();
        counted.Should().HaveCount(2, "the keys are known");
        _clock.Advance(Duration.FromHours(2));
        await _provider.StopAsync();
        (await CodeAsync()).Should().BeNull();
        counted.Should().Equal("1 result unusable", "1 result ok", "1 result unreachable");
    }

    private void Break(string fault)
    {
        RequestDelegate Text(string text) => context => context.Response.WriteAsync(text);
        RequestDelegate Redirect() => context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };
        _provider.AnswerOther = context => context.Response.WriteAsync(_first.Jwks);
        switch (fault)
        {
            case "another issuer":
                Discover("https://issuer.example");
                break;
            case "another issuer's slash":
                Discover(Issuer + "/");
                break;
            case "garbage":
                _provider.AnswerDiscovery = Text("<html>");
                break;
            case "garbage keys":
                _provider.AnswerKeys = Text("\0\u0001");
                break;
            case "a list":
                _provider.AnswerKeys = Text("[]");
                break;
            case "a key twice":
                _provider.AnswerKeys = Text($$"""{"keys":[],"keys":{{_first.Jwks}}}""");
                break;
            case "10 MB":
                _provider.AnswerKeys = Text(_first.Jwks + new string(' ', 10_000_000));
                break;
            case "one byte too many":
                _provider.AnswerKeys = Text(_first.Jwks + new string(' ', (256 * 1024) + 1 - _first.Jwks.Length));
                break;
            case "101 keys":
                _provider.AnswerKeys = Text($$"""{"keys":[{{string.Join(',', Enumerable.Repeat("""{"kty":"EC"}""", 101))}}]}""");
                break;
            case "redirected discovery":
                _provider.AnswerDiscovery = Redirect();
                break;
            case "redirected keys":
                _provider.AnswerKeys = Redirect();
                break;
            case "not found":
                _provider.AnswerKeys = context =>
                {
                    context.Response.StatusCode = 404;
                    return Task.CompletedTask;
                };
                break;
            case "plain http elsewhere":
                Discover(Issuer, "http://issuer.example/keys");
                break;
            case "no answer":
                _provider.AnswerKeys = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case "a byte at a time":
                _provider.AnswerKeys = async context =>
                {
                    foreach (var character in Encoding.ASCII.GetBytes(_first.Jwks))
                    {
                        await context.Response.Body.WriteAsync(new[] { character }, context.RequestAborted);
                        await context.Response.Body.FlushAsync(context.RequestAborted);
                        await Task.Delay(TimeSpan.FromMilliseconds(50), context.RequestAborted);
                    }
                };
                break;
            case "cut off":
                _provider.AnswerKeys = async context =>
                {
                    context.Response.ContentLength = 1000;
                    await context.Response.WriteAsync("""{"keys":[""");
                    await context.Response.Body.FlushAsync();
                    context.Abort();
                };
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, "There is no such fault.");
        }
    }

    private void Mend()
    {
        _provider.AnswerDiscovery = _provider.AnswerOther = null;
        _provider.AnswerKeys = context => context.Response.WriteAsync(_jwks);
    }

    private void Publish(params OpenIdSigningKey[] keys) => _jwks = OpenIdSigningKey.ToJwks(keys);

    private void Discover(string issuer, string? keys = null) => _provider.AnswerDiscovery = context =>
        context.Response.WriteAsync(new JsonObject { ["issuer"] = issuer, ["jwks_uri"] = keys ?? _provider.Provider.JwksAddress }.ToJsonString());

    private string Token(OpenIdSigningKey key)
    {
        // Good for as long as any test looks.
        var claims = _provider.Provider.CreateClaims();
        claims["iat"] = (Start - Duration.FromDays(60)).ToUnixTimeSeconds();
        claims["exp"] = (Start + Duration.FromDays(60)).ToUnixTimeSeconds();
        return key.Sign(claims);
    }

    private Task<string?> CodeAsync(OpenIdSigningKey? key = null) => CodeAsync(Token(key ?? _first));

    private async Task<string?> CodeAsync(string token) => (await ValidateAsync(token)).Error?.Code;

    private Task<StsResult<FederatedIdentity>> ValidateAsync(string token, CancellationToken cancellationToken = default)
    {
        if (_services is null)
        {
            Build(_ => { });
        }

        return _services!.GetRequiredService<IOidcValidator>().ValidateAsync(Home.Id, token, cancellationToken).AsTask();
    }

    private void Put(Func<OidcProvider, OidcProvider> change)
    {
        if (_services is null)
        {
            Build(_ => { });
        }

        _services!.GetRequiredService<InMemoryIdentityStore>().Put(change(new OidcProvider(Home, Issuer, ["app"], allowPlainHttp: true)));
    }

    private void Build(Action<TemporaryCredentialsBuilder> configure)
    {
        _services?.Dispose();
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(_clock);
        services.AddSingleton<ILoggerFactory>(_log);
        configure(services.AddTemporaryCredentials(options => options.Oidc.FetchTimeout = _timeout));
        _services = services.BuildServiceProvider();
        _services.GetRequiredService<InMemoryIdentityStore>().Put(Home);
        Put(provider => provider);
    }
}
