using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace TokenService;

/// <summary>Base64 that has one spelling: the standard alphabet, padded, no bits left over; white space between is dropped.</summary>
/// <remarks>Source: RFC 4648, sections 3.5 and 4; docs/saml.md, rule 1.</remarks>
internal static class StrictBase64
{
    private static readonly SearchValues<char> WhiteSpace = SearchValues.Create(" \t\r\n");

    internal static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        var digits = new byte[text.Length];
        var length = 0;
        while (!text.IsEmpty)
        {
            var run = text.IndexOfAny(WhiteSpace);
            var piece = run < 0 ? text : text[..run];
            if (!Ascii.IsValid(piece))
            {
                return false;
            }

            length += Encoding.ASCII.GetBytes(piece, digits.AsSpan(length));
            text = run < 0 ? [] : text[(run + 1)..];
        }

        // The platform's decoder takes what is not padded in full, and bits after the last byte: those are looked at here.
        if (length % 4 != 0)
        {
            return false;
        }

        var decoded = new byte[length / 4 * 3];
        if (Base64.DecodeFromUtf8(digits.AsSpan(0, length), decoded, out var read, out var written) != OperationStatus.Done || read != length
            || (length > 0 && !IsCanonicalEnd(digits.AsSpan(length - 4, 4), decoded.AsSpan(..written))))
        {
            return false;
        }

        bytes = decoded[..written];
        return true;
    }

    private static bool IsCanonicalEnd(ReadOnlySpan<byte> lastDigits, ReadOnlySpan<byte> decoded)
    {
        var rest = decoded.Length % 3 == 0 ? 3 : decoded.Length % 3;
        Span<byte> again = stackalloc byte[4];
        return decoded.Length >= rest && Base64.EncodeToUtf8(decoded[^rest..], again, out _, out var written) == OperationStatus.Done && written == 4
            && again.SequenceEqual(lastDigits);
    }
}
