using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenService.Tests.Operations;

public sealed class GetWebIdentityTokenTests : IDisposable
{
    private const string Issuer = "https://sts.example/111122223333";
    private const string Api = "https://api.example";
    private const string Permissions = """["sts:GetWebIdentityToken","sts:TagGetWebIdentityToken"]""";

    private readonly TestHost _host = TestHost.Issuing("https://STS.example/");

    public GetWebIdentityTokenTests() => _host.AddUser("alice", Allow(Permissions));

    public void Dispose() => _host.Dispose();

    [Theory, InlineData("RS256"), InlineData("ES384")]
    public async Task Token_is_verified_by_what_is_published_and_by_nothing_else(string algorithm)
    {
        var response = (await AskAsync(Request() with { SigningAlgorithm = algorithm })).Value;
        response.Expiration.Should().Be(TestHost.Start + Duration.FromSeconds(300));
        response.ToString().Should().NotContain(response.WebIdentityToken);
        using var configuration = JsonDocument.Parse((await Published.FindConfigurationAsync("111122223333"))!.Value);
        configuration.RootElement.GetProperty("issuer").GetString().Should().Be(Issuer);
        configuration.RootElement.GetProperty("jwks_uri").GetString().Should().Be(Issuer + "/.well-known/jwks.json");
        configuration.RootElement.GetProperty("id_token_signing_alg_values_supported").EnumerateArray().Select(value => value.GetString())
            .Should().Equal("RS256", "ES384");

        var result = await VerifyAsync(response.WebIdentityToken, Issuer, Api);
        result.IsValid.Should().BeTrue(result.Exception?.Message);
        var token = (JsonWebToken)result.SecurityToken;
        (token.Alg, token.Typ).Should().Be((algorithm, "JWT"));
        (await VerifyAsync(response.WebIdentityToken, Issuer, "https://other.example")).IsValid.Should().BeFalse();
        (await VerifyAsync(response.WebIdentityToken, "https://sts.example/444455556666", Api)).IsValid.Should().BeFalse();
        (await VerifyAsync(response.WebIdentityToken[..^4] + "AAAA", Issuer, Api)).IsValid.Should().BeFalse();
        _host.Clock.Advance(Duration.FromSeconds(300));
        (await VerifyAsync(response.WebIdentityToken, Issuer, Api)).IsValid.Should().BeFalse();
    }

    [Fact]
    public async Task Published_keys_have_a_public_half_and_no_other()
    {
        using var keys = JsonDocument.Parse((await Published.FindKeysAsync("111122223333"))!.Value);
        var members = keys.RootElement.GetProperty("keys").EnumerateArray().Select(key => key.EnumerateObject().Select(member => member.Name)).ToArray();
        members.Should().HaveCount(2);
        members[0].Should().Equal("kty", "use", "alg", "kid", "n", "e");
        members[1].Should().Equal("kty", "use", "alg", "kid", "crv", "x", "y");
    }

    [Fact]
    public async Task Users_token_says_who_it_is_to_whom_for_how_long_and_nothing_that_does_not_apply()
    {
        _host.Store.Put((await _host.UserAsync("alice")).User! with { Tags = [new Tag("team", "blue")] });
        var payload = await PayloadAsync(Request() with { DurationSeconds = 60 });
        payload.EnumerateObject().Select(claim => claim.Name).Should()
            .BeEquivalentTo("iss", "sub", "aud", "iat", "exp", "jti", "https://sts.amazonaws.com/");
        payload.GetProperty("iss").GetString().Should().Be(Issuer);
        payload.GetProperty("sub").GetString().Should().Be("arn:aws:iam::111122223333:user/alice");
        payload.GetProperty("aud").GetString().Should().Be(Api);
        payload.GetProperty("iat").GetInt64().Should().Be(TestHost.Start.ToUnixTimeSeconds());
        payload.GetProperty("exp").GetInt64().Should().Be(TestHost.Start.ToUnixTimeSeconds() + 60);
        payload.GetProperty("jti").GetString().Should().MatchRegex("^[0-9a-f]{32}$").And
            .NotBe((await PayloadAsync(Request())).GetProperty("jti").GetString());
        payload.GetProperty("https://sts.amazonaws.com/").GetRawText().Should().Be("""{"aws_account":"111122223333","principal_tags":{"team":"blue"}}""");
    }

    [Fact]
    public async Task Sessions_token_says_the_role_its_tags_over_the_roles_the_source_identity_and_when_the_session_ends()
    {
        _host.Store.Put(_host.Home with { OrganizationId = "o-a", OrganizationPaths = ["o-a/r-b/ou-c/"] });
        var caller = await RoleSessionAsync();
        var environment = new RequestEnvironment { RequestedRegion = "eu-west-1" };
        var request = Request() with { Audience = [Api, "second"], Tags = [new Tag("ticket", "7: ü")] };
        var payload = Payload((await _host.Issuer.GetWebIdentityTokenAsync(caller, request, environment)).Value.WebIdentityToken);
        payload.GetProperty("sub").GetString().Should().Be("arn:aws:iam::111122223333:role/path/worker");
        payload.GetProperty("aud").EnumerateArray().Select(audience => audience.GetString()).Should().Equal(Api, "second");
        var claims = payload.GetProperty("https://sts.amazonaws.com/");
        claims.GetProperty("source_region").GetString().Should().Be("eu-west-1");
        claims.GetProperty("org_id").GetString().Should().Be("o-a");
        claims.GetProperty("ou_path").EnumerateArray().Select(path => path.GetString()).Should().Equal("o-a/r-b/ou-c/");
        claims.GetProperty("source_identity").GetString().Should().Be("alice@work");
        claims.GetProperty("original_session_exp").GetString().Should().Be("2026-01-02T04:04:05Z");
        claims.GetProperty("principal_tags").EnumerateObject().Select(tag => (tag.Name, tag.Value.GetString())).Should()
            .BeEquivalentTo([("Stage", "session"), ("kept", "role")]);
        claims.GetProperty("request_tags").GetProperty("ticket").GetString().Should().Be("7: ü");
    }

    [Fact]
    public async Task Token_does_not_outlive_the_session_that_asks_for_it()
    {
        var caller = await RoleSessionAsync();
        _host.Clock.Advance(Duration.FromMinutes(55));
        (await _host.Issuer.GetWebIdentityTokenAsync(caller, Request() with { DurationSeconds = 300 })).IsSuccess.Should().BeTrue();
        (await _host.Issuer.GetWebIdentityTokenAsync(caller, Request() with { DurationSeconds = 301 })).Error.Should().Be(StsError.SessionDurationEscalation());
        _host.Clock.Advance(Duration.FromMinutes(5));
        (await _host.Issuer.GetWebIdentityTokenAsync(caller, Request() with { DurationSeconds = 60 })).Error.Should().Be(StsError.ExpiredToken());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Host_without_a_public_address_and_account_that_issues_no_tokens_refuse_and_publish_nothing(bool accountIssues)
    {
        using var host = TestHost.Issuing(accountIssues ? null : "https://sts.example");
        host.Store.Put(host.Home with { IssuesWebIdentityTokens = accountIssues });
        host.AddUser("alice", Allow(Permissions));
        host.AddUser("bob");
        (await host.Issuer.GetWebIdentityTokenAsync(await host.UserAsync("alice"), Request())).Error.Should().Be(StsError.OutboundWebIdentityFederationDisabled());
        (await host.Issuer.GetWebIdentityTokenAsync(await host.UserAsync("bob"), Request())).Error!.Code.Should().Be("AccessDenied", "permission comes first");
        (await host.Get<WebIdentityIssuer>().FindConfigurationAsync("111122223333")).Should().BeNull();
        (await host.Get<WebIdentityIssuer>().FindKeysAsync("111122223333")).Should().BeNull();
        (await host.Get<WebIdentityIssuer>().FindKeysAsync("444455556666") is null).Should().Be(accountIssues, "the other account has its own say");
    }

    [Theory, InlineData("999999999999"), InlineData("11112222333"), InlineData("11112222333x"), InlineData("")]
    public async Task Nothing_is_published_for_an_account_that_is_not_there(string account)
    {
        (await Published.FindConfigurationAsync(account)).Should().BeNull();
        (await Published.FindKeysAsync(account)).Should().BeNull();
    }

    [Fact]
    public async Task Key_ring_that_signs_nothing_refuses_as_one_that_is_switched_off_and_says_why_in_the_log()
    {
        using var host = new TestHost(
            options => options.PublicAddress = "https://sts.example",
            services => services.Add(new Microsoft.Extensions.DependencyInjection.ServiceDescriptor(typeof(IKeyRing), KeyRing.Ephemeral())));
        host.AddUser("alice", Allow(Permissions));
        (await host.Issuer.GetWebIdentityTokenAsync(await host.UserAsync("alice"), Request())).Error.Should().Be(StsError.OutboundWebIdentityFederationDisabled());
        host.Log.Entries.Should().Contain(entry => entry.Id.Id == 1001 && entry.Text.EndsWith("the key ring has no key that signs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_takes_a_permission_and_tags_take_another()
    {
        _host.AddUser("alice");
        (await AskAsync(Request())).Error.Should().Be(Denied("sts:GetWebIdentityToken"));
        _host.AddUser("alice", Allow("\"sts:GetWebIdentityToken\""));
        (await AskAsync(Request())).IsSuccess.Should().BeTrue();
        var tagged = Request() with { Tags = [new Tag("k", "v")] };
        (await AskAsync(tagged)).Error.Should().Be(Denied("sts:TagGetWebIdentityToken"));
        _host.AddUser("alice", Allow("\"sts:TagGetWebIdentityToken\""));
        (await AskAsync(tagged)).Error.Should().Be(Denied("sts:GetWebIdentityToken"));
        _host.AddUser("alice", Allow(Permissions, resource: "arn:aws:sts::111122223333:self"));
        (await AskAsync(tagged)).IsSuccess.Should().BeTrue();
        _host.AddUser("alice", Allow(Permissions, resource: "arn:aws:sts::444455556666:self"));
        (await AskAsync(tagged)).Error.Should().Be(Denied("sts:GetWebIdentityToken"));
    }

    [Theory]
    [InlineData(""" "ForAllValues:StringEquals":{"sts:IdentityTokenAudience":["https://api.example","second"]} """, true)]
    [InlineData(""" "ForAllValues:StringEquals":{"sts:IdentityTokenAudience":"https://api.example"} """, false)]
    [InlineData(""" "ForAnyValue:StringEquals":{"sts:IdentityTokenAudience":"second"} """, true)]
    [InlineData(""" "NumericLessThanEquals":{"sts:DurationSeconds":"300"} """, true)]
    [InlineData(""" "NumericLessThan":{"sts:DurationSeconds":"300"} """, false)]
    [InlineData(""" "StringEquals":{"sts:SigningAlgorithm":"ES384"} """, true)]
    [InlineData(""" "StringEquals":{"sts:SigningAlgorithm":"RS256"} """, false)]
    [InlineData(""" "StringEquals":{"aws:RequestTag/team":"blue"} """, true)]
    [InlineData(""" "StringEquals":{"aws:RequestTag/team":"red"} """, false)]
    [InlineData(""" "ForAllValues:StringEquals":{"aws:TagKeys":"team"} """, true)]
    [InlineData(""" "ForAllValues:StringEquals":{"aws:TagKeys":"other"} """, false)]
    public async Task Policies_see_audience_duration_algorithm_and_tags(string condition, bool allowed)
    {
        _host.AddUser("alice", Allow(Permissions, condition));
        var request = Request() with { Audience = [Api, "second"], Tags = [new Tag("team", "blue")] };
        (await AskAsync(request)).IsSuccess.Should().Be(allowed);
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    [InlineData(3600, true)]
    [InlineData(3601, false)]
    public async Task Life_has_its_bounds(int seconds, bool granted) =>
        ((await AskAsync(Request() with { DurationSeconds = seconds })).Error?.Code).Should().Be(granted ? null : "ValidationError");

    [Fact]
    public async Task Audiences_are_one_to_ten_of_one_to_a_thousand_characters()
    {
        (await CodeAsync([])).Should().Be("ValidationError");
        (await CodeAsync(default)).Should().Be("ValidationError");
        (await CodeAsync([.. Enumerable.Range(0, 10).Select(number => $"a{number}")])).Should().BeNull();
        (await CodeAsync([.. Enumerable.Range(0, 11).Select(number => $"a{number}")])).Should().Be("ValidationError");
        (await CodeAsync([""])).Should().Be("ValidationError");
        (await CodeAsync([null!])).Should().Be("ValidationError");
        (await CodeAsync([new string('a', 1000)])).Should().BeNull();
        (await CodeAsync([string.Concat(Enumerable.Repeat("\U0001F600", 1000))])).Should().BeNull("characters are Unicode's");
        (await CodeAsync([new string('a', 1001)])).Should().Be("ValidationError");
        (await CodeAsync(["\uD800x"])).Should().Be("ValidationError");
        (await CodeAsync(["x\uDC00"])).Should().Be("ValidationError");

        async Task<string?> CodeAsync(ImmutableArray<string> audience) => (await AskAsync(Request() with { Audience = audience })).Error?.Code;
    }

    [Theory, InlineData(null), InlineData("HS256"), InlineData("none"), InlineData("rs256"), InlineData("0"), InlineData("")]
    public async Task Algorithm_is_one_of_two(string? algorithm) =>
        (await AskAsync(Request() with { SigningAlgorithm = algorithm })).Error!.Code.Should().Be("ValidationError");

    [Fact]
    public async Task What_is_broken_is_told_together()
    {
        var broken = new GetWebIdentityTokenRequest { Audience = default, SigningAlgorithm = "HS256", DurationSeconds = 1 };
        (await AskAsync(broken)).Error!.Message.Should().StartWith("3 validation errors detected: ").And.Contain(
            "Value 'HS256' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RS256, ES384]");
        (await AskAsync(Request() with { Tags = [new Tag("k", "1"), new Tag("K", "2")] })).Error!.Code.Should().Be("InvalidParameterValue");
        (await AskAsync(Request() with { Tags = [new Tag("aws:k", "1")] })).Error!.Code.Should().Be("InvalidParameterValue");
        (await AskAsync(Request() with { Tags = [.. Enumerable.Range(0, 51).Select(number => new Tag($"k{number}", "v"))] })).Error!.Code.Should().Be("ValidationError");
    }

    [Fact]
    public async Task Token_has_the_length_that_verifiers_take_and_a_longer_one_is_refused()
    {
        Tag[] Tags(int characters) => [.. Enumerable.Range(0, 50).Select(number => new Tag($"k{number}", new string('v', characters)))];
        var fitting = (await AskAsync(Request() with { Tags = [.. Tags(250)] })).Value.WebIdentityToken;
        fitting.Length.Should().BeInRange(15_000, GetWebIdentityTokenResponse.MaxTokenSize);

        // Three characters of text are four of the token.
        var room = (GetWebIdentityTokenResponse.MaxTokenSize - fitting.Length) / 4 * 3;
        var longest = Request() with { Tags = [.. Tags(250)], Audience = [Api, .. Split(room - 3)] };
        (await AskAsync(longest)).Value.WebIdentityToken.Length.Should().BeInRange(GetWebIdentityTokenResponse.MaxTokenSize - 40, GetWebIdentityTokenResponse.MaxTokenSize);
        var refusal = (await AskAsync(longest with { Audience = [Api, .. Split(room + 30)] })).Error!;
        (refusal.Code, refusal.HttpStatus).Should().Be(("JWTPayloadSizeExceededException", 400));

        // Each further audience costs three characters of punctuation, and the first makes two brackets.
        static IEnumerable<string> Split(int characters)
        {
            for (characters -= 2; characters > 3; characters -= 1003)
            {
                yield return new string('a', Math.Min(1000, characters - 3));
            }
        }
    }

    [Fact]
    public async Task Token_is_signed_by_the_key_of_the_time_and_verified_until_it_expires()
    {
        var folder = Directory.CreateTempSubdirectory("tokenservice-");
        try
        {
            using var host = new TestHost(options =>
            {
                options.PublicAddress = "https://sts.example";
                options.KeyRingFile = Path.Combine(folder.FullName, "ring.json");
                options.KeyRotation = TimeSpan.FromHours(3);
            });
            host.AddUser("alice", Allow(Permissions));
            var published = host.Get<WebIdentityIssuer>();
            var tokens = new Queue<(string Token, Instant Expiration)>();
            var kids = new HashSet<string>(StringComparer.Ordinal);
            for (var step = 0; step < 16; step++)
            {
                var granted = await host.Issuer.GetWebIdentityTokenAsync(await host.UserAsync("alice"), Request() with { DurationSeconds = 3600 });
                tokens.Enqueue((granted.Value.WebIdentityToken, granted.Value.Expiration));
                kids.Add(new JsonWebToken(granted.Value.WebIdentityToken).Kid);
                host.Clock.Advance(Duration.FromMinutes(30));
                foreach (var (token, expiration) in tokens)
                {
                    var isAlive = host.Clock.GetCurrentInstant() < expiration;
                    var result = await VerifyAsync(published, token, Issuer, Api, host.Clock.GetCurrentInstant());
                    result.IsValid.Should().Be(isAlive);
                }
            }

            kids.Should().HaveCount(3, "eight hours have three keys of three hours");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Issuing_is_told_to_the_log_with_what_names_the_token_and_never_the_token()
    {
        var token = (await AskAsync(Request())).Value.WebIdentityToken;
        var read = new JsonWebToken(token);
        var entry = _host.Log.Entries.Single(entry => entry.Id.Id == 1006);
        entry.Text.Should().Contain(read.Id).And.Contain(read.Kid).And.Contain(Issuer).And.Contain(Api).And.Contain("user/alice");
        _host.Log.Entries.Should().NotContain(other => other.Text.Contains(read.EncodedSignature, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_at_once_are_signed_right()
    {
        var alice = await _host.UserAsync("alice");
        var tokens = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 40), async (number, cancellationToken) => tokens.Add(
            (await _host.Issuer.GetWebIdentityTokenAsync(
                alice, Request() with { SigningAlgorithm = number % 2 == 0 ? "RS256" : "ES384" }, cancellationToken: cancellationToken)).Value.WebIdentityToken));
        foreach (var token in tokens)
        {
            (await VerifyAsync(token, Issuer, Api)).IsValid.Should().BeTrue();
        }
    }

    private WebIdentityIssuer Published => _host.Get<WebIdentityIssuer>();

    private static GetWebIdentityTokenRequest Request() => new() { Audience = [Api], SigningAlgorithm = "ES384" };

    private static string Allow(string actions, string condition = "", string resource = "*") =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":{{actions}},"Resource":"{{resource}}","Condition":{ {{condition}} } } }""";

    private static StsError Denied(string action) => StsError.AccessDenied(
        $"User: arn:aws:iam::111122223333:user/alice is not authorized to perform: {action} on resource: arn:aws:sts::111122223333:self");

    private async Task<StsResult<GetWebIdentityTokenResponse>> AskAsync(GetWebIdentityTokenRequest request) =>
        await _host.Issuer.GetWebIdentityTokenAsync(await _host.UserAsync("alice"), request);

    private async Task<JsonElement> PayloadAsync(GetWebIdentityTokenRequest request) => Payload((await AskAsync(request)).Value.WebIdentityToken);

    private static JsonElement Payload(string token)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.Split('.')[1]));
        return payload.RootElement.Clone();
    }

    private async Task<Caller> RoleSessionAsync()
    {
        var role = _host.AddRole("worker", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"), Allow(Permissions), path: "/path/");
        _host.Store.Put(role with { Tags = [new Tag("stage", "role"), new Tag("kept", "role")] });
        var assumed = await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("alice"), new AssumeRoleRequest
        {
            RoleArn = role.Arn.ToString(),
            RoleSessionName = "s1",
            SourceIdentity = "alice@work",
            Tags = [new Tag("Stage", "session")],
        });
        return await _host.CallerAsync(assumed.Value.Credentials);
    }

    private Task<TokenValidationResult> VerifyAsync(string token, string issuer, string audience) =>
        VerifyAsync(Published, token, issuer, audience, _host.Clock.GetCurrentInstant());

    private static async Task<TokenValidationResult> VerifyAsync(
        WebIdentityIssuer published, string token, string issuer, string audience, Instant now)
    {
        var keys = new JsonWebKeySet(System.Text.Encoding.UTF8.GetString((await published.FindKeysAsync("111122223333"))!.Value.Span));
        return await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = issuer,
            ValidAudience = audience,
            IssuerSigningKeys = keys.GetSigningKeys(),
            LifetimeValidator = (_, expires, _, _) => now < Instant.FromDateTimeUtc(expires!.Value),
        });
    }
}
