using NodaTime;

namespace TokenService;

/// <summary>How many requests are taken: so many at once, and then so many a second.</summary>
/// <remarks>A token bucket: it holds <see cref="Burst"/> requests, each takes one out, and <see cref="PerSecond"/> run in again until it is full.
/// Source: IAM User Guide, "IAM and AWS STS quotas", request rates.</remarks>
/// <param name="Burst">The most that are taken at once: 1 to 1,000,000.</param>
/// <param name="PerSecond">How many are taken a second in the long run: 0.001 to 1,000,000.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
public sealed record RequestRate(int Burst, double PerSecond)
{
    /// <summary>The most that are taken at once.</summary>
    /// <value>1 to 1,000,000 requests.</value>
    public int Burst { get; init => field = Checked(value); } = Checked(Burst);

    /// <summary>How many are taken a second in the long run.</summary>
    /// <value>0.001 to 1,000,000 requests.</value>
    public double PerSecond { get; init => field = Checked(value); } = Checked(PerSecond);

    /// <summary>How long one request takes to run in again, in ticks; rounded up, so that never more than the rate run in.</summary>
    internal long Interval => (long)Math.Ceiling(NodaConstants.TicksPerSecond / PerSecond);

    private static int Checked(int burst) =>
        burst is >= 1 and <= 1_000_000 ? burst : throw new ArgumentOutOfRangeException(nameof(burst), burst, "A burst is 1 to 1,000,000 requests.");

    private static double Checked(double perSecond) =>
        perSecond is >= 0.001 and <= 1_000_000
            ? perSecond
            : throw new ArgumentOutOfRangeException(nameof(perSecond), perSecond, "A rate is 0.001 to 1,000,000 requests a second.");
}
