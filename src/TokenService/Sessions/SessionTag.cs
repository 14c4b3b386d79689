namespace TokenService;

/// <summary>A tag of a session.</summary>
/// <param name="Key">The key; its letter case is kept but does not count.</param>
/// <param name="Value">The value.</param>
/// <param name="IsTransitive">Whether later sessions of the chain have it too.</param>
/// <remarks>Source: IAM User Guide, "Passing session tags in AWS STS".</remarks>
public readonly record struct SessionTag(string Key, string Value, bool IsTransitive);
