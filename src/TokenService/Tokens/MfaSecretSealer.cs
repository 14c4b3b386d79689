using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using OtpNet;

namespace TokenService;

/// <summary>What a sealed secret may be used for.</summary>
internal enum MfaSecretState : byte
{
    /// <summary>To verify the codes of a device that is in use.</summary>
    Active = 1,

    /// <summary>To activate a device that is being enrolled, and nothing else.</summary>
    Pending = 2,
}

/// <summary>Seals the secrets of multi-factor devices, so that a store of them reveals none; they are opened to verify a code and wiped again.</summary>
/// <remarks>
/// <para>A sealed secret is base64url (RFC 4648, section 5, without padding) of: version (1 byte), state (1), root key id (4), nonce (12),
/// AES-256-GCM cipher text, tag (16). Associated data are the first six bytes and the serial number.</para>
/// <para>A key that this process has worked with goes on opening after the ring has dropped it, for what lies in memory was sealed once; what
/// a durable store has is renewed before that.</para>
/// </remarks>
public sealed class MfaSecretSealer
{
    /// <summary>The least secret, in bytes. RFC 4226, 4, R6.</summary>
    internal const int MinSecretSize = 16;

    private const byte Version = 1;
    private const int HeaderSize = 1 + 1 + sizeof(uint);
    private const int Overhead = HeaderSize + SealingKey.NonceSize + SealingKey.TagSize;
    private const int MaxSecretSize = 128;
    private const int MaxSealedCharacters = 256;
    private const string Base32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private readonly IKeyRing _ring;
    private readonly ConcurrentDictionary<uint, SealingKey> _keys = new();

    /// <summary>Seals under the keys of a ring.</summary>
    /// <param name="ring">The ring.</param>
    public MfaSecretSealer(IKeyRing ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        _ring = ring;
    }

    /// <summary>Makes a device of a secret in clear, such as a host has once, when it loads its users from a file.</summary>
    /// <param name="serialNumber">The device's serial number.</param>
    /// <param name="base32Secret">The secret in base32 (RFC 4648), with padding or without: 16 to 128 bytes.</param>
    /// <returns>The device: six digits, 30 seconds, SHA-1. What the record says otherwise is not part of the seal.</returns>
    /// <exception cref="FormatException">The secret is no base32, or has another length.</exception>
    /// <exception cref="ArgumentException">The serial number has not the form of one.</exception>
    public MfaDevice Seal(string serialNumber, Secret base32Secret)
    {
        ArgumentNullException.ThrowIfNull(serialNumber);
        ArgumentNullException.ThrowIfNull(base32Secret);
        var secret = Decode(base32Secret.Reveal());
        try
        {
            return new MfaDevice(serialNumber, Seal(serialNumber, secret, MfaSecretState.Active));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Seals a device's secret anew where it is not under the ring's current key, so that the older keys can go.</summary>
    /// <param name="device">The device as a durable store has it.</param>
    /// <returns>The same device if it is under the current key, or one to store in its place.</returns>
    /// <exception cref="CryptographicException">The secret cannot be opened: another ring sealed it, or it was changed.</exception>
    public MfaDevice Renew(MfaDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (!TryOpen(device.SerialNumber, device.SealedSecret, MfaSecretState.Active, out var secret, out var rootId))
        {
            throw new CryptographicException($"The secret of {device.SerialNumber} cannot be opened.");
        }

        try
        {
            return rootId == _ring.Current.Id
                ? device
                : new MfaDevice(device.SerialNumber, Seal(device.SerialNumber, secret, MfaSecretState.Active))
                {
                    Digits = device.Digits,
                    Step = device.Step,
                    Algorithm = device.Algorithm,
                };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    internal string Seal(string serialNumber, ReadOnlySpan<byte> secret, MfaSecretState state)
    {
        var root = _ring.Current;
        var bytes = new byte[Overhead + secret.Length];
        bytes[0] = Version;
        bytes[1] = (byte)state;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(2), root.Id);
        var nonce = bytes.AsSpan(HeaderSize, SealingKey.NonceSize);
        RandomBlock.Fill(nonce);
        KeyOf(root).Seal(
            nonce, secret, bytes.AsSpan(HeaderSize + SealingKey.NonceSize, secret.Length), bytes.AsSpan(^SealingKey.TagSize..),
            AssociatedData(bytes.AsSpan(0, HeaderSize), serialNumber));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Opens a sealed secret; whoever asked wipes it after use.</summary>
    /// <returns><see langword="false"/> for anything but a whole secret of this ring, of that device and in that state.</returns>
    internal bool TryOpen(string serialNumber, string sealedSecret, MfaSecretState state, [NotNullWhen(true)] out byte[]? secret) =>
        TryOpen(serialNumber, sealedSecret, state, out secret, out _);

    private bool TryOpen(string serialNumber, string sealedSecret, MfaSecretState state, [NotNullWhen(true)] out byte[]? secret, out uint rootId)
    {
        secret = null;
        rootId = 0;
        Span<byte> buffer = stackalloc byte[MaxSealedCharacters];
        if (sealedSecret.Length > MaxSealedCharacters
            || Base64Url.DecodeFromChars(sealedSecret, buffer, out _, out var length) != OperationStatus.Done || length <= Overhead || buffer[0] != Version || buffer[1] != (byte)state)
        {
            return false;
        }

        var bytes = buffer[..length];
        rootId = BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
        if (FindKey(rootId) is not { } key)
        {
            return false;
        }

        var opened = new byte[length - Overhead];
        secret = key.TryOpen(
            bytes.Slice(HeaderSize, SealingKey.NonceSize), bytes[(HeaderSize + SealingKey.NonceSize)..^SealingKey.TagSize], bytes[^SealingKey.TagSize..],
            opened, AssociatedData(bytes[..HeaderSize], serialNumber))
            ? opened
            : null;
        return secret is not null;
    }

    private SealingKey? FindKey(uint rootId) =>
        _keys.TryGetValue(rootId, out var key) ? key : _ring.Find(rootId) is { } root ? KeyOf(root) : null;

    private SealingKey KeyOf(RootKey root) => _keys.GetOrAdd(root.Id, static (_, root) => Derive(root), root);

    private static SealingKey Derive(RootKey root)
    {
        // Without a salt: devices are few, and what all nodes together seal under one root stays far below what its nonces bear.
        Span<byte> bytes = stackalloc byte[RootKey.Size];
        root.Derive(KeyPurpose.MfaSecret, default, bytes);
        var key = new SealingKey(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    private static byte[] AssociatedData(ReadOnlySpan<byte> header, string serialNumber) => [.. header, .. Encoding.UTF8.GetBytes(serialNumber)];

    private static byte[] Decode(string base32)
    {
        var digits = base32.TrimEnd('=');
        var size = digits.Length * 5 / 8;
        return size is >= MinSecretSize and <= MaxSecretSize
            && digits.All(digit => Base32Digits.Contains(char.ToUpperInvariant(digit), StringComparison.Ordinal))
                ? Base32Encoding.ToBytes(digits)
                : throw new FormatException($"A secret is base32 (RFC 4648) of {MinSecretSize} to {MaxSecretSize} bytes.");
    }
}
