using TokenService.Tests.Mfa;

namespace TokenService.Tests.Operations;

public sealed class GetSessionTokenTests : IDisposable
{
    private readonly MfaBench _bench = new();

    private TestHost Host => _bench.Host;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Session_keeps_the_users_identity()
    {
        var user = Host.AddUser("carol", Allow("s3:GetObject"));
        Host.Store.Put(user with { Tags = [new Tag("team", "red")] });
        var caller = await Host.CallerAsync((await GetAsync("carol")).Value.Credentials);
        caller.Kind.Should().Be(CallerKind.UserSession);
        caller.Session!.IssuedAt.Should().Be(TestHost.Start);
        caller.Session.Name.Should().BeEmpty();
        caller.PrincipalArn.Should().Be(user.Arn);
        var identity = (await Host.Issuer.GetCallerIdentityAsync(caller)).Value;
        (identity.Account, identity.Arn, identity.UserId).Should().Be((user.Account, user.Arn, user.Id));
        (await Host.MayAsync(caller, "s3:GetObject")).Should().BeTrue();
        (await Host.MayAsync(caller, "s3:PutObject")).Should().BeFalse();
    }

    [Theory]
    [InlineData("aws:username", "carol")]
    [InlineData("aws:PrincipalType", "User")]
    [InlineData("aws:PrincipalTag/team", "red")]
    [InlineData("aws:MultiFactorAuthPresent", "false")]
    [InlineData("aws:TokenIssueTime", "2026-01-02T03:04:05Z")]
    public async Task Policies_see_a_user_with_a_token(string key, string value)
    {
        Host.Store.Put(Host.AddUser("carol", Allow("s3:GetObject", $$"""  "StringEquals":{"{{key}}":"{{value}}"}  """)) with { Tags = [new Tag("team", "red")] });
        (await Host.MayAsync(await Host.CallerAsync((await GetAsync("carol")).Value.Credentials), "s3:GetObject")).Should().BeTrue();
    }

    [Fact]
    public async Task Permissions_are_the_users_of_now()
    {
        var user = Host.AddUser("carol", Allow("s3:GetObject"));
        var credentials = (await GetAsync("carol")).Value.Credentials;
        Host.Store.Put(user with { InlinePolicies = [] });
        (await Host.MayAsync(await Host.CallerAsync(credentials), "s3:GetObject")).Should().BeFalse();
    }

    [Fact]
    public async Task No_policy_can_forbid_it()
    {
        const string denyAll = """{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}""";
        Host.AddUser("carol", denyAll);
        Host.Store.Put(Host.Home with
        {
            ServiceControlPolicies = [new Policy("none", null, PolicyDocument.Parse(denyAll, PolicyKind.Control))],
        });
        var caller = await Host.CallerAsync((await GetAsync("carol")).Value.Credentials);
        (await Host.MayAsync(caller, "s3:GetObject")).Should().BeFalse();
        (await Host.Issuer.GetCallerIdentityAsync(caller)).IsSuccess.Should().BeTrue();
    }

    [Theory]
    [InlineData(null, 43_200)]
    [InlineData(900, 900)]
    [InlineData(129_600, 129_600)]
    public async Task Users_session_lasts_as_long_as_it_was_asked_for_and_else_twelve_hours(int? asked, int lasts)
    {
        var credentials = (await GetAsync("alice", new GetSessionTokenRequest { DurationSeconds = asked })).Value.Credentials;
        credentials.Expiration.Should().Be(TestHost.Start + Duration.FromSeconds(lasts));
        Host.Clock.Reset(credentials.Expiration - Duration.FromTicks(1));
        (await Host.RefusalAsync(credentials)).Should().BeNull();
        Host.Clock.Reset(credentials.Expiration);
        (await Host.RefusalAsync(credentials)).Should().Be("ExpiredToken");
    }

    [Theory]
    [InlineData(null, 3600)]
    [InlineData(900, 900)]
    [InlineData(3600, 3600)]
    [InlineData(3601, 3600)]
    [InlineData(129_600, 3600)]
    public async Task Roots_session_lasts_an_hour_at_most_and_is_cut_off_without_a_word(int? asked, int lasts)
    {
        var granted = await Host.Issuer.GetSessionTokenAsync(await Host.RootAsync(), new GetSessionTokenRequest { DurationSeconds = asked });
        granted.Value.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromSeconds(lasts));
    }

    [Theory]
    [InlineData(899, "greater than or equal to 900")]
    [InlineData(129_601, "less than or equal to 129600")]
    public async Task Duration_outside_the_model_is_refused_to_users_and_roots(int seconds, string constraint)
    {
        foreach (var caller in new[] { await Host.UserAsync("alice"), await Host.RootAsync() })
        {
            var refusal = (await Host.Issuer.GetSessionTokenAsync(caller, new GetSessionTokenRequest { DurationSeconds = seconds })).Error!;
            refusal.Should().Be(StsError.ValidationError(
                $"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value {constraint}"));
        }
    }

    [Fact]
    public async Task Session_of_a_root_is_the_root()
    {
        var caller = await Host.CallerAsync((await Host.Issuer.GetSessionTokenAsync(await Host.RootAsync(), new GetSessionTokenRequest())).Value.Credentials);
        caller.Kind.Should().Be(CallerKind.RootSession);
        (caller.Arn, caller.PrincipalArn, caller.UserId).Should().Be((Host.Home.RootArn, Host.Home.RootArn, "111122223333"));
        (await Host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::b/k")).Should().BeTrue();
    }

    [Fact]
    public async Task Root_has_no_device()
    {
        var request = new GetSessionTokenRequest { SerialNumber = MfaBench.AlicesSerial, TokenCode = _bench.Code() };
        (await Host.Issuer.GetSessionTokenAsync(await Host.RootAsync(), request)).Error!.Message.Should().Be(MfaBench.UnknownDevice);
        (await GetAsync("alice", request)).IsSuccess.Should().BeTrue("the code was not used up");
    }

    [Fact]
    public async Task Session_with_a_code_says_so_and_its_age_grows_with_the_clock()
    {
        Host.Store.Put(_bench.Alice with
        {
            InlinePolicies =
            [
                new Policy("fresh", null, PolicyDocument.Parse(
                    Allow("s3:GetObject", """  "Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}  """), PolicyKind.Identity)),
            ],
        });
        var with = (await GetAsync("alice", WithCode())).Value.Credentials;
        var without = (await GetAsync("alice")).Value.Credentials;
        (await Host.CallerAsync(with)).Session!.MfaAuthenticatedAt.Should().Be(TestHost.Start);
        (await Host.MayAsync(await Host.UserAsync("alice"), "s3:GetObject")).Should().BeFalse("a long-term key says nothing of it");
        (await Host.MayAsync(await Host.CallerAsync(without), "s3:GetObject")).Should().BeFalse();
        (await Host.MayAsync(await Host.CallerAsync(with), "s3:GetObject")).Should().BeTrue();
        Host.Clock.Advance(Duration.FromSeconds(59));
        (await Host.MayAsync(await Host.CallerAsync(with), "s3:GetObject")).Should().BeTrue();
        Host.Clock.Advance(Duration.FromSeconds(1));
        (await Host.MayAsync(await Host.CallerAsync(with), "s3:GetObject")).Should().BeFalse();
    }

    [Fact]
    public async Task Wrong_used_and_foreign_codes_are_refused_and_give_nothing()
    {
        (await GetAsync("alice", WithCode() with { TokenCode = _bench.Wrong() })).Error.Should().Be(StsError.AccessDenied(MfaBench.WrongCode));
        (await GetAsync("alice", WithCode() with { SerialNumber = MfaBench.UnknownSerial })).Error.Should().Be(StsError.AccessDenied(MfaBench.UnknownDevice));
        (await GetAsync("bob", WithCode())).Error.Should().Be(StsError.AccessDenied(MfaBench.UnknownDevice));
        (await GetAsync("alice", WithCode())).IsSuccess.Should().BeTrue();
        (await GetAsync("alice", WithCode())).Error.Should().Be(StsError.AccessDenied(MfaBench.WrongCode));
    }

    [Theory]
    [InlineData(MfaBench.AlicesSerial, null)]
    [InlineData(null, "123456")]
    public async Task Device_without_a_code_and_code_without_a_device_are_refused(string? serial, string? code)
    {
        var refusal = (await GetAsync("alice", new GetSessionTokenRequest { SerialNumber = serial, TokenCode = code })).Error;
        refusal.Should().Be(StsError.ValidationError("SerialNumber and TokenCode are given together or not at all."));
    }

    [Fact]
    public async Task Broken_parameters_are_told_together_and_the_code_is_not_repeated()
    {
        var refusal = (await GetAsync("alice", new GetSessionTokenRequest { DurationSeconds = 1, SerialNumber = "12345678", TokenCode = "98765x4" })).Error!;
        refusal.Message.Should().StartWith("4 validation errors detected: ").And.Contain("'serialNumber'").And.Contain("'tokenCode'").And.NotContain("98765x4");
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    [InlineData(256, false)]
    [InlineData(257, true)]
    public async Task Serial_number_has_its_length_at_the_edge_and_not_one_past(int length, bool broken) =>
        (await GetAsync("alice", new GetSessionTokenRequest { SerialNumber = new string('x', length), TokenCode = _bench.Wrong() })).Error!.Code
            .Should().Be(broken ? "ValidationError" : "AccessDenied");

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task Role_that_asks_for_a_second_factor_is_reached_by_way_of_a_session_that_proved_it(string asked, bool reached)
    {
        var role = Host.AddRole("r", $$"""
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},"Action":"sts:AssumeRole",
            "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"{{asked}}"},"NumericLessThanEquals":{"aws:MultiFactorAuthAge":"600"} } } }
            """);
        var with = (await GetAsync("alice", WithCode())).Value.Credentials;
        var without = (await GetAsync("alice")).Value.Credentials;
        Host.Clock.Advance(Duration.FromSeconds(600));
        (await AssumeAsync(with, role)).IsSuccess.Should().Be(reached);
        (await AssumeAsync(without, role)).Error!.Code.Should().Be("AccessDenied");
        Host.Clock.Advance(Duration.FromSeconds(1));
        (await AssumeAsync(with, role)).Error!.Code.Should().Be("AccessDenied");
    }

    [Fact]
    public async Task Role_assumed_by_way_of_it_is_not_chained_and_remembers_where_it_came_from()
    {
        var role = Host.AddRole("r", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"));
        Host.Store.Put(role with { MaxSessionDuration = Duration.FromHours(12) });
        var credentials = (await GetAsync("alice", WithCode())).Value.Credentials;
        var caller = await Host.CallerAsync(credentials);
        var granted = await Host.Issuer.AssumeRoleAsync(
            caller, new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", DurationSeconds = 43_200 });
        var session = (await Host.CallerAsync(granted.Value.Credentials)).Session!;
        session.IssuingAccessKeyId.Should().Be(credentials.AccessKeyId);
        (session.ChainId, session.ChainDepth).Should().Be((caller.Session!.Id, 1));
        session.MfaAuthenticatedAt.Should().BeNull("a second factor is not inherited through a role");
    }

    [Fact]
    public async Task Session_without_a_second_factor_may_prove_it_when_it_assumes_a_role()
    {
        var role = Host.AddRole("r", """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},"Action":"sts:AssumeRole",
            "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}
            """);
        var caller = await Host.CallerAsync((await GetAsync("alice")).Value.Credentials);
        var request = new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", SerialNumber = MfaBench.AlicesSerial, TokenCode = _bench.Code() };
        (await Host.Issuer.AssumeRoleAsync(caller, request)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Issue_is_told_to_the_log_and_no_code_secret_or_token()
    {
        Host.Log.Clear();
        var request = WithCode();
        var credentials = (await GetAsync("alice", request)).Value.Credentials;
        await GetAsync("alice", request);
        var log = string.Join('\n', Host.Log.Entries.Select(entry => entry.Text));
        log.Should().Contain($"Issued {credentials.AccessKeyId}").And.Contain("as arn:aws:iam::111122223333:user/alice (").And.Contain("Refused GetSessionToken");
        log.Should().NotContain(request.TokenCode!).And.NotContain(credentials.SecretAccessKey.Reveal()).And.NotContain(credentials.SessionToken);
        request.ToString().Should().NotContain(request.TokenCode!);
    }

    internal static string Allow(string action, string condition = "") =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"{{action}}","Resource":"*","Condition":{ {{condition}} } } }""";

    private GetSessionTokenRequest WithCode() => new() { SerialNumber = MfaBench.AlicesSerial, TokenCode = _bench.Code() };

    private async Task<StsResult<GetSessionTokenResponse>> GetAsync(string user, GetSessionTokenRequest? request = null) =>
        await Host.Issuer.GetSessionTokenAsync(await Host.UserAsync(user), request ?? new GetSessionTokenRequest());

    private async Task<StsResult<AssumeRoleResponse>> AssumeAsync(TemporaryCredentials credentials, Role role) =>
        await Host.Issuer.AssumeRoleAsync(
            await Host.CallerAsync(credentials), new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1" });
}
