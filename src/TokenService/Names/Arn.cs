using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>An Amazon Resource Name: <c>arn:partition:service:region:account:resource</c>.</summary>
/// <remarks>Immutable, compared ordinally by its text. Source: IAM User Guide, "Amazon Resource Names"; STS API Reference,
/// <c>arnType</c> (20 to 2048 characters; the lower bound is the wire's business, not the name's).</remarks>
public sealed class Arn : IEquatable<Arn>
{
    /// <summary>The longest ARN that is read, in characters.</summary>
    public const int MaxLength = 2048;

    private readonly string _text;

    private Arn(string text, string partition, string service, string region, string account, string resource)
    {
        _text = text;
        Partition = partition;
        Service = service;
        Region = region;
        Account = account;
        Resource = resource;
    }

    /// <summary>The partition, such as <c>aws</c>, <c>aws-cn</c>, <c>aws-us-gov</c>, or one of the host's own; never empty.</summary>
    public string Partition { get; }

    /// <summary>The service, such as <c>iam</c>; never empty.</summary>
    public string Service { get; }

    /// <summary>The region; empty for global services.</summary>
    public string Region { get; }

    /// <summary>The owning account's id; empty where a service's names carry none, as S3's.</summary>
    public string Account { get; }

    /// <summary>All that follows the fifth colon, colons included; never empty.</summary>
    public string Resource { get; }

    /// <summary>Reads an ARN of six parts.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="arn">The ARN, when the answer is <see langword="true"/>.</param>
    /// <returns><see langword="false"/> where the text has fewer than six parts, an empty partition, service or resource, white space or a
    /// control character in the first five parts, or more than <see cref="MaxLength"/> characters.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Arn? arn)
    {
        arn = null;
        Span<int> colons = stackalloc int[5];
        if (text is null || !TrySplit(text, colons))
        {
            return false;
        }

        arn = new Arn(
            text,
            Known(text.AsSpan((colons[0] + 1)..colons[1])),
            Known(text.AsSpan((colons[1] + 1)..colons[2])),
            text[(colons[2] + 1)..colons[3]],
            text[(colons[3] + 1)..colons[4]],
            text[(colons[4] + 1)..]);
        return true;
    }

    /// <summary>Reads an ARN that is known to be well-formed, such as one from a host's own configuration.</summary>
    /// <param name="text">The text to read.</param>
    /// <returns>The ARN.</returns>
    /// <exception cref="FormatException">The text is not an ARN of six parts.</exception>
    public static Arn Parse(string text) =>
        TryParse(text, out var arn) ? arn : throw new FormatException("The text is not an ARN of six parts.");

    /// <summary>The root user of an account, <c>arn:P:iam::ACCOUNT:root</c>; as a principal, the account.</summary>
    /// <param name="partition">The account's partition.</param>
    /// <param name="account">The account's id.</param>
    /// <returns>The ARN.</returns>
    /// <exception cref="FormatException">A part holds what an ARN cannot hold.</exception>
    public static Arn Root(string partition, string account) => Parse($"arn:{partition}:iam::{account}:root");

    /// <summary>A role session, <c>arn:P:sts::ACCOUNT:assumed-role/ROLE/SESSION</c>: the role's path is not part of it.</summary>
    /// <param name="partition">The role's partition.</param>
    /// <param name="account">The role's account.</param>
    /// <param name="roleName">The role's name, without its path.</param>
    /// <param name="sessionName">The session's name.</param>
    /// <returns>The ARN.</returns>
    /// <exception cref="FormatException">A part holds what an ARN cannot hold.</exception>
    public static Arn AssumedRole(string partition, string account, string roleName, string sessionName) =>
        Parse(AssumedRoleText(partition, account, roleName, sessionName));

    /// <summary>A federated user, <c>arn:P:sts::ACCOUNT:federated-user/NAME</c>.</summary>
    /// <param name="partition">The account's partition.</param>
    /// <param name="account">The account of the user, or root, that the federated user has its permissions of.</param>
    /// <param name="name">The federated user's name.</param>
    /// <returns>The ARN.</returns>
    /// <exception cref="FormatException">A part holds what an ARN cannot hold.</exception>
    public static Arn FederatedUser(string partition, string account, string name) => Parse($"arn:{partition}:sts::{account}:federated-user/{name}");

    /// <summary>Finds the five colons of an ARN; false for all that <see cref="TryParse"/> refuses.</summary>
    internal static bool TrySplit(ReadOnlySpan<char> text, Span<int> colons)
    {
        if (text.Length > MaxLength || !text.StartsWith("arn:", StringComparison.Ordinal))
        {
            return false;
        }

        var found = 0;
        for (var index = 0; index < text.Length && found < colons.Length; index++)
        {
            var character = text[index];
            if (character == ':')
            {
                colons[found++] = index;
            }
            else if (char.IsWhiteSpace(character) || char.IsControl(character))
            {
                return false;
            }
        }

        return found == colons.Length && colons[1] > colons[0] + 1 && colons[2] > colons[1] + 1
            && colons[4] + 1 < text.Length && !ContainsControl(text[(colons[4] + 1)..]);
    }

    internal static string AssumedRoleText(string partition, string account, string roleName, string sessionName) =>
        $"arn:{partition}:sts::{account}:assumed-role/{roleName}/{sessionName}";

    /// <inheritdoc/>
    public bool Equals(Arn? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Arn);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The ARN as it was read.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text;

    /// <summary>Whether two ARNs are the same text.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they are equal.</returns>
    public static bool operator ==(Arn? left, Arn? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two ARNs are different texts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they differ.</returns>
    public static bool operator !=(Arn? left, Arn? right) => !(left == right);

    /// <summary>The few texts that most ARNs share stand once in memory.</summary>
    private static string Known(ReadOnlySpan<char> part) => part switch
    {
        "aws" => "aws",
        "iam" => "iam",
        "sts" => "sts",
        "s3" => "s3",
        _ => part.ToString(),
    };

    private static bool ContainsControl(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                return true;
            }
        }

        return false;
    }
}
