using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace TokenService;

/// <summary>AWS's UriEncode: <c>A-Z a-z 0-9 - . _ ~</c> stay, every other byte becomes <c>%XX</c> with upper-case digits.</summary>
/// <remarks>Source: IAM User Guide, "Create a signed AWS API request", UriEncode.</remarks>
internal static class PercentEncoding
{
    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>Decodes a text once and encodes it in the canonical way.</summary>
    /// <returns><see langword="false"/> where a percent sign is not followed by two hexadecimal digits.</returns>
    internal static bool TryNormalize(ReadOnlySpan<char> text, bool plusIsSpace, [NotNullWhen(true)] out string? encoded)
    {
        if (!text.ContainsAnyExcept(Unreserved))
        {
            encoded = text.ToString();
            return true;
        }

        encoded = null;
        var writer = new CanonicalWriter(stackalloc byte[256]);
        try
        {
            if (!TryNormalize(text, plusIsSpace, keepSlash: false, ref writer))
            {
                return false;
            }

            encoded = Encoding.ASCII.GetString(writer.Written);
            return true;
        }
        finally
        {
            writer.Dispose();
        }
    }

    internal static bool TryNormalize(ReadOnlySpan<char> text, bool plusIsSpace, bool keepSlash, ref CanonicalWriter writer)
    {
        while (!text.IsEmpty)
        {
            if (text[0] == '%')
            {
                if (text.Length < 3 || !char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2]))
                {
                    return false;
                }

                var value = Convert.FromHexString(text.Slice(1, 2))[0];
                WriteByte(value, keepSlash, ref writer);
                text = text[3..];
            }
            else if (plusIsSpace && text[0] == '+')
            {
                WriteByte((byte)' ', keepSlash, ref writer);
                text = text[1..];
            }
            else
            {
                text = text[EncodeFirst(text, keepSlash, ref writer)..];
            }
        }

        return true;
    }

    /// <summary>Encodes a text as it stands, its percent signs too.</summary>
    internal static void Encode(ReadOnlySpan<char> text, bool keepSlash, ref CanonicalWriter writer)
    {
        while (!text.IsEmpty)
        {
            text = text[EncodeFirst(text, keepSlash, ref writer)..];
        }
    }

    private static int EncodeFirst(ReadOnlySpan<char> text, bool keepSlash, ref CanonicalWriter writer)
    {
        if (char.IsAscii(text[0]))
        {
            WriteByte((byte)text[0], keepSlash, ref writer);
            return 1;
        }

        // A lone surrogate is no character; the replacement that stands for it makes the signature another one, never an exception.
        Rune.DecodeFromUtf16(text, out var rune, out var consumed);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
        {
            WriteByte(value, keepSlash, ref writer);
        }

        return consumed;
    }

    private static void WriteByte(byte value, bool keepSlash, ref CanonicalWriter writer)
    {
        if (Unreserved.Contains((char)value) || (keepSlash && value == '/'))
        {
            writer.Write(value);
            return;
        }

        const string digits = "0123456789ABCDEF";
        writer.Write((byte)'%');
        writer.Write((byte)digits[value >> 4]);
        writer.Write((byte)digits[value & 15]);
    }
}
