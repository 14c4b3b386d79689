using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace TokenService;

/// <summary>A checksum of a body that a client states, in a header or after the last chunk, and that is computed while the body passes.</summary>
/// <remarks>Source: S3 User Guide, "Checking object integrity". No signature: it finds what broke on the way.</remarks>
internal sealed class Checksum : IDisposable
{
    internal const string Prefix = "x-amz-checksum-";
    internal const string Md5Name = "content-md5";

    private const int MaxSize = SHA256.HashSizeInBytes;

    private readonly NonCryptographicHashAlgorithm? _cyclic;
    private readonly IncrementalHash? _digest;
    private readonly int _size;
    private readonly byte[] _expected = new byte[MaxSize];
    private bool _isStated;

    private Checksum(string name, NonCryptographicHashAlgorithm cyclic) => (Name, _cyclic, _size) = (name, cyclic, cyclic.HashLengthInBytes);

    private Checksum(string name, HashAlgorithmName digest)
    {
        Name = name;
        _digest = IncrementalHash.CreateHash(digest);
        _size = _digest.HashLengthInBytes;
    }

    /// <summary>The name of the header or trailer, in lower case.</summary>
    internal string Name { get; }

    /// <returns><see langword="false"/> where nobody here can compute a checksum of this name.</returns>
    internal static bool TryCreate(string name, [NotNullWhen(true)] out Checksum? checksum)
    {
        var lower = name.ToLowerInvariant();
        checksum = lower switch
        {
            "x-amz-checksum-crc32" => new Checksum(lower, new Crc32()),
            "x-amz-checksum-crc32c" => new Checksum(lower, new Crc32(Crc32ParameterSet.Crc32C)),
            "x-amz-checksum-crc64nvme" => new Checksum(lower, new Crc64(Crc64ParameterSet.Nvme)),
            "x-amz-checksum-sha1" => new Checksum(lower, HashAlgorithmName.SHA1),
            "x-amz-checksum-sha256" => new Checksum(lower, HashAlgorithmName.SHA256),
            Md5Name => new Checksum(lower, HashAlgorithmName.MD5),
            _ => null,
        };
        return checksum is not null;
    }

    /// <summary>Takes what the client states: base64 of exactly the checksum's bytes.</summary>
    /// <returns>The refusal of a value that is none.</returns>
    internal StsError? State(ReadOnlySpan<byte> base64)
    {
        Span<byte> decoded = stackalloc byte[MaxSize];
        _isStated = !base64.ContainsAny(" \t\r\n"u8)
            && Base64.DecodeFromUtf8(base64, decoded, out var consumed, out var written) == System.Buffers.OperationStatus.Done
            && consumed == base64.Length && written == _size;
        decoded[.._size].CopyTo(_expected);
        return _isStated ? null
            : Name == Md5Name ? StsError.InvalidDigest()
            : StsError.InvalidRequest($"Value for {Name} header is invalid.");
    }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        _cyclic?.Append(bytes);
        _digest?.AppendData(bytes);
    }

    /// <returns>The refusal of a body that has another checksum than was stated, or for which none was.</returns>
    internal StsError? Check()
    {
        Span<byte> actual = stackalloc byte[MaxSize];
        if (_digest is not null)
        {
            _digest.GetHashAndReset(actual);
        }
        else
        {
            // The library gives the bytes of a CRC from low to high, S3 writes them from high to low.
            _cyclic!.GetHashAndReset(actual);
            actual[.._size].Reverse();
        }

        return _isStated && actual[.._size].SequenceEqual(_expected.AsSpan(0, _size)) ? null
            : StsError.BadDigest(Name == Md5Name
                ? "The Content-MD5 you specified did not match what we received."
                : $"The {Name[Prefix.Length..].ToUpperInvariant()} you specified did not match the calculated checksum.");
    }

    public void Dispose() => _digest?.Dispose();
}
