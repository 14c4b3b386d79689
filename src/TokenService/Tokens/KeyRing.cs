using System.Collections.Frozen;
using System.Collections.Immutable;

namespace TokenService;

/// <summary>A ring of keys that are given once: from options, from a vault, or made for this process alone.</summary>
public sealed class KeyRing : IKeyRing
{
    private readonly FrozenDictionary<uint, RootKey> _keys;

    /// <summary>Takes the keys.</summary>
    /// <param name="current">The key that seals.</param>
    /// <param name="older">Keys that still open what they sealed.</param>
    /// <exception cref="ArgumentException">Two keys have the same id.</exception>
    public KeyRing(RootKey current, params IEnumerable<RootKey> older)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(older);
        Current = current;
        RootKey[] all = [current, .. older];
        if (all.DistinctBy(key => key.Id).Count() != all.Length)
        {
            throw new ArgumentException("Two keys of a ring have the same id.", nameof(older));
        }

        _keys = all.ToFrozenDictionary(key => key.Id);
    }

    /// <inheritdoc/>
    public RootKey Current { get; }

    /// <summary>The keys for web identity tokens: the first of each algorithm signs, the others are published beside it, because they did or
    /// will.</summary>
    /// <value>None where nothing else is said; then the service issues no web identity tokens.</value>
    /// <exception cref="ArgumentException">A key is there twice.</exception>
    public ImmutableArray<WebIdentityKey> WebIdentityKeys
    {
        get;
        init => field = value.DistinctBy(key => key.Id, StringComparer.Ordinal).Count() == value.Length
            ? value
            : throw new ArgumentException("A key for web identity tokens is there twice.", nameof(value));
    } = [];

    /// <inheritdoc/>
    public ImmutableArray<WebIdentityKey> PublishedKeys => WebIdentityKeys;

    /// <inheritdoc/>
    public WebIdentityKey? FindSigningKey(WebIdentityAlgorithm algorithm) => WebIdentityKeys.FirstOrDefault(key => key.Algorithm == algorithm);

    /// <inheritdoc/>
    public RootKey? Find(uint id) => _keys.GetValueOrDefault(id);

    /// <summary>A ring with one new key that nobody else has: its sessions end with the process, and no other node accepts them.</summary>
    /// <returns>The ring; it signs no web identity tokens.</returns>
    public static KeyRing Ephemeral() => new(RootKey.Generate());
}
