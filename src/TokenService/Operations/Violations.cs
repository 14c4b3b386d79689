namespace TokenService;

/// <summary>Collects every constraint that a request breaks, and words them as one <c>ValidationError</c>.</summary>
/// <remarks>The wording is that of the live service (reference 10.3).</remarks>
internal struct Violations
{
    /// <summary>How much of a broken value is repeated, in characters; no well-formed one but a policy is longer.</summary>
    private const int MaxEcho = 2048;

    private List<string>? _items;

    internal void AddNull(string member) => Append($"Value null at '{member}' failed to satisfy constraint: Member must not be null");

    internal void AddTooShort(string member, string value, int min) => Add(member, value, $"Member must have length greater than or equal to {min}");

    internal void AddTooLong(string member, string value, int max) => Add(member, value, $"Member must have length less than or equal to {max}");

    internal void AddPattern(string member, string value, string pattern) =>
        Add(member, value, $"Member must satisfy regular expression pattern: {pattern}");

    internal void Add(string member, string value, string constraint) =>
        Append($"Value '{(value.Length > MaxEcho ? string.Concat(value.AsSpan(0, MaxEcho), "…") : value)}' at '{member}' failed to satisfy constraint: {constraint}");

    /// <summary>For values that must not be repeated: codes, assertions, tokens.</summary>
    internal void AddHidden(string member, string constraint) => Append($"Value at '{member}' failed to satisfy constraint: {constraint}");

    internal readonly StsError? ToError() => _items switch
    {
        null => null,
        [var only] => StsError.ValidationError($"1 validation error detected: {only}"),
        var all => StsError.ValidationError($"{all.Count} validation errors detected: {string.Join("; ", all)}"),
    };

    private void Append(string item) => (_items ??= []).Add(item);
}
