using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace TokenService;

/// <summary>A body in S3's own chunks, with their signatures or without, and with a checksum after the last or without.</summary>
/// <remarks><para>Source: S3 API Reference, "Transferring Payload in Multiple Chunks" and "Including Trailing Headers". A chunk is
/// <c>length;chunk-signature=…</c> CR LF, its bytes, CR LF; one of length 0 is the last.</para>
/// <para>Bytes of a chunk are handed out while it arrives, so that memory does not depend on what a client calls a chunk; its last byte is not
/// handed out before its signature was found right.</para></remarks>
internal sealed class ChunkedBody : PayloadStream
{
    /// <summary>The smallest chunk that another may follow.</summary>
    private const int MinChunk = 8192;

    private const int MaxLengthDigits = 16;
    private const int MaxTrailerLine = 512;

    private readonly WireReader _wire;
    private readonly long _length;
    private readonly ChunkSignatures? _signatures;
    private readonly Checksum? _trailer;
    private readonly IncrementalHash? _sha256;
    private readonly byte[] _signature;
    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];
    private int _signatureLength;
    private long _left;

    /// <param name="wire">The body as it came.</param>
    /// <param name="length">How many bytes the chunks have together.</param>
    /// <param name="signatures">The chain, where chunks are signed.</param>
    /// <param name="trailer">The checksum that follows the last chunk, where one does; it is one of <paramref name="checksums"/>.</param>
    /// <param name="checksums">What the body is held against.</param>
    internal ChunkedBody(Stream wire, long length, ChunkSignatures? signatures, Checksum? trailer, ImmutableArray<Checksum> checksums)
        : base(length, checksums)
    {
        _wire = new WireReader(wire);
        _length = length;
        _signatures = signatures;
        _trailer = trailer;
        _sha256 = signatures is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _signature = new byte[signatures?.MaxLength ?? 0];
    }

    private static ReadOnlySpan<byte> SignatureExtension => ";chunk-signature="u8;

    private static ReadOnlySpan<byte> TrailerSignature => "x-amz-trailer-signature:"u8;

    private protected override async ValueTask<int> ReadPartAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_left == 0)
        {
            _left = await ReadChunkHeadAsync(cancellationToken).ConfigureAwait(false);
            var rest = _length - BytesRead;
            if (_left == 0)
            {
                throw EndedEarly();
            }

            if (_left > rest)
            {
                throw TooLong();
            }

            if (_left < MinChunk && _left != rest)
            {
                throw new PayloadException(StsError.InvalidChunkSizeError());
            }
        }

        var read = await _wire.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            throw EndedEarly();
        }

        _sha256?.AppendData(buffer.Span[..read]);
        _left -= read;
        if (_left == 0)
        {
            await EndLineAsync(cancellationToken).ConfigureAwait(false);
            CheckSignature();
        }

        return read;
    }

    private protected override async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        if (await ReadChunkHeadAsync(cancellationToken).ConfigureAwait(false) != 0)
        {
            throw TooLong();
        }

        CheckSignature();
        if (_trailer is not null)
        {
            await ReadTrailerAsync(_trailer, cancellationToken).ConfigureAwait(false);
        }

        await EndLineAsync(cancellationToken).ConfigureAwait(false);
        if (!await _wire.IsAtEndAsync(cancellationToken).ConfigureAwait(false))
        {
            throw TooLong();
        }
    }

    /// <summary>Reads the line before a chunk's bytes and keeps the signature that stands there.</summary>
    /// <returns>The chunk's length.</returns>
    private async ValueTask<long> ReadChunkHeadAsync(CancellationToken cancellationToken)
    {
        var longest = MaxLengthDigits + (_signatures is null ? 0 : SignatureExtension.Length + _signature.Length);
        return await _wire.ReadLineAsync(longest, cancellationToken).ConfigureAwait(false) is { } line && TryReadChunkHead(line.Span, out var length)
            ? length
            : throw Malformed();
    }

    private bool TryReadChunkHead(ReadOnlySpan<byte> line, out long length)
    {
        var semicolon = line.IndexOf((byte)';');
        var digits = semicolon < 0 ? line : line[..semicolon];
        if (digits.Length is 0 or > MaxLengthDigits || !Utf8Parser.TryParse(digits, out length, out var consumed, 'x') || consumed != digits.Length || length < 0)
        {
            length = 0;
            return false;
        }

        if (_signatures is null)
        {
            return semicolon < 0;
        }

        var extension = line[digits.Length..];
        if (!extension.StartsWith(SignatureExtension))
        {
            return false;
        }

        var signature = extension[SignatureExtension.Length..];
        _signatureLength = signature.Length;
        return signature.TryCopyTo(_signature);
    }

    private void CheckSignature()
    {
        if (_signatures is null)
        {
            return;
        }

        _sha256!.GetHashAndReset(_hash);
        if (!_signatures.IsNext(_signature.AsSpan(0, _signatureLength), _hash))
        {
            throw Mismatch();
        }
    }

    /// <summary>Reads <c>name:value</c>, and what signs it where chunks are signed.</summary>
    private async ValueTask ReadTrailerAsync(Checksum trailer, CancellationToken cancellationToken)
    {
        var line = await _wire.ReadLineAsync(MaxTrailerLine, cancellationToken).ConfigureAwait(false) ?? throw MalformedTrailer();
        ReadTrailer(line.Span, trailer);
        if (_signatures is null)
        {
            return;
        }

        line = await _wire.ReadLineAsync(TrailerSignature.Length + _signatures.MaxLength, cancellationToken).ConfigureAwait(false)
            ?? throw MalformedTrailer();
        if (!line.Span.StartsWith(TrailerSignature))
        {
            throw MalformedTrailer();
        }

        if (!_signatures.IsLast(line.Span[TrailerSignature.Length..], _hash))
        {
            throw Mismatch();
        }
    }

    private void ReadTrailer(ReadOnlySpan<byte> line, Checksum trailer)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 0 || !System.Text.Ascii.EqualsIgnoreCase(line[..colon], trailer.Name))
        {
            throw MalformedTrailer();
        }

        var value = line[(colon + 1)..].Trim(" \t"u8);
        ThrowIf(trailer.State(value));
        if (_sha256 is not null)
        {
            Span<byte> name = stackalloc byte[trailer.Name.Length];
            System.Text.Encoding.ASCII.GetBytes(trailer.Name, name);
            _sha256.AppendData(name);
            _sha256.AppendData(":"u8);
            _sha256.AppendData(value);
            _sha256.AppendData("\n"u8);
            _sha256.GetHashAndReset(_hash);
        }
    }

    private async ValueTask EndLineAsync(CancellationToken cancellationToken)
    {
        if (await _wire.ReadLineAsync(0, cancellationToken).ConfigureAwait(false) is not { Length: 0 })
        {
            throw Malformed();
        }
    }

    private static PayloadException Malformed() => new(StsError.IncompleteBody("The request body is not laid out in chunks as it has to be"));

    private static PayloadException MalformedTrailer() => new(StsError.MalformedTrailerError());

    private static PayloadException Mismatch() => new(SignatureErrors.S3.Mismatch());

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _sha256?.Dispose();
        }

        base.Dispose(disposing);
    }
}
