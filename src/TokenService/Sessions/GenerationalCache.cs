using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>Remembers what was computed for a key, within a bound: two generations of entries.</summary>
/// <remarks>When the young generation is full it becomes the old one, and what was in the old one and not asked for since is forgotten. Reading
/// takes no lock, and a flood of keys costs those that are flooded out one computation each.</remarks>
/// <typeparam name="TKey">What it was computed for.</typeparam>
/// <typeparam name="TView">A view of a key that is only looked at; the comparer compares it with keys.</typeparam>
/// <typeparam name="TValue">What is remembered.</typeparam>
internal sealed class GenerationalCache<TKey, TView, TValue>
    where TKey : notnull
    where TView : notnull, allows ref struct
    where TValue : class
{
    private readonly int _generationSize;
    private readonly IEqualityComparer<TKey> _comparer;
    private Generation _young;
    private Generation _old;

    /// <param name="generationSize">How many entries a generation has.</param>
    /// <param name="comparer">How keys are compared, with each other and with views.</param>
    internal GenerationalCache(int generationSize, IEqualityComparer<TKey> comparer)
    {
        _generationSize = generationSize;
        _comparer = comparer;
        _young = new Generation(comparer);
        _old = new Generation(comparer);
    }

    internal bool TryGet(TView key, [NotNullWhen(true)] out TValue? value)
    {
        if (_young.ByView.TryGetValue(key, out value))
        {
            return true;
        }

        if (!_old.ByView.TryGetValue(key, out var kept, out value))
        {
            return false;
        }

        Keep(kept, value);
        return true;
    }

    internal void Keep(TKey key, TValue value)
    {
        var young = _young;
        if (young.Entries.Count >= _generationSize && Interlocked.CompareExchange(ref _young, new Generation(_comparer), young) == young)
        {
            _old = young;
        }

        _young.Entries[key] = value;
    }

    private sealed class Generation
    {
        internal Generation(IEqualityComparer<TKey> comparer)
        {
            Entries = new ConcurrentDictionary<TKey, TValue>(comparer);
            ByView = Entries.GetAlternateLookup<TView>();
        }

        internal ConcurrentDictionary<TKey, TValue> Entries { get; }

        internal ConcurrentDictionary<TKey, TValue>.AlternateLookup<TView> ByView { get; }
    }
}
