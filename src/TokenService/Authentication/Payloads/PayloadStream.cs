using System.Collections.Immutable;

namespace TokenService;

/// <summary>A body that is checked while it is read, and whose last byte is handed out only when all of it was found good.</summary>
/// <remarks>After a failure, whatever it was, there is no way on: a reader that tries again gets no end of the body either.</remarks>
internal abstract class PayloadStream : Stream
{
    private readonly long? _length;
    private readonly ImmutableArray<Checksum> _checksums;
    private long _position;
    private State _state;

    /// <param name="length">How many bytes there have to be, where that is known.</param>
    /// <param name="checksums">What they are held against; disposed with the stream.</param>
    private protected PayloadStream(long? length, ImmutableArray<Checksum> checksums) => (_length, _checksums) = (length, checksums);

    private enum State
    {
        Open,
        Complete,
        Broken,
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether everything was read and found good.</summary>
    internal bool IsComplete => _state == State.Complete;

    /// <summary>What was found wrong, where something was.</summary>
    internal StsError? Refusal { get; private set; }

    /// <summary>Learns what was found wrong, once.</summary>
    internal Action<StsError>? Refused { get; init; }

    /// <summary>How many bytes were handed out.</summary>
    private protected long BytesRead => _position;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_state == State.Broken)
        {
            throw new PayloadException(StsError.IncompleteBody("The request body was not good, and is read no further."));
        }

        if (_state == State.Complete || buffer.IsEmpty)
        {
            return 0;
        }

        // A read that does not come to its end leaves bytes behind that were counted and never handed out.
        _state = State.Broken;
        try
        {
            return await ReadOnAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (PayloadException refused)
        {
            Refusal = refused.Error;
            Refused?.Invoke(refused.Error);
            throw;
        }
    }

    private async ValueTask<int> ReadOnAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = 0;
        if (_position != _length)
        {
            if (_length is { } length && length - _position < buffer.Length)
            {
                buffer = buffer[..(int)(length - _position)];
            }

            read = await ReadPartAsync(buffer, cancellationToken).ConfigureAwait(false);
            _position += read;
            foreach (var checksum in _checksums)
            {
                checksum.Append(buffer.Span[..read]);
            }

            if (read > 0 && _position != _length)
            {
                _state = State.Open;
                return read;
            }

            if (_position != _length && _length is not null)
            {
                throw EndedEarly();
            }
        }

        await FinishAsync(cancellationToken).ConfigureAwait(false);
        foreach (var checksum in _checksums)
        {
            ThrowIf(checksum.Check());
        }

        _state = State.Complete;
        return read;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is read with ReadAsync while it arrives.");

    /// <inheritdoc/>
    public override void Flush()
    {
        // There is nothing to write.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    internal static PayloadException EndedEarly() => new(StsError.IncompleteBody("The request body terminated unexpectedly"));

    internal static PayloadException TooLong() => new(StsError.IncompleteBody("The request body goes on after its end"));

    internal static void ThrowIf(StsError? refusal)
    {
        if (refusal is not null)
        {
            throw new PayloadException(refusal);
        }
    }

    /// <summary>Reads some bytes of the body; none at its end alone.</summary>
    private protected abstract ValueTask<int> ReadPartAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Checks what can be checked when all bytes are there.</summary>
    private protected abstract ValueTask FinishAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var checksum in _checksums)
            {
                checksum.Dispose();
            }
        }

        base.Dispose(disposing);
    }
}
