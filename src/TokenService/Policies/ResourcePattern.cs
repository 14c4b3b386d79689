namespace TokenService;

/// <summary>One value of <c>Resource</c> or <c>NotResource</c>.</summary>
/// <remarks>Source: IAM User Guide, "IAM JSON policy elements: Resource". A wildcard stays within its part of the ARN, but a <c>*</c> that is
/// the last character of its part may run on past the colon, and in the sixth part a colon is text like any other.</remarks>
internal sealed class ResourcePattern
{
    private const string Scheme = "arn:";
    private const int PartitionPart = 1;
    private const int ServicePart = 2;
    private const int Parts = 6;

    private static readonly ResourcePattern Everything = new(string.Empty, null, isPrefix: false);

    private readonly string _literal;
    private readonly PatternText? _pattern;
    private readonly bool _isPrefix;

    private ResourcePattern(string literal, PatternText? pattern, bool isPrefix)
    {
        _literal = literal;
        _pattern = pattern;
        _isPrefix = isPrefix;
    }

    /// <returns>The pattern, or <see langword="null"/> with the reason.</returns>
    internal static ResourcePattern? Read(string text, bool variables, out string? reason)
    {
        reason = null;
        if (text == "*")
        {
            return Everything;
        }

        if (!CanMatchAnArn(text, variables, out reason)
            || !PatternText.TryCompile(text, variables, PatternForm.Arn, out var pattern, out reason))
        {
            return null;
        }

        if (pattern.HasVariables)
        {
            return new ResourcePattern(text[..text.AsSpan().IndexOfAny('*', '?', '$')], pattern, isPrefix: false);
        }

        var symbols = pattern.Symbols.ToArray();
        var wildcard = Array.FindIndex(symbols, symbol => symbol < 0);
        var literal = string.Concat(symbols.Take(wildcard < 0 ? symbols.Length : wildcard).Select(symbol => (char)symbol));
        if (wildcard < 0)
        {
            return new ResourcePattern(literal, null, isPrefix: false);
        }

        // A run at the very end takes whatever is left; before the sixth part it runs on past the colons.
        return wildcard == symbols.Length - 1 && symbols[wildcard] == Wildcard.Run
            ? new ResourcePattern(literal, null, isPrefix: true)
            : new ResourcePattern(literal, pattern, isPrefix: false);
    }

    /// <param name="resource">What a request acts on.</param>
    /// <param name="context">The request's condition keys, for variables.</param>
    /// <param name="tellUnresolved">Whether a variable without a value is told even where the literal start differs: <c>NotResource</c> turns
    /// on it.</param>
    internal TextMatch Matches(RequestResource resource, RequestContext context, bool tellUnresolved)
    {
        if (ReferenceEquals(this, Everything))
        {
            return TextMatch.Yes;
        }

        if (_pattern is not null)
        {
            return tellUnresolved || resource.Text.StartsWith(_literal, StringComparison.Ordinal)
                ? _pattern.MatchesArn(resource, context)
                : TextMatch.No;
        }

        return (_isPrefix ? resource.Text.StartsWith(_literal, StringComparison.Ordinal) : resource.Text == _literal)
            ? TextMatch.Yes
            : TextMatch.No;
    }

    // A pattern that no ARN of six parts can match would make an Allow guess and a Deny miss.
    private static bool CanMatchAnArn(string text, bool variables, out string? reason)
    {
        reason = "a resource is '*' or begins with 'arn:' and can match an ARN of six parts";
        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        var variable = variables ? text.IndexOf("${", StringComparison.Ordinal) : -1;
        if (variable >= 0 && text.AsSpan(0, variable).Count(':') < PatternText.ArnColons)
        {
            reason = "a variable stands only after the fifth colon of an ARN";
            return false;
        }

        var start = Scheme.Length;
        for (var part = PartitionPart; part < Parts - 1; part++)
        {
            var end = text.IndexOf(':', start);
            var content = text.AsSpan(start, (end < 0 ? text.Length : end) - start);
            foreach (var character in content)
            {
                if (char.IsWhiteSpace(character) || char.IsControl(character))
                {
                    return false;
                }
            }

            // A run that ends its part can supply every part that follows.
            if (content.EndsWith("*"))
            {
                return true;
            }

            if (end < 0 || (content.Length == 0 && part is PartitionPart or ServicePart))
            {
                return false;
            }

            start = end + 1;
        }

        return start < text.Length;
    }
}
