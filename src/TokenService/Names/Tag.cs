namespace TokenService;

/// <summary>A tag: a key, whose letter case is kept but does not count, and a value, whose letter case does.</summary>
/// <param name="Key">1 to 128 characters of letters, separators, digits and <c>_ . : / = + - @</c>, not beginning with <c>aws:</c>.</param>
/// <param name="Value">0 to 256 characters of the same.</param>
/// <remarks>Source: STS API Reference, <c>Tag</c>; IAM User Guide, "Rules for tagging". Limits are checked where a tag is taken in.</remarks>
public sealed record Tag(string Key, string Value);
