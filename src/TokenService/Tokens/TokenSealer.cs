using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace TokenService;

/// <summary>Seals sessions into the tokens that clients carry, and opens them again; nothing is stored.</summary>
/// <remarks>
/// <para>A token is base64url (RFC 4648, section 5, without padding) of: version (1 byte), root key id (4), derivation salt (4), nonce (12),
/// AES-256-GCM cipher text, tag (16). The first nine bytes are associated data. The cipher text holds the length of what follows, the
/// session by <see cref="TokenLayout"/>, and zeros up to a multiple of three bytes, so that no bit of the text is without meaning.</para>
/// <para>The session's access key id is inside; a token that comes with another one is not opened.</para>
/// <para>Each process derives its own key with its own salt, so that no key seals more than its nonces bear however many nodes there are.</para>
/// </remarks>
internal sealed class TokenSealer(IKeyRing ring, SessionPolicyCache policies)
{
    /// <summary>The longest token that is looked at, in characters.</summary>
    internal const int MaxTokenCharacters = 16_384;

    private const int HeaderSize = 1 + sizeof(uint) + SaltSize;
    private const int SaltSize = 4;
    private const int Overhead = HeaderSize + SealingKey.NonceSize + SealingKey.TagSize;

    /// <summary>How many derived keys are remembered: one for each node and each key of the ring.</summary>
    private const int OpeningKeys = 512;

    private readonly OpenedTokens _opened = new();
    private readonly GenerationalCache<ulong, ulong, OpeningKey> _openingKeys = new(OpeningKeys, new ByName());
    private volatile CurrentKey? _current;

    internal string Seal(Session session, SessionPolicy? policy, int minimumCharacters)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(TokenLayout.MaxLength(session, policy) + minimumCharacters + Overhead);
        var plain = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var length = 2 + TokenLayout.Write(session, policy, plain.AsSpan(2));
            BinaryPrimitives.WriteUInt16BigEndian(plain, (ushort)(length - 2));

            // Three bytes make four characters; a whole number of threes leaves no padding and no unused bit that could be changed unseen.
            var total = Math.Max((length + Overhead + 2) / 3, (minimumCharacters + 3) / 4) * 3;
            var padded = plain.AsSpan(0, total - Overhead);
            padded[length..].Clear();

            var key = Current();
            var token = buffer.AsSpan(0, total);
            key.Header.CopyTo(token);
            var nonce = token.Slice(HeaderSize, SealingKey.NonceSize);
            RandomBlock.Fill(nonce);
            key.Key.Seal(
                nonce, padded, token[(HeaderSize + SealingKey.NonceSize)..^SealingKey.TagSize], token[^SealingKey.TagSize..], token[..HeaderSize]);
            return Base64Url.EncodeToString(token);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
            ArrayPool<byte>.Shared.Return(plain);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Opens a token that came with an access key id.</summary>
    /// <returns><see langword="false"/> for anything but a whole token of this ring that is bound to that id. Expiry is not looked at.</returns>
    internal bool TryOpen(string text, ReadOnlySpan<char> accessKeyId, [NotNullWhen(true)] out Session? session)
    {
        session = Find(text);
        if (session is not null && !accessKeyId.SequenceEqual(session.AccessKeyId))
        {
            session = null;
        }

        return session is not null;
    }

    /// <summary>Whether a text is a token of this ring, whichever access key id it is bound to.</summary>
    internal bool IsAuthentic(string text) => Find(text) is not null;

    private Session? Find(string text)
    {
        if (text.Length is 0 or > MaxTokenCharacters || text.Length % 4 != 0)
        {
            return null;
        }

        if (!_opened.TryGet(text, out var opened) || !ReferenceEquals(ring.Find(opened.Root.Id), opened.Root))
        {
            opened = Open(text);
            if (opened is null)
            {
                return null;
            }

            _opened.Keep(text, opened);
        }

        return opened.Session;
    }

    private OpenedToken? Open(string text)
    {
        var size = text.Length / 4 * 3;
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        var plain = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            // White space, which the decoder skips, would leave fewer bytes than characters promise.
            var status = Base64Url.DecodeFromChars(text, buffer, out _, out var written);
            if (status != OperationStatus.Done || written != size || size <= Overhead + 2 || buffer[0] != TokenLayout.Version)
            {
                return null;
            }

            var padded = plain.AsSpan(0, size - Overhead);
            return TryDecrypt(buffer.AsSpan(0, size), padded) is { } root
                ? new OpenedToken(TokenLayout.Read(padded.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(padded)), policies), root)
                : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
            ArrayPool<byte>.Shared.Return(plain);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <returns>The root key of the token, or <see langword="null"/> where it is none of this ring's.</returns>
    private RootKey? TryDecrypt(ReadOnlySpan<byte> token, Span<byte> plain)
    {
        var header = token[..HeaderSize];
        var name = BinaryPrimitives.ReadUInt64BigEndian(header[1..]);
        if (ring.Find((uint)(name >> 32)) is not { } root)
        {
            return null;
        }

        var known = _openingKeys.TryGet(name, out var opening) && ReferenceEquals(opening.Root, root);
        var key = known ? opening!.Key : Derive(root, header[^SaltSize..]);
        if (!key.TryOpen(
            token.Slice(HeaderSize, SealingKey.NonceSize), token[(HeaderSize + SealingKey.NonceSize)..^SealingKey.TagSize], token[^SealingKey.TagSize..], plain, header))
        {
            return null;
        }

        // Kept only once it has opened something: invented salts cost a derivation each and leave nothing behind.
        if (!known)
        {
            _openingKeys.Keep(name, new OpeningKey(root, key));
        }

        return root;
    }

    private CurrentKey Current()
    {
        var root = ring.Current;
        var current = _current;
        if (current is not null && ReferenceEquals(current.Root, root) && !current.Key.IsWornOut)
        {
            return current;
        }

        var header = new byte[HeaderSize];
        header[0] = TokenLayout.Version;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(1), root.Id);
        RandomNumberGenerator.Fill(header.AsSpan(^SaltSize..));
        return _current = new CurrentKey(root, Derive(root, header.AsSpan(^SaltSize..)), header);
    }

    private static SealingKey Derive(RootKey root, ReadOnlySpan<byte> salt)
    {
        Span<byte> bytes = stackalloc byte[RootKey.Size];
        root.Derive(KeyPurpose.SessionToken, salt, bytes);
        var key = new SealingKey(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    /// <summary>Compares root key id and salt.</summary>
    private sealed class ByName : IEqualityComparer<ulong>, IAlternateEqualityComparer<ulong, ulong>
    {
        public bool Equals(ulong x, ulong y) => x == y;

        public int GetHashCode(ulong obj) => obj.GetHashCode();

        public ulong Create(ulong alternate) => alternate;
    }

    private sealed record CurrentKey(RootKey Root, SealingKey Key, byte[] Header);

    private sealed record OpeningKey(RootKey Root, SealingKey Key);
}
