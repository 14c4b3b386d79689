using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>Sessions whose tokens were opened a moment ago: a client sends the same token with every request.</summary>
/// <remarks>Spares the decryption and the reading, and no check: binding, key, expiry and liveness are looked at each time. Only tokens that
/// were authentic get in.</remarks>
internal sealed class OpenedTokens
{
    private const int GenerationSize = 2048;

    private readonly GenerationalCache<string, ReadOnlySpan<char>, OpenedToken> _cache = new(GenerationSize, new ByTag());

    internal bool TryGet(string token, [NotNullWhen(true)] out OpenedToken? opened) => _cache.TryGet(token, out opened);

    internal void Keep(string token, OpenedToken opened) => _cache.Keep(token, opened);

    /// <summary>Hashes the last characters alone: they are the authentication tag, as good as random. Equality is that of the whole text.</summary>
    private sealed class ByTag : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
    {
        private const int TagCharacters = 16;

        public bool Equals(string? x, string? y) => x == y;

        public bool Equals(ReadOnlySpan<char> alternate, string other) => alternate.SequenceEqual(other);

        public int GetHashCode(string obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<char> alternate) =>
            string.GetHashCode(alternate[Math.Max(0, alternate.Length - TagCharacters)..], StringComparison.Ordinal);

        public string Create(ReadOnlySpan<char> alternate) => alternate.ToString();
    }
}

/// <summary>A session, and the root key under which its token was sealed: when that leaves the ring, the token is worth nothing.</summary>
internal sealed record OpenedToken(Session Session, RootKey Root);
