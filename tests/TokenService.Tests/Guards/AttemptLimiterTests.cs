using NodaTime.Testing;

namespace TokenService.Tests.Guards;

public sealed class AttemptLimiterTests
{
    private static readonly Instant Start = TestHost.Start;
    private static readonly GuardKey Key = GuardKey.Create("mfa-user", "AIDA1");
    private static readonly AttemptPolicy Policy = new();

    private readonly FakeClock _clock = new(Start);
    private readonly InMemoryAttemptLimiter _limiter;

    public AttemptLimiterTests() => _limiter = new InMemoryAttemptLimiter(_clock);

    [Fact]
    public async Task Five_wrong_attempts_lock_for_a_minute_and_each_further_one_twice_as_long_up_to_an_hour()
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            (await BeginAsync()).Should().Be(AttemptDecision.Allowed);
        }

        foreach (var minutes in new[] { 1, 2, 4, 8, 16, 32, 60, 60, 60 })
        {
            var end = _clock.GetCurrentInstant() + Duration.FromMinutes(minutes);
            (await BeginAsync()).Should().Be(AttemptDecision.LockedOut(end));
            _clock.Reset(end - Duration.FromTicks(1));
            (await BeginAsync()).Should().Be(AttemptDecision.LockedOut(end), "attempts while it is locked lengthen nothing");
            _clock.Reset(end);
            (await BeginAsync()).Should().Be(AttemptDecision.Allowed);
        }
    }

    [Fact]
    public async Task Success_forgets_what_was_wrong()
    {
        for (var round = 0; round < 3; round++)
        {
            for (var attempt = 0; attempt < 5; attempt++)
            {
                (await BeginAsync()).IsAllowed.Should().BeTrue();
            }

            await _limiter.RecordSuccessAsync(Key, CancellationToken.None);
            _limiter.Count.Should().Be(0);
        }
    }

    [Fact]
    public async Task Keys_do_not_count_for_each_other()
    {
        await LockAsync(_limiter, Key);
        (await _limiter.TryBeginAsync(GuardKey.Create("mfa-user", "AIDA2"), Policy, CancellationToken.None)).IsAllowed.Should().BeTrue();
        await _limiter.RecordSuccessAsync(GuardKey.Create("mfa-user", "AIDA2"), CancellationToken.None);
        (await BeginAsync()).IsAllowed.Should().BeFalse();
    }

    [Theory, InlineData(-1, false), InlineData(0, true)]
    public async Task Wrong_attempts_are_forgotten_a_day_after_the_last(int ticks, bool forgotten)
    {
        for (var attempt = 0; attempt < 4; attempt++)
        {
            await BeginAsync();
        }

        _clock.Reset(Start + Duration.FromHours(24) + Duration.FromTicks(ticks));
        await BeginAsync();
        (await BeginAsync()).IsAllowed.Should().Be(forgotten);
    }

    [Fact]
    public async Task Lock_outlasts_a_shorter_memory()
    {
        var policy = new AttemptPolicy { FailuresBeforeLock = 1, FirstLock = Duration.FromHours(2), LongestLock = Duration.FromHours(2), Memory = Duration.FromHours(1) };
        await _limiter.TryBeginAsync(Key, policy, CancellationToken.None);
        _clock.Reset(Start + Duration.FromHours(2) - Duration.FromTicks(1));
        (await _limiter.TryBeginAsync(Key, policy, CancellationToken.None)).IsAllowed.Should().BeFalse();
        _clock.Reset(Start + Duration.FromHours(2));
        (await _limiter.TryBeginAsync(Key, policy, CancellationToken.None)).IsAllowed.Should().BeTrue();
    }

    [Fact]
    public async Task Guesses_at_once_pass_no_more_often_than_guesses_in_a_row()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(BeginAsync)));
        answers.Count(answer => answer.IsAllowed).Should().Be(5);
    }

    [Fact]
    public async Task Flood_is_refused_and_lets_no_locked_key_out()
    {
        var limiter = new InMemoryAttemptLimiter(_clock, capacity: 10);
        await LockAsync(limiter, Key);
        for (var index = 0; index < 1000; index++)
        {
            var flooding = GuardKey.Create("flood", index.ToString(System.Globalization.CultureInfo.InvariantCulture));
            (await limiter.TryBeginAsync(flooding, Policy, CancellationToken.None)).Should().Be(index < 9 ? AttemptDecision.Allowed : AttemptDecision.Full);
        }

        limiter.Count.Should().Be(10);
        (await limiter.TryBeginAsync(Key, Policy, CancellationToken.None)).Status.Should().Be(AttemptStatus.LockedOut);
        _clock.AdvanceHours(24);
        (await limiter.TryBeginAsync(GuardKey.Create("flood", "late"), Policy, CancellationToken.None)).IsAllowed.Should().BeTrue();
        limiter.Count.Should().Be(1);
    }

    [Fact]
    public void Doubling_never_turns_round()
    {
        var many = new AttemptRecord(int.MaxValue, Start, Start + Duration.FromDays(1));
        Policy.Begin(many, Start, out var after).IsAllowed.Should().BeTrue();
        after.Should().Be(new AttemptRecord(int.MaxValue, Start + Duration.FromHours(1), Start + Duration.FromHours(24)));
    }

    [Fact]
    public void Answer_that_nobody_gave_refuses() => default(AttemptDecision).IsAllowed.Should().BeFalse();

    [Fact]
    public void Policy_that_cannot_be_is_refused()
    {
        FluentActions.Invoking(() => new AttemptPolicy { FailuresBeforeLock = 0 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new AttemptPolicy { FirstLock = Duration.Zero }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new AttemptPolicy { LongestLock = Duration.Zero }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new AttemptPolicy { Memory = Duration.Zero }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new InMemoryAttemptLimiter(_clock, capacity: 0)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static async Task LockAsync(InMemoryAttemptLimiter limiter, GuardKey key)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await limiter.TryBeginAsync(key, Policy, CancellationToken.None);
        }
    }

    private async Task<AttemptDecision> BeginAsync() => await _limiter.TryBeginAsync(Key, Policy, CancellationToken.None);
}
