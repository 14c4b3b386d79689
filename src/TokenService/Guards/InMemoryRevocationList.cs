using System.Collections.Concurrent;
using System.Numerics;
using NodaTime;

namespace TokenService;

/// <summary>Remembers in this process which sessions were ended; a restart forgets it, and other nodes do not know of it.</summary>
/// <remarks>
/// <para>Asking takes no lock and allocates nothing; only the levers that were used are looked up, and an empty list looks up none.</para>
/// <para>Bounded: where it is full of what may not be forgotten yet, a further revocation is refused. An entry takes about 450 bytes.</para>
/// <para>A clock that is moved ahead makes it forget what ends meanwhile. When the clock is moved back again, every session that began before
/// the latest revocation that was forgotten counts as ended, for nobody could tell; sessions that begin anew work.</para>
/// </remarks>
public sealed class InMemoryRevocationList : IRevocationList
{
    /// <summary>How many revocations are remembered at once where nothing else is said.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly IClock _clock;
    private readonly int _capacity;
    private readonly ConcurrentDictionary<RevocationKey, Entry> _entries = new();
    private readonly PriorityQueue<RevocationKey, Instant> _ends = new();
    private readonly int[] _counts = new int[sizeof(int) * 8];
    private readonly Lock _changes = new();
    private volatile RevocationLevers _levers;
    private long _forgottenBefore = long.MinValue;

    /// <summary>Makes an empty list.</summary>
    /// <param name="clock">The clock by which revocations are forgotten.</param>
    /// <param name="capacity">How many revocations are remembered at once; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1.</exception>
    public InMemoryRevocationList(IClock clock, int capacity = DefaultCapacity)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _clock = clock;
        _capacity = capacity;
    }

    /// <summary>How many revocations are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_changes)
            {
                Forget(_clock.GetCurrentInstant());
                return _entries.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryAddAsync(Revocation revocation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(revocation);
        cancellationToken.ThrowIfCancellationRequested();
        var now = _clock.GetCurrentInstant();
        lock (_changes)
        {
            Forget(now);
            return ValueTask.FromResult(revocation.Until <= now || TryPut(revocation));
        }
    }

    /// <inheritdoc/>
    public ValueTask<RevocationTarget?> FindAsync(RevocableSession session, CancellationToken cancellationToken)
    {
        var issuedAt = session.IssuedAt.ToUnixTimeSeconds();
        var found = _levers is var levers and not RevocationLevers.None ? Find(session, issuedAt, levers) : null;

        // After the look-up: what is forgotten meanwhile is told here before it goes there.
        return new ValueTask<RevocationTarget?>(found ?? (issuedAt < Volatile.Read(ref _forgottenBefore) ? RevocationTarget.Forgotten : null));
    }

    private RevocationTarget? Find(in RevocableSession session, long issuedAt, RevocationLevers levers) =>
        Look(levers, RevocationLevers.AccessKey, issuedAt, session.AccessKeyId)
        ?? Look(levers, RevocationLevers.Chain, issuedAt, "", number: session.ChainId)
        ?? Look(levers, RevocationLevers.RoleId, issuedAt, session.RoleId)
        ?? Look(levers, RevocationLevers.RoleIdSession, issuedAt, session.RoleId, detail: session.Name)
        ?? (session.RoleName is { } role ? FindByRoleName(session, role, issuedAt, levers) : null)
        ?? Look(levers, RevocationLevers.UserId, issuedAt, session.UserId)
        ?? (session.UserName is { } user ? Look(levers, RevocationLevers.UserName, issuedAt, session.Account, user) : null)
        ?? (session.IsFederatedUser ? Look(levers, RevocationLevers.FederatedUser, issuedAt, session.Account, detail: session.Name) : null)
        ?? Look(levers, RevocationLevers.SourceIdentity, issuedAt, session.SourceIdentity)
        ?? (session.FederatedSubject is { } subject
            ? Look(levers, RevocationLevers.FederatedSubject, issuedAt, session.FederatedIssuer, detail: subject) : null)
        ?? Look(levers, RevocationLevers.IssuingKey, issuedAt, session.IssuingAccessKeyId)
        ?? Look(levers, RevocationLevers.Account, issuedAt, session.Account);

    private RevocationTarget? FindByRoleName(in RevocableSession session, string role, long issuedAt, RevocationLevers levers) =>
        Look(levers, RevocationLevers.RoleName, issuedAt, session.Account, role)
        ?? Look(levers, RevocationLevers.RoleNameSession, issuedAt, session.Account, role, session.Name);

    private RevocationTarget? Look(
        RevocationLevers levers, RevocationLevers lever, long issuedAt, string? first, string name = "", string detail = "", UInt128 number = default) =>
        (levers & lever) == lever && first is not null && _entries.TryGetValue(new RevocationKey(lever, first, name, detail, number), out var entry)
        && issuedAt < entry.IssuedBefore ? entry.Target : null;

    private bool TryPut(Revocation revocation)
    {
        var key = revocation.Target.Key;
        var entry = new Entry(revocation.Target, WholeSecondsUp(revocation.IssuedBefore), revocation.Until);
        if (_entries.TryGetValue(key, out var earlier))
        {
            // Its end in the queue stays the earlier one: when that comes, the entry is put in again.
            _entries[key] = entry with
            {
                IssuedBefore = Math.Max(entry.IssuedBefore, earlier.IssuedBefore),
                Until = Instant.Max(entry.Until, earlier.Until),
            };
            return true;
        }

        if (_entries.Count >= _capacity)
        {
            return false;
        }

        _entries[key] = entry;
        _ends.Enqueue(key, entry.Until);
        _counts[Index(key.Lever)]++;
        _levers |= key.Lever;
        return true;
    }

    private void Forget(Instant now)
    {
        while (_ends.TryPeek(out var key, out var end) && end <= now)
        {
            _ends.Dequeue();
            var entry = _entries[key];
            if (entry.Until > now)
            {
                _ends.Enqueue(key, entry.Until);
                continue;
            }

            // Before it goes: whoever asks meanwhile, and does not find it, finds this.
            Volatile.Write(ref _forgottenBefore, Math.Max(_forgottenBefore, WholeSecondsUp(entry.Until - Revocation.Memory)));
            _entries.TryRemove(key, out _);
            if (--_counts[Index(key.Lever)] == 0)
            {
                _levers &= ~key.Lever;
            }
        }
    }

    private static int Index(RevocationLevers lever) => BitOperations.TrailingZeroCount((int)lever);

    private static long WholeSecondsUp(Instant instant)
    {
        var seconds = instant.ToUnixTimeSeconds();
        return Instant.FromUnixTimeSeconds(seconds) < instant ? seconds + 1 : seconds;
    }

    /// <param name="Target">Whose sessions are ended.</param>
    /// <param name="IssuedBefore">Those that began before this, in seconds since 1970.</param>
    /// <param name="Until">When no session is left that it ends.</param>
    private sealed record Entry(RevocationTarget Target, long IssuedBefore, Instant Until);
}
