using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace TokenService;

/// <summary>The IP family: an address, or a range as CIDR (RFC 4632, RFC 4291). A v4-mapped v6 address is its v4 address.</summary>
internal static class IpOperators
{
    internal static readonly ConditionOperator[] All =
    [
        new("IpAddress", ConditionOperand.Reading(Read, "an IP address or a CIDR range")),
        new("NotIpAddress", ConditionOperand.Reading(Read, "an IP address or a CIDR range"), IsNegated: true),
    ];

    private const int Bits = 128;
    private const int MappedBits = 96;

    private static readonly SearchValues<char> V6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    private static readonly UInt128 Mapped = (UInt128)0xFFFF << 32;

    private static Operand? Read(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryReadAddress(text.AsSpan(0, slash < 0 ? text.Length : slash), out var address, out var writtenBits))
        {
            return null;
        }

        var length = writtenBits;
        if (slash >= 0 && !TryReadNumber(text.AsSpan(slash + 1), writtenBits, out length))
        {
            return null;
        }

        return new Operand(address, length + Bits - writtenBits);
    }

    // Every address as 128 bits, a v4 address as the v6 address it is mapped to. IPAddress alone would take "10" and "0x7f.1" too.
    private static bool TryReadAddress(ReadOnlySpan<char> text, out UInt128 address, out int bits)
    {
        address = default;
        bits = text.Contains(':') ? Bits : Bits - MappedBits;
        if (bits != Bits)
        {
            return TryReadDotted(text, out address);
        }

        Span<byte> bytes = stackalloc byte[16];
        if (text.ContainsAnyExcept(V6Characters)
            || (text.Contains('.') && !TryReadDotted(text[(text.LastIndexOf(':') + 1)..], out _))
            || !IPAddress.TryParse(text, out var parsed)
            || parsed.AddressFamily != AddressFamily.InterNetworkV6
            || !parsed.TryWriteBytes(bytes, out _))
        {
            return false;
        }

        address = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return true;
    }

    private static bool TryReadDotted(ReadOnlySpan<char> text, out UInt128 address)
    {
        address = Mapped >> 32;
        for (var octet = 0; octet < 4; octet++)
        {
            var dot = octet < 3 ? text.IndexOf('.') : text.Length;
            if (dot < 0 || !TryReadNumber(text[..dot], 255, out var number))
            {
                return false;
            }

            address = (address << 8) | (uint)number;
            text = octet < 3 ? text[(dot + 1)..] : [];
        }

        return true;
    }

    // Decimal digits without a needless zero before them, which some would read as octal.
    private static bool TryReadNumber(ReadOnlySpan<char> text, int max, out int number)
    {
        number = 0;
        if (text.Length is 0 or > 3 || (text.Length > 1 && text[0] == '0') || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        foreach (var digit in text)
        {
            number = (number * 10) + (digit - '0');
        }

        return number <= max;
    }

    private static bool IsMapped(UInt128 address) => address >> 32 == Mapped >> 32;

    private sealed class Operand : ConditionOperand
    {
        private readonly UInt128 _network;
        private readonly int _length;
        private readonly bool _isV4;

        internal Operand(UInt128 address, int length)
        {
            _length = length;
            _network = Mask(address);
            _isV4 = length >= MappedBits && IsMapped(address);
        }

        internal override TextMatch Compare(string value, RequestContext context) =>
            TryReadAddress(value, out var address, out _) && IsMapped(address) == _isV4 && Mask(address) == _network
                ? TextMatch.Yes
                : TextMatch.No;

        // A shift by the whole width would be no shift at all.
        private UInt128 Mask(UInt128 address) => _length == 0 ? 0 : address >> (Bits - _length);
    }
}
