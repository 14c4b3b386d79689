using System.Diagnostics.CodeAnalysis;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>The only form of a time in SAML: <c>yyyy-MM-ddTHH:mm:ss[.f…]Z</c>.</summary>
/// <remarks>Source: SAML 2.0 Core, 1.3.3 (UTC without a time zone, no leap seconds); docs/saml.md, rule 8. A fraction beyond the ninth digit is
/// dropped.</remarks>
internal static class SamlInstant
{
    private const int WholeLength = 19;
    private const int HourAt = 11;
    private const int NanosecondDigits = 9;

    internal static bool TryParse(string? text, [NotNullWhen(true)] out Instant? instant)
    {
        instant = null;
        if (text is null || text.Length <= WholeLength || text[^1] != 'Z' || !char.IsAsciiDigit(text[0]))
        {
            return false;
        }

        var fraction = text.AsSpan(WholeLength, text.Length - WholeLength - 1);
        if (!fraction.IsEmpty && (fraction[0] != '.' || fraction.Length == 1 || fraction[1..].ContainsAnyExceptInRange('0', '9')))
        {
            return false;
        }

        // The pattern would take the end of a day as the beginning of the next.
        if (text.AsSpan(HourAt, 2) is "24")
        {
            return false;
        }

        var whole = InstantPattern.General.Parse(string.Concat(text.AsSpan(0, WholeLength), "Z"));
        if (!whole.Success)
        {
            return false;
        }

        var nanoseconds = 0L;
        for (var digit = 1; digit <= NanosecondDigits; digit++)
        {
            nanoseconds = (nanoseconds * 10) + (digit < fraction.Length ? fraction[digit] - '0' : 0);
        }

        instant = whole.Value.PlusNanoseconds(nanoseconds);
        return true;
    }
}
