using System.Collections.Immutable;

namespace TokenService;

/// <summary>Whether an operator looks at each value of the request for itself.</summary>
internal enum SetPrefix
{
    None,
    ForAnyValue,
    ForAllValues,
}

/// <summary>One operator on one key, with the policy's values.</summary>
/// <remarks>Source: IAM User Guide, "Condition operators" and "Set operators for multivalued context keys".</remarks>
internal sealed class Condition(ConditionName name, ConditionKey key, ConditionOperand[] operands, ImmutableArray<string> values)
{
    /// <summary>The operator as the document spells it.</summary>
    internal string Operator => name.Text;

    internal ConditionKey Key => key;

    /// <summary>The policy's values as text.</summary>
    internal ImmutableArray<string> Values => values;

    internal bool Holds(RequestContext context)
    {
        var found = context.Find(key);
        if (found.Count == 0)
        {
            return HoldsWithoutKey();
        }

        // A negated operator with a set prefix asks about each value, without one it is the negation of the positive operator:
        // none of the request's values may equal any of the policy's. So only the plain positive and ForAnyValue look for one that fits.
        var lookForOne = name.Prefix == SetPrefix.ForAnyValue || (name.Prefix == SetPrefix.None && !name.Operator.IsNegated);
        for (var index = 0; index < found.Count; index++)
        {
            if (Fits(found[index], context) == lookForOne)
            {
                return lookForOne;
            }
        }

        return !lookForOne;
    }

    // Absence decides before the policy's values, and variables in them, are looked at.
    private bool HoldsWithoutKey()
    {
        if (name.IfExists)
        {
            return true;
        }

        if (name.Prefix != SetPrefix.None)
        {
            return name.Prefix == SetPrefix.ForAllValues;
        }

        // IAM User Guide, "Condition operators": an absent key satisfies a negated operator. That opens an Allow with StringNotEquals to
        // callers who omit the key. It is AWS's rule and we keep it, here only.
        return name.Operator.IsNegated || Array.Exists(operands, operand => operand.MatchesAbsence);
    }

    // Positive: at least one of the policy's values matches. Negated: none does, and none is unknown for want of a variable's value.
    private bool Fits(string value, RequestContext context)
    {
        foreach (var operand in operands)
        {
            var match = operand.Compare(value, context);
            if (name.Operator.IsNegated ? match != TextMatch.No : match == TextMatch.Yes)
            {
                return !name.Operator.IsNegated;
            }
        }

        return name.Operator.IsNegated;
    }
}

/// <summary>An operator's name taken apart: <c>ForAllValues:StringLikeIfExists</c>.</summary>
internal sealed record ConditionName(string Text, ConditionOperator Operator, SetPrefix Prefix, bool IfExists)
{
    private const string Suffix = "IfExists";

    /// <returns>The parts, or <see langword="null"/> where there is no such operator.</returns>
    internal static ConditionName? Read(string text)
    {
        var (prefix, name) = text switch
        {
            _ when text.StartsWith("ForAnyValue:", StringComparison.Ordinal) => (SetPrefix.ForAnyValue, text["ForAnyValue:".Length..]),
            _ when text.StartsWith("ForAllValues:", StringComparison.Ordinal) => (SetPrefix.ForAllValues, text["ForAllValues:".Length..]),
            _ => (SetPrefix.None, text),
        };
        var ifExists = name.EndsWith(Suffix, StringComparison.Ordinal);
        var found = ConditionOperator.Find(ifExists ? name[..^Suffix.Length] : name);
        return found is null || (ifExists && found.Name == NullOperator.Name) ? null : new ConditionName(text, found, prefix, ifExists);
    }
}
