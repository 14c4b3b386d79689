using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;

namespace TokenService;

/// <summary>A session policy in the two forms it is needed in: compiled for decisions, and packed as it stands in a session token.</summary>
/// <param name="Policy">The compiled policy, as it takes part in decisions.</param>
/// <param name="Packed">Its text in UTF-8, compressed where that is shorter.</param>
/// <param name="IsCompressed">Whether <paramref name="Packed"/> is compressed (Brotli, RFC 7932).</param>
internal sealed record SessionPolicy(Policy Policy, byte[] Packed, bool IsCompressed)
{
    /// <summary>The policy as all that a request passes, which is the common case; made once.</summary>
    internal PassedPolicies PassedAlone => field ??= new PassedPolicies(this, []);
}

/// <summary>The session policies of a request, once they are read and found.</summary>
/// <param name="Inline">The one that was passed as text, if any.</param>
/// <param name="Managed">The managed ones.</param>
internal sealed record PassedPolicies(SessionPolicy? Inline, ImmutableArray<Arn> Managed)
{
    internal static readonly PassedPolicies None = new(null, []);
}

/// <summary>Session policies by their text and by their packed form: callers send the same few again and again, and each is read, compressed
/// and decompressed once.</summary>
internal sealed class SessionPolicyCache
{
    /// <summary>The longest text of a session policy, in characters, white space included; the operation's own limit is lower.</summary>
    internal const int MaxCharacters = 16_384;

    private const int GenerationSize = 512;

    /// <summary>Below this many bytes there is little to gain.</summary>
    private const int CompressionThreshold = 128;

    private readonly GenerationalCache<string, ReadOnlySpan<char>, SessionPolicy> _byText = new(GenerationSize, StringComparer.Ordinal);
    private readonly GenerationalCache<byte[], ReadOnlySpan<byte>, SessionPolicy> _byPacked = new(GenerationSize, new ByBytes());

    /// <summary>Reads a session policy, or finds it read already.</summary>
    internal StsResult<SessionPolicy> Read(string text)
    {
        if (text.Length > MaxCharacters)
        {
            return StsError.MalformedPolicyDocument("Syntax errors in policy. The session policy is too long.");
        }

        if (_byText.TryGet(text, out var known))
        {
            return known;
        }

        if (!PolicyDocument.TryParse(text, PolicyKind.Session, MaxCharacters, out var document, out var error))
        {
            return error;
        }

        var policy = Pack(document);
        _byText.Keep(text, policy);
        return policy;
    }

    /// <summary>Reads a policy from a session token, which only this library seals: one that cannot be read is a breakage, not a mistake.</summary>
    /// <exception cref="InvalidDataException">The packed form is not one that <see cref="Read"/> made.</exception>
    internal SessionPolicy Unpack(ReadOnlySpan<byte> packed, bool isCompressed)
    {
        if (_byPacked.TryGet(packed, out var known) && known.IsCompressed == isCompressed)
        {
            return known;
        }

        var policy = Read(isCompressed ? Decompress(packed) : Encoding.UTF8.GetString(packed)).TryGetValue(out var read, out _)
            ? read
            : throw new InvalidDataException("The session policy of a sealed token cannot be read.");
        _byPacked.Keep(packed.ToArray(), policy);
        return policy;
    }

    private static string Decompress(ReadOnlySpan<byte> packed)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(MaxCharacters * 3);
        try
        {
            return BrotliDecoder.TryDecompress(packed, bytes, out var length)
                ? Encoding.UTF8.GetString(bytes, 0, length)
                : throw new InvalidDataException("The session policy of a sealed token does not decompress.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static SessionPolicy Pack(PolicyDocument document)
    {
        var policy = new Policy("session policy", null, document);
        var plain = Encoding.UTF8.GetBytes(document.Text);
        if (plain.Length < CompressionThreshold)
        {
            return new SessionPolicy(policy, plain, IsCompressed: false);
        }

        var compressed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, compressed, out var written, quality: 5, window: 16) && written < plain.Length
            ? new SessionPolicy(policy, compressed[..written], IsCompressed: true)
            : new SessionPolicy(policy, plain, IsCompressed: false);
    }

    /// <summary>Compares packed policies by their bytes.</summary>
    private sealed class ByBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
