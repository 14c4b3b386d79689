using System.Collections.Frozen;

namespace TokenService;

/// <summary>An operator of the <c>Condition</c> element: its name, how it reads a value of the policy, and whether it is the negation of what it
/// reads. To add one, add an entry to the table of its family.</summary>
/// <remarks>Source: IAM User Guide, "IAM JSON policy elements: Condition operators".</remarks>
internal sealed record ConditionOperator(string Name, ReadOperand Read, bool IsNegated = false)
{
    private static readonly FrozenDictionary<string, ConditionOperator> ByName = new[]
    {
        StringOperators.All, NumericOperators.All, DateOperators.All, BoolOperators.All, BinaryOperators.All, IpOperators.All,
        ArnOperators.All, NullOperator.All,
    }.SelectMany(family => family).ToFrozenDictionary(entry => entry.Name, StringComparer.Ordinal);

    internal static ConditionOperator? Find(string name) => ByName.GetValueOrDefault(name);
}

/// <summary>Reads one value of the policy, once, when the document is read.</summary>
/// <param name="text">The value's text.</param>
/// <param name="variables">Whether the document's version has variables.</param>
/// <param name="reason">What is wrong, where the answer is <see langword="null"/>.</param>
/// <returns>The value, or <see langword="null"/> where it cannot be read: the document is malformed then.</returns>
internal delegate ConditionOperand? ReadOperand(string text, bool variables, out string? reason);

/// <summary>One value of the policy in a condition, ready to be compared.</summary>
internal abstract class ConditionOperand
{
    /// <summary>Compares a value of the request. One that cannot be read does not match.</summary>
    internal abstract TextMatch Compare(string value, RequestContext context);

    /// <summary>Whether the absence of the key is what the policy asks for.</summary>
    internal virtual bool MatchesAbsence => false;

    /// <summary>A reader of values that have no variables.</summary>
    /// <param name="parse">Gives the operand, or <see langword="null"/> where the text is none.</param>
    /// <param name="expected">What a value is, for people.</param>
    internal static ReadOperand Reading(Func<string, ConditionOperand?> parse, string expected) =>
        (string text, bool _, out string? reason) =>
        {
            var operand = parse(text);
            reason = operand is null ? $"'{Abbreviate(text)}' is not {expected}" : null;
            return operand;
        };

    private static string Abbreviate(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");
}
