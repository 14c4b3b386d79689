using System.Collections.Concurrent;
using NodaTime;

namespace TokenService;

/// <summary>A token bucket for each key, within a bound. Taking waits for nobody: a key's own requests meet on one number.</summary>
/// <remarks>
/// <para>System.Threading.RateLimiting reads a clock of its own; this one is told the time.</para>
/// <para>A bucket that is full again tells nothing that a new one would not, so it may be forgotten. Where there is no room and none is full, keys
/// that are not known share one bucket: they get less than their rate, and nobody gets more.</para>
/// </remarks>
/// <typeparam name="TKey">Whose requests are counted.</typeparam>
internal sealed class TokenBuckets<TKey>(RequestRate rate, int capacity)
    where TKey : notnull
{
    /// <summary>How long after one look for full buckets the next may be: it goes through all of them.</summary>
    private const long SweepPause = NodaConstants.TicksPerSecond;

    private readonly ConcurrentDictionary<TKey, TokenBucket> _buckets = new();
    private readonly TokenBucket _shared = new();
    private readonly long _interval = rate.Interval;
    private readonly long _room = rate.Interval * rate.Burst;
    private int _count;
    private long _sweepAt = long.MinValue;

    /// <summary>How many buckets there are.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>Takes one request out of the key's bucket, if there is one.</summary>
    internal bool TryTake(TKey key, Instant time)
    {
        var now = time.ToUnixTimeTicks();
        while (true)
        {
            var bucket = _buckets.TryGetValue(key, out var known) ? known : Add(key, now);
            switch (bucket.Take(now, _interval, _room))
            {
                case TakeResult.Taken:
                    return true;
                case TakeResult.Empty:
                    return false;
                default:
                    Remove(key, bucket);
                    break;
            }
        }
    }

    private TokenBucket Add(TKey key, long now)
    {
        if (!TryReserve() && !(TrySweep(now) && TryReserve()))
        {
            return _shared;
        }

        var added = new TokenBucket();
        var bucket = _buckets.GetOrAdd(key, added);
        if (bucket != added)
        {
            Interlocked.Decrement(ref _count);
        }

        return bucket;
    }

    private bool TryReserve()
    {
        if (Interlocked.Increment(ref _count) <= capacity)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>Forgets what is full; one thread at a time and once in a while, and the others do not wait.</summary>
    private bool TrySweep(long now)
    {
        // A clock that was moved back does not put the next look off for long.
        var due = Volatile.Read(ref _sweepAt);
        if ((now < due && due - now <= SweepPause) || Interlocked.CompareExchange(ref _sweepAt, now + SweepPause, due) != due)
        {
            return false;
        }

        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.TryRetire(now))
            {
                Remove(key, bucket);
            }
        }

        return true;
    }

    private void Remove(TKey key, TokenBucket bucket)
    {
        if (_buckets.TryRemove(new KeyValuePair<TKey, TokenBucket>(key, bucket)))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private enum TakeResult
    {
        Empty,
        Taken,
        Retired,
    }

    /// <summary>One number: the time at which the bucket is full again.</summary>
    private sealed class TokenBucket
    {
        private const long Retired = long.MinValue;

        /// <summary>Long ago, and far from where subtracting a time would turn round.</summary>
        private const long AlwaysFull = long.MinValue / 2;

        private long _fullAt = AlwaysFull;

        internal TakeResult Take(long now, long interval, long room)
        {
            var seen = Volatile.Read(ref _fullAt);
            while (seen != Retired)
            {
                // What is missing in the bucket, as the time that it takes to run in. More than fits means that the clock was moved back: the
                // bucket is then empty as of now, and not until the clock has come as far again.
                var missing = Math.Max(seen - now, 0);
                var isTaken = missing + interval <= room;
                var next = isTaken ? now + missing + interval : now + Math.Min(missing, room);
                if (next == seen)
                {
                    return TakeResult.Empty;
                }

                var found = Interlocked.CompareExchange(ref _fullAt, next, seen);
                if (found == seen)
                {
                    return isTaken ? TakeResult.Taken : TakeResult.Empty;
                }

                seen = found;
            }

            return TakeResult.Retired;
        }

        /// <summary>Ends the bucket if it is full, so that nobody takes from it when it is no longer found.</summary>
        internal bool TryRetire(long now)
        {
            var seen = Volatile.Read(ref _fullAt);
            return seen == Retired || (seen <= now && Interlocked.CompareExchange(ref _fullAt, Retired, seen) == seen);
        }
    }
}
