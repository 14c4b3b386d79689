using System.Security.Cryptography;

namespace TokenService.Tests.Authentication.Payloads;

/// <summary>Bytes that come in pieces of a size, as a network gives them; after the first piece it may be broken off.</summary>
internal sealed class PieceStream(byte[] bytes, int piece, CancellationTokenSource? breaking = null) : MemoryStream(bytes)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var read = Read(buffer.Span[..Math.Min(buffer.Length, piece)]);
        if (Position > 100)
        {
            breaking?.Cancel();
        }

        return ValueTask.FromResult(read);
    }
}

/// <summary>A body of zeros, as long as wanted, made while it is read.</summary>
internal sealed class GeneratedStream : MemoryStream
{
    private readonly IEnumerator<ReadOnlyMemory<byte>> _parts;
    private ReadOnlyMemory<byte> _part;

    /// <param name="mode">A mode, or <c>hash</c>.</param>
    /// <param name="length">How many bytes there are once it is decoded.</param>
    /// <param name="chunk">The size of chunks, of which the length is a multiple.</param>
    internal GeneratedStream(string mode, long length, int chunk)
    {
        var zeros = new byte[chunk == 0 ? 1 << 16 : chunk];
        if (chunk == 0)
        {
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (long done = 0; done < length; done += zeros.Length)
            {
                sha256.AppendData(zeros);
            }

            var signed = new RequestSigner(ChunkedUpload.KeyId, ChunkedUpload.SecretKey) { Service = "s3" }.Sign(
                "PUT", "/key", "", [], ("Host", "b.s3"), ("x-amz-content-sha256", Convert.ToHexStringLower(sha256.GetHashAndReset())));
            Head = new SignedRequest { Method = "PUT", Path = "/key", Query = "", Headers = signed.Headers, IsBodyToFollow = true };
            _parts = Enumerable.Repeat<ReadOnlyMemory<byte>>(zeros, (int)(length / zeros.Length)).GetEnumerator();
            return;
        }

        var hasTrailer = mode.EndsWith("TRAILER", StringComparison.Ordinal);
        var upload = new ChunkedUpload(mode, length, hasTrailer ? "x-amz-checksum-crc32c" : null);
        Head = upload.Head;
        _parts = Parts(upload, zeros, length / chunk, hasTrailer).GetEnumerator();
    }

    internal SignedRequest Head { get; }

    /// <summary>What making the body allocated, in bytes.</summary>
    internal long Allocated { get; set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        if (_part.IsEmpty && _parts.MoveNext())
        {
            _part = _parts.Current;
        }

        var read = Math.Min(buffer.Length, _part.Length);
        _part.Span[..read].CopyTo(buffer.Span);
        _part = _part[read..];
        Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        return ValueTask.FromResult(read);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Parts(ChunkedUpload upload, byte[] zeros, long chunks, bool hasTrailer)
    {
        var crc = new System.IO.Hashing.Crc32(System.IO.Hashing.Crc32ParameterSet.Crc32C);
        for (long chunk = 0; chunk < chunks; chunk++)
        {
            crc.Append(zeros);
            yield return upload.Chunk(zeros);
        }

        var last = upload.Chunk([]);
        if (!hasTrailer)
        {
            yield return last;
            yield break;
        }

        var value = crc.GetCurrentHash();
        Array.Reverse(value);
        yield return last.AsMemory(..^2);
        yield return upload.Trailer("x-amz-checksum-crc32c", Convert.ToBase64String(value));
    }
}
