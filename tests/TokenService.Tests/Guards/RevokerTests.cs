using TokenService.Tests.Operations;

namespace TokenService.Tests.Guards;

public sealed class RevokerTests : IDisposable
{
    private const string Form = "Action=GetCallerIdentity&Version=2011-06-15";

    private readonly TestHost _host = new();

    public RevokerTests() => _host.AddUser("alice");

    public void Dispose() => _host.Dispose();

    private Revoker Revoker => _host.Get<Revoker>();

    private InMemoryRevocationList List => (InMemoryRevocationList)_host.Get<IRevocationList>();

    [Fact]
    public async Task Revoked_session_is_refused_as_one_whose_role_is_gone_also_where_its_token_was_opened_before()
    {
        var (credentials, other) = (await AssumeAsync("r"), await AssumeAsync("r"));
        (await AuthenticateAsync(credentials, SignatureRules.Sts)).Should().BeNull();
        (await AuthenticateAsync(credentials, SignatureRules.Sts)).Should().BeNull();
        await Revoker.RevokeAsync(RevocationTarget.Session(credentials.AccessKeyId));
        (await AuthenticateAsync(credentials, SignatureRules.Sts)).Should().Be(StsError.InvalidClientTokenId());
        (await _host.Callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken)).Error
            .Should().Be(StsError.InvalidClientTokenId());
        (await AuthenticateAsync(other, SignatureRules.Sts)).Should().BeNull("another session of the same role and name was not meant");
    }

    [Fact]
    public async Task Under_the_rules_of_S3_a_revoked_session_is_a_key_that_nobody_has()
    {
        var credentials = await AssumeAsync("r");
        await Revoker.RevokeAsync(RevocationTarget.Session(credentials.AccessKeyId));
        (await AuthenticateAsync(credentials, new SignatureRules { Service = "s3", IsS3 = true })).Should().Be(StsError.InvalidAccessKeyId());
    }

    [Fact]
    public async Task Ending_now_ends_the_sessions_of_the_same_second_too_and_none_of_the_next()
    {
        var role = AddRole("r");
        var first = await AssumeAsync(role);
        _host.Clock.Advance(Duration.FromMilliseconds(300));
        await Revoker.RevokeAsync(RevocationTarget.Role(role.Id));
        _host.Clock.Advance(Duration.FromMilliseconds(300));
        var same = await AssumeAsync(role);
        _host.Clock.Advance(Duration.FromMilliseconds(400));
        var next = await AssumeAsync(role);
        (await IsRefusedAsync(first), await IsRefusedAsync(same), await IsRefusedAsync(next)).Should().Be((true, true, false));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(1, true)]
    [InlineData(1000, true)]
    public async Task Instant_is_compared_strictly_and_its_fraction_counts_as_the_whole_next_second(int milliseconds, bool ends)
    {
        var role = AddRole("r");
        var credentials = await AssumeAsync(role);
        await Revoker.RevokeOlderAsync(RevocationTarget.Role(role.Arn.ToString()), TestHost.Start + Duration.FromMilliseconds(milliseconds));
        (await IsRefusedAsync(credentials)).Should().Be(ends);
    }

    [Fact]
    public async Task Single_session_and_chain_are_ended_whatever_the_clock_of_the_node_that_began_them()
    {
        _host.Clock.AdvanceMinutes(5);
        var (one, two) = (await AssumeAsync("r"), await AssumeAsync("r"));
        var chain = (await _host.CallerAsync(two)).Session!.ChainId;
        _host.Clock.AdvanceMinutes(-5);
        await Revoker.RevokeAsync(RevocationTarget.Session(one.AccessKeyId));
        await Revoker.RevokeAsync(RevocationTarget.Chain(chain.ToString("x32", System.Globalization.CultureInfo.InvariantCulture)));
        (await IsRefusedAsync(one), await IsRefusedAsync(two)).Should().Be((true, true));
    }

    [Fact]
    public async Task Session_that_was_ended_can_begin_no_other_and_what_it_began_ends_with_the_chain()
    {
        const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
        var first = await AssumeAsync(AddRole("first", AllowAll));
        var second = _host.AddRole("second", AssumeRoleTests.Trust("arn:aws:iam::111122223333:role/first"), account: _host.Away);
        var chained = (await _host.Issuer.AssumeRoleAsync(await _host.CallerAsync(first), Request(second))).Value.Credentials;
        await Revoker.RevokeAsync(RevocationTarget.Session(first.AccessKeyId));
        (await AuthenticateAsync(first, SignatureRules.Sts)).Should().Be(StsError.InvalidClientTokenId());
        (await IsRefusedAsync(chained)).Should().BeFalse("it stands on another role");

        // The chain's id is what the audit event of the second session says.
        var audit = _host.Log.Entries.Last(entry => entry.Id.Id == 1000).Text;
        await Revoker.RevokeAsync(RevocationTarget.Chain(audit.Split("chain ")[1][..32]));
        (await IsRefusedAsync(chained)).Should().BeTrue();
    }

    [Fact]
    public async Task Earlier_instant_does_not_take_a_later_one_back()
    {
        var role = AddRole("r");
        var credentials = await AssumeAsync(role);
        await Revoker.RevokeAsync(RevocationTarget.Role(role.Id));
        await Revoker.RevokeOlderAsync(RevocationTarget.Role(role.Id), TestHost.Start - Duration.FromHours(1));
        (await IsRefusedAsync(credentials)).Should().BeTrue();
        List.Count.Should().Be(1);
    }

    [Fact]
    public async Task Instant_is_at_most_an_hour_ahead()
    {
        var target = RevocationTarget.Account("111122223333");
        await Revoker.RevokeOlderAsync(target, TestHost.Start + Revoker.MaxAhead);
        (await IsRefusedAsync(await AssumeAsync("r"))).Should().BeTrue("it began before the instant");
        var tooFar = async () => await Revoker.RevokeOlderAsync(target, TestHost.Start + Revoker.MaxAhead + Duration.Epsilon);
        await tooFar.Should().ThrowAsync<ArgumentOutOfRangeException>();
        var never = async () => await Revoker.RevokeOlderAsync(target, Instant.MaxValue);
        await never.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Instant_before_which_no_session_can_be_left_takes_no_room()
    {
        await Revoker.RevokeOlderAsync(RevocationTarget.Account("111122223333"), TestHost.Start - Revocation.Memory);
        await Revoker.RevokeOlderAsync(RevocationTarget.Account("111122223333"), Instant.MinValue);
        List.Count.Should().Be(0);
    }

    [Fact]
    public async Task Every_revocation_and_every_refusal_is_told_without_any_secret()
    {
        var credentials = await AssumeAsync("r");
        await Revoker.RevokeAsync(RevocationTarget.Session(credentials.AccessKeyId));
        await IsRefusedAsync(credentials);
        _host.Log.Entries.Single(entry => entry.Id.Id == 1020).Text.Should().Contain($"session/{credentials.AccessKeyId}");
        _host.Log.Entries.Single(entry => entry.Id.Id == 1021).Text.Should().Contain(credentials.AccessKeyId);
        string.Join('\n', _host.Log.Entries.Select(entry => entry.Text)).Should()
            .NotContain(credentials.SecretAccessKey.Reveal()).And.NotContain(credentials.SessionToken);
    }

    [Fact]
    public async Task Full_list_refuses_loudly_and_goes_on_ending_what_it_has()
    {
        using var host = new TestHost(
            register: services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<IRevocationList>(
                services, provider => new InMemoryRevocationList((IClock)provider.GetService(typeof(IClock))!, capacity: 1)));
        var target = RevocationTarget.Session("ASIAIOSFODNN7EXAMPLE");
        await host.Get<Revoker>().RevokeAsync(target);
        await host.Get<Revoker>().RevokeAsync(target);
        var more = async () => await host.Get<Revoker>().RevokeAsync(RevocationTarget.Account("111122223333"));
        (await more.Should().ThrowAsync<RevocationListFullException>()).Which.Target.Should().Be(RevocationTarget.Account("111122223333"));
        host.Log.Entries.Count(entry => entry.Id.Id == 1020).Should().Be(2);
        host.Log.Entries.Count(entry => entry.Id.Id == 2011).Should().Be(1);
        host.Clock.Advance(Revocation.Memory + Duration.FromSeconds(1));
        await more.Should().NotThrowAsync("the first one ends nothing any more");
    }

    [Fact]
    public async Task List_that_cannot_tell_refuses_by_throwing()
    {
        using var host = new TestHost(
            register: services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<IRevocationList>(services, new BrokenList()));
        host.AddUser("alice");
        var role = host.AddRole("r", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"));
        var credentials = (await host.Issuer.AssumeRoleAsync(await host.UserAsync("alice"), Request(role))).Value.Credentials;
        var asking = () => host.CallerAsync(credentials);
        await asking.Should().ThrowAsync<TimeoutException>();
    }

    [Fact]
    public async Task Role_that_denies_older_sessions_does_so_strictly_at_whole_seconds_and_lets_newer_ones_work()
    {
        const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
        var role = AddRole("r", AllowAll);
        var old = await AssumeAsync(role);
        _host.Store.Put(role.DenyOlderSessions(TestHost.Start));
        (await IsAllowedAsync(old)).Should().BeTrue("the second of the instant lives on");
        _host.Store.Put(role.DenyOlderSessions(TestHost.Start + Duration.FromMilliseconds(1)));
        (await IsAllowedAsync(old)).Should().BeFalse();
        (await IsRefusedAsync(old)).Should().BeFalse("it is known still");
        _host.Clock.AdvanceSeconds(1);
        (await IsAllowedAsync(await AssumeAsync(role))).Should().BeTrue();
    }

    [Fact]
    public void Policy_that_denies_older_sessions_is_the_consoles_and_takes_the_place_of_an_earlier_one()
    {
        var role = AddRole("r", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""");
        role = role.DenyOlderSessions(TestHost.Start).DenyOlderSessions(Instant.FromUtc(2026, 1, 2, 3, 4, 10) + Duration.FromMilliseconds(500));
        role.InlinePolicies.Select(policy => policy.Name).Should().Equal("inline", "AWSRevokeOlderSessions");
        role.InlinePolicies[1].Document.Text.Should().Be("""
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],
              "Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-01-02T03:04:11Z"}}}]}
            """);
    }

    [Fact]
    public async Task Long_term_key_of_a_user_that_denies_older_sessions_goes_on_working()
    {
        var alice = _host.AddUser("alice", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""");
        _host.Store.Put(alice.DenyOlderSessions(TestHost.Start + Duration.FromHours(1)));
        (await _host.Get<IAuthorizer>().AuthorizeAsync(Get(await _host.UserAsync("alice")))).IsAllowed.Should().BeTrue();
    }

    private Role AddRole(string name, string? policy = null) => _host.AddRole(name, AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"), policy);

    private Task<TemporaryCredentials> AssumeAsync(string role) =>
        AssumeAsync(_host.Store.FindRoleAsync("111122223333", role, CancellationToken.None).AsTask().GetAwaiter().GetResult() ?? AddRole(role));

    private async Task<TemporaryCredentials> AssumeAsync(Role role) =>
        (await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("alice"), Request(role))).Value.Credentials;

    private static AssumeRoleRequest Request(Role role) => new() { RoleArn = role.Arn.ToString(), RoleSessionName = "build-7" };

    private async Task<StsError?> AuthenticateAsync(TemporaryCredentials credentials, SignatureRules rules)
    {
        var signer = new RequestSigner(credentials.AccessKeyId, credentials.SecretAccessKey.Reveal(), credentials.SessionToken) { Service = rules.Service };
        return (await _host.Authenticator.AuthenticateAsync(signer.Form(Form), rules)).Error;
    }

    private async Task<bool> IsRefusedAsync(TemporaryCredentials credentials) =>
        !(await _host.Callers.FromCredentialsAsync(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken)).IsSuccess;

    private async Task<bool> IsAllowedAsync(TemporaryCredentials credentials) =>
        (await _host.Get<IAuthorizer>().AuthorizeAsync(Get(await _host.CallerAsync(credentials)))).IsAllowed;

    private static AuthorizationRequest Get(Caller caller) => new() { Caller = caller, Action = "s3:GetObject", Resource = "arn:aws:s3:::b/k", ResourceAccount = "111122223333" };

    private sealed class BrokenList : IRevocationList
    {
        public ValueTask<bool> TryAddAsync(Revocation revocation, CancellationToken cancellationToken) => throw new TimeoutException();

        public ValueTask<RevocationTarget?> FindAsync(RevocableSession session, CancellationToken cancellationToken) => throw new TimeoutException();
    }
}
