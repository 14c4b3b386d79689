namespace TokenService;

/// <summary>Reads a body's lines and the bytes between them, with one small buffer for the lines.</summary>
internal sealed class WireReader(Stream wire)
{
    private readonly byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>Reads a line and its CR LF.</summary>
    /// <param name="maxLength">The longest it may be, without its end; well below the buffer's size.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The line without its end, good until the next read, or <see langword="null"/> where it is longer or not so ended.</returns>
    /// <exception cref="PayloadException">The body ends in the line.</exception>
    internal async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(int maxLength, CancellationToken cancellationToken)
    {
        for (var looked = 0; ;)
        {
            var feed = _buffer.AsSpan(_start + looked, _end - _start - looked).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                var length = looked + feed;
                var line = new ReadOnlyMemory<byte>(_buffer, _start, length);
                _start += length + 1;
                if (length == 0 || length - 1 > maxLength || line.Span[^1] != '\r')
                {
                    return null;
                }

                return line[..^1];
            }

            looked = _end - _start;
            if (looked > maxLength + 1)
            {
                return null;
            }

            _buffer.AsSpan(_start, looked).CopyTo(_buffer);
            (_start, _end) = (0, looked);
            var read = await wire.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw PayloadStream.EndedEarly();
            }

            _end += read;
        }
    }

    /// <summary>Reads bytes, first those that came with a line.</summary>
    internal async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            return await wire.ReadAsync(destination, cancellationToken).ConfigureAwait(false);
        }

        var length = Math.Min(destination.Length, _end - _start);
        _buffer.AsMemory(_start, length).CopyTo(destination);
        _start += length;
        return length;
    }

    /// <summary>Whether there is nothing more.</summary>
    internal async ValueTask<bool> IsAtEndAsync(CancellationToken cancellationToken) =>
        _start == _end && await wire.ReadAsync(_buffer.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) == 0;
}
