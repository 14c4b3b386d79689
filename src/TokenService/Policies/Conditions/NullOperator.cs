namespace TokenService;

/// <summary>The Null operator: whether the key is absent. A key with no values counts as absent.</summary>
internal static class NullOperator
{
    internal const string Name = "Null";

    internal static readonly ConditionOperator[] All =
    [
        new(Name, ConditionOperand.Reading(text => BoolOperators.TryRead(text, out var absent) ? new Operand(absent) : null, "true or false")),
    ];

    private sealed class Operand(bool absent) : ConditionOperand
    {
        internal override bool MatchesAbsence => absent;

        internal override TextMatch Compare(string value, RequestContext context) => absent ? TextMatch.No : TextMatch.Yes;
    }
}
