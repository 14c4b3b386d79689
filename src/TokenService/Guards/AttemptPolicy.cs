using NodaTime;

namespace TokenService;

/// <summary>How many wrong attempts are borne, and how long each further one locks.</summary>
/// <remarks>The rule is a function of what was remembered and of the time, so that every implementation of <see cref="IAttemptLimiter"/> has the
/// same one: it reads the record, applies <see cref="Begin"/>, and writes what comes out if the record is still the one it read.</remarks>
public sealed record AttemptPolicy
{
    /// <summary>The number of wrong attempts in a row that locks for the first time.</summary>
    /// <value>5 where nothing else is said; at least 1.</value>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public int FailuresBeforeLock
    {
        get;
        init => field = value < 1
            ? throw new ArgumentOutOfRangeException(nameof(value), value, "At least one attempt must be possible.")
            : value;
    } = 5;

    /// <summary>How long the first lock lasts; each further wrong attempt doubles it.</summary>
    /// <value>One minute where nothing else is said; more than nothing.</value>
    /// <exception cref="ArgumentOutOfRangeException">The duration is zero or less.</exception>
    public Duration FirstLock
    {
        get;
        init => field = Positive(value);
    } = Duration.FromMinutes(1);

    /// <summary>The longest lock, however many wrong attempts there were.</summary>
    /// <value>One hour where nothing else is said; more than nothing.</value>
    /// <exception cref="ArgumentOutOfRangeException">The duration is zero or less.</exception>
    public Duration LongestLock
    {
        get;
        init => field = Positive(value);
    } = Duration.FromHours(1);

    /// <summary>How long after the last wrong attempt all of them are forgotten, though never while a lock lasts.</summary>
    /// <value>24 hours where nothing else is said; more than nothing.</value>
    /// <exception cref="ArgumentOutOfRangeException">The duration is zero or less.</exception>
    public Duration Memory
    {
        get;
        init => field = Positive(value);
    } = Duration.FromHours(24);

    /// <summary>Whether an attempt may be made, and what is to be remembered of it.</summary>
    /// <param name="before">What is remembered, or <see langword="null"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="after">What to remember from now on: where the attempt may be made, that it failed; otherwise what was.</param>
    /// <returns>The decision.</returns>
    public AttemptDecision Begin(AttemptRecord? before, Instant now, out AttemptRecord? after)
    {
        before = before is not null && now < before.ForgottenAt ? before : null;
        after = before;
        if (now < before?.LockedUntil)
        {
            return AttemptDecision.LockedOut(before.LockedUntil);
        }

        var failures = Math.Min(before?.Failures ?? 0, int.MaxValue - 1) + 1;
        var lockedUntil = now + LockAfter(failures);
        after = new AttemptRecord(failures, lockedUntil, Instant.Max(lockedUntil, now + Memory));
        return AttemptDecision.Allowed;
    }

    private static Duration Positive(Duration value) =>
        value <= Duration.Zero ? throw new ArgumentOutOfRangeException(nameof(value), value, "The duration must be more than nothing.") : value;

    private Duration LockAfter(int failures)
    {
        if (failures < FailuresBeforeLock)
        {
            return Duration.Zero;
        }

        // Floating point, because it has no end at which doubling would turn round.
        var seconds = FirstLock.TotalSeconds * Math.Pow(2, failures - FailuresBeforeLock);
        return seconds < LongestLock.TotalSeconds ? Duration.FromSeconds(seconds) : LongestLock;
    }
}

/// <summary>What is remembered of wrong attempts in a row.</summary>
/// <param name="Failures">How many there were, those included that are not finished yet.</param>
/// <param name="LockedUntil">The first instant at which the next may be made.</param>
/// <param name="ForgottenAt">The first instant at which this is worth nothing any more.</param>
public sealed record AttemptRecord(int Failures, Instant LockedUntil, Instant ForgottenAt);
