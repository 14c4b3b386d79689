using System.Text.Json;

namespace TokenService;

/// <summary>Reads <c>Principal</c> and <c>NotPrincipal</c> elements.</summary>
/// <remarks>Source: IAM User Guide, "AWS JSON policy elements: Principal". No form has wildcards but the lone <c>*</c>.</remarks>
internal static class PrincipalParser
{
    private const int MinUniqueIdLength = 16;
    private const int MaxUniqueIdLength = 128;
    private const int MaxHostLength = 253;
    private const int MaxLabelLength = 63;

    private static readonly string[] BuiltInProviders =
        ["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"];

    /// <returns>The set, or <see langword="null"/> once the reader has failed.</returns>
    internal static PrincipalSet? Read(ref PolicyReader reader)
    {
        var names = new Names();
        if (reader.Token == JsonTokenType.String)
        {
            names.IsEverybody = reader.TryReadString(out var text) && text == "*";
            return names.IsEverybody || reader.Fail("as a string, only \"*\" is a principal") ? names.ToSet() : null;
        }

        if (!reader.Expect(JsonTokenType.StartObject, "must be \"*\" or an object"))
        {
            return null;
        }

        var members = new HashSet<string>(StringComparer.Ordinal);
        while (reader.NextMember(members, out var member))
        {
            var values = new List<string>();
            if (!reader.TryReadValues(values, scalars: false))
            {
                return null;
            }

            foreach (var value in values)
            {
                var known = member switch
                {
                    "AWS" => names.TryAddAws(value),
                    "Federated" => names.TryAddFederated(value),
                    "Service" => names.TryAddService(value),
                    "CanonicalUser" => IsCanonicalUser(value),
                    _ => false,
                };
                if (!known)
                {
                    reader.Fail("is no principal, or names none");
                    return null;
                }
            }

            reader.Leave();
        }

        return reader.Error is null && (members.Count > 0 || reader.Fail("must name somebody")) ? names.ToSet() : null;
    }

    // A canonical user id is hexadecimal, of 64 digits or, for CloudFront's identities, 96. No caller here has one, so it is only read.
    private static bool IsCanonicalUser(string value) => value.Length is 64 or 96 && value.All(char.IsAsciiHexDigit);

    private static bool IsUniqueId(string value)
    {
        if (!value.StartsWith(UniqueId.UserPrefix, StringComparison.Ordinal) && !value.StartsWith(UniqueId.RolePrefix, StringComparison.Ordinal))
        {
            return false;
        }

        // A session of a role: AROA…:session.
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        var id = colon < 0 ? value.AsSpan() : value.AsSpan(0, colon);
        return id.Length is >= MinUniqueIdLength and <= MaxUniqueIdLength && IsEach(id, char.IsAsciiLetterOrDigit)
            && (colon < 0 || (value.StartsWith(UniqueId.RolePrefix, StringComparison.Ordinal) && IsName(value.AsSpan(colon + 1))));
    }

    private static bool IsName(ReadOnlySpan<char> text) =>
        text.Length > 0 && IsEach(text, character => char.IsAsciiLetterOrDigit(character) || "_+=,.@-".Contains(character, StringComparison.Ordinal));

    // A path and a name: printable ASCII without the characters that are wildcards elsewhere.
    private static bool IsPathAndName(ReadOnlySpan<char> text) =>
        IsName(text[(text.LastIndexOf('/') + 1)..]) && IsEach(text, character => character is > ' ' and < '\u007f' and not ('*' or '?'));

    private static bool IsHost(string text)
    {
        var labels = text.Split('.');
        return text.Length <= MaxHostLength && labels.Length > 1 && Array.TrueForAll(labels, label =>
            label.Length is > 0 and <= MaxLabelLength && label[0] != '-' && label[^1] != '-'
            && IsEach(label, character => char.IsAsciiLetterOrDigit(character) || character == '-'));
    }

    private static bool IsEach(ReadOnlySpan<char> text, Func<char, bool> test)
    {
        foreach (var character in text)
        {
            if (!test(character))
            {
                return false;
            }
        }

        return true;
    }

    private sealed class Names
    {
        private readonly List<string> _accounts = [];
        private readonly List<string> _arns = [];
        private readonly List<string> _ids = [];
        private readonly List<string> _federated = [];
        private readonly List<string> _services = [];

        internal bool IsEverybody { get; set; }

        internal PrincipalSet ToSet() => new(IsEverybody, _accounts, _arns, _ids, _federated, _services);

        internal bool TryAddAws(string value)
        {
            if (value == "*")
            {
                IsEverybody = true;
                return true;
            }

            if (AccountId.IsValid(value))
            {
                _accounts.Add(value);
                return true;
            }

            if (IsUniqueId(value))
            {
                _ids.Add(value);
                return true;
            }

            if (!Arn.TryParse(value, out var arn) || arn.Region.Length > 0 || !AccountId.IsValid(arn.Account) || !IsPartition(arn.Partition))
            {
                return false;
            }

            var isRoot = arn is { Service: "iam", Resource: "root" };
            (isRoot ? _accounts : _arns).Add(value);
            return isRoot || IsIdentity(arn);
        }

        internal bool TryAddFederated(string value)
        {
            _federated.Add(value);
            return Array.IndexOf(BuiltInProviders, value) >= 0
                || (Arn.TryParse(value, out var arn) && arn is { Service: "iam", Region.Length: 0 } && IsPartition(arn.Partition)
                    && AccountId.IsValid(arn.Account) && IsProvider(arn.Resource));
        }

        internal bool TryAddService(string value)
        {
            _services.Add(value);
            return IsHost(value);
        }

        private static bool IsPartition(string partition) =>
            IsEach(partition, character => char.IsAsciiLetterOrDigit(character) || character == '-');

        private static bool IsIdentity(Arn arn)
        {
            var slash = arn.Resource.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
            {
                return false;
            }

            var rest = arn.Resource.AsSpan(slash + 1);
            return (arn.Service, arn.Resource[..slash]) switch
            {
                ("iam", "user" or "role") => IsPathAndName(rest),
                ("sts", "federated-user") => IsName(rest),
                ("sts", "assumed-role") => rest.IndexOf('/') is > 0 and var second && IsName(rest[..second]) && IsName(rest[(second + 1)..]),
                _ => false,
            };
        }

        private static bool IsProvider(string resource)
        {
            var slash = resource.IndexOf('/', StringComparison.Ordinal);
            return slash > 0 && resource[..slash] switch
            {
                "saml-provider" => IsName(resource.AsSpan(slash + 1)),
                "oidc-provider" => slash + 1 < resource.Length
                    && IsEach(resource.AsSpan(slash + 1), character => character is > ' ' and < '\u007f' and not ('*' or '?')),
                _ => false,
            };
        }
    }
}
