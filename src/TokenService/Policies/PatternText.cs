using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>What the characters <c>*</c> and <c>?</c> are in a text of a policy.</summary>
internal enum PatternForm
{
    /// <summary>Characters like any other.</summary>
    Literal,

    /// <summary>Wildcards.</summary>
    Wildcards,

    /// <summary>Wildcards that heed the parts of an ARN.</summary>
    Arn,
}

/// <summary>A text of a policy that may hold variables and wildcards, compiled.</summary>
/// <remarks>Source: IAM User Guide, "IAM policy elements: Variables and tags".</remarks>
internal sealed class PatternText
{
    /// <summary>How many colons of an ARN separate its parts.</summary>
    internal const int ArnColons = 5;

    private const int StackLimit = 256;

    private readonly Piece[] _pieces;

    private PatternText(Piece[] pieces)
    {
        _pieces = pieces;
        HasVariables = Array.Exists(pieces, piece => piece.Variable is not null);
        Symbols = HasVariables ? [] : pieces.Length == 0 ? [] : pieces[0].Symbols;
    }

    /// <summary>Whether matching needs the request's context.</summary>
    internal bool HasVariables { get; }

    /// <summary>The whole pattern where it has no variables.</summary>
    internal ReadOnlyMemory<int> Symbols { get; }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="variables">Whether <c>${…}</c> is a variable; in documents of 2008 it is text.</param>
    /// <param name="form">What <c>*</c> and <c>?</c> are in it.</param>
    /// <param name="pattern">The pattern, when the answer is <see langword="true"/>.</param>
    /// <param name="reason">What is wrong, when the answer is <see langword="false"/>.</param>
    internal static bool TryCompile(
        string text, bool variables, PatternForm form, [NotNullWhen(true)] out PatternText? pattern, [NotNullWhen(false)] out string? reason)
    {
        pattern = null;
        var pieces = new List<Piece>();
        var symbols = new List<int>(text.Length);
        var colons = 0;
        var index = 0;
        while (index < text.Length)
        {
            if (!variables || !IsVariable(text, index))
            {
                colons += text[index] == ':' ? 1 : 0;
                symbols.Add(form switch
                {
                    PatternForm.Literal => text[index],
                    PatternForm.Arn when colons < ArnColons && StaysWithinPart(text, index) => Wildcard.RunWithinPart,
                    _ => Wildcard.SymbolOf(text[index]),
                });
                index++;
                continue;
            }

            if (index + 3 < text.Length && text[index + 3] == '}' && text[index + 2] is '*' or '?' or '$')
            {
                symbols.Add(text[index + 2]);
                index += 4;
                continue;
            }

            if (!TryReadVariable(text, ref index, out var variable, out reason))
            {
                return false;
            }

            Flush(symbols, pieces);
            pieces.Add(variable);
        }

        Flush(symbols, pieces);
        pattern = new PatternText([.. pieces]);
        reason = null;
        return true;
    }

    /// <summary>The text of a pattern without variables and wildcards.</summary>
    internal string ToLiteral() => Characters(Symbols.Span);

    /// <summary>Matches a text without separators.</summary>
    internal TextMatch Matches(ReadOnlySpan<char> text, RequestContext context, bool ignoreCase = false)
    {
        if (!HasVariables)
        {
            return Compare(Symbols.Span, text, ignoreCase);
        }

        var expanded = new SymbolBuffer(stackalloc int[StackLimit]);
        return TryExpand(context, ref expanded) ? Compare(expanded.Written, text, ignoreCase) : TextMatch.Unresolved;
    }

    /// <summary>Matches an ARN.</summary>
    internal TextMatch MatchesArn(RequestResource resource, RequestContext context)
    {
        if (!HasVariables)
        {
            return Wildcard.MatchesArn(Symbols.Span, resource.Text, resource.SixthPart) ? TextMatch.Yes : TextMatch.No;
        }

        var expanded = new SymbolBuffer(stackalloc int[StackLimit]);
        return !TryExpand(context, ref expanded) ? TextMatch.Unresolved
            : Wildcard.MatchesArn(expanded.Written, resource.Text, resource.SixthPart) ? TextMatch.Yes : TextMatch.No;
    }

    /// <summary>Matches an ARN strictly part by part: no wildcard crosses a colon before the sixth part. The colons of values that are put in count
    /// like the pattern's own, so that a variable may bring a whole ARN.</summary>
    internal TextMatch MatchesPartByPart(ReadOnlySpan<char> arn, RequestContext context)
    {
        if (!HasVariables)
        {
            return MatchPartByPart(Symbols.Span, arn) ? TextMatch.Yes : TextMatch.No;
        }

        var expanded = new SymbolBuffer(stackalloc int[StackLimit]);
        return !TryExpand(context, ref expanded) ? TextMatch.Unresolved
            : MatchPartByPart(expanded.Written, arn) ? TextMatch.Yes : TextMatch.No;
    }

    private static bool MatchPartByPart(ReadOnlySpan<int> pattern, ReadOnlySpan<char> arn)
    {
        for (var part = 0; part < ArnColons; part++)
        {
            var (end, colon) = (pattern.IndexOf(':'), arn.IndexOf(':'));
            if (end < 0 || colon < 0 || !Wildcard.Matches(pattern[..end], arn[..colon]))
            {
                return false;
            }

            pattern = pattern[(end + 1)..];
            arn = arn[(colon + 1)..];
        }

        return Wildcard.Matches(pattern, arn);
    }

    private static TextMatch Compare(ReadOnlySpan<int> symbols, ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (!ignoreCase)
        {
            return Wildcard.Matches(symbols, text) ? TextMatch.Yes : TextMatch.No;
        }

        // Ignoring case is for equality, whose patterns are literal.
        return text.Equals(Characters(symbols), StringComparison.OrdinalIgnoreCase) ? TextMatch.Yes : TextMatch.No;
    }

    private static string Characters(ReadOnlySpan<int> symbols)
    {
        var characters = new char[symbols.Length];
        for (var index = 0; index < characters.Length; index++)
        {
            characters[index] = (char)symbols[index];
        }

        return new string(characters);
    }

    // A run that ends its part may go on past the colon, another one may not.
    private static bool StaysWithinPart(string text, int index) => text[index] == '*' && index + 1 < text.Length && text[index + 1] != ':';

    private static bool IsVariable(string text, int index) => text[index] == '$' && index + 1 < text.Length && text[index + 1] == '{';

    private static bool TryReadVariable(string text, ref int index, out Piece variable, [NotNullWhen(false)] out string? reason)
    {
        variable = default;
        var start = index + 2;
        var end = text.AsSpan(start).IndexOfAny('}', ',') + start;
        if (end < start)
        {
            reason = "a variable is not closed";
            return false;
        }

        var key = text[start..end];
        if (string.IsNullOrWhiteSpace(key) || key.AsSpan().Trim().Length != key.Length || key.Contains("${", StringComparison.Ordinal))
        {
            reason = "the key of a variable is empty, begins or ends with white space, or holds another variable";
            return false;
        }

        string? value = null;
        if (text[end] == ',')
        {
            var quote = end + 1;
            while (quote < text.Length && text[quote] == ' ')
            {
                quote++;
            }

            // The default may hold quotes and commas, so that only a quote before the closing brace ends it.
            var close = quote < text.Length && text[quote] == '\'' ? text.IndexOf("'}", quote + 1, StringComparison.Ordinal) : -1;
            if (close < 0)
            {
                reason = "the default of a variable stands in single quotes, as in ${key, 'default'}";
                return false;
            }

            value = text[(quote + 1)..close];
            if (value.Contains("${", StringComparison.Ordinal))
            {
                reason = "the default of a variable holds another variable, or does not end in '}";
                return false;
            }

            end = close + 1;
        }

        variable = new Piece([], new ConditionKey(key), value);
        index = end + 1;
        reason = null;
        return true;
    }

    private static void Flush(List<int> symbols, List<Piece> pieces)
    {
        if (symbols.Count > 0)
        {
            pieces.Add(new Piece([.. symbols], null, null));
            symbols.Clear();
        }
    }

    private static string? ValueOf(Piece piece, RequestContext context)
    {
        var values = context.Find(piece.Variable!);
        return values.Count == 1 ? values[0] : piece.Default;
    }

    private bool TryExpand(RequestContext context, scoped ref SymbolBuffer expanded)
    {
        foreach (var piece in _pieces)
        {
            if (piece.Variable is null)
            {
                expanded.Append(piece.Symbols);
                continue;
            }

            if (ValueOf(piece, context) is not { } value)
            {
                return false;
            }

            expanded.AppendLiteral(value);
        }

        return true;
    }

    private readonly record struct Piece(int[] Symbols, ConditionKey? Variable, string? Default);

    private ref struct SymbolBuffer(Span<int> space)
    {
        private Span<int> _space = space;
        private int _length;

        internal readonly ReadOnlySpan<int> Written => _space[.._length];

        internal void Append(ReadOnlySpan<int> symbols)
        {
            Reserve(symbols.Length);
            symbols.CopyTo(_space[_length..]);
            _length += symbols.Length;
        }

        internal void AppendLiteral(string text)
        {
            Reserve(text.Length);
            foreach (var character in text)
            {
                _space[_length++] = character;
            }
        }

        private void Reserve(int count)
        {
            if (_length + count > _space.Length)
            {
                var larger = new int[Math.Max(_space.Length * 2, _length + count)];
                Written.CopyTo(larger);
                _space = larger;
            }
        }
    }
}
