namespace TokenService;

/// <summary>The Date family: a date, a date and time with <c>Z</c> or an offset, or whole seconds since 1970.</summary>
/// <remarks>Source: IAM User Guide, "Date condition operators", which names the W3C's profile of ISO 8601 (NOTE-datetime).</remarks>
internal static class DateOperators
{
    internal static readonly ConditionOperator[] All =
    [
        new("DateEquals", Comparing(order => order == 0)),
        new("DateNotEquals", Comparing(order => order == 0), IsNegated: true),
        new("DateLessThan", Comparing(order => order < 0)),
        new("DateLessThanEquals", Comparing(order => order <= 0)),
        new("DateGreaterThan", Comparing(order => order > 0)),
        new("DateGreaterThanEquals", Comparing(order => order >= 0)),
    ];

    private static ReadOperand Comparing(Func<int, bool> test) => ConditionOperand.Reading(
        text => Moment.TryRead(text, out var moment) ? new Operand(moment, test) : null,
        "a date, a date and time with offset, or whole seconds since 1970");

    private sealed class Operand(Moment moment, Func<int, bool> test) : ConditionOperand
    {
        internal override TextMatch Compare(string value, RequestContext context) =>
            Moment.TryRead(value, out var other) && test(other.CompareTo(moment)) ? TextMatch.Yes : TextMatch.No;
    }

    /// <summary>A point in time: whole seconds since 1970, and nanoseconds of the next.</summary>
    /// <remarks>Not an <c>Instant</c>: seconds since 1970 may be any number, and what is out of a calendar's range still compares.</remarks>
    private readonly record struct Moment(long Seconds, int Nanoseconds)
    {
        private const int MaxSecondsDigits = 18;
        private const int SecondsPerDay = 86_400;

        private static readonly int EpochDay = new DateOnly(1970, 1, 1).DayNumber;

        internal int CompareTo(Moment other) =>
            Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanoseconds.CompareTo(other.Nanoseconds);

        internal static bool TryRead(ReadOnlySpan<char> text, out Moment moment)
        {
            var digits = text.StartsWith("-") ? text[1..] : text;
            if (digits.Length is > 0 and <= MaxSecondsDigits && !digits.ContainsAnyExceptInRange('0', '9'))
            {
                moment = new Moment(Number(digits) * (digits.Length == text.Length ? 1 : -1), 0);
                return true;
            }

            return TryReadCalendar(text, out moment);
        }

        private static bool TryReadCalendar(ReadOnlySpan<char> text, out Moment moment)
        {
            moment = default;
            if (!Fits(text, "0000-00-00"))
            {
                return false;
            }

            var (year, month, day) = ((int)Number(text[..4]), (int)Number(text[5..7]), (int)Number(text[8..10]));
            if (year == 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            {
                return false;
            }

            var seconds = (long)(new DateOnly(year, month, day).DayNumber - EpochDay) * SecondsPerDay;
            if (text.Length == 10)
            {
                moment = new Moment(seconds, 0);
                return true;
            }

            return TryReadTime(text[10..], out var time, out var nanoseconds, out var rest) && TryReadOffset(rest, out var offset)
                && Assign(out moment, new Moment(seconds + time - offset, nanoseconds));
        }

        // T, hours and minutes, then seconds with or without a fraction of up to nine digits.
        private static bool TryReadTime(ReadOnlySpan<char> text, out long seconds, out int nanoseconds, out ReadOnlySpan<char> rest)
        {
            seconds = 0;
            nanoseconds = 0;
            rest = default;
            if (!Fits(text, "T00:00") || Number(text[1..3]) > 23 || Number(text[4..6]) > 59)
            {
                return false;
            }

            seconds = (Number(text[1..3]) * 3600) + (Number(text[4..6]) * 60);
            rest = text[6..];
            if (!rest.StartsWith(":"))
            {
                return true;
            }

            if (!Fits(rest, ":00") || Number(rest[1..3]) > 59)
            {
                return false;
            }

            seconds += Number(rest[1..3]);
            rest = rest[3..];
            if (!rest.StartsWith("."))
            {
                return true;
            }

            var length = rest[1..].IndexOfAnyExceptInRange('0', '9');
            length = length < 0 ? rest.Length - 1 : length;
            if (length is 0 or > 9)
            {
                return false;
            }

            var fraction = Number(rest.Slice(1, length));
            for (var digit = length; digit < 9; digit++)
            {
                fraction *= 10;
            }

            nanoseconds = (int)fraction;
            rest = rest[(length + 1)..];
            return true;
        }

        private static bool TryReadOffset(ReadOnlySpan<char> text, out long seconds)
        {
            seconds = 0;
            if (text is "Z")
            {
                return true;
            }

            if (text.Length != 6 || text[0] is not ('+' or '-') || !Fits(text[1..], "00:00") || Number(text[1..3]) > 23 || Number(text[4..6]) > 59)
            {
                return false;
            }

            seconds = ((Number(text[1..3]) * 3600) + (Number(text[4..6]) * 60)) * (text[0] == '-' ? -1 : 1);
            return true;
        }

        private static bool Assign(out Moment target, Moment value)
        {
            target = value;
            return true;
        }

        // Whether a text begins as the form says, in which 0 is any digit.
        private static bool Fits(ReadOnlySpan<char> text, ReadOnlySpan<char> form)
        {
            if (text.Length < form.Length)
            {
                return false;
            }

            for (var index = 0; index < form.Length; index++)
            {
                if (form[index] == '0' ? !char.IsAsciiDigit(text[index]) : text[index] != form[index])
                {
                    return false;
                }
            }

            return true;
        }

        private static long Number(ReadOnlySpan<char> digits)
        {
            var number = 0L;
            foreach (var digit in digits)
            {
                number = (number * 10) + (digit - '0');
            }

            return number;
        }
    }
}
