using System.Collections.Immutable;
using System.Diagnostics;

namespace TokenService;

/// <summary>The condition keys of a request, each found when a statement asks for it.</summary>
internal abstract class RequestContext
{
    /// <returns>The values of the key; none where the request does not have it.</returns>
    internal abstract ConditionValues Find(ConditionKey key);
}

/// <summary>The name of a condition key, taken apart once when the policy is read.</summary>
/// <remarks>Names are compared ignoring case, the part after the slash of the tag families too. Source: IAM User Guide, "IAM JSON policy
/// elements: Condition", and STS API Reference for the families.</remarks>
[DebuggerDisplay("{Text}")]
internal sealed class ConditionKey
{
    private static readonly string[] Families =
        ["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "iam:resourcetag/", "sts:requestcontext/"];

    internal ConditionKey(string text)
    {
        Text = text;
        foreach (var family in Families)
        {
            if (text.StartsWith(family, StringComparison.OrdinalIgnoreCase))
            {
                Name = family;
                TagKey = text[family.Length..];
                return;
            }
        }

        Name = text.ToLowerInvariant();
    }

    /// <summary>The key as the document spells it.</summary>
    internal string Text { get; }

    /// <summary>The name in lower case; for a tag family only the family, up to and with its slash.</summary>
    internal string Name { get; }

    /// <summary>What follows the slash of a tag family, as spelled; <see langword="null"/> for every other key.</summary>
    internal string? TagKey { get; }
}

/// <summary>The values of a condition key in a request: none, one, or several. None is a key that is absent.</summary>
internal readonly struct ConditionValues
{
    private readonly string? _one;
    private readonly ImmutableArray<string> _several;

    internal ConditionValues(string? value) => _one = value;

    internal ConditionValues(ImmutableArray<string> values) => _several = values;

    internal int Count => _one is not null ? 1 : _several.IsDefault ? 0 : _several.Length;

    internal string this[int index] => _one is not null && index == 0 ? _one : _several[index];

    internal ImmutableArray<string> ToImmutableArray() => _one is not null ? [_one] : _several.IsDefault ? [] : _several;
}
