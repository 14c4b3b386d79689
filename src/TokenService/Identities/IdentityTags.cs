using System.Collections.Immutable;

namespace TokenService;

/// <summary>The rules on the tags of users and roles, which become <c>aws:PrincipalTag/…</c> of their requests.</summary>
/// <remarks>Source: IAM User Guide, "Rules for tagging in IAM"; IAM API Reference, <c>Tag</c>. Which characters a tag may have is left to the host.</remarks>
internal static class IdentityTags
{
    private const int MaxTags = 50;
    private const int MaxKeyLength = 128;
    private const int MaxValueLength = 256;
    private const string Reserved = "aws:";

    /// <returns>The tags.</returns>
    /// <exception cref="ArgumentException">They are more than fifty, two have one key, or a key or value is too long, empty or reserved.</exception>
    internal static ImmutableArray<Tag> Checked(ImmutableArray<Tag> tags)
    {
        if (tags.IsDefaultOrEmpty)
        {
            return [];
        }

        if (tags.Length > MaxTags)
        {
            throw new ArgumentException($"A user or role has at most {MaxTags} tags.", nameof(tags));
        }

        var keys = new HashSet<string>(tags.Length, StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in tags)
        {
            if (string.IsNullOrEmpty(key) || key.Length > MaxKeyLength || value is null || value.Length > MaxValueLength
                || key.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase) || value.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException(
                    $"A tag has a key of 1 to {MaxKeyLength} characters and a value of at most {MaxValueLength}, neither beginning with {Reserved}", nameof(tags));
            }

            if (!keys.Add(key))
            {
                throw new ArgumentException($"Two tags have the key '{key}', whatever its letter case.", nameof(tags));
            }
        }

        return tags;
    }
}
