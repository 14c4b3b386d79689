using System.Buffers.Binary;
using System.Text;

namespace TokenService;

/// <summary>Writes the fields of a session token: numbers as LEB128, text as UTF-8 after its length.</summary>
internal ref struct TokenWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    internal int Length { get; private set; }

    internal void Byte(byte value) => _destination[Length++] = value;

    internal void Number(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    internal void Bytes(scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(_destination[Length..]);
        Length += value.Length;
    }

    internal void Number128(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128BigEndian(_destination[Length..], value);
        Length += 16;
    }

    internal void Text(string value)
    {
        Number((uint)Encoding.UTF8.GetByteCount(value));
        Length += Encoding.UTF8.GetBytes(value, _destination[Length..]);
    }
}

/// <summary>Reads what <see cref="TokenWriter"/> wrote. What it reads was authenticated first, so a misfit is a fault of this library.</summary>
internal ref struct TokenReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    internal byte Byte()
    {
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    internal ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    internal ReadOnlySpan<byte> Bytes(int length)
    {
        var value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }

    internal UInt128 Number128() => BinaryPrimitives.ReadUInt128BigEndian(Bytes(16));

    internal ReadOnlySpan<byte> Utf8() => Bytes((int)Number());

    internal string Text() => Encoding.UTF8.GetString(Utf8());
}
