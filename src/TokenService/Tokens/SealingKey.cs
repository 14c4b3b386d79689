using System.Security.Cryptography;

namespace TokenService;

/// <summary>AES-256-GCM under one derived key.</summary>
/// <remarks>An <see cref="AesGcm"/> must not be used by two threads at once (the result is silently wrong), and making one costs more than
/// sealing with it. So instances are rented from slots: whoever takes one out has it alone.</remarks>
internal sealed class SealingKey(ReadOnlySpan<byte> key)
{
    internal const int NonceSize = 12;
    internal const int TagSize = 16;

    /// <summary>With random nonces a key bears 2^32 messages (SP 800-38D, 8.3); a new one is derived long before.</summary>
    private const int MaxMessages = 1 << 28;

    private readonly byte[] _key = key.ToArray();
    private readonly AesGcm?[] _slots = new AesGcm?[Environment.ProcessorCount * 2];
    private int _sealed;

    /// <summary>Whether the key has sealed as much as it should; it goes on opening.</summary>
    internal bool IsWornOut => Volatile.Read(ref _sealed) >= MaxMessages;

    internal void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> header)
    {
        Interlocked.Increment(ref _sealed);
        var cipher = Rent();
        cipher.Encrypt(nonce, plaintext, ciphertext, tag, header);
        Return(cipher);
    }

    internal bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> header)
    {
        var cipher = Rent();
        try
        {
            cipher.Decrypt(nonce, ciphertext, tag, plaintext, header);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            Return(cipher);
        }
    }

    private static int Slot(int slots) => Environment.CurrentManagedThreadId % slots;

    private AesGcm Rent() => Interlocked.Exchange(ref _slots[Slot(_slots.Length)], null) ?? new AesGcm(_key, TagSize);

    private void Return(AesGcm cipher) => Interlocked.Exchange(ref _slots[Slot(_slots.Length)], cipher)?.Dispose();
}
