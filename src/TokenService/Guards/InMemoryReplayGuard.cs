using NodaTime;

namespace TokenService;

/// <summary>Remembers in this process what was used; a restart forgets it, and other nodes do not know of it.</summary>
/// <remarks>
/// <para>Bounded, each kind of key by itself: where one is full of what may not be forgotten yet, further uses of that kind are refused as
/// <see cref="UseResult.Full"/>, and those of others are not. So tokens of an identity provider that end in a hundred years take no room of
/// multi-factor codes. An entry takes about 300 bytes.</para>
/// <para>A clock that is moved ahead makes it forget what ends meanwhile. When the clock is moved back again, whatever ends no later than what
/// was forgotten of its kind counts as used, for nobody could tell; what ends later is known, and works.</para>
/// </remarks>
public sealed class InMemoryReplayGuard : IReplayGuard
{
    /// <summary>How many uses of a kind are remembered at once where nothing else is said.</summary>
    public const int DefaultCapacity = 250_000;

    private readonly IClock _clock;
    private readonly int _capacity;
    private readonly Dictionary<string, ExpiringTable<long>> _used = new(StringComparer.Ordinal);
    private readonly Lock _changes = new();

    /// <summary>Makes an empty guard.</summary>
    /// <param name="clock">The clock by which uses are forgotten.</param>
    /// <param name="capacity">How many uses of each kind are remembered at once; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1.</exception>
    public InMemoryReplayGuard(IClock clock, int capacity = DefaultCapacity)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _clock = clock;
        _capacity = capacity;
    }

    /// <summary>How many uses are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_changes)
            {
                return _used.Values.Sum(kind => kind.Count);
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
            if (!_used.TryGetValue(key.Kind, out var used))
            {
                // Kinds are what code names, a handful: clients choose keys, and never their kind.
                _used[key.Kind] = used = new ExpiringTable<long>(_capacity);
            }

            used.Forget(now);
            return ValueTask.FromResult(Use(used, key, position, until, now));
        }
    }

    private static UseResult Use(ExpiringTable<long> used, GuardKey key, long position, Instant until, Instant now)
    {
        if (until <= now || until <= used.ForgottenUntil)
        {
            return UseResult.Used;
        }

        if (used.TryGet(key, out var last, out var earlier))
        {
            if (position <= last)
            {
                return UseResult.Used;
            }

            until = Instant.Max(until, earlier);
        }

        return used.TryPut(key, position, until) ? UseResult.First : UseResult.Full;
    }
}
