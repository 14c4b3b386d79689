using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace TokenService;

/// <summary>The rules on the tags that a request passes, and what a session inherits of them.</summary>
/// <remarks>Source: IAM User Guide, "Passing session tags in AWS STS"; the wording is the live service's (reference 6.6).</remarks>
internal static class SessionTags
{
    private const string Reserved = "aws:";

    /// <summary>What neither the caller's permissions nor the role has to do with: distinct keys, none reserved, each transitive key passed, none
    /// that the calling session holds fast.</summary>
    internal static StsError? Check(ImmutableArray<Tag> tags, ImmutableArray<string> transitiveKeys, Session? callingSession)
    {
        for (var index = 0; index < Length(tags); index++)
        {
            var (key, value) = tags[index];
            if (Contains(tags.AsSpan()[..index], key))
            {
                return StsError.InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
            }

            if (key.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase) || value.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase))
            {
                return StsError.InvalidParameterValue("Tag keys and values beginning with aws: are reserved.");
            }

            if (Inherited(callingSession, key))
            {
                return StsError.InvalidParameterValue(
                    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.");
            }
        }

        foreach (var key in transitiveKeys.IsDefault ? [] : transitiveKeys)
        {
            if (!Contains(tags.IsDefault ? [] : tags.AsSpan(), key))
            {
                return StsError.InvalidParameterValue("The specified transitive tag key must be included in the requested tags.");
            }
        }

        return null;
    }

    /// <summary>Whether the session gets any tag beside those of its role, which takes the permission <c>sts:TagSession</c>.</summary>
    internal static bool Any(ImmutableArray<Tag> tags, Session? callingSession) =>
        Length(tags) > 0 || (callingSession is not null && callingSession.Tags.Any(tag => tag.IsTransitive));

    /// <summary>The tags of the session: those that ride on from the calling one, then those that were passed.</summary>
    internal static ImmutableArray<SessionTag> Merge(ImmutableArray<Tag> tags, ImmutableArray<string> transitiveKeys, Session? callingSession)
    {
        if (!Any(tags, callingSession))
        {
            return [];
        }

        var calling = callingSession?.Tags ?? [];
        var inherited = 0;
        foreach (var tag in calling)
        {
            inherited += tag.IsTransitive ? 1 : 0;
        }

        var merged = new SessionTag[inherited + Length(tags)];
        var count = 0;
        foreach (var tag in calling)
        {
            if (tag.IsTransitive)
            {
                merged[count++] = tag;
            }
        }

        foreach (var (key, value) in tags.IsDefault ? [] : tags)
        {
            merged[count++] = new SessionTag(key, value, !transitiveKeys.IsDefault && IsAmong(transitiveKeys, key));
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(merged);
    }

    private static int Length(ImmutableArray<Tag> tags) => tags.IsDefault ? 0 : tags.Length;

    private static bool Contains(ReadOnlySpan<Tag> tags, string key)
    {
        foreach (var tag in tags)
        {
            if (tag.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAmong(ImmutableArray<string> keys, string key)
    {
        foreach (var candidate in keys)
        {
            if (candidate.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Inherited(Session? callingSession, string key)
    {
        foreach (var tag in callingSession?.Tags ?? [])
        {
            if (tag.IsTransitive && tag.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
