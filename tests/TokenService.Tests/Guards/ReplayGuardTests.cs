using NodaTime.Testing;

namespace TokenService.Tests.Guards;

public sealed class ReplayGuardTests
{
    private static readonly Instant Start = TestHost.Start;
    private static readonly GuardKey Key = GuardKey.Create("jti", "issuer", "1");

    private readonly FakeClock _clock = new(Start);

    [Fact]
    public async Task First_use_is_the_first_until_its_time_is_over_and_then_there_is_none()
    {
        var guard = new InMemoryReplayGuard(_clock);
        var until = Start + Duration.FromMinutes(5);
        (await UseAsync(guard, Key, until)).Should().Be(UseResult.First);
        (await UseAsync(guard, Key, until)).Should().Be(UseResult.Used);
        (await UseAsync(guard, GuardKey.Create("jti", "issuer", "2"), until)).Should().Be(UseResult.First);
        _clock.Reset(until - Duration.FromTicks(1));
        (await UseAsync(guard, Key, until)).Should().Be(UseResult.Used);
        _clock.Reset(until);
        (await UseAsync(guard, Key, until)).Should().Be(UseResult.Used);
    }

    [Fact]
    public async Task What_has_ended_is_forgotten_and_takes_no_room()
    {
        var guard = new InMemoryReplayGuard(_clock, capacity: 2);
        await UseAsync(guard, Key, Start + Duration.FromMinutes(1));
        await UseAsync(guard, Numbered(1), Start + Duration.FromMinutes(3));
        _clock.AdvanceMinutes(1);
        (await UseAsync(guard, Numbered(2), Start + Duration.FromMinutes(3))).Should().Be(UseResult.First);
        guard.Count.Should().Be(2);
        (await UseAsync(guard, Numbered(1), Start + Duration.FromMinutes(3))).Should().Be(UseResult.Used);
    }

    [Fact]
    public async Task Name_that_is_free_again_can_be_used_again()
    {
        var guard = new InMemoryReplayGuard(_clock);
        await UseAsync(guard, Key, Start + Duration.FromMinutes(1));
        _clock.AdvanceMinutes(1);
        (await UseAsync(guard, Key, Start + Duration.FromMinutes(2))).Should().Be(UseResult.First);
        (await UseAsync(guard, Key, Start + Duration.FromMinutes(2))).Should().Be(UseResult.Used);
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(0)]
    public async Task Nothing_is_used_that_has_ended(int seconds)
    {
        var guard = new InMemoryReplayGuard(_clock);
        (await UseAsync(guard, Key, Start + Duration.FromSeconds(seconds))).Should().Be(UseResult.Used);
        guard.Count.Should().Be(0);
    }

    [Fact]
    public async Task Clock_that_goes_ahead_and_back_lets_nothing_be_used_again()
    {
        var guard = new InMemoryReplayGuard(_clock);
        await UseAsync(guard, Key, Start + Duration.FromMinutes(5));
        _clock.AdvanceDays(365);
        await UseAsync(guard, Numbered(1), _clock.GetCurrentInstant() + Duration.FromMinutes(5));
        _clock.Reset(Start);
        (await UseAsync(guard, Key, Start + Duration.FromMinutes(5))).Should().Be(UseResult.Used);
        (await UseAsync(guard, Numbered(2), Start + Duration.FromMinutes(5))).Should().Be(UseResult.Used, "nobody can tell whether it was");

        // What ends later than anything that was forgotten was certainly not forgotten, so the guard is not shut for a year.
        (await UseAsync(guard, Numbered(2), Start + Duration.FromMinutes(5) + Duration.FromTicks(1))).Should().Be(UseResult.First);
    }

    [Fact]
    public async Task Position_only_moves_forward()
    {
        var guard = new InMemoryReplayGuard(_clock);
        var until = Start + Duration.FromDays(1);
        var answers = new List<UseResult>();
        foreach (var position in new[] { 60L, 60, 30, 61, 60, 90 })
        {
            answers.Add(await guard.TryAdvanceAsync(Key, position, until, CancellationToken.None));
        }

        answers.Should().Equal(UseResult.First, UseResult.Used, UseResult.Used, UseResult.First, UseResult.Used, UseResult.First);
        guard.Count.Should().Be(1);
    }

    [Fact]
    public async Task Position_is_remembered_for_the_longest_time_that_was_given()
    {
        var guard = new InMemoryReplayGuard(_clock);
        await guard.TryAdvanceAsync(Key, 1, Start + Duration.FromHours(2), CancellationToken.None);
        await guard.TryAdvanceAsync(Key, 2, Start + Duration.FromHours(1), CancellationToken.None);
        _clock.AdvanceHours(1);
        (await guard.TryAdvanceAsync(Key, 2, Start + Duration.FromHours(2), CancellationToken.None)).Should().Be(UseResult.Used);
    }

    [Fact]
    public async Task Flood_is_refused_and_makes_nothing_forgotten()
    {
        var guard = new InMemoryReplayGuard(_clock, capacity: 100);
        var until = Start + Duration.FromMinutes(5);
        await UseAsync(guard, Key, until);
        for (var index = 0; index < 1000; index++)
        {
            (await UseAsync(guard, Numbered(index), until + Duration.FromMinutes(index))).Should().Be(index < 99 ? UseResult.First : UseResult.Full);
        }

        guard.Count.Should().Be(100);
        (await UseAsync(guard, Key, until)).Should().Be(UseResult.Used);
        (await guard.TryAdvanceAsync(Key, 1, until, CancellationToken.None)).Should().Be(UseResult.First, "it has its place already");
    }

    [Fact]
    public async Task One_of_many_uses_at_once_is_the_first()
    {
        var guard = new InMemoryReplayGuard(_clock);
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => UseAsync(guard, Key, Start + Duration.FromMinutes(1)))));
        answers.Count(answer => answer == UseResult.First).Should().Be(1);
    }

    [Fact]
    public async Task Use_that_was_called_off_is_not_made()
    {
        var guard = new InMemoryReplayGuard(_clock);
        var calledOff = async () => await guard.TryUseAsync(Key, Start + Duration.FromMinutes(1), new CancellationToken(canceled: true));
        await calledOff.Should().ThrowAsync<OperationCanceledException>();
        (await UseAsync(guard, Key, Start + Duration.FromMinutes(1))).Should().Be(UseResult.First);
    }

    [Theory]
    [InlineData("oidc-token", "mfa-code")]
    [InlineData("mfa-code", "oidc-token")]
    public async Task Kind_that_is_full_takes_no_room_of_another(string full, string other)
    {
        var guard = new InMemoryReplayGuard(_clock, capacity: 3);
        var farOff = Start + Duration.FromDays(36_500);
        for (var index = 0; index < 4; index++)
        {
            (await UseAsync(guard, GuardKey.Create(full, $"{index}"), farOff)).Should().Be(index < 3 ? UseResult.First : UseResult.Full);
        }

        (await UseAsync(guard, GuardKey.Create(other, "0"), farOff)).Should().Be(UseResult.First);
        (await UseAsync(guard, GuardKey.Create(other, "0"), farOff)).Should().Be(UseResult.Used);
        (await guard.TryAdvanceAsync(GuardKey.Create(other, "1"), 1, farOff, CancellationToken.None)).Should().Be(UseResult.First);
        (await UseAsync(guard, GuardKey.Create(full, "4"), farOff)).Should().Be(UseResult.Full);
        guard.Count.Should().Be(5);
    }

    [Fact]
    public async Task What_one_kind_has_forgotten_says_nothing_of_another()
    {
        var guard = new InMemoryReplayGuard(_clock);
        await UseAsync(guard, Key, Start + Duration.FromHours(1));
        _clock.AdvanceHours(1);
        await UseAsync(guard, Numbered(1), Start + Duration.FromHours(2));
        _clock.Reset(Start);
        (await UseAsync(guard, Numbered(2), Start + Duration.FromMinutes(5))).Should().Be(UseResult.Used);
        (await UseAsync(guard, GuardKey.Create("mfa-code", "2"), Start + Duration.FromMinutes(5))).Should().Be(UseResult.First);
    }

    [Fact]
    public void Guard_without_room_is_none() =>
        FluentActions.Invoking(() => new InMemoryReplayGuard(_clock, capacity: 0)).Should().Throw<ArgumentOutOfRangeException>();

    private static GuardKey Numbered(int number) => GuardKey.Create("jti", "number", number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static async Task<UseResult> UseAsync(InMemoryReplayGuard guard, GuardKey key, Instant until) =>
        await guard.TryUseAsync(key, until, CancellationToken.None);
}
