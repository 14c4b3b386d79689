namespace TokenService;

/// <summary>The Numeric family: decimal numbers, compared exactly whatever their length.</summary>
internal static class NumericOperators
{
    internal static readonly ConditionOperator[] All =
    [
        new("NumericEquals", Comparing(order => order == 0)),
        new("NumericNotEquals", Comparing(order => order == 0), IsNegated: true),
        new("NumericLessThan", Comparing(order => order < 0)),
        new("NumericLessThanEquals", Comparing(order => order <= 0)),
        new("NumericGreaterThan", Comparing(order => order > 0)),
        new("NumericGreaterThanEquals", Comparing(order => order >= 0)),
    ];

    private static ReadOperand Comparing(Func<int, bool> test) => ConditionOperand.Reading(
        text => DecimalText.TryRead(text, out _) ? new Operand(text, test) : null, "a decimal number such as -1.5");

    private sealed class Operand(string text, Func<int, bool> test) : ConditionOperand
    {
        internal override TextMatch Compare(string value, RequestContext context) =>
            DecimalText.TryRead(value, out var left) && DecimalText.TryRead(text, out var right) && test(left.CompareTo(right))
                ? TextMatch.Yes
                : TextMatch.No;
    }

    /// <summary>A decimal number as the digits that count: no leading zeros before the point, no trailing ones after it.</summary>
    /// <remarks>No exponent and no culture; <see cref="decimal"/> would round what is longer than 28 digits, and so call unequal numbers
    /// equal.</remarks>
    private readonly ref struct DecimalText
    {
        private readonly bool _negative;
        private readonly ReadOnlySpan<char> _whole;
        private readonly ReadOnlySpan<char> _fraction;

        private DecimalText(bool negative, ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction)
        {
            _whole = whole.TrimStart('0');
            _fraction = fraction.TrimEnd('0');
            _negative = negative && (_whole.Length > 0 || _fraction.Length > 0);
        }

        internal static bool TryRead(ReadOnlySpan<char> text, out DecimalText number)
        {
            number = default;
            var negative = text.StartsWith("-");
            var digits = negative || text.StartsWith("+") ? text[1..] : text;
            var point = digits.IndexOf('.');
            var whole = point < 0 ? digits : digits[..point];
            var fraction = point < 0 ? [] : digits[(point + 1)..];
            if (whole.IsEmpty || (point >= 0 && fraction.IsEmpty)
                || whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            number = new DecimalText(negative, whole, fraction);
            return true;
        }

        internal int CompareTo(DecimalText other)
        {
            if (_negative != other._negative)
            {
                return _negative ? -1 : 1;
            }

            var order = _whole.Length != other._whole.Length
                ? _whole.Length.CompareTo(other._whole.Length)
                : _whole.SequenceCompareTo(other._whole);
            if (order == 0)
            {
                order = _fraction.SequenceCompareTo(other._fraction);
            }

            return _negative ? -order : order;
        }
    }
}
