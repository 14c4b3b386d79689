using Microsoft.Extensions.DependencyInjection;
using NodaTime.Testing;

namespace TokenService.Tests.Mfa;

public sealed class TotpMfaVerifierTests : IDisposable
{
    private readonly MfaBench _bench = new();

    private FakeClock Clock => _bench.Host.Clock;

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Code_counts_within_one_step_either_side(int steps, bool counts) =>
        (await _bench.VerifyAsync(_bench.Code(steps))).Should().Be(counts ? null : StsError.AccessDenied(MfaBench.WrongCode));

    [Fact]
    public async Task Code_counts_once()
    {
        var code = _bench.Code();
        (await _bench.VerifyAsync(code)).Should().BeNull();
        (await _bench.VerifyAsync(code)).Should().Be(StsError.AccessDenied(MfaBench.WrongCode));
        Clock.AdvanceSeconds(30);
        (await _bench.VerifyAsync(code)).Should().Be(StsError.AccessDenied(MfaBench.WrongCode));
        (await _bench.VerifyAsync(_bench.Code())).Should().BeNull();
    }

    [Fact]
    public async Task Code_of_an_earlier_step_than_the_last_is_used_up_too()
    {
        (await _bench.VerifyAsync(_bench.Code(1))).Should().BeNull();
        (await _bench.VerifyAsync(_bench.Code(0)))!.Message.Should().Be(MfaBench.WrongCode);
        (await _bench.VerifyAsync(_bench.Code(-1)))!.Message.Should().Be(MfaBench.WrongCode);
        Clock.AdvanceSeconds(30);
        (await _bench.VerifyAsync(_bench.Code(1))).Should().BeNull();
    }

    [Fact]
    public async Task Code_that_one_node_took_counts_on_no_other_that_shares_the_guards()
    {
        var clock = new FakeClock(TestHost.Start);
        using var first = new MfaBench(new InMemoryReplayGuard(clock), new InMemoryAttemptLimiter(clock));
        using var second = new MfaBench(first.Host.Get<IReplayGuard>(), first.Host.Get<IAttemptLimiter>());
        (await first.VerifyAsync(first.Code())).Should().BeNull();
        (await second.VerifyAsync(second.Code()))!.Message.Should().Be(MfaBench.WrongCode);
        (await second.VerifyAsync(second.Code(1))).Should().BeNull();

        // A node that shares nothing is why a host of several needs shared guards.
        using var alone = new MfaBench();
        (await alone.VerifyAsync(alone.Code())).Should().BeNull();
    }

    [Fact]
    public async Task Lock_of_one_node_holds_on_all_that_share_the_guards()
    {
        var clock = new FakeClock(TestHost.Start);
        using var first = new MfaBench(new InMemoryReplayGuard(clock), new InMemoryAttemptLimiter(clock));
        using var second = new MfaBench(first.Host.Get<IReplayGuard>(), first.Host.Get<IAttemptLimiter>());

        // The limiter's keys have the user's unique id, and two stores would each have drawn their own.
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await (attempt % 2 == 0 ? first : second).VerifyAsync(first.Alice, MfaBench.AlicesSerial, first.Wrong());
        }

        (await second.VerifyAsync(first.Alice, MfaBench.AlicesSerial, second.Code()))!.Message.Should().Be(MfaBench.WrongCode);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(3600)]
    [InlineData(31_536_000)]
    public async Task Clock_that_is_moved_back_lets_no_code_be_used_again(int seconds)
    {
        var code = _bench.Code();
        await _bench.VerifyAsync(code);
        Clock.AdvanceSeconds(seconds);
        (await _bench.VerifyAsync(_bench.Code())).Should().BeNull();
        Clock.Reset(TestHost.Start);
        (await _bench.VerifyAsync(code))!.Message.Should().Be(MfaBench.WrongCode);
    }

    [Fact]
    public async Task Unknown_device_and_somebody_elses_are_indistinguishable()
    {
        async Task<(StsError?, List<string>)> AskAsync(string serial, string? code)
        {
            var guards = new RecordingGuards(new FakeClock(TestHost.Start));
            using var bench = new MfaBench(guards, guards);
            return (await bench.VerifyAsync(bench.Bob, serial, code ?? bench.Code()), guards.Calls);
        }

        var unknown = await AskAsync(MfaBench.UnknownSerial, null);
        unknown.Item1.Should().Be(StsError.AccessDenied(MfaBench.UnknownDevice));
        foreach (var code in new[] { null, "000000" })
        {
            var foreign = await AskAsync(MfaBench.AlicesSerial, code);
            foreign.Item1.Should().Be(unknown.Item1);
            foreign.Item2.Should().Equal(unknown.Item2).And.Equal("begin mfa-user", "begin mfa-device");
        }
    }

    [Fact]
    public async Task Wrong_code_makes_the_guards_calls_that_an_unknown_device_makes()
    {
        var guards = new RecordingGuards(new FakeClock(TestHost.Start));
        using var bench = new MfaBench(guards, guards);
        await bench.VerifyAsync(bench.Wrong());
        guards.Calls.Should().Equal("begin mfa-user", "begin mfa-device");
        await bench.VerifyAsync(bench.Code());
        guards.Calls.Skip(2).Should().Equal("begin mfa-user", "begin mfa-device", "advance mfa-code", "success mfa-device", "success mfa-user");
    }

    [Fact]
    public async Task Somebody_elses_guesses_do_not_lock_the_owner_out()
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            (await _bench.VerifyAsync(_bench.Bob, MfaBench.AlicesSerial, _bench.Wrong()))!.Message.Should().Be(MfaBench.UnknownDevice);
        }

        (await _bench.VerifyAsync(_bench.Code())).Should().BeNull();
    }

    [Fact]
    public async Task Five_wrong_codes_lock_the_device_and_the_right_one_has_to_wait()
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            (await _bench.VerifyAsync(_bench.Wrong()))!.Message.Should().Be(MfaBench.WrongCode);
        }

        (await _bench.VerifyAsync(_bench.Code()))!.Message.Should().Be(MfaBench.WrongCode);
        Clock.Advance(Duration.FromMinutes(1) - Duration.FromTicks(1));
        (await _bench.VerifyAsync(_bench.Code()))!.Message.Should().Be(MfaBench.WrongCode);
        Clock.Advance(Duration.FromTicks(1));
        (await _bench.VerifyAsync(_bench.Code())).Should().BeNull();
    }

    [Fact]
    public async Task Right_code_forgets_the_wrong_ones_before_it()
    {
        for (var round = 0; round < 5; round++)
        {
            for (var attempt = 0; attempt < 4; attempt++)
            {
                await _bench.VerifyAsync(_bench.Wrong());
            }

            (await _bench.VerifyAsync(_bench.Code())).Should().BeNull();
            Clock.AdvanceSeconds(30);
        }
    }

    [Fact]
    public async Task Used_code_counts_as_a_wrong_one()
    {
        await _bench.VerifyAsync(_bench.Code());
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await _bench.VerifyAsync(_bench.Code());
        }

        Clock.AdvanceSeconds(30);
        (await _bench.VerifyAsync(_bench.Code()))!.Message.Should().Be(MfaBench.WrongCode);
    }

    [Fact]
    public async Task Serial_numbers_that_are_tried_through_lock_the_user()
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            (await _bench.VerifyAsync(_bench.Alice, $"{MfaBench.UnknownSerial}{attempt}", "000000"))!.Message.Should().Be(MfaBench.UnknownDevice);
        }

        (await _bench.VerifyAsync(_bench.Code()))!.Message.Should().Be(MfaBench.WrongCode);
        _bench.Host.Get<IAttemptLimiter>().Should().BeOfType<InMemoryAttemptLimiter>().Which.Count.Should().Be(11);
        for (var attempt = 10; attempt < 1000; attempt++)
        {
            (await _bench.VerifyAsync(_bench.Alice, $"{MfaBench.UnknownSerial}{attempt}", "000000"))!.Message.Should().Be(MfaBench.UnknownDevice);
        }

        _bench.Host.Get<IAttemptLimiter>().Should().BeOfType<InMemoryAttemptLimiter>().Which.Count.Should().Be(11, "a locked user's inventions take no room");
        Clock.AdvanceMinutes(1);
        (await _bench.VerifyAsync(_bench.Code())).Should().BeNull();
    }

    [Fact]
    public async Task Same_code_from_many_requests_at_once_counts_once()
    {
        var code = _bench.Code();
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => _bench.VerifyAsync(code))));
        answers.Count(answer => answer is null).Should().Be(1);
        answers.OfType<StsError>().Should().AllSatisfy(refusal => refusal.Message.Should().Be(MfaBench.WrongCode));
    }

    [Fact]
    public async Task Guards_that_are_full_refuse_and_the_operator_is_told()
    {
        var clock = new FakeClock(TestHost.Start);
        var guard = new InMemoryReplayGuard(clock, capacity: 1);
        await guard.TryUseAsync(GuardKey.Create("mfa-code", "1"), TestHost.Start + Duration.FromHours(1), CancellationToken.None);
        using var withoutGuard = new MfaBench(guard);
        (await withoutGuard.VerifyAsync(withoutGuard.Code())).Should().Be(StsError.ServiceUnavailable());
        withoutGuard.Host.Log.Entries.Should().Contain(entry => entry.Id.Id == 2011 && entry.Text.Contains("IReplayGuard", StringComparison.Ordinal));

        var floodedWithTokens = new InMemoryReplayGuard(clock, capacity: 1);
        await floodedWithTokens.TryUseAsync(GuardKey.Create("oidc-token", "1"), TestHost.Start + Duration.FromDays(36_500), CancellationToken.None);
        using var withRoomForCodes = new MfaBench(floodedWithTokens);
        (await withRoomForCodes.VerifyAsync(withRoomForCodes.Code())).Should().BeNull("tokens of identity providers take no room of codes");

        using var withoutLimiter = new MfaBench(limiter: new InMemoryAttemptLimiter(clock, capacity: 1));
        foreach (var (user, serial) in new[] { (withoutLimiter.Alice, MfaBench.AlicesSerial), (withoutLimiter.Bob, MfaBench.AlicesSerial) })
        {
            (await withoutLimiter.VerifyAsync(user, serial, withoutLimiter.Code())).Should().Be(StsError.ServiceUnavailable());
        }

        withoutLimiter.Host.Log.Entries.Should().Contain(entry => entry.Id.Id == 2011 && entry.Text.Contains("IAttemptLimiter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secret_that_cannot_be_opened_is_a_wrong_code_to_the_caller_and_an_error_to_the_operator()
    {
        var stranger = new MfaSecretSealer(KeyRing.Ephemeral()).Seal(MfaBench.AlicesSerial, new Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
        var refusal = await _bench.VerifyAsync(_bench.Alice with { MfaDevices = [stranger] }, MfaBench.AlicesSerial, _bench.Code());
        refusal!.Message.Should().Be(MfaBench.WrongCode);
        _bench.Host.Log.Entries.Should().ContainSingle(entry => entry.Id.Id == 2010).Which.Text.Should().Contain(MfaBench.AlicesSerial);
    }

    [Theory]
    [InlineData(TotpAlgorithm.Sha256, 6, 30)]
    [InlineData(TotpAlgorithm.Sha512, 8, 60)]
    public async Task Device_counts_as_its_record_says(TotpAlgorithm algorithm, int digits, int step)
    {
        var device = _bench.Alice.MfaDevices[0] with { Algorithm = algorithm, Digits = digits, Step = Duration.FromSeconds(step) };
        var alice = _bench.Alice with { MfaDevices = [new MfaDevice(MfaBench.UnknownSerial, "sealed"), device] };
        var code = TotpCode.Compute(MfaBench.Secret, TotpParameters.Of(device), Clock.GetCurrentInstant());
        (await _bench.VerifyAsync(alice, MfaBench.AlicesSerial, code)).Should().BeNull();
        (await _bench.VerifyAsync(alice, MfaBench.AlicesSerial, _bench.Code(1)))!.Message.Should().Be(MfaBench.WrongCode);
    }

    [Fact]
    public async Task Verifier_of_the_host_is_asked_and_may_ask_this_one()
    {
        using var host = new TestHost(register: services => services.AddSingleton<IMfaVerifier>(
            provider => new Bypass(provider.GetRequiredService<TotpMfaVerifier>())));
        var user = host.AddUser("alice");
        var role = host.AddRole("r", """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},"Action":"sts:AssumeRole"} }
            """);
        var request = new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", SerialNumber = "HARDWARE-1", TokenCode = "000000" };
        (await host.Issuer.AssumeRoleAsync(await host.UserAsync(user.Name), request)).IsSuccess.Should().BeTrue();
        (await host.Issuer.AssumeRoleAsync(await host.UserAsync(user.Name), request with { SerialNumber = MfaBench.UnknownSerial })).Error!.Message
            .Should().Be(MfaBench.UnknownDevice);
    }

    [Fact]
    public async Task Operator_learns_why_and_nothing_logged_or_answered_has_a_code_or_a_secret()
    {
        var used = _bench.Code();
        await _bench.VerifyAsync(used);
        var answers = new List<StsError?> { await _bench.VerifyAsync(used) };
        for (var attempt = 0; attempt < 5; attempt++)
        {
            answers.Add(await _bench.VerifyAsync(_bench.Wrong()));
        }

        const string mistyped = "my-secret-typed-in-the-wrong-field";
        answers.Add(await _bench.VerifyAsync(_bench.Bob, mistyped, "424242"));
        var log = string.Join('\n', _bench.Host.Log.Entries.Select(entry => entry.Text));
        log.Should().Contain("user/alice").And.Contain(MfaBench.AlicesSerial).And.Contain("used up").And.Contain("wrong or untimely")
            .And.Contain("locked until 2026-01-02T03:05:05Z").And.Contain("not the user's");
        var all = $"{log}\n{string.Join('\n', answers)}\n{_bench.Alice}\n{_bench.Alice.MfaDevices[0]}";
        all.Should().NotContain(used).And.NotContain(_bench.Wrong()).And.NotContain("424242").And.NotContain(mistyped)
            .And.NotContain("GEZDGNBV").And.NotContain("1234567890").And.NotContain(_bench.Alice.MfaDevices[0].SealedSecret);
    }

    private sealed class Bypass(TotpMfaVerifier others) : IMfaVerifier
    {
        public ValueTask<StsError?> VerifyAsync(User user, string serialNumber, string tokenCode, CancellationToken cancellationToken) =>
            serialNumber == "HARDWARE-1" ? default : others.VerifyAsync(user, serialNumber, tokenCode, cancellationToken);
    }
}
