namespace TokenService;

/// <summary>Whether a pattern matches a text, or cannot tell because one of its variables has no value.</summary>
internal enum TextMatch
{
    No,
    Yes,
    Unresolved,
}
