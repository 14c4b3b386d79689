using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace TokenService;

/// <summary>Seals what is told of a denial into a text that only the caller's own account can have read to it, for a time.</summary>
/// <remarks>
/// <para>A message is base64url (RFC 4648, section 5, without padding) of: version (1 byte), root key id (4), derivation salt (16), nonce (12),
/// AES-256-GCM cipher text, tag (16). Associated data are the first 21 bytes and the account id. The cipher text holds the instant at which
/// the message expires, in seconds, then the document, and zeros up to a multiple of three bytes, so that no bit of the text is without
/// meaning.</para>
/// <para>Each message has a key of its own, so that there is nothing to remember and no key to wear out, however much is denied.</para>
/// </remarks>
internal sealed class AuthorizationMessageSealer(IKeyRing ring)
{
    /// <summary>The longest message that clients bear, in characters. STS service model, <c>encodedMessageType</c>.</summary>
    internal const int MaxCharacters = 10_240;

    /// <summary>The longest document of a message, in bytes.</summary>
    internal const int MaxDocumentBytes = (MaxCharacters / 4 * 3) - Overhead;

    private const byte Version = 1;
    private const int SaltSize = 16;
    private const int HeaderSize = 1 + sizeof(uint) + SaltSize;
    private const int ContentStart = HeaderSize + SealingKey.NonceSize;
    private const int Overhead = ContentStart + sizeof(long) + SealingKey.TagSize;

    /// <param name="document">JSON, at most <see cref="MaxDocumentBytes"/>.</param>
    /// <param name="account">The account that may read it.</param>
    /// <param name="expiresAt">The first instant at which it cannot be read any more; whole seconds count.</param>
    internal string Seal(ReadOnlySpan<byte> document, string account, Instant expiresAt)
    {
        var message = new byte[(Overhead + document.Length + 2) / 3 * 3];
        var plain = new byte[message.Length - ContentStart - SealingKey.TagSize];
        BinaryPrimitives.WriteInt64BigEndian(plain, expiresAt.ToUnixTimeSeconds());
        document.CopyTo(plain.AsSpan(sizeof(long)));

        var root = ring.Current;
        message[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), root.Id);
        RandomBlock.Fill(message.AsSpan(HeaderSize - SaltSize, SaltSize + SealingKey.NonceSize));
        using var cipher = Derive(root, message);
        cipher.Encrypt(
            message.AsSpan(HeaderSize, SealingKey.NonceSize), plain, message.AsSpan(ContentStart, plain.Length), message.AsSpan(^SealingKey.TagSize..),
            AssociatedData(message, account));
        return Base64Url.EncodeToString(message);
    }

    /// <summary>Opens a message for an account.</summary>
    /// <returns><see langword="false"/> for anything but a whole message of this ring and that account before it expires.</returns>
    internal bool TryOpen(string text, string account, Instant now, [NotNullWhen(true)] out string? document)
    {
        document = null;
        if (text.Length is 0 or > MaxCharacters || text.Length % 4 != 0)
        {
            return false;
        }

        // White space, which the decoder skips, would leave fewer bytes than characters promise.
        var message = new byte[text.Length / 4 * 3];
        if (Base64Url.DecodeFromChars(text, message, out _, out var written) != OperationStatus.Done || written != message.Length
            || message.Length < Overhead || message[0] != Version
            || ring.Find(BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(1))) is not { } root)
        {
            return false;
        }

        var plain = new byte[message.Length - ContentStart - SealingKey.TagSize];
        using var cipher = Derive(root, message);
        try
        {
            cipher.Decrypt(
                message.AsSpan(HeaderSize, SealingKey.NonceSize), message.AsSpan(ContentStart, plain.Length), message.AsSpan(^SealingKey.TagSize..), plain,
                AssociatedData(message, account));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        if (now.ToUnixTimeSeconds() >= BinaryPrimitives.ReadInt64BigEndian(plain))
        {
            return false;
        }

        document = Encoding.UTF8.GetString(plain.AsSpan(sizeof(long)).TrimEnd((byte)0));
        return true;
    }

    private static AesGcm Derive(RootKey root, ReadOnlySpan<byte> message)
    {
        Span<byte> bytes = stackalloc byte[RootKey.Size];
        root.Derive(KeyPurpose.AuthorizationMessage, message.Slice(HeaderSize - SaltSize, SaltSize), bytes);
        var key = new AesGcm(bytes, SealingKey.TagSize);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    private static byte[] AssociatedData(ReadOnlySpan<byte> message, string account) => [.. message[..HeaderSize], .. Encoding.UTF8.GetBytes(account)];
}
