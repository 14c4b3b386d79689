using System.Security.Cryptography;
using System.Text;

namespace TokenService;

/// <summary>The chain of signatures over a body's chunks: each covers the one before it, the first that of the request.</summary>
/// <remarks>Source: S3 API Reference, "Transferring Payload in Multiple Chunks" and "Including Trailing Headers". A chunk that is changed, left
/// out, doubled or moved breaks the chain. Not for more threads than one.</remarks>
internal abstract class ChunkSignatures
{
    private const int Room = 512;

    private readonly string _algorithm;
    private readonly string _date;
    private readonly string _scope;
    private readonly byte[] _room = new byte[Room];
    private string _previous;

    private ChunkSignatures(string algorithm, string date, string scope, string seed) =>
        (_algorithm, _date, _scope, _previous) = (algorithm, date, scope, seed);

    /// <summary>The longest signature, in characters.</summary>
    internal abstract int MaxLength { get; }

    /// <param name="key">The key that signed the request.</param>
    /// <param name="date">The date as it stands in the string to sign.</param>
    /// <param name="scope">The scope as it stands there.</param>
    /// <param name="seed">The signature of the request.</param>
    internal static ChunkSignatures By(SigningKey key, string date, string scope, string seed) => new Symmetric(key, date, scope, seed);

    /// <summary>The chain of Signature Version 4A, with the parameters of the other.</summary>
    internal static ChunkSignatures By(SigningKeyPair key, string date, string scope, string seed) => new Asymmetric(key, date, scope, seed);

    /// <summary>Whether a chunk's signature is the next of the chain.</summary>
    internal bool IsNext(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> dataHash)
    {
        var writer = Begin("-PAYLOAD\n");
        writer.WriteText(SignatureV4.EmptyHash);
        writer.Write((byte)'\n');
        return IsNext(signature, dataHash, ref writer);
    }

    /// <summary>Whether a trailer's signature is the last of the chain.</summary>
    internal bool IsLast(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> trailerHash)
    {
        var writer = Begin("-TRAILER\n");
        return IsNext(signature, trailerHash, ref writer);
    }

    private CanonicalWriter Begin(string kind)
    {
        var writer = new CanonicalWriter(_room);
        writer.WriteText(_algorithm);
        writer.WriteText(kind);
        writer.WriteText(_date);
        writer.Write((byte)'\n');
        writer.WriteText(_scope);
        writer.Write((byte)'\n');
        writer.WriteText(_previous);
        writer.Write((byte)'\n');
        return writer;
    }

    private bool IsNext(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> hash, ref CanonicalWriter writer)
    {
        try
        {
            writer.WriteHex(hash);
            if (!Verify(writer.Written, signature))
            {
                return false;
            }
        }
        finally
        {
            writer.Dispose();
        }

        _previous = Encoding.ASCII.GetString(Unpadded(signature));
        return true;
    }

    /// <summary>Signatures of Signature Version 4A differ in length; clients fill them up with asterisks so that chunks do not.</summary>
    private protected virtual ReadOnlySpan<byte> Unpadded(ReadOnlySpan<byte> signature) => signature;

    private protected abstract bool Verify(ReadOnlySpan<byte> stringToSign, ReadOnlySpan<byte> signature);

    private sealed class Symmetric(SigningKey key, string date, string scope, string seed)
        : ChunkSignatures(SignatureV4.Algorithm, date, scope, seed)
    {
        internal override int MaxLength => 2 * SHA256.HashSizeInBytes;

        private protected override bool Verify(ReadOnlySpan<byte> stringToSign, ReadOnlySpan<byte> signature)
        {
            Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
            Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
            key.Sign(stringToSign, expected);
            return signature.Length == 2 * SHA256.HashSizeInBytes
                && Convert.FromHexString(signature, given, out _, out _) == System.Buffers.OperationStatus.Done
                && CryptographicOperations.FixedTimeEquals(given, expected);
        }
    }

    private sealed class Asymmetric(SigningKeyPair key, string date, string scope, string seed)
        : ChunkSignatures(SignatureV4.AsymmetricAlgorithm, date, scope, seed)
    {
        internal override int MaxLength => 2 * SigningKeyPair.MaxSignature;

        private protected override ReadOnlySpan<byte> Unpadded(ReadOnlySpan<byte> signature) => signature.TrimEnd((byte)'*');

        private protected override bool Verify(ReadOnlySpan<byte> stringToSign, ReadOnlySpan<byte> signature)
        {
            Span<byte> given = stackalloc byte[SigningKeyPair.MaxSignature];
            return Convert.FromHexString(Unpadded(signature), given, out _, out var length) == System.Buffers.OperationStatus.Done
                && key.Verify(stringToSign, given[..length]);
        }
    }
}
