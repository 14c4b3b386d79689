namespace TokenService;

/// <summary>The ARN family: part by part, no wildcard crosses a colon before the sixth part; Equals and Like behave alike.</summary>
internal static class ArnOperators
{
    internal static readonly ConditionOperator[] All =
    [
        new("ArnEquals", Read),
        new("ArnLike", Read),
        new("ArnNotEquals", Read, IsNegated: true),
        new("ArnNotLike", Read, IsNegated: true),
    ];

    private static Operand? Read(string text, bool variables, out string? reason) =>
        PatternText.TryCompile(text, variables, PatternForm.Wildcards, out var pattern, out reason) ? new Operand(pattern) : null;

    private sealed class Operand(PatternText pattern) : ConditionOperand
    {
        // What is no ARN of six parts cannot be read, so it matches nothing, whether it is the request's value or the policy's.
        internal override TextMatch Compare(string value, RequestContext context) =>
            pattern.MatchesPartByPart(value, context) is var match and not TextMatch.Yes ? match
                : value.StartsWith("arn:", StringComparison.Ordinal) ? TextMatch.Yes : TextMatch.No;
    }
}
