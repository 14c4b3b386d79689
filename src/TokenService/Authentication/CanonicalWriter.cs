using System.Buffers;
using System.Text;

namespace TokenService;

/// <summary>A growing buffer in which the canonical request is put together; it begins in the caller's room and goes on in the pool.</summary>
internal ref struct CanonicalWriter(Span<byte> initial)
{
    private const int ShortText = 16;

    private Span<byte> _buffer = initial;
    private byte[]? _rented;
    private int _length;

    internal readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    internal void Write(byte value)
    {
        if (_length == _buffer.Length)
        {
            Grow(1);
        }

        _buffer[_length++] = value;
    }

    internal void WriteText(scoped ReadOnlySpan<char> text)
    {
        if (text.Length <= ShortText && text.Length <= _buffer.Length - _length && TryWriteShort(text))
        {
            return;
        }

        if (Ascii.FromUtf16(text, _buffer[_length..], out var written) == OperationStatus.Done)
        {
            _length += written;
            return;
        }

        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most > _buffer.Length - _length)
        {
            Grow(most);
        }

        _length += Encoding.UTF8.GetBytes(text, _buffer[_length..]);
    }

    internal void WriteHex(scoped ReadOnlySpan<byte> bytes)
    {
        if (2 * bytes.Length > _buffer.Length - _length)
        {
            Grow(2 * bytes.Length);
        }

        Convert.TryToHexStringLower(bytes, _buffer[_length..], out var written);
        _length += written;
    }

    /// <summary>Begins another text in the same room.</summary>
    internal void Clear() => _length = 0;

    /// <summary>Most of what is written is a name or a method, shorter than a call to a vectorized conversion is worth.</summary>
    private bool TryWriteShort(scoped ReadOnlySpan<char> text)
    {
        var destination = _buffer.Slice(_length, text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] > '\x7F')
            {
                return false;
            }

            destination[index] = (byte)text[index];
        }

        _length += text.Length;
        return true;
    }

    /// <summary>Gives the buffer back.</summary>
    internal readonly void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    private void Grow(int room)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + room));
        Written.CopyTo(larger);
        Dispose();
        _buffer = _rented = larger;
    }
}
