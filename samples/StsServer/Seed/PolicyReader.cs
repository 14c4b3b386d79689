using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using TokenService;

namespace StsServer.Seed;

/// <summary>Reads policy documents in the three spellings that AWS's tools print: a JSON object, JSON as text, and percent-encoded JSON as
/// text.</summary>
internal static class PolicyReader
{
    /// <returns>The policy, or <see langword="null"/>, reported, where it is missing or malformed.</returns>
    internal static PolicyDocument? Read(SeedObject owner, string member, PolicyKind kind)
    {
        if (owner.Member(member) is not { } element)
        {
            owner.Fault(member, "the policy document is missing");
            return null;
        }

        if (!TryGetText(element, out var text, out var reason))
        {
            owner.Fault(member, reason);
            return null;
        }

        if (PolicyDocument.TryParse(text, kind, out var document, out var error))
        {
            return document;
        }

        owner.Fault(member, $"{error.Code}: {error.Message}");
        return null;
    }

    internal static bool TryGetText(JsonElement element, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? reason)
    {
        reason = null;
        text = element.ValueKind switch
        {
            JsonValueKind.Object => element.GetRawText(),
            JsonValueKind.String => element.GetString()!,
            _ => null,
        };
        if (text is null)
        {
            reason = "a policy document is an object or a text";
            return false;
        }

        var start = text.AsSpan().TrimStart();
        if (start.StartsWith('{'))
        {
            return true;
        }

        // Only a text that is encoded as a whole begins so; a plus sign in it is a plus sign (RFC 3986).
        if (start.StartsWith("%7B", StringComparison.OrdinalIgnoreCase) && TryUnescape(text, out text))
        {
            return true;
        }

        reason = "the text is neither JSON nor percent-encoded JSON";
        text = null;
        return false;
    }

    private static bool TryUnescape(string encoded, out string text)
    {
        for (var index = encoded.IndexOf('%', StringComparison.Ordinal); index >= 0; index = encoded.IndexOf('%', index + 1))
        {
            if (index + 2 >= encoded.Length || !char.IsAsciiHexDigit(encoded[index + 1]) || !char.IsAsciiHexDigit(encoded[index + 2]))
            {
                text = "";
                return false;
            }
        }

        text = Uri.UnescapeDataString(encoded);

        // What was no UTF-8 stays encoded and would be read as part of the policy.
        return Encoding.UTF8.GetByteCount(text) == CountBytes(encoded);
    }

    private static int CountBytes(string encoded) => Encoding.UTF8.GetByteCount(encoded) - (2 * encoded.Count(character => character == '%'));
}
