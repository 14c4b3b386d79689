namespace TokenService;

/// <summary>One value of <c>Action</c> or <c>NotAction</c>, matched whatever the letter case.</summary>
internal sealed class ActionPattern
{
    private static readonly ActionPattern Everything = new(Form.Everything, string.Empty, []);

    private readonly Form _form;
    private readonly string _literal;
    private readonly int[] _symbols;

    private ActionPattern(Form form, string literal, int[] symbols)
    {
        _form = form;
        _literal = literal;
        _symbols = symbols;
    }

    private enum Form
    {
        Everything,
        Literal,
        Prefix,
        Wildcards,
    }

    /// <returns>The pattern, or <see langword="null"/> with the reason.</returns>
    internal static ActionPattern? Read(string text, bool onlySts, out string reason)
    {
        reason = "an action is '*' or 'service:Name', with '*' and '?' only in the name";
        if (text == "*")
        {
            reason = "a trust policy may only name actions of sts";
            return onlySts ? null : Everything;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == text.Length - 1 || text.LastIndexOf(':') != colon || text.AsSpan(0, colon).ContainsAny('*', '?'))
        {
            return null;
        }

        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character) || char.IsControl(character))
            {
                return null;
            }
        }

        if (onlySts && !text.AsSpan(0, colon).Equals("sts", StringComparison.OrdinalIgnoreCase))
        {
            reason = "a trust policy may only name actions of sts";
            return null;
        }

        var wildcard = text.AsSpan().IndexOfAny('*', '?');
        if (wildcard < 0)
        {
            return new ActionPattern(Form.Literal, text, []);
        }

        return wildcard == text.Length - 1 && text[wildcard] == '*'
            ? new ActionPattern(Form.Prefix, text[..wildcard], [])
            : new ActionPattern(Form.Wildcards, text[..wildcard], Wildcard.Compile(text.ToUpperInvariant()));
    }

    internal bool Matches(string action) => _form switch
    {
        Form.Everything => true,
        Form.Literal => action.Equals(_literal, StringComparison.OrdinalIgnoreCase),
        Form.Prefix => action.StartsWith(_literal, StringComparison.OrdinalIgnoreCase),
        _ => action.StartsWith(_literal, StringComparison.OrdinalIgnoreCase) && Wildcard.MatchesIgnoringCase(_symbols, action),
    };
}
