using System.Diagnostics.CodeAnalysis;
using NodaTime;

namespace TokenService;

/// <summary>Entries that each end at an instant, within a bound. Not synchronized: its owner holds a lock for the moment of each step.</summary>
/// <typeparam name="TValue">What is remembered.</typeparam>
/// <param name="capacity">How many entries there can be at once.</param>
internal sealed class ExpiringTable<TValue>(int capacity)
{
    private static readonly Comparer<(Instant Until, GuardKey Key)> ByEnd = Comparer<(Instant Until, GuardKey Key)>.Create(
        (left, right) => left.Until.CompareTo(right.Until) is var order and not 0 ? order : string.CompareOrdinal(left.Key.Text, right.Key.Text));

    private readonly Dictionary<GuardKey, (TValue Value, Instant Until)> _entries = [];
    private readonly SortedSet<(Instant Until, GuardKey Key)> _ends = new(ByEnd);

    /// <summary>The latest end of anything that was forgotten because its time was over: what ends later was not forgotten.</summary>
    internal Instant ForgottenUntil { get; private set; } = Instant.MinValue;

    internal int Count => _entries.Count;

    /// <summary>Forgets what has ended; the cost is that of what is forgotten, however much there is.</summary>
    internal void Forget(Instant now)
    {
        while (_ends.Count > 0 && _ends.Min is var first && first.Until <= now)
        {
            _ends.Remove(first);
            _entries.Remove(first.Key);
            ForgottenUntil = Instant.Max(ForgottenUntil, first.Until);
        }
    }

    internal bool TryGet(GuardKey key, [MaybeNullWhen(false)] out TValue value, out Instant until)
    {
        var found = _entries.TryGetValue(key, out var entry);
        (value, until) = entry;
        return found;
    }

    /// <returns><see langword="false"/> where there is no room for one more.</returns>
    internal bool TryPut(GuardKey key, TValue value, Instant until)
    {
        if (_entries.TryGetValue(key, out var earlier))
        {
            _ends.Remove((earlier.Until, key));
        }
        else if (_entries.Count >= capacity)
        {
            return false;
        }

        _entries[key] = (value, until);
        _ends.Add((until, key));
        return true;
    }

    internal void Remove(GuardKey key)
    {
        if (_entries.Remove(key, out var entry))
        {
            _ends.Remove((entry.Until, key));
        }
    }
}
