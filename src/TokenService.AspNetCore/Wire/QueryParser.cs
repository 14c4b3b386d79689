using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace TokenService.AspNetCore;

/// <summary>How the reading of a query or a form ended.</summary>
internal enum QueryReading
{
    /// <summary>All of it was read.</summary>
    Complete,

    /// <summary>A percent sign that two hexadecimal digits do not follow, or bytes that are not UTF-8.</summary>
    Broken,

    /// <summary>More parameters than any operation has.</summary>
    TooMany,
}

/// <summary>Reads <c>application/x-www-form-urlencoded</c> bytes: the very bytes that were signed, because a framework's form reader would
/// consume them and forgive what is refused here.</summary>
/// <remarks>A plus sign is a space. Source: STS API Reference, "Making API requests"; URL Standard, "application/x-www-form-urlencoded".</remarks>
internal static class QueryParser
{
    /// <summary>Adds what the bytes hold to the parameters; a name that is there already keeps its first value.</summary>
    internal static QueryReading Read(ReadOnlySpan<byte> bytes, Parameters parameters)
    {
        // Cleared when it goes back: assertions, codes and tokens pass through it.
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length, 1));
        try
        {
            foreach (var range in bytes.Split((byte)'&'))
            {
                var pair = bytes[range];
                if (pair.IsEmpty)
                {
                    continue;
                }

                var equals = pair.IndexOf((byte)'=');
                var written = Unescape(equals < 0 ? pair : pair[..equals], rented);
                if (written < 0 || !TryDecode(rented.AsSpan(0, written), out var name))
                {
                    return QueryReading.Broken;
                }

                written = Unescape(equals < 0 ? [] : pair[(equals + 1)..], rented);
                if (written < 0 || !TryDecode(rented.AsSpan(0, written), out var value))
                {
                    return QueryReading.Broken;
                }

                if (!parameters.TryAdd(name, value))
                {
                    return QueryReading.TooMany;
                }
            }

            return QueryReading.Complete;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <returns>How many bytes were written, or -1 where an escape is broken.</returns>
    private static int Unescape(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var written = 0;
        for (var index = 0; index < source.Length; index++)
        {
            var value = source[index];
            if (value == '%')
            {
                if (index + 2 >= source.Length
                    || Convert.FromHexString(source.Slice(index + 1, 2), destination[written..], out _, out _) != OperationStatus.Done)
                {
                    return -1;
                }

                index += 2;
                written++;
            }
            else
            {
                destination[written++] = value == '+' ? (byte)' ' : value;
            }
        }

        return written;
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        // A replacement character in place of a broken byte would be another text than the one that was signed.
        var valid = Utf8.IsValid(bytes);
        text = valid ? Encoding.UTF8.GetString(bytes) : "";
        return valid;
    }
}
