using System.Collections.Immutable;
using System.Globalization;

namespace TokenService.Tests.Operations;

public sealed class AssumeRoleTests : IDisposable
{
    private const string TrustAlice = """
        {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},
        "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}
        """;

    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";

    private readonly TestHost _host = new();

    public AssumeRoleTests()
    {
        _host.AddUser("alice");
        _host.AddUser("bob");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Credentials_act_as_the_role()
    {
        var role = _host.AddRole("deploy", TrustAlice, path: "/ci/");
        var response = await AssumeAsync("alice", Request(role));
        response.AssumedRoleUser.Arn.ToString().Should().Be("arn:aws:sts::111122223333:assumed-role/deploy/build-7");
        response.AssumedRoleUser.AssumedRoleId.Should().Be($"{role.Id}:build-7");
        response.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromHours(1));
        response.Credentials.SecretAccessKey.Reveal().Should().HaveLength(40);
        AccessKeyId.TryGetAccount(response.Credentials.AccessKeyId, out var account).Should().BeTrue();
        account.Should().Be("111122223333");
        response.PackedPolicySize.Should().BeNull();

        var caller = await _host.CallerAsync(response.Credentials);
        var identity = (await _host.Issuer.GetCallerIdentityAsync(caller)).Value;
        (identity.Account, identity.Arn.ToString(), identity.UserId)
            .Should().Be(("111122223333", "arn:aws:sts::111122223333:assumed-role/deploy/build-7", $"{role.Id}:build-7"));
        caller.PrincipalArn.ToString().Should().Be("arn:aws:iam::111122223333:role/ci/deploy");
        caller.Session!.IssuingAccessKeyId.Should().BeNull();
        caller.Session.ChainId.Should().Be(caller.Session.Id);
    }

    [Fact]
    public async Task Session_begins_at_a_whole_second_and_ends_when_it_says()
    {
        _host.Clock.Advance(Duration.FromMilliseconds(999));
        var response = await AssumeAsync("alice", Request(_host.AddRole("r", TrustAlice)) with { DurationSeconds = 900 });
        response.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromSeconds(900));
        _host.Clock.Reset(response.Credentials.Expiration - Duration.FromTicks(1));
        await _host.CallerAsync(response.Credentials);
        _host.Clock.Reset(response.Credentials.Expiration);
        var late = await _host.Callers.FromCredentialsAsync(
            response.Credentials.AccessKeyId, response.Credentials.SecretAccessKey, response.Credentials.SessionToken);
        late.Error!.Code.Should().Be("ExpiredToken");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Missing_role_and_distrusting_role_are_indistinguishable(bool exists)
    {
        if (exists)
        {
            _host.AddRole("r", TrustAlice);
        }

        var refusal = await RefusedAsync("bob", new AssumeRoleRequest { RoleArn = "arn:aws:iam::111122223333:role/r", RoleSessionName = "s1", DurationSeconds = 43200 });
        refusal.Should().Be(("AccessDenied", 403,
            "User: arn:aws:iam::111122223333:user/bob is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/r"));
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:role/ci/r", true)]
    [InlineData("arn:aws:iam::111122223333:role/r", false)]
    [InlineData("arn:aws:iam::111122223333:role/other/r", false)]
    [InlineData("arn:aws:iam::111122223333:role/ci/R", false)]
    [InlineData("arn:aws-cn:iam::111122223333:role/ci/r", false)]
    [InlineData("arn:aws:iam::444455556666:role/ci/r", false)]
    public async Task Role_is_called_by_its_whole_ARN(string arn, bool exists)
    {
        _host.AddRole("r", TrustAlice, path: "/ci/");
        var result = await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("alice"), new AssumeRoleRequest { RoleArn = arn, RoleSessionName = "s1" });
        (result.Error?.Code).Should().Be(exists ? null : "AccessDenied");
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:user/alice")]
    [InlineData("arn:aws:sts::111122223333:role/alice-role")]
    [InlineData("arn:aws:iam:us-east-1:111122223333:role/r")]
    [InlineData("arn:aws:iam::1111:role/a-long-enough-name")]
    [InlineData("arn:aws:iam::111122223333:role/")]
    [InlineData("arn:aws:iam::111122223333:role//r")]
    [InlineData("not-an-arn-but-twenty-long")]
    public async Task ARN_that_is_no_role_is_invalid(string arn) =>
        (await RefusedAsync("alice", new AssumeRoleRequest { RoleArn = arn, RoleSessionName = "s1" })).Should().Be(("ValidationError", 400, $"{arn} is invalid"));

    [Fact]
    public async Task Root_may_not_assume_roles()
    {
        var role = _host.AddRole("r", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}""");
        var root = (await _host.Callers.ForRootAsync("111122223333")).Value;
        var result = await _host.Issuer.AssumeRoleAsync(root, Request(role));
        result.Error.Should().Be(StsError.AccessDenied("Roles may not be assumed by root accounts."));
    }

    [Theory]
    [InlineData(899, "ValidationError")]
    [InlineData(900, null)]
    [InlineData(7200, null)]
    [InlineData(7201, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")]
    [InlineData(43201, "ValidationError")]
    public async Task Duration_is_bounded_by_the_model_and_by_the_role(int seconds, string? refusal)
    {
        var role = _host.AddRole("r", TrustAlice) with { MaxSessionDuration = Duration.FromHours(2) };
        _host.Store.Put(role);
        var result = await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("alice"), Request(role) with { DurationSeconds = seconds });
        if (refusal is null)
        {
            result.Value.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromSeconds(seconds));
        }
        else
        {
            new[] { result.Error!.Code, result.Error.Message }.Should().Contain(refusal);
        }
    }

    [Fact]
    public async Task Default_duration_is_an_hour_also_where_the_role_would_bear_more()
    {
        var role = _host.AddRole("r", TrustAlice) with { MaxSessionDuration = Duration.FromHours(12) };
        _host.Store.Put(role);
        (await AssumeAsync("alice", Request(role))).Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromHours(1));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(3600, null)]
    [InlineData(3601, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")]
    [InlineData(43200, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")]
    public async Task Chained_session_lasts_an_hour_at_most_whatever_the_role_says(int? seconds, string? refusal)
    {
        var first = _host.AddRole("first", TrustAlice);
        var second = _host.AddRole("second", Trust("arn:aws:iam::111122223333:role/first")) with { MaxSessionDuration = Duration.FromHours(12) };
        _host.Store.Put(second);
        var caller = await _host.CallerAsync((await AssumeAsync("alice", Request(first))).Credentials);
        var result = await _host.Issuer.AssumeRoleAsync(caller, Request(second) with { DurationSeconds = seconds });
        (result.Error?.Message).Should().Be(refusal);
        if (refusal is null)
        {
            var session = (await _host.CallerAsync(result.Value.Credentials)).Session!;
            session.ChainId.Should().Be(caller.Session!.Id);
            session.ChainDepth.Should().Be(1);
            session.IssuingAccessKeyId.Should().Be(caller.AccessKeyId);
        }
    }

    [Fact]
    public async Task Every_broken_parameter_is_told_at_once_in_the_services_wording()
    {
        (await RefusedAsync("alice", new AssumeRoleRequest { RoleArn = null, RoleSessionName = "x" })).Item3.Should().Be(
            "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; "
            + "Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2");
        (await RefusedAsync("alice", new AssumeRoleRequest { RoleArn = "arn:aws:iam::111122223333:role/r", RoleSessionName = "a b" })).Item3.Should().Be(
            @"1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*");
    }

    [Theory]
    [InlineData("roleSessionName", 2, 64)]
    [InlineData("externalId", 2, 1224)]
    [InlineData("serialNumber", 9, 256)]
    [InlineData("sourceIdentity", 2, 64)]
    [InlineData("roleArn", 20, 2048)]
    public async Task Text_has_its_length_at_the_edge_and_not_one_past(string member, int min, int max)
    {
        foreach (var (length, fits) in new[] { (min - 1, false), (min, true), (max, true), (max + 1, false) })
        {
            var text = member == "roleArn" ? "arn:aws:iam::1:role/r".PadRight(length, 'r')[..length] : new string('a', length);
            var request = Request("arn:aws:iam::111122223333:role/none");
            request = member switch
            {
                "roleSessionName" => request with { RoleSessionName = text },
                "externalId" => request with { ExternalId = text },
                "serialNumber" => request with { SerialNumber = text, TokenCode = "123456" },
                "sourceIdentity" => request with { SourceIdentity = text },
                _ => request with { RoleArn = text },
            };
            var (_, _, message) = await RefusedAsync("alice", request);
            message.Contains($"at '{member}' failed to satisfy constraint: Member must have length", StringComparison.Ordinal)
                .Should().Be(!fits, "{0} of {1} characters: {2}", member, length, message);
        }
    }

    [Theory]
    [InlineData("12345", false)]
    [InlineData("123456", true)]
    [InlineData("1234567", false)]
    [InlineData("12345a", false)]
    public async Task Token_code_is_six_digits_and_is_never_repeated(string code, bool fits)
    {
        var (_, _, message) = await RefusedAsync("alice", Request("arn:aws:iam::111122223333:role/none") with { SerialNumber = "GAHT12345678", TokenCode = code });
        message.Contains("Value at 'tokenCode' failed", StringComparison.Ordinal).Should().Be(!fits);
        message.Should().NotContain(code);
    }

    [Theory]
    [InlineData("GAHT12345678", null)]
    [InlineData(null, "123456")]
    public async Task Serial_number_and_code_go_together(string? serial, string? code) =>
        (await RefusedAsync("alice", Request("arn:aws:iam::111122223333:role/none") with { SerialNumber = serial, TokenCode = code })).Item1.Should().Be("ValidationError");

    [Fact]
    public async Task Serial_number_is_refused_while_nothing_can_verify_it()
    {
        var role = _host.AddRole("r", TrustAlice);
        (await RefusedAsync("alice", Request(role) with { SerialNumber = "arn:aws:iam::111122223333:mfa/alice", TokenCode = "123456" })).Should().Be((
            "AccessDenied", 403,
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."));
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public async Task Context_assertion_has_its_length_at_the_edge_and_not_one_past(int length, bool fits)
    {
        var context = new ProvidedContext("arn:aws:iam::aws:contextProvider/IdentityCenter", new string('a', length));
        var (code, _, message) = await RefusedAsync("alice", Request("arn:aws:iam::111122223333:role/none") with { ProvidedContexts = [context] });
        code.Should().Be("ValidationError");
        message.Contains("at 'providedContexts.1.member.contextAssertion' failed", StringComparison.Ordinal).Should().Be(!fits, message);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public async Task Provided_contexts_are_five_at_most(int count, bool fits)
    {
        var context = new ProvidedContext("arn:aws:iam::aws:contextProvider/IdentityCenter", "assertion");
        var (code, _, message) = await RefusedAsync(
            "alice", Request("arn:aws:iam::111122223333:role/none") with { ProvidedContexts = [.. Enumerable.Repeat(context, count)] });
        code.Should().Be("ValidationError");
        message.Contains("at 'providedContexts' failed", StringComparison.Ordinal).Should().Be(!fits, message);
    }

    [Theory]
    [InlineData(19, false)]
    [InlineData(20, true)]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public async Task ARN_of_a_managed_session_policy_has_its_length_at_the_edge_and_not_one_past(int length, bool fits)
    {
        var (_, _, message) = await RefusedAsync(
            "alice", Request("arn:aws:iam::111122223333:role/none") with { PolicyArns = ["arn:aws:iam::aws:policy/x"[..19].PadRight(length, 'x')] });
        message.Contains("at 'policyArns.1.member.arn' failed", StringComparison.Ordinal).Should().Be(!fits, message);
    }

    [Fact]
    public async Task Provided_contexts_are_refused_and_not_ignored()
    {
        var role = _host.AddRole("r", TrustAlice);
        var contexts = ImmutableArray.Create(new ProvidedContext("arn:aws:iam::aws:contextProvider/IdentityCenter", "assertion"));
        (await RefusedAsync("alice", Request(role) with { ProvidedContexts = contexts })).Item1.Should().Be("ValidationError");
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("right", null, true)]
    [InlineData("wrong", null, false)]
    public async Task External_id_reaches_the_trust_policy(string? externalId, string? _, bool allowed)
    {
        _host.AddUser("carol", AllowAll, _host.Away);
        var role = _host.AddRole("partner", """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole",
            "Condition":{"StringEquals":{"sts:ExternalId":"right"}}}}
            """);
        var result = await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("carol", _host.Away), Request(role) with { ExternalId = externalId });
        result.IsSuccess.Should().Be(allowed);
    }

    [Fact]
    public async Task Minimum_token_size_pads_the_token_and_the_answer_tells_its_size()
    {
        var role = _host.AddRole("r", TrustAlice);
        var plain = await AssumeAsync("alice", Request(role));
        plain.SessionTokenSize.Should().BeLessThan(1024).And.Be(plain.Credentials.SessionToken.Length);
        foreach (var size in new[] { 0, 1, 1023, 4095, 4096 })
        {
            var padded = await AssumeAsync("alice", Request(role) with { MinimumSessionTokenSize = size });
            padded.SessionTokenSize.Should().BeInRange(Math.Max(size, plain.SessionTokenSize - 8), Math.Max(size + 3, plain.SessionTokenSize + 8));
            padded.SessionTokenUtilization.Should().Be((int)Math.Ceiling(padded.SessionTokenSize / 40.96));
            await _host.CallerAsync(padded.Credentials);
        }

        (await RefusedAsync("alice", Request(role) with { MinimumSessionTokenSize = 4097 })).Item1.Should().Be("ValidationError");
    }

    [Fact]
    public async Task Deleted_role_ends_its_sessions_and_a_namesake_does_not_revive_them()
    {
        var role = _host.AddRole("r", TrustAlice);
        var credentials = (await AssumeAsync("alice", Request(role))).Credentials;
        await _host.CallerAsync(credentials);
        _host.Store.RemoveRole("111122223333", "r");
        (await _host.Callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken)).Error!.Code.Should().Be("InvalidClientTokenId");
        _host.AddRole("r", TrustAlice);
        (await _host.Callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken)).Error!.Code.Should().Be("InvalidClientTokenId");
    }

    [Fact]
    public async Task Caller_that_a_host_kept_gets_nothing_once_its_session_is_over()
    {
        var first = _host.AddRole("first", TrustAlice);
        var second = _host.AddRole("second", Trust("arn:aws:iam::111122223333:role/first"));
        var kept = await _host.CallerAsync((await AssumeAsync("alice", Request(first))).Credentials);
        _host.Clock.Reset(kept.Session!.ExpiresAt - Duration.FromSeconds(1));
        (await _host.Issuer.AssumeRoleAsync(kept, Request(second))).IsSuccess.Should().BeTrue();
        _host.Clock.Reset(kept.Session.ExpiresAt);
        (await _host.Issuer.AssumeRoleAsync(kept, Request(second))).Error!.Code.Should().Be("ExpiredToken");
    }

    [Fact]
    public async Task Caller_that_a_host_kept_is_trusted_by_no_role_once_its_session_is_over()
    {
        var second = _host.AddRole("second", Trust("arn:aws:iam::111122223333:role/first"));
        var kept = await _host.CallerAsync((await AssumeAsync("alice", Request(_host.AddRole("first", TrustAlice)))).Credentials);
        var question = new TrustRequest { Caller = kept, Role = second, Actions = ["sts:AssumeRole"], RoleSessionName = "build-7" };
        _host.Clock.Reset(kept.Session!.ExpiresAt - Duration.FromSeconds(1));
        (await _host.Get<ITrustPolicyEvaluator>().EvaluateAsync(question)).IsAllowed.Should().BeTrue();
        _host.Clock.Reset(kept.Session.ExpiresAt);
        var late = await _host.Get<ITrustPolicyEvaluator>().EvaluateAsync(question);
        (late.IsAllowed, late.Action, late.Reasons.Single().Cause).Should().Be((false, "sts:AssumeRole", DenialCause.SessionEnded));
    }

    [Fact]
    public async Task Issuing_is_told_to_the_audit_log_without_any_secret()
    {
        var role = _host.AddRole("r", TrustAlice);
        var response = await AssumeAsync("alice", Request(role) with { SourceIdentity = "alice.smith", Tags = [new Tag("k", "tag-value")] });
        var entry = _host.Log.Entries.Single(entry => entry.Id.Id == 1000).Text;
        entry.Should().Contain(response.Credentials.AccessKeyId).And.Contain("alice.smith").And.Contain("assumed-role/r/build-7").And.Contain("user/alice");
        var all = string.Join('\n', _host.Log.Entries.Select(entry => entry.Text));
        all.Should().NotContain(response.Credentials.SecretAccessKey.Reveal()).And.NotContain(response.Credentials.SessionToken);
        response.ToString().Should().NotContain(response.Credentials.SecretAccessKey.Reveal()).And.NotContain(response.Credentials.SessionToken);
    }

    [Fact]
    public async Task Operator_learns_from_the_log_which_check_failed_and_the_caller_does_not()
    {
        var role = _host.AddRole("r", """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"sts:AssumeRole",
            "Condition":{"StringEquals":{"sts:ExternalId":"4711"}}}}
            """);
        var (_, _, message) = await RefusedAsync("bob", Request(role) with { ExternalId = "0815" });
        message.Should().NotContain("ExternalId");
        _host.Log.Entries.Single(entry => entry.Id.Id == 1001).Text.Should().Contain("sts:ExternalId");
    }

    [Fact]
    public async Task Two_calls_never_share_anything_random()
    {
        var role = _host.AddRole("r", TrustAlice);
        var caller = await _host.UserAsync("alice");
        var count = Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") is null ? 20_000 : 1_000_000;
        var secrets = new System.Collections.Concurrent.ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        var ids = new System.Collections.Concurrent.ConcurrentDictionary<UInt128, byte>();
        var tokens = new System.Collections.Concurrent.ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        var sealer = _host.Get<TokenSealer>();
        await Parallel.ForAsync(0, count, async (_, cancellation) =>
        {
            var credentials = (await _host.Issuer.AssumeRoleAsync(caller, Request(role), cancellationToken: cancellation)).Value.Credentials;
            secrets.TryAdd(credentials.SecretAccessKey.Reveal(), 0);
            tokens.TryAdd(credentials.SessionToken[^32..], 0);
            sealer.TryOpen(credentials.SessionToken, credentials.AccessKeyId, out var session).Should().BeTrue();
            ids.TryAdd(session!.Id, 0);
        });
        (secrets.Count, ids.Count, tokens.Count).Should().Be((count, count, count));
    }

    internal static string Trust(string principal) =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"{{principal}}"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]} }""";

    private static AssumeRoleRequest Request(Role role) => Request(role.Arn.ToString());

    private static AssumeRoleRequest Request(string role) => new() { RoleArn = role, RoleSessionName = "build-7" };

    private async Task<AssumeRoleResponse> AssumeAsync(string user, AssumeRoleRequest request) =>
        (await _host.Issuer.AssumeRoleAsync(await _host.UserAsync(user), request)).Value;

    private async Task<(string, int, string)> RefusedAsync(string user, AssumeRoleRequest request)
    {
        var result = await _host.Issuer.AssumeRoleAsync(await _host.UserAsync(user), request);
        result.IsSuccess.Should().BeFalse(string.Create(CultureInfo.InvariantCulture, $"{request} must be refused"));
        return (result.Error!.Code, result.Error.HttpStatus, result.Error.Message ?? "");
    }
}
