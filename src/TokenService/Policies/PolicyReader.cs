using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace TokenService;

/// <summary>Reads the JSON of a policy token by token, and knows where it is: the first failure is kept with its path.</summary>
/// <remarks>Strict: no comments, no trailing commas or text, no duplicate names. Never recursive: the grammar's six levels are six loops.</remarks>
internal ref struct PolicyReader
{
    private readonly List<(string? Name, int Index)> _path;
    private Utf8JsonReader _json;

    private PolicyReader(ReadOnlySpan<byte> utf8)
    {
        _path = [];
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = PolicyLimits.MaxDepth });
    }

    /// <summary>What is wrong, once something is.</summary>
    internal string? Error { get; private set; }

    /// <summary>The kind of the current token.</summary>
    internal readonly JsonTokenType Token => _json.TokenType;

    /// <summary>Takes a text that is within its bounds: length, size, depth, and characters that are some.</summary>
    internal static bool TryEncode(string? text, int maxCharacters, [NotNullWhen(true)] out byte[]? utf8, [NotNullWhen(false)] out string? error)
    {
        utf8 = null;
        if (string.IsNullOrEmpty(text))
        {
            error = "This policy contains invalid Json. The text is empty.";
            return false;
        }

        error = text.Length > PolicyLimits.MaxTextLength
            ? string.Create(CultureInfo.InvariantCulture, $"Syntax errors in policy. $: more than {PolicyLimits.MaxTextLength} characters.")
            : CheckBounds(text, maxCharacters);
        if (error is not null)
        {
            return false;
        }

        var buffer = new byte[Encoding.UTF8.GetByteCount(text)];
        if (Utf8.FromUtf16(text, buffer, out _, out _, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            error = "This policy contains invalid Json. It holds half of a surrogate pair.";
            return false;
        }

        utf8 = buffer;
        return true;
    }

    internal static PolicyReader Start(ReadOnlySpan<byte> utf8)
    {
        var reader = new PolicyReader(utf8);
        reader.Advance();
        return reader;
    }

    internal void Advance() => _json.Read();

    /// <summary>Passes over the current value, whatever is in it.</summary>
    internal void Skip() => _json.Skip();

    /// <summary>Whether nothing follows but white space; text that does follow is invalid JSON to the reader.</summary>
    internal bool IsAtEnd() => !_json.Read();

    /// <summary>Keeps the first failure.</summary>
    /// <returns>Always <see langword="false"/>, for the caller to hand on.</returns>
    internal bool Fail(string reason)
    {
        Error ??= $"Syntax errors in policy. {Path()}: {reason}.";
        return false;
    }

    internal bool Expect(JsonTokenType token, string reason) => Token == token || Fail(reason);

    /// <summary>Goes to the value of the next member of the object it is in; <see cref="Leave"/> when the value is done.</summary>
    /// <param name="names">The names met so far, with the comparison that makes two of them the same.</param>
    /// <param name="name">The member's name.</param>
    /// <returns><see langword="false"/> at the end of the object, or after a failure.</returns>
    internal bool NextMember(HashSet<string> names, [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (Error is not null)
        {
            return false;
        }

        _json.Read();
        if (Token == JsonTokenType.EndObject)
        {
            return false;
        }

        name = _json.GetString()!;
        _path.Add((name, 0));
        if (!names.Add(name))
        {
            return Fail("stands twice");
        }

        _json.Read();
        return true;
    }

    /// <summary>Goes to the next item of the array it is in; <see cref="Leave"/> when the item is done.</summary>
    /// <returns><see langword="false"/> at the end of the array, or after a failure.</returns>
    internal bool NextItem(int index)
    {
        if (Error is not null)
        {
            return false;
        }

        _json.Read();
        if (Token == JsonTokenType.EndArray)
        {
            return false;
        }

        _path.Add((null, index));
        return true;
    }

    /// <summary>Leaves a member or an item. After a failure the path stays as it was.</summary>
    internal void Leave()
    {
        if (Error is null)
        {
            _path.RemoveAt(_path.Count - 1);
        }
    }

    internal bool TryReadString([NotNullWhen(true)] out string? value)
    {
        value = Token == JsonTokenType.String ? _json.GetString()! : null;
        return value is not null || Fail("must be a string");
    }

    /// <summary>Reads one value or an array of them, at least one.</summary>
    /// <param name="values">The values, as text.</param>
    /// <param name="scalars">Whether numbers and booleans are values too.</param>
    internal bool TryReadValues(List<string> values, bool scalars)
    {
        if (Token != JsonTokenType.StartArray)
        {
            return TryReadValue(values, scalars);
        }

        for (var index = 0; NextItem(index); index++)
        {
            if (index == PolicyLimits.MaxValues)
            {
                return Fail("holds too many values");
            }

            if (!TryReadValue(values, scalars))
            {
                return false;
            }

            Leave();
        }

        return Error is null && (values.Count > 0 || Fail("must not be empty"));
    }

    // One pass over the text, before anything is read: how much of it counts, and how deep it goes.
    private static string? CheckBounds(string text, int maxCharacters)
    {
        var (count, depth, inString) = (0, 0, false);
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            count += inString || character is not (' ' or '\t' or '\r' or '\n') ? 1 : 0;
            switch (character)
            {
                case '\\' when inString:
                    index++;
                    count += index < text.Length ? 1 : 0;
                    break;
                case '"':
                    inString = !inString;
                    break;
                case '{' or '[' when !inString:
                    depth++;
                    break;
                case '}' or ']' when !inString:
                    depth--;
                    break;
            }

            if (depth > PolicyLimits.MaxDepth)
            {
                return string.Create(CultureInfo.InvariantCulture, $"Syntax errors in policy. $: deeper than {PolicyLimits.MaxDepth} levels.");
            }
        }

        return count > maxCharacters
            ? string.Create(CultureInfo.InvariantCulture, $"Syntax errors in policy. $: {count} characters without white space, {maxCharacters} are allowed.")
            : null;
    }

    private bool TryReadValue(List<string> values, bool scalars)
    {
        switch (Token)
        {
            case JsonTokenType.String:
                values.Add(_json.GetString()!);
                return true;
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False when scalars:
                values.Add(Encoding.ASCII.GetString(_json.ValueSpan));
                return true;
            default:
                return Fail(scalars ? "must be a string, number or boolean, or an array of them" : "must be a string or an array of strings");
        }
    }

    private readonly string Path()
    {
        var text = new StringBuilder("$");
        foreach (var (name, index) in _path)
        {
            if (name is null)
            {
                text.Append('[').Append(index).Append(']');
            }
            else if (name.Length > 0 && name.All(char.IsAsciiLetterOrDigit))
            {
                text.Append('.').Append(name);
            }
            else
            {
                text.Append("['").Append(Printable(name)).Append("']");
            }
        }

        return text.ToString();
    }

    // The path may end in a log or an XML answer: a name in it stays short and printable.
    private static string Printable(string name) =>
        string.Concat(name.Take(128).Select(character => char.IsControl(character) || char.IsSurrogate(character) ? '?' : character));
}
