using System.Collections.Immutable;
using System.Text.Json;

namespace TokenService;

/// <summary>What a token passes to the session itself: tags, the source identity, and the roles that its user may assume.</summary>
/// <remarks>Source: IAM User Guide, "Passing session tags using AssumeRoleWithWebIdentity"; reference 9.3. A shape that is not exactly one of these is
/// refused and not skipped: a tag that is skipped may be one that a Deny hangs on.</remarks>
internal sealed class AwsClaims
{
    internal const string Prefix = "https://aws.amazon.com/";

    private const string TagsClaim = Prefix + "tags";
    private const string FlatTag = TagsClaim + "/principal_tags/";
    private const string FlatTransitiveKeys = TagsClaim + "/transitive_tag_keys";

    private readonly ImmutableArray<Tag>.Builder _tags = ImmutableArray.CreateBuilder<Tag>();

    private bool _hasTransitiveKeys;

    internal ImmutableArray<Tag> Tags => _tags.ToImmutable();

    internal ImmutableArray<string> TransitiveTagKeys { get; private set; } = [];

    internal string? SourceIdentity { get; private set; }

    internal ImmutableArray<string>? Roles { get; private set; }

    /// <summary>Takes one claim whose name begins with <see cref="Prefix"/>.</summary>
    /// <returns>The rule that it breaks, or <see langword="null"/>.</returns>
    internal string? Take(string name, JsonElement value)
    {
        switch (name)
        {
            case TagsClaim:
                return TakeNested(value) ? null : "the tags claim has the documented form";
            case FlatTransitiveKeys:
                return TakeTransitiveKeys(value) ? null : "transitive tag keys are a list of texts";
            case Prefix + "source_identity":
                SourceIdentity = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
                return SourceIdentity is { } source && SessionName.IsSourceIdentity(source)
                    ? null
                    : "the source identity is text that one can be";
            case Prefix + "roles":
                Roles = value.ValueKind == JsonValueKind.String ? [value.GetString()!] : TextsOf(value);
                return Roles is not null ? null : "the roles claim is text or a list of texts";
            default:
                // Whatever else lies under the tags is a tag in a form that nobody documented.
                return name.StartsWith(FlatTag, StringComparison.Ordinal) ? (TakeTag(name[FlatTag.Length..], value) ? null : "a tag has one text as its value")
                    : name.StartsWith(TagsClaim + "/", StringComparison.Ordinal) ? "the tags claim has the documented form"
                    : null;
        }
    }

    /// <summary>The rules that all tags together have to keep.</summary>
    /// <returns>The rule that they break, or <see langword="null"/>.</returns>
    internal string? CheckTogether()
    {
        if (_tags.Count > TagText.MaxTags || TransitiveTagKeys.Length > TagText.MaxTags)
        {
            return "there are at most 50 tags";
        }

        var keys = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return !_tags.All(tag => keys.Add(tag.Key)) ? "tag keys differ, whatever their letter case"
            : !TransitiveTagKeys.All(keys.Contains) ? "a transitive key is that of a passed tag"
            : null;
    }

    private bool TakeNested(JsonElement claim)
    {
        if (claim.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var member in claim.EnumerateObject())
        {
            var isTaken = member.Name switch
            {
                "principal_tags" => member.Value.ValueKind == JsonValueKind.Object && member.Value.EnumerateObject().All(tag => TakeTag(tag.Name, tag.Value)),
                "transitive_tag_keys" => TakeTransitiveKeys(member.Value),
                _ => false,
            };
            if (!isTaken)
            {
                return false;
            }
        }

        return true;
    }

    private bool TakeTag(string key, JsonElement json)
    {
        var value = json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 1 ? json[0] : json;
        if (value.ValueKind != JsonValueKind.String || !TagText.IsKey(key) || value.GetString() is not { } text || !TagText.IsValue(text))
        {
            return false;
        }

        _tags.Add(new Tag(key, text));
        return true;
    }

    private bool TakeTransitiveKeys(JsonElement json)
    {
        if (_hasTransitiveKeys || TextsOf(json) is not { } keys)
        {
            // Twice, nested and flat: neither is the one that counts.
            return false;
        }

        _hasTransitiveKeys = true;
        TransitiveTagKeys = keys;
        return true;
    }

    private static ImmutableArray<string>? TextsOf(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (var item in json.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                return null;
            }

            texts.Add(item.GetString()!);
        }

        return texts.ToImmutable();
    }
}
