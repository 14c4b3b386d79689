namespace TokenService;

/// <summary>The String family: ordinal, ordinal ignoring case, and with wildcards.</summary>
internal static class StringOperators
{
    internal static readonly ConditionOperator[] All =
    [
        new("StringEquals", Equal(StringComparison.Ordinal)),
        new("StringNotEquals", Equal(StringComparison.Ordinal), IsNegated: true),
        new("StringEqualsIgnoreCase", Equal(StringComparison.OrdinalIgnoreCase)),
        new("StringNotEqualsIgnoreCase", Equal(StringComparison.OrdinalIgnoreCase), IsNegated: true),
        new("StringLike", Like),
        new("StringNotLike", Like, IsNegated: true),
    ];

    private static ReadOperand Equal(StringComparison comparison) =>
        (string text, bool variables, out string? reason) =>
        {
            if (!PatternText.TryCompile(text, variables, PatternForm.Literal, out var pattern, out reason))
            {
                return null;
            }

            return pattern.HasVariables
                ? new Pattern(pattern, comparison == StringComparison.OrdinalIgnoreCase)
                : new Literal(pattern.ToLiteral(), comparison);
        };

    private static Pattern? Like(string text, bool variables, out string? reason) =>
        PatternText.TryCompile(text, variables, PatternForm.Wildcards, out var pattern, out reason) ? new Pattern(pattern, false) : null;

    private sealed class Literal(string literal, StringComparison comparison) : ConditionOperand
    {
        internal override TextMatch Compare(string value, RequestContext context) =>
            value.Equals(literal, comparison) ? TextMatch.Yes : TextMatch.No;
    }

    private sealed class Pattern(PatternText pattern, bool ignoreCase) : ConditionOperand
    {
        internal override TextMatch Compare(string value, RequestContext context) => pattern.Matches(value, context, ignoreCase);
    }
}
