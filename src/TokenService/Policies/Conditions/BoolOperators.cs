namespace TokenService;

/// <summary>The Bool family: <c>true</c> and <c>false</c>, whatever the letter case.</summary>
internal static class BoolOperators
{
    internal static readonly ConditionOperator[] All =
    [
        new("Bool", ConditionOperand.Reading(text => TryRead(text, out var truth) ? new Operand(truth) : null, "true or false")),
    ];

    // bool.TryParse would take white space and NULs around the word.
    internal static bool TryRead(string text, out bool truth)
    {
        truth = text.Equals("true", StringComparison.OrdinalIgnoreCase);
        return truth || text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    private sealed class Operand(bool truth) : ConditionOperand
    {
        internal override TextMatch Compare(string value, RequestContext context) =>
            TryRead(value, out var other) && other == truth ? TextMatch.Yes : TextMatch.No;
    }
}
