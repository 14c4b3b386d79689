using System.Buffers.Text;

namespace TokenService.Tests.Operations;

public sealed class GetDelegatedAccessTokenTests : IDisposable
{
    private const string ReadReports = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}}""";
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
    private const string Denied = "User: arn:aws:iam::444455556666:user/partner is not authorized to perform: sts:GetDelegatedAccessToken";

    private static readonly StsError NotAuthorized = StsError.AccessDenied(Denied);

    private readonly TestHost _host = new();

    public GetDelegatedAccessTokenTests()
    {
        _host.AddUser("alice", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::reports/*"}}""");
        _host.AddUser("partner", account: _host.Away);
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Users_loan_has_its_names_in_its_account_and_the_redeemers_key_in_the_log()
    {
        var token = await IssueAsync();
        token.Should().MatchRegex("^[A-Za-z0-9_-]+$");
        var response = (await RedeemAsync(token)).Value;
        response.AssumedPrincipal.ToString().Should().Be("arn:aws:iam::111122223333:user/alice");
        AccessKeyId.TryGetAccount(response.Credentials.AccessKeyId, out var account).Should().BeTrue();
        account.Should().Be("111122223333");
        var caller = await _host.CallerAsync(response.Credentials);
        var identity = (await _host.Issuer.GetCallerIdentityAsync(caller)).Value;
        (caller.Kind, identity.Arn.ToString(), identity.UserId, identity.Account)
            .Should().Be((CallerKind.Delegated, "arn:aws:iam::111122223333:user/alice", caller.User!.Id, "111122223333"));
        _host.Log.Entries.Should().Contain(entry => entry.Id.Id == 1000 && entry.Text.Contains("to arn:aws:iam::444455556666:user/partner", StringComparison.Ordinal)
            && entry.Text.Contains("as arn:aws:iam::111122223333:user/alice", StringComparison.Ordinal));
        _host.Log.Entries.Should().Contain(entry => entry.Id.Id == 1007)
            .And.Contain(entry => entry.Id.Id == 1000 && entry.Text.Contains("allowed by the trade-in token ", StringComparison.Ordinal))
            .And.NotContain(entry => entry.Text.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Session_of_a_role_lends_the_role_under_the_sessions_name_with_its_tags_and_source_identity()
    {
        var approver = await RoleSessionAsync();
        var response = (await RedeemAsync(Issue(approver))).Value;
        response.AssumedPrincipal.ToString().Should().Be("arn:aws:sts::111122223333:assumed-role/admin/s1");
        var caller = await _host.CallerAsync(response.Credentials);
        (caller.Arn, caller.PrincipalArn.ToString(), caller.UserId).Should().Be((approver.Arn, "arn:aws:iam::111122223333:role/path/admin", approver.UserId));
        caller.Session!.Tags.Should().Equal(new SessionTag("team", "blue", false));
        (caller.Session.SourceIdentity, caller.Session.ChainId, caller.Session.Approver).Should().Be(("alice@work", approver.Session!.ChainId, SessionKind.Role));
        (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::reports/1")).Should().BeTrue();
        (await _host.MayAsync(caller, "s3:PutObject", "arn:aws:s3:::reports/1")).Should().BeFalse();
    }

    [Fact]
    public async Task Root_lends_for_four_hours_at_most_within_the_policy()
    {
        var root = await _host.RootAsync();
        Refusal(root, Grant() with { Lifetime = Duration.FromHours(4) + Duration.FromSeconds(1) })!.Code.Should().Be("ValidationError");
        var response = (await RedeemAsync(Issue(root, Grant() with { Lifetime = Duration.FromHours(4) }))).Value;
        response.AssumedPrincipal.ToString().Should().Be("arn:aws:iam::111122223333:root");
        var caller = await _host.CallerAsync(response.Credentials);
        caller.Kind.Should().Be(CallerKind.Delegated);
        (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::reports/1")).Should().BeTrue();
        (await _host.MayAsync(caller, "s3:PutObject", "arn:aws:s3:::reports/1")).Should().BeFalse();
    }

    [Theory]
    [InlineData("s3:GetObject", "arn:aws:s3:::reports/1", AllowAll, true)]
    [InlineData("s3:GetObject", "arn:aws:s3:::reports/1", ReadReports, true)]
    [InlineData("s3:PutObject", "arn:aws:s3:::reports/1", ReadReports, false)]
    [InlineData("s3:GetObject", "arn:aws:s3:::other/1", AllowAll, false)]
    public async Task Permissions_are_what_both_the_approver_and_the_policy_allow(string action, string resource, string policy, bool allowed)
    {
        var caller = await _host.CallerAsync((await RedeemAsync(await IssueAsync(Grant() with { Policy = policy }))).Value.Credentials);
        (await _host.MayAsync(caller, action, resource)).Should().Be(allowed);
    }

    [Fact]
    public async Task Permissions_are_the_approvers_of_now()
    {
        var caller = await _host.CallerAsync((await RedeemAsync(await IssueAsync())).Value.Credentials);
        (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::reports/1")).Should().BeTrue();
        var user = (await _host.Store.FindUserAsync("111122223333", "alice", default))!;
        _host.Store.Put(user with { InlinePolicies = [] });
        var response = (await RedeemAsync(await IssueAsync())).Value;
        (await _host.MayAsync(await _host.CallerAsync(response.Credentials), "s3:GetObject", "arn:aws:s3:::reports/1")).Should().BeFalse();
    }

    [Theory, InlineData("arn:aws:iam::111122223333:user/alice"), InlineData("*"), InlineData("arn:aws:iam::111122223333:root")]
    public async Task Resource_that_names_the_approver_does_not_widen_the_policy(string principal)
    {
        var caller = await _host.CallerAsync((await RedeemAsync(await IssueAsync())).Value.Credentials);
        var policy = PolicyDocument.Parse(
            $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"{{principal}}"},"Action":"s3:*","Resource":"arn:aws:s3:::reports/*"} }""",
            PolicyKind.Resource);
        (await _host.MayAsync(caller, "s3:PutObject", "arn:aws:s3:::reports/1", policy)).Should().BeFalse();
        (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::reports/1", policy)).Should().BeTrue();
    }

    [Fact]
    public async Task Session_of_a_role_that_a_resource_names_does_not_widen_the_policy_either()
    {
        var caller = await _host.CallerAsync((await RedeemAsync(Issue(await RoleSessionAsync()))).Value.Credentials);
        var policy = PolicyDocument.Parse(
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/admin/s1"},"Action":"s3:*","Resource":"*"}}""",
            PolicyKind.Resource);
        (await _host.MayAsync(caller, "s3:PutObject", "arn:aws:s3:::reports/1", policy)).Should().BeFalse();
    }

    [Theory]
    [InlineData(""" "StringEquals":{"aws:PrincipalType":"User","aws:username":"alice"} """, true)]
    [InlineData(""" "Bool":{"aws:MultiFactorAuthPresent":"false"} """, true)]
    [InlineData(""" "BoolIfExists":{"aws:MultiFactorAuthPresent":"true"} """, false)]
    [InlineData(""" "Null":{"aws:TokenIssueTime":"false"} """, true)]
    public async Task Policies_see_the_approver_without_a_second_factor(string condition, bool allowed)
    {
        _host.AddUser("alice", GetSessionTokenTests.Allow("s3:GetObject", condition));
        var caller = await _host.CallerAsync((await RedeemAsync(await IssueAsync())).Value.Credentials);
        (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::reports/1")).Should().Be(allowed);
    }

    [Fact]
    public async Task Token_and_credentials_end_together_whenever_it_is_redeemed()
    {
        var token = await IssueAsync(Grant() with { Lifetime = Duration.FromHours(12) });
        var end = TestHost.Start + Duration.FromHours(12);
        (await RedeemAsync(token)).Value.Credentials.Expiration.Should().Be(end);
        _host.Clock.Advance(Duration.FromHours(12) - Duration.FromMilliseconds(1));
        var last = (await RedeemAsync(token)).Value.Credentials;
        last.Expiration.Should().Be(end);
        _host.Clock.Advance(Duration.FromMilliseconds(1));
        (await RedeemAsync(token)).Error.Should().Be(StsError.ExpiredTradeInToken());
        (await _host.RefusalAsync(last)).Should().Be("ExpiredToken");
    }

    [Fact]
    public async Task Token_is_redeemed_until_it_expires_or_once_where_the_grant_says_so()
    {
        var token = await IssueAsync(Grant() with { IsSingleUse = true });
        (await RedeemAsync(token)).IsSuccess.Should().BeTrue();
        (await RedeemAsync(token)).Error.Should().Be(StsError.ExpiredTradeInToken());
        _host.Log.Entries.Should().Contain(entry => entry.Id.Id == 1001 && entry.Text.EndsWith("it was redeemed before", StringComparison.Ordinal));

        var reusable = await IssueAsync();
        var first = (await RedeemAsync(reusable)).Value.Credentials;
        var second = (await RedeemAsync(reusable)).Value.Credentials;
        second.AccessKeyId.Should().NotBe(first.AccessKeyId);
    }

    [Fact]
    public async Task Of_many_who_redeem_at_once_one_succeeds()
    {
        var token = await IssueAsync(Grant() with { IsSingleUse = true });
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => RedeemAsync(token))));
        results.Count(result => result.IsSuccess).Should().Be(1);
    }

    [Fact]
    public async Task Guard_without_room_refuses_for_now_and_tells_the_operator()
    {
        using var host = new TestHost(null, services => services.Add(
            new Microsoft.Extensions.DependencyInjection.ServiceDescriptor(typeof(IReplayGuard), new FullGuard())));
        host.AddUser("alice");
        host.AddUser("partner", account: host.Away);
        var token = host.Get<TradeInTokens>().Issue(await host.UserAsync("alice"), Grant() with { IsSingleUse = true }).Value.Reveal();
        var refused = await host.Issuer.GetDelegatedAccessTokenAsync(
            await host.UserAsync("partner", host.Away), new GetDelegatedAccessTokenRequest { TradeInToken = token });
        refused.Error.Should().Be(StsError.ServiceUnavailable());
        host.Log.Entries.Should().Contain(entry => entry.Id.Id == 2011);
    }

    [Fact]
    public async Task Token_of_another_account_and_text_that_is_no_token_answer_alike()
    {
        _host.AddUser("other");
        var token = await IssueAsync(Grant() with { IsSingleUse = true });
        var foreign = await _host.Issuer.GetDelegatedAccessTokenAsync(await _host.UserAsync("other"), new GetDelegatedAccessTokenRequest { TradeInToken = token });
        foreign.Error!.Code.Should().Be("AccessDenied");
        (await RedeemAsync(token)).IsSuccess.Should().BeTrue("an attempt by others does not use it up");
        var session = (await RedeemAsync(await IssueAsync())).Value.Credentials.SessionToken;
        foreach (var text in new[] { "", "x", "abcd", session, token + "AAAA", token[..^4], ' ' + token, new string('A', 16_384), new string('A', 16_388), "ключи" })
        {
            (await RedeemAsync(text)).Error.Should().Be(NotAuthorized);
        }

        (await RedeemAsync(null)).Error!.Message.Should()
            .Be("1 validation error detected: Value null at 'tradeInToken' failed to satisfy constraint: Member must not be null");
    }

    [Fact]
    public async Task Changed_token_is_refused_whichever_character_it_is()
    {
        var token = await IssueAsync();
        for (var index = 0; index < token.Length; index++)
        {
            var changed = token.ToCharArray();
            changed[index] = changed[index] == 'A' ? 'B' : 'A';
            (await RedeemAsync(new string(changed))).Error.Should().Be(NotAuthorized);
        }
    }

    [Fact]
    public async Task Trade_in_token_is_no_session_token_and_no_authorization_message()
    {
        var token = await IssueAsync();
        _host.Get<TokenSealer>().IsAuthentic(token).Should().BeFalse();
        _host.Get<AuthorizationMessageSealer>().TryOpen(token, "444455556666", TestHost.Start, out _).Should().BeFalse();
        var message = _host.Get<AuthorizationMessageSealer>().Seal("{}"u8, "444455556666", TestHost.Start + Duration.FromHours(1));
        (await RedeemAsync(message)).Error.Should().Be(NotAuthorized);
        Base64Url.DecodeFromChars(token).AsSpan().IndexOf("reports"u8).Should().Be(-1);
    }

    [Fact]
    public async Task No_policy_has_to_allow_it_and_one_that_denies_it_counts()
    {
        (await RedeemAsync(await IssueAsync())).IsSuccess.Should().BeTrue();
        _host.AddUser(
            "partner", """{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:GetDelegatedAccessToken","Resource":"*"}}""", _host.Away);
        var token = await IssueAsync(Grant() with { IsSingleUse = true });
        (await RedeemAsync(token)).Error.Should().Be(NotAuthorized);
        (await RedeemAsync("none")).Error.Should().Be(NotAuthorized);
        _host.AddUser("partner", account: _host.Away);
        (await RedeemAsync(token)).IsSuccess.Should().BeTrue("a refusal does not use it up");
    }

    [Fact]
    public async Task Approver_who_is_gone_lends_nothing_and_a_namesake_neither()
    {
        var token = await IssueAsync();
        var credentials = (await RedeemAsync(token)).Value.Credentials;
        _host.AddUser("alice", AllowAll);
        (await RedeemAsync(token)).Error.Should().Be(StsError.ExpiredTradeInToken());
        (await _host.RefusalAsync(credentials)).Should().Be("InvalidClientTokenId");

        var ofRole = Issue(await RoleSessionAsync());
        (await RedeemAsync(ofRole)).IsSuccess.Should().BeTrue();
        _host.AddRole("admin", AssumeRoleTests.Trust("*"), AllowAll, path: "/path/");
        (await RedeemAsync(ofRole)).Error.Should().Be(StsError.ExpiredTradeInToken());
    }

    [Fact]
    public async Task Approver_whose_sessions_are_revoked_lends_nothing_from_then_on_redeemed_or_not()
    {
        var approver = await RoleSessionAsync();
        var redeemed = (await RedeemAsync(Issue(approver))).Value.Credentials;
        var waiting = Issue(approver);
        _host.Clock.Advance(Duration.FromMinutes(1));
        await _host.Get<Revoker>().RevokeAsync(RevocationTarget.SourceIdentity("alice@work"));
        _host.Clock.Advance(Duration.FromMinutes(1));
        (await _host.RefusalAsync(redeemed)).Should().Be("InvalidClientTokenId");
        (await RedeemAsync(waiting)).Error.Should().Be(StsError.ExpiredTradeInToken());
        (await RedeemAsync(Issue(approver))).IsSuccess.Should().BeTrue("what is approved after that is another loan");
    }

    [Fact]
    public async Task Policy_that_denies_older_sessions_denies_what_was_lent_before_it_whenever_that_is_redeemed()
    {
        var token = Issue(await RoleSessionAsync());
        var role = (await _host.Store.FindRoleAsync("111122223333", "admin", default))!;
        _host.Clock.Advance(Duration.FromMinutes(1));
        _host.Store.Put(role.DenyOlderSessions(_host.Clock.GetCurrentInstant()));
        _host.Clock.Advance(Duration.FromMinutes(1));
        var caller = await _host.CallerAsync((await RedeemAsync(token)).Value.Credentials);
        (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::reports/1")).Should().BeFalse();
        caller.Session!.IssuedAt.Should().Be(TestHost.Start);
    }

    [Fact]
    public async Task Policy_of_the_redeemer_that_cannot_be_found_may_deny_it_and_so_does()
    {
        var missing = Arn.Parse("arn:aws:iam::444455556666:policy/missing");
        _host.Store.Put((await _host.UserAsync("partner", _host.Away)).User! with { ManagedPolicies = [missing] });
        (await RedeemAsync(await IssueAsync())).Error.Should().Be(NotAuthorized);
    }

    [Fact]
    public async Task Host_that_decides_by_other_means_may_say_no()
    {
        using var host = new TestHost(null, services => services.Add(
            new Microsoft.Extensions.DependencyInjection.ServiceDescriptor(typeof(IAuthorizer), new Refusing())));
        host.AddUser("alice");
        host.AddUser("partner", account: host.Away);
        var token = host.Get<TradeInTokens>().Issue(await host.UserAsync("alice"), Grant()).Value.Reveal();
        (await host.Issuer.GetDelegatedAccessTokenAsync(
            await host.UserAsync("partner", host.Away), new GetDelegatedAccessTokenRequest { TradeInToken = token })).Error.Should().Be(NotAuthorized);
    }

    [Fact]
    public async Task Redeemer_whose_session_is_over_uses_nothing_up()
    {
        var token = await IssueAsync(Grant() with { IsSingleUse = true, Lifetime = Duration.FromHours(12) });
        _host.AddRole("worker", AssumeRoleTests.Trust("*"), AllowAll, _host.Away);
        _host.AddUser("assumer", AllowAll, _host.Away);
        var assumed = await _host.Issuer.AssumeRoleAsync(
            await _host.UserAsync("assumer", _host.Away), new AssumeRoleRequest { RoleArn = "arn:aws:iam::444455556666:role/worker", RoleSessionName = "s1" });
        var kept = await _host.CallerAsync(assumed.Value.Credentials);
        _host.Clock.Advance(Duration.FromHours(1));
        (await _host.Issuer.GetDelegatedAccessTokenAsync(kept, new GetDelegatedAccessTokenRequest { TradeInToken = token })).Error.Should().Be(StsError.ExpiredToken());
        (await RedeemAsync(token)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Who_has_borrowed_or_is_narrowed_lends_nothing()
    {
        var borrower = await _host.CallerAsync((await RedeemAsync(await IssueAsync())).Value.Credentials);
        Refusal(borrower)!.Code.Should().Be("AccessDenied");
        Refusal(await RoleSessionAsync(ReadReports))!.Code.Should().Be("AccessDenied");
        _host.AddUser("maker", AllowAll);
        var maker = await _host.UserAsync("maker");
        var federated = await _host.Issuer.GetFederationTokenAsync(maker, new GetFederationTokenRequest { Name = "fed", Policy = AllowAll });
        Refusal(await _host.CallerAsync(federated.Value.Credentials))!.Code.Should().Be("AccessDenied");
        var own = await _host.CallerAsync((await _host.Issuer.GetSessionTokenAsync(maker, new GetSessionTokenRequest())).Value.Credentials);
        Refusal(own).Should().BeNull();
        var kept = await RoleSessionAsync();
        _host.Clock.Advance(Duration.FromHours(1));
        Refusal(kept).Should().Be(StsError.ExpiredToken());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1_000, true)]
    [InlineData(1_500, false)]
    [InlineData(43_200_000, true)]
    [InlineData(43_201_000, false)]
    [InlineData(-1_000, false)]
    public async Task Loan_lasts_whole_seconds_up_to_twelve_hours(long milliseconds, bool granted) =>
        (Refusal(await _host.UserAsync("alice"), Grant() with { Lifetime = Duration.FromMilliseconds(milliseconds) })?.Code)
            .Should().Be(granted ? null : "ValidationError");

    [Fact]
    public async Task Grant_that_is_none_is_refused()
    {
        var alice = await _host.UserAsync("alice");
        Refusal(alice, Grant() with { RequesterAccount = "44445555666" })!.Code.Should().Be("ValidationError");
        Refusal(alice, Grant() with { Policy = "" })!.Code.Should().Be("ValidationError");
        Refusal(alice, Grant() with { Policy = "{" })!.Code.Should().Be("MalformedPolicyDocument");
        var random = string.Concat(Enumerable.Range(0, 400).Select(number => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number)))))[..9000];
        Refusal(alice, Grant() with { Policy = $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::{{random}}"} }""" })!
            .Code.Should().Be("PackedPolicyTooLarge");
    }

    [Fact]
    public async Task Token_lives_through_a_restart_with_the_same_ring_and_no_other_ring_opens_it()
    {
        static TestHost Start(byte fill)
        {
            var host = new TestHost(options => options.Keys.Add(new RootKeyOptions { Id = 1, Material = Convert.ToBase64String(Enumerable.Repeat(fill, 32).ToArray()) }));
            host.Store.Put(new User(Arn.Parse("arn:aws:iam::111122223333:user/alice"), "AIDARTX3GSDSQAAAAAAAA"));
            host.AddUser("partner", account: host.Away);
            return host;
        }

        using var before = Start(1);
        var token = before.Get<TradeInTokens>().Issue(await before.UserAsync("alice"), Grant()).Value.Reveal();
        foreach (var (fill, redeemed) in new[] { ((byte)1, true), ((byte)2, false) })
        {
            using var after = Start(fill);
            var result = await after.Issuer.GetDelegatedAccessTokenAsync(
                await after.UserAsync("partner", after.Away), new GetDelegatedAccessTokenRequest { TradeInToken = token });
            result.IsSuccess.Should().Be(redeemed);
        }
    }

    private static TradeInGrant Grant() => new() { RequesterAccount = "444455556666", Policy = ReadReports, Lifetime = Duration.FromHours(1) };

    private string Issue(Caller approver, TradeInGrant? grant = null) => _host.Get<TradeInTokens>().Issue(approver, grant ?? Grant()).Value.Reveal();

    private StsError? Refusal(Caller approver, TradeInGrant? grant = null) => _host.Get<TradeInTokens>().Issue(approver, grant ?? Grant()).Error;

    private async Task<string> IssueAsync(TradeInGrant? grant = null) => Issue(await _host.UserAsync("alice"), grant);

    private async Task<StsResult<GetDelegatedAccessTokenResponse>> RedeemAsync(string? token) => await _host.Issuer.GetDelegatedAccessTokenAsync(
        await _host.UserAsync("partner", _host.Away), new GetDelegatedAccessTokenRequest { TradeInToken = token });

    private async Task<Caller> RoleSessionAsync(string? sessionPolicy = null)
    {
        var role = _host.AddRole("admin", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"), AllowAll, path: "/path/");
        var assumed = await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("alice"), new AssumeRoleRequest
        {
            RoleArn = role.Arn.ToString(),
            RoleSessionName = "s1",
            SourceIdentity = "alice@work",
            Tags = [new Tag("team", "blue")],
            Policy = sessionPolicy,
        });
        return await _host.CallerAsync(assumed.Value.Credentials);
    }

    private sealed class Refusing : IAuthorizer
    {
        public ValueTask<Decision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Decision.DeniedByHost(request.Action));
    }

    private sealed class FullGuard : IReplayGuard
    {
        public ValueTask<UseResult> TryUseAsync(GuardKey key, Instant until, CancellationToken cancellationToken) => ValueTask.FromResult(UseResult.Full);

        public ValueTask<UseResult> TryAdvanceAsync(GuardKey key, long position, Instant until, CancellationToken cancellationToken) =>
            ValueTask.FromResult(UseResult.Full);
    }
}
