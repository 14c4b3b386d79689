using NodaTime;

namespace TokenService;

/// <summary>Remembers in this process what was used; a restart forgets it, and other nodes do not know of it.</summary>
/// <remarks>
/// <para>Bounded: where it is full of what may not be forgotten yet, further uses are refused as <see cref="UseResult.Full"/>. An entry takes
/// about 300 bytes.</para>
/// <para>A clock that is moved ahead makes it forget what ends meanwhile. When the clock is moved back again, whatever ends no later than what
/// was forgotten counts as used, for nobody could tell; what ends later is known, and works.</para>
/// </remarks>
public sealed class InMemoryReplayGuard : IReplayGuard
{
    /// <summary>How many uses are remembered at once where nothing else is said.</summary>
    public const int DefaultCapacity = 250_000;

    private readonly IClock _clock;
    private readonly ExpiringTable<long> _used;
    private readonly Lock _changes = new();

    /// <summary>Makes an empty guard.</summary>
    /// <param name="clock">The clock by which uses are forgotten.</param>
    /// <param name="capacity">How many uses are remembered at once; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1.</exception>
    public InMemoryReplayGuard(IClock clock, int capacity = DefaultCapacity)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _clock = clock;
        _used = new ExpiringTable<long>(capacity);
    }

    /// <summary>How many uses are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_changes)
            {
                return _used.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<UseResult> TryUseAsync(GuardKey key, Instant until, CancellationToken cancellationToken) =>
        TryAdvanceAsync(key, 0, until, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<UseResult> TryAdvanceAsync(GuardKey key, long position, Instant until, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        var now = _clock.GetCurrentInstant();
        lock (_changes)
        {
            _used.Forget(now);
            return ValueTask.FromResult(Use(key, position, until, now));
        }
    }

    private UseResult Use(GuardKey key, long position, Instant until, Instant now)
    {
        if (until <= now || until <= _used.ForgottenUntil)
        {
            return UseResult.Used;
        }

        if (_used.TryGet(key, out var last, out var earlier))
        {
            if (position <= last)
            {
                return UseResult.Used;
            }

            until = Instant.Max(until, earlier);
        }

        return _used.TryPut(key, position, until) ? UseResult.First : UseResult.Full;
    }
}
