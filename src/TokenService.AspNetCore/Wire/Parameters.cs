using System.Collections.Immutable;
using System.Globalization;

namespace TokenService.AspNetCore;

/// <summary>The parameters of one request, by their names on the wire; of two with the same name the first counts.</summary>
/// <remarks>Names and values are the client's. They are bounded in number here, and in size by the body's limit; a number in a name never
/// sizes anything. Source: STS API Reference, "Making API requests"; reference 2.1.</remarks>
internal sealed class Parameters
{
    /// <summary>How many parameters a request may have. The largest well-formed one, with fifty tags, fifty keys and ten policies, has under
    /// two hundred.</summary>
    internal const int MaxCount = 1024;

    /// <summary>What one member of a list has under the name of a list of plain values.</summary>
    internal const string Itself = "";

    private const string MemberMark = ".member.";
    private const int MaxIndexDigits = 9;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private int _seen;
    private StsError? _malformed;

    /// <summary>The first value that could not be read as its type, once it was asked for.</summary>
    internal StsError? Malformed => _malformed;

    internal IEnumerable<string> Names => _values.Keys;

    /// <returns><see langword="false"/> where there are too many, repeated ones counted.</returns>
    internal bool TryAdd(string name, string value)
    {
        _values.TryAdd(name, value);
        return ++_seen <= MaxCount;
    }

    internal string? Text(string name) => _values.GetValueOrDefault(name);

    /// <summary>A signed number of 32 bits; a plus sign and leading zeros are allowed, as the live service allows them.</summary>
    internal int? Integer(string name)
    {
        if (!_values.TryGetValue(name, out var text))
        {
            return null;
        }

        if (text.Length == 0)
        {
            _malformed ??= StsError.MalformedInput("missing value for decimal type");
            return null;
        }

        // The platform's parser forgives null characters behind the digits.
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && char.IsAsciiDigit(text[^1]))
        {
            return value;
        }

        _malformed ??= StsError.MalformedInput(message: null);
        return null;
    }

    /// <summary>The members of <c>NAME.member.N</c> in the order of their numbers; gaps close.</summary>
    internal ImmutableArray<string> List(string name) => [.. Structures(name).Select(member => member.GetValueOrDefault(Itself, ""))];

    /// <summary>The members of <c>NAME.member.N.FIELD</c> in the order of their numbers, each with the fields that were sent; gaps close.</summary>
    internal IEnumerable<IReadOnlyDictionary<string, string>> Structures(string name)
    {
        var members = new SortedDictionary<int, Dictionary<string, string>>();
        foreach (var (key, value) in _values)
        {
            if (TryReadMember(key, name, out var index, out var field))
            {
                if (!members.TryGetValue(index, out var fields))
                {
                    members.Add(index, fields = new Dictionary<string, string>(StringComparer.Ordinal));
                }

                fields[field] = value;
            }
        }

        return members.Values;
    }

    /// <summary>Takes <c>NAME.member.N</c> or <c>NAME.member.N.FIELD</c> apart. One number has one spelling, so that no two names mean the same
    /// member.</summary>
    internal static bool TryReadMember(string key, string name, out int index, out string field)
    {
        index = 0;
        field = Itself;
        if (!key.StartsWith(name, StringComparison.Ordinal) || !key.AsSpan(name.Length).StartsWith(MemberMark, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = key.AsSpan(name.Length + MemberMark.Length);
        var dot = rest.IndexOf('.');
        var number = dot < 0 ? rest : rest[..dot];
        if (number.Length is 0 or > MaxIndexDigits || number[0] == '0'
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out index))
        {
            return false;
        }

        field = dot < 0 ? Itself : rest[(dot + 1)..].ToString();
        return dot < 0 || field.Length > 0;
    }
}
