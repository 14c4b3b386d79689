using System.Text.Json.Nodes;
using TokenService.Tests.Federation;

namespace TokenService.Tests.Operations;

/// <summary>Reference 5, 6.6, 6.7 and 9: from a token to a session, and what the session is.</summary>
public sealed class AssumeRoleWithWebIdentityTests : IDisposable
{
    private const string Provider = "arn:aws:iam::111122223333:oidc-provider/issuer.example/realm";
    private const string RoleArn = "arn:aws:iam::111122223333:role/ci/deploy";
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
    private const string NotAuthorized = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

    private readonly TestHost _host = new();
    private readonly TokenMaker _maker = new();

    public AssumeRoleWithWebIdentityTests() => Put();

    public void Dispose()
    {
        _host.Dispose();
        _maker.Dispose();
    }

    [Fact]
    public async Task Token_of_a_trusted_provider_gives_a_session_of_the_role()
    {
        var role = AddRole();
        var response = (await AssumeAsync()).Value;
        (response.SubjectFromWebIdentityToken, response.Audience, response.Provider, response.PackedPolicySize, response.SourceIdentity)
            .Should().Be(("user-1", "app", Provider, null, null));
        response.AssumedRoleUser.AssumedRoleId.Should().Be($"{role.Id}:job-1");
        response.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromHours(1), "the token's own end does not cap the session");
        var caller = await _host.CallerAsync(response.Credentials);
        caller.Arn.ToString().Should().Be("arn:aws:sts::111122223333:assumed-role/deploy/job-1");
        var session = caller.Session!;
        (session.FederatedProvider, session.FederatedIssuer, session.FederatedSubject, session.IssuingAccessKeyId, session.ChainDepth)
            .Should().Be((Provider, TokenMaker.Issuer, "user-1", null, 0));
        _host.Log.Entries.Should().ContainSingle(entry => entry.Id.Id == 1000).Which.Text.Should().Contain(Provider).And.Contain("user-1");
    }

    [Theory]
    [InlineData(Provider, "sts:AssumeRoleWithWebIdentity", null)]
    [InlineData(Provider, "sts:AssumeRole", NotAuthorized)]
    [InlineData("arn:aws:iam::111122223333:oidc-provider/issuer.example", "sts:AssumeRoleWithWebIdentity", NotAuthorized)]
    [InlineData("arn:aws:iam::444455556666:oidc-provider/issuer.example/realm", "sts:AssumeRoleWithWebIdentity", NotAuthorized)]
    [InlineData("accounts.google.com", "sts:AssumeRoleWithWebIdentity", NotAuthorized)]
    public async Task Trust_policy_names_the_provider_and_the_operation(string principal, string action, string? refusal)
    {
        AddRole(principal: principal, actions: action);
        (await AssumeAsync()).Error?.Message.Should().Be(refusal);
    }

    [Fact]
    public async Task Everybody_is_no_provider()
    {
        _host.AddRole("deploy", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:*"}}""", path: "/ci/");
        (await AssumeAsync()).Error!.Message.Should().Be(NotAuthorized);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Missing_role_and_distrusting_role_are_indistinguishable(bool exists)
    {
        if (exists)
        {
            AddRole(condition: """{"StringEquals":{"issuer.example/realm:sub":"somebody-else"}}""");
        }

        var error = (await AssumeAsync()).Error!;
        (error.Code, error.HttpStatus, error.Message).Should().Be(("AccessDenied", 403, NotAuthorized));
    }

    [Theory]
    [InlineData("issuer.example/realm:sub", "user-1", true)]
    [InlineData("issuer.example/realm:SUB", "user-1", true)]
    [InlineData("issuer.example/realm:sub", "USER-1", false)]
    [InlineData("issuer.example/realm:aud", "app", true)]
    [InlineData("issuer.example/realm:oaud", "app", true)]
    [InlineData("issuer.example/realm:amr", "mfa", true)]
    [InlineData("issuer.example/realm:environment", "prod", true)]
    [InlineData("issuer.example/realm:level", "7", true)]
    [InlineData("issuer.example/realm:admin", "true", true)]
    [InlineData("issuer.example/realm:groups", "dev", true)]
    [InlineData("issuer.example/realm:nested", "x", false)]
    [InlineData("issuer.example:sub", "user-1", false)]
    [InlineData("aws:FederatedProvider", Provider, true)]
    [InlineData("aws:PrincipalAccount", "anonymous", true)]
    [InlineData("sts:RoleSessionName", "job-1", true)]
    [InlineData("sts:RoleAuthorizedByIdp", "false", true)]
    [InlineData("aws:SourceIp", "192.0.2.1", false)]
    public async Task Trust_policy_sees_the_claims_as_condition_keys(string key, string value, bool allows)
    {
        AddRole(condition: $$"""{"ForAnyValue:StringEquals":{"{{key}}":"{{value}}"} }""");
        var claims = Claims();
        claims["amr"] = new JsonArray("pwd", "mfa");
        claims["environment"] = "prod";
        claims["level"] = 7;
        claims["admin"] = true;
        claims["groups"] = new JsonArray("ops", "dev");
        claims["nested"] = new JsonObject { ["a"] = "x" };
        (await AssumeAsync(claims)).IsSuccess.Should().Be(allows);
    }

    [Fact]
    public async Task Party_that_the_token_was_issued_to_is_its_audience_and_the_other_is_told_beside_it()
    {
        AddRole(condition: """{"StringEquals":{"issuer.example/realm:aud":"app","issuer.example/realm:azp":"app","issuer.example/realm:oaud":"backend"}}""");
        var claims = Claims();
        claims["aud"] = "backend";
        claims["azp"] = TokenMaker.Client;
        (await AssumeAsync(claims)).Value.Audience.Should().Be("app");
        claims["azp"] = "backend";
        claims["aud"] = TokenMaker.Client;
        (await AssumeAsync(claims)).Error!.Message.Should().Be("Incorrect token audience");
    }

    [Fact]
    public async Task Later_requests_carry_audience_subject_and_methods_and_no_other_claim()
    {
        AddRole();
        var claims = Claims();
        claims["amr"] = new JsonArray("pwd", "mfa");
        claims["environment"] = "prod";
        var caller = await _host.CallerAsync((await AssumeAsync(claims)).Value.Credentials);
        foreach (var (key, value, has) in new[]
        {
            ("issuer.example/realm:sub", "user-1", true), ("issuer.example/realm:aud", "app", true), ("issuer.example/realm:amr", "mfa", true),
            ("aws:FederatedProvider", Provider, true), ("issuer.example/realm:environment", "prod", false), ("issuer.example/realm:oaud", "app", false),
            ("sts:RoleSessionName", "job-1", false), ("aws:MultiFactorAuthPresent", "false", false),
        })
        {
            var resource = PolicyDocument.Parse($$"""
                {"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"{{key}}":"{{value}}"} } } }
                """, PolicyKind.Resource);
            (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::bucket/key", resource)).Should().Be(!has, key);
        }
    }

    [Fact]
    public async Task Tags_and_source_identity_of_the_token_take_permissions_of_their_own_and_reach_the_session()
    {
        var claims = Claims();
        claims["https://aws.amazon.com/tags"] = new JsonObject
        {
            ["principal_tags"] = new JsonObject { ["Team"] = new JsonArray("blue"), ["Cost"] = "42" },
            ["transitive_tag_keys"] = new JsonArray("Team"),
        };
        claims["https://aws.amazon.com/source_identity"] = "alice";
        AddRole();
        (await AssumeAsync(claims)).Error!.Message.Should().Be("Not authorized to perform sts:TagSession");
        AddRole(actions: """sts:AssumeRoleWithWebIdentity","sts:TagSession""");
        (await AssumeAsync(claims)).Error!.Message.Should().Be("Not authorized to perform sts:SetSourceIdentity");
        AddRole(
            actions: """sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity""",
            condition: """{"StringEquals":{"aws:RequestTag/team":"blue","sts:SourceIdentity":"alice","sts:TransitiveTagKeys":"Team"}}""");
        var response = (await AssumeAsync(claims)).Value;
        response.SourceIdentity.Should().Be("alice");
        response.PackedPolicySize.Should().BePositive();
        var session = (await _host.CallerAsync(response.Credentials)).Session!;
        session.Tags.Should().BeEquivalentTo([new SessionTag("Team", "blue", true), new SessionTag("Cost", "42", false)]);
        session.SourceIdentity.Should().Be("alice");
    }

    [Fact]
    public async Task Roles_claim_is_looked_at_before_the_role_is()
    {
        AddRole(condition: """{"Bool":{"sts:RoleAuthorizedByIdp":"true"}}""");
        var claims = Claims();
        claims["https://aws.amazon.com/roles"] = RoleArn;
        (await AssumeAsync(claims)).IsSuccess.Should().BeTrue();
        claims["https://aws.amazon.com/roles"] = new JsonArray("arn:aws:iam::111122223333:role/deploy");
        var error = (await AssumeAsync(claims)).Error!;
        (error.Code, error.Message).Should().Be(("InvalidIdentityToken", "The target role ARN is not present in the roles claim of the identity token"));
    }

    [Fact]
    public async Task Provider_of_another_account_vouches_for_nobody_here()
    {
        _host.AddRole("deploy", Trust("arn:aws:iam::444455556666:oidc-provider/issuer.example/realm"), account: _host.Away);
        var error = (await AssumeAsync(roleArn: "arn:aws:iam::444455556666:role/deploy")).Error!;
        (error.Code, error.HttpStatus, error.Message)
            .Should().Be(("InvalidIdentityToken", 400, $"No OpenIDConnect provider found in your account for {TokenMaker.Issuer}"));
    }

    [Theory]
    [InlineData(900, null)]
    [InlineData(3600, null)]
    [InlineData(3601, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")]
    [InlineData(899, "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900")]
    public async Task Duration_is_bounded_by_the_model_and_by_the_role(int seconds, string? refusal)
    {
        AddRole();
        var result = await _host.Issuer.AssumeRoleWithWebIdentityAsync(Request(_maker.Sign(Claims())) with { DurationSeconds = seconds });
        result.Error?.Message.Should().Be(refusal);
        if (result.IsSuccess)
        {
            result.Value.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromSeconds(seconds));
        }
    }

    [Fact]
    public async Task Broken_parameters_are_told_together_and_the_token_is_never_repeated()
    {
        var request = new AssumeRoleWithWebIdentityRequest { RoleArn = null, RoleSessionName = "a b", WebIdentityToken = "e.J", ProviderId = "x" };
        var error = (await _host.Issuer.AssumeRoleWithWebIdentityAsync(request)).Error!;
        error.Code.Should().Be("ValidationError");
        error.Message.Should().StartWith("4 validation errors detected: Value null at 'roleArn'").And.Contain("'roleSessionName'")
            .And.Contain("Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4").And.NotContain("e.J");
        (await _host.Issuer.AssumeRoleWithWebIdentityAsync(Request("x.y.z") with { RoleArn = "arn:aws:iam::111122223333:user/deploy" }))
            .Error!.Message.Should().Be("Request ARN is invalid");
    }

    [Fact]
    public async Task Token_has_20000_characters_at_most()
    {
        AddRole();
        var text = Claims().ToJsonString()[..^1];
        string Padded(int spaces) => _maker.SignText($"{text}{new string(' ', spaces)}}}");
        var spaces = 20_000 * 3 / 4;
        while (Padded(spaces).Length > 20_000)
        {
            spaces--;
        }

        (await AssumeAsync(Padded(spaces))).IsSuccess.Should().BeTrue();
        var longer = Padded(spaces + 3);
        longer.Length.Should().BeGreaterThan(20_000);
        (await AssumeAsync(longer)).Error!.Code.Should().Be("InvalidIdentityToken");
    }

    [Fact]
    public async Task Session_policy_narrows_the_session()
    {
        AddRole();
        var response = (await _host.Issuer.AssumeRoleWithWebIdentityAsync(Request(_maker.Sign(Claims())) with
        {
            Policy = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}""",
        })).Value;
        var caller = await _host.CallerAsync(response.Credentials);
        (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::bucket/key")).Should().BeTrue();
        (await _host.MayAsync(caller, "s3:PutObject", "arn:aws:s3:::bucket/key")).Should().BeFalse();
        response.PackedPolicySize.Should().BePositive();
        (await _host.Issuer.AssumeRoleWithWebIdentityAsync(Request(_maker.Sign(Claims())) with { Policy = "{" })).Error!.Code.Should().Be("MalformedPolicyDocument");
    }

    [Fact]
    public async Task Token_may_be_used_until_it_expires_unless_the_provider_says_once()
    {
        AddRole();
        var claims = Claims();
        (await AssumeAsync(claims)).IsSuccess.Should().BeTrue();
        (await AssumeAsync(claims)).IsSuccess.Should().BeTrue();
        Put(provider => provider with { AcceptsTokensOnce = true });
        (await AssumeAsync(claims)).Error!.Code.Should().Be("InvalidIdentityToken", "it has no jti");
        claims["jti"] = "one";
        (await AssumeAsync(claims)).IsSuccess.Should().BeTrue();
        (await AssumeAsync(claims)).Error!.Code.Should().Be("InvalidIdentityToken");

        // As long as the tolerance makes the token good, it is known to be used.
        _host.Clock.Advance(Duration.FromSeconds(359));
        (await AssumeAsync(claims)).Error!.Code.Should().Be("InvalidIdentityToken");
        _host.Clock.Advance(Duration.FromSeconds(1));
        (await AssumeAsync(claims)).Error!.Message.Should().Be(
            $"Token expired: current date/time {TestHost.Start.ToUnixTimeSeconds() + 360} must be before the expiration date/time {TestHost.Start.ToUnixTimeSeconds() + 300}");
    }

    [Fact]
    public async Task Guard_without_room_refuses()
    {
        using var host = new TestHost(register: services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions
            .AddSingleton<IReplayGuard>(services, provider => new InMemoryReplayGuard((IClock)provider.GetService(typeof(IClock))!, 1)));
        host.Store.Put(new OidcProvider(host.Home, TokenMaker.Issuer, [TokenMaker.Client]) { Jwks = _maker.Jwks, AcceptsTokensOnce = true });
        var codes = new List<string?>();
        foreach (var id in new[] { "one", "two" })
        {
            var claims = Claims();
            claims["jti"] = id;
            codes.Add((await host.Get<IOidcValidator>().ValidateAsync(host.Home.Id, _maker.Sign(claims))).Error?.Code);
        }

        codes.Should().Equal(null, "InvalidIdentityToken");
        host.Log.Entries.Should().Contain(entry => entry.Id.Id == 2011);
    }

    [Fact]
    public async Task Sessions_end_with_their_role_and_by_their_federated_subject()
    {
        AddRole();
        var first = (await AssumeAsync()).Value.Credentials;
        var other = (await AssumeAsync(TokenMaker.Claims(TestHost.Start, "user-2"))).Value.Credentials;
        await _host.Get<Revoker>().RevokeAsync(RevocationTarget.FederatedSubject(TokenMaker.Issuer, "user-1"));
        (await _host.RefusalAsync(first)).Should().Be("InvalidClientTokenId");
        (await _host.RefusalAsync(other)).Should().BeNull();
        _host.Store.RemoveRole(_host.Home.Id, "deploy");
        (await _host.RefusalAsync(other)).Should().Be("InvalidClientTokenId");
    }

    [Fact]
    public async Task Session_that_is_chained_from_one_is_still_the_subjects()
    {
        AddRole();
        _host.AddRole("next", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"issuer.example/realm:sub":"user-1"}}}}""");
        var caller = await _host.CallerAsync((await AssumeAsync()).Value.Credentials);
        var chained = (await _host.Issuer.AssumeRoleAsync(caller, new AssumeRoleRequest { RoleArn = "arn:aws:iam::111122223333:role/next", RoleSessionName = "s2" })).Value.Credentials;
        var session = (await _host.CallerAsync(chained)).Session!;
        (session.FederatedSubject, session.FederatedProvider, session.FederatedKeys.Length).Should().Be(("user-1", null, 0));
        await _host.Get<Revoker>().RevokeAsync(RevocationTarget.FederatedSubject(TokenMaker.Issuer, "user-1"));
        (await _host.RefusalAsync(chained)).Should().Be("InvalidClientTokenId");
    }

    [Fact]
    public async Task Control_policy_of_the_roles_side_binds_those_without_an_account_too()
    {
        AddRole();
        _host.Store.Put(_host.Home with
        {
            ResourceControlPolicies =
            [
                new Policy("rcp", null, PolicyDocument.Parse(
                    """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Resource":"*"}]}""",
                    PolicyKind.Control)),
            ],
        });
        (await AssumeAsync()).Error!.Message.Should().Be(NotAuthorized);
    }

    [Theory]
    [InlineData("accounts.google.com", "https://accounts.google.com")]
    [InlineData("accounts.google.com", "accounts.google.com")]
    [InlineData("arn:aws:iam::111122223333:oidc-provider/accounts.google.com", "accounts.google.com")]
    public async Task Built_in_provider_is_called_by_its_host_and_by_its_ARN(string principal, string issuer)
    {
        _host.Store.Put(new OidcProvider(_host.Home, "https://accounts.google.com", [TokenMaker.Client]) { Jwks = _maker.Jwks });
        AddRole(principal: principal, condition: """{"StringEquals":{"accounts.google.com:sub":"user-1","accounts.google.com:email":"a@b.c","aws:FederatedProvider":"accounts.google.com"}}""");
        var claims = TokenMaker.Claims(TestHost.Start, issuer: issuer);
        claims["email"] = "a@b.c";
        var response = (await AssumeAsync(claims)).Value;
        response.Provider.Should().Be("accounts.google.com");
        (await _host.CallerAsync(response.Credentials)).Session!.FederatedIssuer.Should().Be("https://accounts.google.com");
    }

    [Fact]
    public async Task Token_of_this_very_service_opens_none_of_its_roles_whatever_provider_was_put_into_the_store()
    {
        using var host = TestHost.Issuing("https://sts.example");
        host.AddUser("alice", AllowAll);
        var token = (await host.Issuer.GetWebIdentityTokenAsync(
            await host.UserAsync("alice"), new GetWebIdentityTokenRequest { Audience = ["app"], SigningAlgorithm = "ES384" })).Value.WebIdentityToken;
        foreach (var account in new[] { host.Home, host.Away })
        {
            var keys = System.Text.Encoding.UTF8.GetString((await host.Get<WebIdentityIssuer>().FindKeysAsync(host.Home.Id))!.Value.Span);
            host.Store.Put(new OidcProvider(account, "https://sts.example/111122223333", ["app"]) { Jwks = keys });
            var role = host.AddRole("deploy", Trust($"arn:aws:iam::{account.Id}:oidc-provider/sts.example/111122223333"), AllowAll, account);
            (await host.Get<IOidcValidator>().ValidateAsync(account.Id, token)).IsSuccess.Should().BeTrue("it is a good token");
            var error = (await host.Issuer.AssumeRoleWithWebIdentityAsync(Request(token) with { RoleArn = role.Arn.ToString() })).Error!;
            (error.Code, error.Message).Should().Be(
                ("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://sts.example/111122223333"));
        }
    }

    private static JsonObject Claims() => TokenMaker.Claims(TestHost.Start);

    private static string Trust(string principal = Provider, string actions = "sts:AssumeRoleWithWebIdentity", string condition = "{}") =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"{{principal}}"},"Action":["{{actions}}"],"Condition":{{condition}} } }""";

    private static AssumeRoleWithWebIdentityRequest Request(string token) => new() { RoleArn = RoleArn, RoleSessionName = "job-1", WebIdentityToken = token };

    private Role AddRole(string principal = Provider, string actions = "sts:AssumeRoleWithWebIdentity", string condition = "{}") =>
        _host.AddRole("deploy", Trust(principal, actions, condition), AllowAll, path: "/ci/");

    private void Put(Func<OidcProvider, OidcProvider>? change = null)
    {
        var provider = new OidcProvider(_host.Home, TokenMaker.Issuer, [TokenMaker.Client]) { Jwks = _maker.Jwks };
        _host.Store.Put(change?.Invoke(provider) ?? provider);
    }

    private Task<StsResult<AssumeRoleWithWebIdentityResponse>> AssumeAsync(JsonObject? claims = null, string roleArn = RoleArn) =>
        _host.Issuer.AssumeRoleWithWebIdentityAsync(Request(_maker.Sign(claims ?? Claims())) with { RoleArn = roleArn }).AsTask();

    private Task<StsResult<AssumeRoleWithWebIdentityResponse>> AssumeAsync(string token) => _host.Issuer.AssumeRoleWithWebIdentityAsync(Request(token)).AsTask();
}
