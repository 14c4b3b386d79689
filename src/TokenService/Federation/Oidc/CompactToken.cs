using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace TokenService;

/// <summary>The form of a signed token: three parts, and JSON that has one meaning. Nothing of it is verified yet.</summary>
/// <remarks>Source: RFC 7515, sections 2 and 7.1; RFC 8725, section 2. Microsoft.IdentityModel, which checks the signature, takes the last of two members
/// of one name and forgives padding; what it would forgive is refused here before.</remarks>
internal sealed class CompactToken : IDisposable
{
    internal const int MinLength = 4;
    internal const int MaxLength = 20_000;

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly SearchValues<char> Alphabet = SearchValues.Create(Letters);

    private readonly JsonDocument _header;
    private readonly JsonDocument _payload;

    private CompactToken(JsonDocument header, JsonDocument payload, byte[] signingInput, byte[] signature)
    {
        _header = header;
        _payload = payload;
        SigningInput = signingInput;
        Signature = signature;
    }

    internal JsonElement Header => _header.RootElement;

    internal JsonElement Payload => _payload.RootElement;

    /// <summary>What is signed: header and payload as they came, in base64url.</summary>
    internal byte[] SigningInput { get; }

    internal byte[] Signature { get; }

    /// <returns>The token, or <see langword="null"/> and the rule that it breaks.</returns>
    internal static CompactToken? Read(string text, out string rule)
    {
        rule = "length";
        if (text.Length is < MinLength or > MaxLength)
        {
            return null;
        }

        rule = "three parts in base64url";
        Span<Range> parts = stackalloc Range[4];
        if (text.AsSpan().Split(parts, '.') != 3 || Decode(text.AsSpan(parts[0])) is not { } header
            || Decode(text.AsSpan(parts[1])) is not { } payload || Decode(text.AsSpan(parts[2])) is not { } signature)
        {
            return null;
        }

        rule = "header is a JSON object of one meaning";
        if (!StrictJson.TryRead(header, endsWithObject: true, out var headerJson))
        {
            return null;
        }

        rule = "payload is a JSON object of one meaning";
        if (!StrictJson.TryRead(payload, endsWithObject: true, out var payloadJson))
        {
            headerJson.Dispose();
            return null;
        }

        return new CompactToken(headerJson, payloadJson, Encoding.ASCII.GetBytes(text, 0, parts[1].End.Value), signature);
    }

    public void Dispose()
    {
        _header.Dispose();
        _payload.Dispose();
    }

    private static byte[]? Decode(ReadOnlySpan<char> part) => IsCanonical(part) ? Base64Url.DecodeFromChars(part) : null;

    /// <summary>Whether a part is the one spelling of its bytes: no padding, no white space, and the bits of the last character that count for
    /// nothing are zero.</summary>
    private static bool IsCanonical(ReadOnlySpan<char> part)
    {
        var unused = (part.Length % 4) switch
        {
            0 => 0,
            2 => 0b1111,
            3 => 0b11,
            _ => -1,
        };
        return part.Length > 0 && unused >= 0 && !part.ContainsAnyExcept(Alphabet) && (Letters.IndexOf(part[^1], StringComparison.Ordinal) & unused) == 0;
    }
}
