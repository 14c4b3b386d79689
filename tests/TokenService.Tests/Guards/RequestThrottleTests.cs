using System.Net;
using NodaTime.Testing;

namespace TokenService.Tests.Guards;

public sealed class RequestThrottleTests : IDisposable
{
    private const string Account = "111122223333";

    private readonly FakeClock _clock = new(TestHost.Start);
    private readonly RecordingLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Burst_is_taken_at_once_and_not_one_more()
    {
        var throttle = Throttle(new ThrottlingOptions { Principal = new RequestRate(3, 1) });
        Admitted(10, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(3);
        throttle.CheckPrincipal(Account, "AIDA1").Should().Be(StsError.Throttling());
    }

    [Theory, InlineData(-1, 0), InlineData(0, 1), InlineData(10_000_000, 2), InlineData(19_999_999, 2), InlineData(1_000_000_000, 3)]
    public void Requests_run_in_again_at_the_rate_up_to_the_burst(int ticksAfterASecond, int admitted)
    {
        var throttle = Throttle(new ThrottlingOptions { Principal = new RequestRate(3, 1) });
        Admitted(3, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(3);
        _clock.Advance(Duration.FromSeconds(1) + Duration.FromTicks(ticksAfterASecond));
        Admitted(10, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(admitted);
    }

    [Fact]
    public void Refusals_cost_nothing()
    {
        var throttle = Throttle(new ThrottlingOptions { Principal = new RequestRate(1, 1) });
        throttle.CheckPrincipal(Account, "AIDA1").Should().BeNull();
        _clock.Advance(Duration.FromMilliseconds(999));
        Admitted(1000, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(0);
        _clock.Advance(Duration.FromMilliseconds(1));
        Admitted(2, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(1);
    }

    [Fact]
    public void Never_more_than_the_rate_in_the_long_run_also_where_it_does_not_divide_a_second()
    {
        var throttle = Throttle(new ThrottlingOptions { Principal = new RequestRate(7, 3) });
        var admitted = 0;
        for (var step = 0; step <= 600; step++, _clock.Advance(Duration.FromMilliseconds(100)))
        {
            admitted += Admitted(5, () => throttle.CheckPrincipal(Account, "AIDA1"));
        }

        admitted.Should().BeInRange((60 * 3) + 7 - 1, (60 * 3) + 7);
    }

    [Fact]
    public void Clock_that_is_moved_back_leaves_an_empty_bucket_that_fills_from_then_on()
    {
        var throttle = Throttle(new ThrottlingOptions { Principal = new RequestRate(3, 1) });
        Admitted(3, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(3);
        _clock.Reset(TestHost.Start - Duration.FromDays(1));
        Admitted(10, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(0);
        _clock.Advance(Duration.FromSeconds(1) - Duration.FromTicks(1));
        Admitted(10, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(0);
        _clock.Advance(Duration.FromTicks(1));
        Admitted(10, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(1);
        _clock.Advance(Duration.FromSeconds(2));
        Admitted(10, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(2);
    }

    [Fact]
    public void Principals_do_not_count_for_each_other_and_together_for_their_account()
    {
        var throttle = Throttle(new ThrottlingOptions { Principal = new RequestRate(2, 1), Account = new RequestRate(3, 1) });
        Admitted(5, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(2);
        Admitted(5, () => throttle.CheckPrincipal(Account, "AIDA2")).Should().Be(1, "what the first asked in vain was not taken from the account");
        Admitted(5, () => throttle.CheckPrincipal("444455556666", "AIDA1")).Should().Be(2, "it is another account's");
        Told().Should().HaveCount(3 + 4 + 3);
        Told().Distinct(StringComparer.Ordinal).Should().BeEquivalentTo(
            "Throttled the principal AIDA1", "Throttled the account 111122223333", "Throttled the principal AIDA2");
    }

    [Fact]
    public void Rate_that_is_not_set_does_not_limit()
    {
        var throttle = Throttle(new ThrottlingOptions());
        Admitted(10_000, () => throttle.CheckPrincipal(Account, "AIDA1")).Should().Be(10_000);
        Admitted(10_000, () => throttle.CheckSource(IPAddress.Loopback, isSigned: true)).Should().Be(10_000);
        Admitted(10_000, () => throttle.CheckSource(IPAddress.Loopback, isSigned: false)).Should().Be(10_000);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("::ffff:192.0.2.1", "::192.0.2.1", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("fe80::1%1", "fe80::2%2", true)]
    [InlineData("::1", "127.0.0.1", false)]
    [InlineData(null, null, true)]
    [InlineData(null, "ffff:ffff:ffff:ffff::1", false)]
    public void Source_is_an_IPv4_address_or_the_64_of_an_IPv6_address(string? first, string? second, bool isSame)
    {
        var throttle = Throttle(new ThrottlingOptions { Source = new RequestRate(1, 1) });
        throttle.CheckSource(first is null ? null : IPAddress.Parse(first), isSigned: true).Should().BeNull();
        (throttle.CheckSource(second is null ? null : IPAddress.Parse(second), isSigned: true) is not null).Should().Be(isSame);
    }

    [Fact]
    public void Requests_without_a_signature_have_a_rate_of_their_own()
    {
        var throttle = Throttle(new ThrottlingOptions { Source = new RequestRate(3, 1), Unsigned = new RequestRate(1, 1) });
        Admitted(5, () => throttle.CheckSource(IPAddress.Loopback, isSigned: false)).Should().Be(1);
        Admitted(5, () => throttle.CheckSource(IPAddress.Loopback, isSigned: true)).Should().Be(3);
        Told().Should().Contain("Throttled the unsigned 127.0.0.1").And.Contain("Throttled the source 127.0.0.1");
    }

    [Fact]
    public void Flood_from_many_addresses_takes_bounded_room_and_gets_through_together_what_one_would()
    {
        var buckets = new TokenBuckets<int>(new RequestRate(2, 1), capacity: 100);
        buckets.TryTake(-1, TestHost.Start).Should().BeTrue();
        Enumerable.Range(0, 10_000).Count(address => buckets.TryTake(address, TestHost.Start)).Should().Be(99 + 2);
        buckets.Count.Should().Be(100);
        buckets.TryTake(-1, TestHost.Start).Should().BeTrue("who is known keeps a bucket of its own");
        buckets.TryTake(-1, TestHost.Start).Should().BeFalse();
    }

    [Fact]
    public void Whoever_asks_again_after_a_flood_has_a_bucket_of_its_own()
    {
        var buckets = new TokenBuckets<int>(new RequestRate(2, 1), capacity: 100);
        for (var address = 0; address < 10_000; address++)
        {
            buckets.TryTake(address, TestHost.Start);
        }

        // A second is one request's worth: each bucket is full again then, and the shared one has one.
        var later = TestHost.Start + Duration.FromSeconds(1);
        Enumerable.Range(20_000, 100).Sum(address => Enumerable.Range(0, 3).Count(_ => buckets.TryTake(address, later))).Should().Be(200);
        buckets.Count.Should().Be(100);
    }

    [Fact]
    public void Room_is_made_also_where_the_clock_is_moved_back()
    {
        var buckets = new TokenBuckets<int>(new RequestRate(1, 1), capacity: 1);
        buckets.TryTake(0, TestHost.Start).Should().BeTrue();
        buckets.TryTake(1, TestHost.Start).Should().BeTrue("there is no room, and the shared bucket is full");
        buckets.TryTake(2, TestHost.Start).Should().BeFalse("the shared bucket is empty");
        var before = TestHost.Start - Duration.FromDays(1);
        buckets.TryTake(2, before).Should().BeFalse("nothing was full a day before");
        buckets.TryTake(0, before).Should().BeFalse();
        var after = before + Duration.FromSeconds(1);
        buckets.TryTake(2, after).Should().BeTrue();
        buckets.TryTake(3, after).Should().BeTrue("the shared bucket has filled");
        buckets.TryTake(3, after).Should().BeFalse();
    }

    [Fact]
    public void Many_threads_get_exactly_the_burst()
    {
        var throttle = Throttle(new ThrottlingOptions { Principal = new RequestRate(1000, 1), Account = new RequestRate(1_000_000, 1) });
        var admitted = 0;
        Parallel.For(0, 8, _ =>
        {
            for (var request = 0; request < 1000; request++)
            {
                if (throttle.CheckPrincipal(Account, "AIDA1") is null)
                {
                    Interlocked.Increment(ref admitted);
                }
            }
        });
        admitted.Should().Be(1000);
    }

    [Fact]
    public void Many_threads_and_many_keys_get_no_more_than_their_bursts_while_buckets_come_and_go()
    {
        // Room for fewer keys than there are, and a time that goes on so that buckets are forgotten and made anew meanwhile.
        var buckets = new TokenBuckets<int>(new RequestRate(2, 1000), capacity: 16);
        var admitted = new int[32];
        long step = 0;
        Parallel.For(0, 8, worker =>
        {
            for (var request = 0; request < 20_000; request++)
            {
                var key = (request + worker) % admitted.Length;
                if (buckets.TryTake(key, TestHost.Start + Duration.FromTicks(Interlocked.Increment(ref step) * 100)))
                {
                    Interlocked.Increment(ref admitted[key]);
                }
            }
        });

        // 160,000 steps of 10 microseconds are 1.6 seconds: 1,600 requests, the burst, and for each the shared bucket's as much.
        admitted.Sum().Should().BeLessThanOrEqualTo((32 + 1) * (1600 + 2));
        admitted.Should().OnlyContain(count => count <= 2 * (1600 + 2));
        buckets.Count.Should().BeInRange(1, 16);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1_000_001, 1)]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    [InlineData(1, 0.0009)]
    [InlineData(1, 1_000_001)]
    [InlineData(1, double.NaN)]
    [InlineData(1, double.PositiveInfinity)]
    public void Rate_has_its_ranges(int burst, double perSecond)
    {
        FluentActions.Invoking(() => new RequestRate(burst, perSecond)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new RequestRate(1, 1) with { Burst = burst, PerSecond = perSecond }).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory, InlineData(1, 0.001), InlineData(1_000_000, 1_000_000), InlineData(1_000_000, 0.001)]
    public void Rate_at_the_edge_of_its_ranges_limits(int burst, double perSecond)
    {
        var buckets = new TokenBuckets<int>(new RequestRate(burst, perSecond), 1);
        Enumerable.Range(0, burst + 10).Count(_ => buckets.TryTake(0, TestHost.Start)).Should().Be(burst);
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(10_000_001)]
    public void Capacity_has_its_range(int capacity) =>
        FluentActions.Invoking(() => new ThrottlingOptions { Capacity = capacity }).Should().Throw<ArgumentOutOfRangeException>();

    private static int Admitted(int requests, Func<StsError?> check) => Enumerable.Range(0, requests).Count(_ => check() is null);

    private RequestThrottle Throttle(ThrottlingOptions options) => new(options, _clock, _log);

    private IEnumerable<string> Told() => _log.Entries.Where(entry => entry.Id.Id == 1005).Select(entry => entry.Text);
}
