using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace TokenService;

/// <summary>Seals bytes into a text that only one account can have opened, and tells when that ends.</summary>
/// <remarks>
/// <para>A text is base64url (RFC 4648, section 5, without padding) of: version (1 byte), root key id (4), derivation salt (16), nonce (12),
/// AES-256-GCM cipher text, tag (16). Associated data are the first 21 bytes and the account id. The cipher text holds the instant at which
/// the text expires, in seconds, then the content, and zeros up to a multiple of three bytes, so that no bit of the text is without
/// meaning.</para>
/// <para>Each text has a key of its own, so that there is nothing to remember and no key to wear out, however many there are.</para>
/// </remarks>
/// <param name="ring">The root keys.</param>
/// <param name="purpose">What the texts are; those of another purpose are not opened.</param>
internal sealed class AccountSealer(IKeyRing ring, KeyPurpose purpose)
{
    /// <summary>What a text has besides its content, in bytes.</summary>
    internal const int Overhead = ContentStart + sizeof(long) + SealingKey.TagSize;

    private const byte Version = 1;
    private const int SaltSize = 16;
    private const int HeaderSize = 1 + sizeof(uint) + SaltSize;
    private const int ContentStart = HeaderSize + SealingKey.NonceSize;

    /// <param name="content">What is sealed.</param>
    /// <param name="account">The account that may have it opened.</param>
    /// <param name="expiresAt">The first instant at which it is worth nothing; whole seconds count.</param>
    internal string Seal(ReadOnlySpan<byte> content, string account, Instant expiresAt)
    {
        var message = new byte[(Overhead + content.Length + 2) / 3 * 3];
        var plain = new byte[message.Length - ContentStart - SealingKey.TagSize];
        BinaryPrimitives.WriteInt64BigEndian(plain, expiresAt.ToUnixTimeSeconds());
        content.CopyTo(plain.AsSpan(sizeof(long)));

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

    /// <summary>Opens a text for an account. Expiry is told and not looked at.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxCharacters">The longest text that is looked at.</param>
    /// <param name="account">Who asks.</param>
    /// <param name="content">What was sealed, with the zeros behind it.</param>
    /// <param name="expiresAt">The first instant at which it is worth nothing.</param>
    /// <returns><see langword="false"/> for anything but a whole text of this ring, this purpose and that account.</returns>
    internal bool TryOpen(string text, int maxCharacters, string account, out ReadOnlySpan<byte> content, out Instant expiresAt)
    {
        content = default;
        expiresAt = default;
        if (text.Length is 0 || text.Length > maxCharacters || text.Length % 4 != 0)
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

        expiresAt = Instant.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(plain));
        content = plain.AsSpan(sizeof(long));
        return true;
    }

    private AesGcm Derive(RootKey root, ReadOnlySpan<byte> message)
    {
        Span<byte> bytes = stackalloc byte[RootKey.Size];
        root.Derive(purpose, message.Slice(HeaderSize - SaltSize, SaltSize), bytes);
        var key = new AesGcm(bytes, SealingKey.TagSize);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    private static byte[] AssociatedData(ReadOnlySpan<byte> message, string account) => [.. message[..HeaderSize], .. Encoding.UTF8.GetBytes(account)];
}
