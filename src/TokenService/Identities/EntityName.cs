using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>The path and the name of a user, role or group, as they stand in its ARN: <c>user/division/team/alice</c>.</summary>
/// <remarks>Source: IAM API Reference, <c>pathType</c> and the name types of <c>CreateUser</c>, <c>CreateRole</c>, <c>CreateGroup</c>.</remarks>
internal static class EntityName
{
    /// <summary>The longest name an existing entity may have (<c>existingUserNameType</c>), in characters.</summary>
    private const int MaxNameLength = 128;

    private const int MaxPathLength = 512;

    internal static Arn Compose(Account account, string kind, string path, string name)
    {
        if (!IsPath(path) || !IsName(name))
        {
            throw new ArgumentException($"'{path}{name}' is not the path and name of a {kind}.", nameof(name));
        }

        return Arn.Parse($"arn:{account.Partition}:iam::{account.Id}:{kind}{path}{name}");
    }

    internal static (string Path, string Name) Split(Arn arn, string kind)
    {
        var resource = arn.Resource;
        var slash = resource.LastIndexOf('/');
        if (arn.Service != "iam" || arn.Region.Length != 0 || !AccountId.IsValid(arn.Account) || slash < kind.Length
            || !resource.StartsWith(kind, StringComparison.Ordinal) || resource[kind.Length] != '/')
        {
            throw new ArgumentException($"'{arn}' is not the ARN of a {kind}.", nameof(arn));
        }

        var path = resource[kind.Length..(slash + 1)];
        var name = resource[(slash + 1)..];
        return IsPath(path) && IsName(name)
            ? (path, name)
            : throw new ArgumentException($"'{arn}' has not the path and name of a {kind}.", nameof(arn));
    }

    /// <summary>Reads account and name from the ARN of a role.</summary>
    /// <returns><see langword="false"/> where the text has not the form of one, path included.</returns>
    internal static bool TryReadRole(string? text, [NotNullWhen(true)] out string? account, [NotNullWhen(true)] out string? name)
    {
        account = null;
        name = null;
        Span<int> colons = stackalloc int[5];
        if (text is null || !Arn.TrySplit(text, colons))
        {
            return false;
        }

        var resource = text.AsSpan(colons[4] + 1);
        var slash = resource.LastIndexOf('/');
        if (text.AsSpan((colons[1] + 1)..colons[2]) is not "iam" || colons[3] != colons[2] + 1 || !AccountId.IsValid(text.AsSpan((colons[3] + 1)..colons[4]))
            || !resource.StartsWith("role/", StringComparison.Ordinal) || !IsPath(resource[4..(slash + 1)]) || !IsName(resource[(slash + 1)..]))
        {
            return false;
        }

        account = text[(colons[3] + 1)..colons[4]];
        name = resource[(slash + 1)..].ToString();
        return true;
    }

    internal static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxNameLength)
        {
            return false;
        }

        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && !"_+=,.@-".Contains(character, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsPath(ReadOnlySpan<char> path)
    {
        if (path.Length is 0 or 2 or > MaxPathLength || path[0] != '/' || path[^1] != '/')
        {
            return false;
        }

        foreach (var character in path)
        {
            if (character is < '\x21' or > '\x7E')
            {
                return false;
            }
        }

        return true;
    }
}
