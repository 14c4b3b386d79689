using System.Collections.Immutable;
using System.Security.Cryptography;

namespace TokenService;

/// <summary>A body that comes as it is, held against the hash that its request states, where it states one.</summary>
/// <remarks>Source: S3 API Reference, "Transferring Payload in a Single Chunk".</remarks>
internal sealed class WholeBody : PayloadStream
{
    private readonly Stream _wire;
    private readonly byte[]? _expected;
    private readonly IncrementalHash? _sha256;
    private readonly byte[] _more = new byte[1];

    internal WholeBody(Stream wire, long? length, byte[]? expectedHash, ImmutableArray<Checksum> checksums)
        : base(length, checksums)
    {
        _wire = wire;
        _expected = expectedHash;
        _sha256 = expectedHash is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    private protected override async ValueTask<int> ReadPartAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await _wire.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _sha256?.AppendData(buffer.Span[..read]);
        return read;
    }

    private protected override async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        if (await _wire.ReadAsync(_more, cancellationToken).ConfigureAwait(false) > 0)
        {
            throw TooLong();
        }

        if (_sha256 is not null && !CryptographicOperations.FixedTimeEquals(_sha256.GetHashAndReset(), _expected))
        {
            throw new PayloadException(StsError.XAmzContentSHA256Mismatch());
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _sha256?.Dispose();
        }

        base.Dispose(disposing);
    }
}
