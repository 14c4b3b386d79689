using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace TokenService;

/// <summary>Reads a JSON object that means one thing to everybody who reads it, or not at all.</summary>
/// <remarks>Source: RFC 8259, sections 4 and 8; RFC 8725, section 2.6. Readers differ in which of two members of the same name they take, in what half
/// a surrogate pair is, and in what may follow: so none of these is read.</remarks>
internal static class StrictJson
{
    /// <summary>How deep objects and lists may lie in one another, the outermost counted.</summary>
    internal const int MaxDepth = 16;

    private static readonly JsonDocumentOptions Options = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
        MaxDepth = MaxDepth,
    };

    /// <param name="utf8">The object, and nothing behind its brace where that counts.</param>
    /// <param name="endsWithObject">Whether white space behind the brace is too much.</param>
    /// <param name="json">The object, when the answer is <see langword="true"/>.</param>
    internal static bool TryRead(ReadOnlyMemory<byte> utf8, bool endsWithObject, [NotNullWhen(true)] out JsonDocument? json)
    {
        json = null;
        if (utf8.IsEmpty || (endsWithObject && utf8.Span[^1] != '}') || !Utf8.IsValid(utf8.Span))
        {
            return false;
        }

        try
        {
            json = JsonDocument.Parse(utf8, Options);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                // Half a surrogate pair can only be written as an escape, and is found when the text is decoded.
                if (utf8.Span.Contains((byte)'\\'))
                {
                    DecodeTexts(json.RootElement);
                }

                return true;
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // The second is what the platform says of a text that it cannot decode.
        }

        json?.Dispose();
        json = null;
        return false;
    }

    private static void DecodeTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    DecodeTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    DecodeTexts(member.Value);
                }

                break;
        }
    }
}
