using NodaTime;

namespace TokenService;

/// <summary>Counts wrong attempts in this process; a restart forgets them, and other nodes do not know of them.</summary>
/// <remarks>Bounded: where it is full of what may not be forgotten yet, attempts under further keys are refused as
/// <see cref="AttemptStatus.Full"/>. An entry takes about 400 bytes.</remarks>
public sealed class InMemoryAttemptLimiter : IAttemptLimiter
{
    /// <summary>How many keys are counted at once where nothing else is said.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly IClock _clock;
    private readonly ExpiringTable<AttemptRecord> _records;
    private readonly Lock _changes = new();

    /// <summary>Makes an empty limiter.</summary>
    /// <param name="clock">The clock by which locks end.</param>
    /// <param name="capacity">How many keys are counted at once; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1.</exception>
    public InMemoryAttemptLimiter(IClock clock, int capacity = DefaultCapacity)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _clock = clock;
        _records = new ExpiringTable<AttemptRecord>(capacity);
    }

    /// <summary>How many keys are counted now.</summary>
    public int Count
    {
        get
        {
            lock (_changes)
            {
                return _records.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<AttemptDecision> TryBeginAsync(GuardKey key, AttemptPolicy policy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(policy);
        cancellationToken.ThrowIfCancellationRequested();
        var now = _clock.GetCurrentInstant();
        lock (_changes)
        {
            _records.Forget(now);
            _records.TryGet(key, out var before, out _);
            var decision = policy.Begin(before, now, out var after);
            return ValueTask.FromResult(
                decision.IsAllowed && !_records.TryPut(key, after!, after!.ForgottenAt) ? AttemptDecision.Full : decision);
        }
    }

    /// <inheritdoc/>
    public ValueTask RecordSuccessAsync(GuardKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_changes)
        {
            _records.Remove(key);
        }

        return ValueTask.CompletedTask;
    }
}
