using System.Globalization;
using System.Text;

namespace TokenService;

/// <summary>Which texts can be the key or the value of a tag.</summary>
/// <remarks>Source: STS API Reference, <c>Tag</c>: <c>[\p{L}\p{Z}\p{N}_.:/=+\-@]</c>, counted in characters and not in their halves.</remarks>
internal static class TagText
{
    internal const int MaxKeyLength = 128;
    internal const int MaxValueLength = 256;

    /// <summary>The most tags that a session gets at once.</summary>
    internal const int MaxTags = 50;

    private const string Reserved = "aws:";

    internal static bool IsKey(string text) => IsText(text, 1, MaxKeyLength);

    internal static bool IsValue(string text) => IsText(text, 0, MaxValueLength);

    internal static bool IsCharacter(Rune rune) =>
        rune.IsAscii
            ? char.IsAsciiLetterOrDigit((char)rune.Value) || (char)rune.Value is ' ' or '_' or '.' or ':' or '/' or '=' or '+' or '-' or '@'
            : Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool IsText(string text, int min, int max)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            length++;
            if (!IsCharacter(rune))
            {
                return false;
            }
        }

        return length >= min && length <= max && !text.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase);
    }
}
