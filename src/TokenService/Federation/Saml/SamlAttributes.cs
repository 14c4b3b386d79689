using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Xml;

namespace TokenService;

/// <summary>What the attributes of an assertion say: of the session, and in condition keys.</summary>
/// <remarks>Sources: IAM User Guide, "Configure SAML assertions for the authentication response" and "Available keys for SAML-based AWS STS federation";
/// reference 8.2 and 8.4. An attribute that nobody here knows is not looked at; one that is known is exactly what it has to be.</remarks>
internal sealed class SamlAttributes
{
    private const string Prefix = "https://aws.amazon.com/SAML/Attributes/";
    private const string TagPrefix = Prefix + "PrincipalTag:";
    private const int MinDurationSeconds = 900;
    private const int MaxDurationSeconds = 43_200;

    /// <summary>The condition keys, without their <c>saml:</c>, that an attribute feeds.</summary>
    private static readonly FrozenDictionary<string, string[]> ConditionKeys = KeysOfAttributes();

    private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);
    private readonly ImmutableArray<Tag>.Builder _tags = ImmutableArray.CreateBuilder<Tag>();
    private readonly ImmutableArray<SamlRole>.Builder _roles = ImmutableArray.CreateBuilder<SamlRole>();
    private readonly ImmutableArray<KeyValuePair<string, string>>.Builder _keys = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();

    private SamlAttributes()
    {
    }

    internal string RoleSessionName { get; private set; } = "";

    internal string? SourceIdentity { get; private set; }

    internal int? SessionDuration { get; private set; }

    internal ImmutableArray<SamlRole> Roles => _roles.ToImmutable();

    internal ImmutableArray<Tag> Tags => _tags.ToImmutable();

    internal ImmutableArray<string> TransitiveTagKeys { get; private set; } = [];

    /// <summary>Condition keys and their values.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Keys => _keys.ToImmutable();

    /// <summary>Reads all attributes of an assertion.</summary>
    /// <param name="assertion">The assertion, in the tree of the bytes that were signed.</param>
    /// <param name="attributes">What they say, where no rule is broken.</param>
    /// <returns>The refusal, or <see langword="null"/>.</returns>
    internal static SamlRefusal? Read(XmlElement assertion, out SamlAttributes attributes)
    {
        attributes = new SamlAttributes();
        foreach (var statement in assertion.ChildElements("AttributeStatement", SamlNames.Assertion))
        {
            foreach (var attribute in statement.ChildElements("Attribute", SamlNames.Assertion))
            {
                if (attributes.Take(attribute) is { } broken)
                {
                    return broken;
                }
            }
        }

        return attributes.CheckTogether();
    }

    private static FrozenDictionary<string, string[]> KeysOfAttributes()
    {
        const string claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";
        const string person = "urn:oid:1.3.6.1.4.1.5923.1.1.1.";
        const string organization = "urn:oid:1.3.6.1.4.1.5923.1.2.1.";
        var keys = new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            [person + "1"] = ["edupersonaffiliation"],
            [person + "2"] = ["edupersonnickname"],
            [person + "3"] = ["edupersonorgdn"],
            [person + "4"] = ["edupersonorgunitdn"],
            [person + "5"] = ["edupersonprimaryaffiliation"],
            [person + "6"] = ["edupersonprincipalname"],
            [person + "7"] = ["edupersonentitlement"],
            [person + "8"] = ["edupersonprimaryorgunitdn"],
            [person + "9"] = ["edupersonscopedaffiliation"],
            [person + "10"] = ["edupersontargetedid"],
            [person + "11"] = ["edupersonassurance"],
            [organization + "2"] = ["eduorghomepageuri"],
            [organization + "3"] = ["eduorgidentityauthnpolicyuri"],
            [organization + "4"] = ["eduorglegalname"],
            [organization + "5"] = ["eduorgsuperioruri"],
            [organization + "6"] = ["eduorgwhitepagesuri"],
            [claims + "name"] = ["name"],
            [claims + "givenname"] = ["givenName"],
            [claims + "surname"] = ["surname"],
            [claims + "emailaddress"] = ["mail"],
            ["http://schemas.xmlsoap.org/claims/CommonName"] = ["commonName"],

            // The guide says that this one feeds uid, and lists a key of its own beside it.
            ["http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid"] = ["uid", "primaryGroupSID"],
        };

        // The guide prints two of these identifiers with a slip of the pen; providers send them as they are registered, with and without the prefix.
        (string Oid, string Key)[] directory =
        [
            ("2.5.4.3", "commonName"), ("2.5.4.4", "surname"), ("2.4.5.42", "givenName"), ("2.5.4.42", "givenName"), ("2.5.4.45", "x500UniqueIdentifier"),
            ("0.9.2342.19200300100.1.1", "uid"), ("0.9.2342.19200300.100.1.1", "uid"), ("0.9.2342.19200300100.1.3", "mail"),
            ("0.9.2342.19200300.100.1.3", "mail"), ("0.9.2342.19200300.100.1.45", "organizationStatus"),
        ];
        foreach (var (oid, key) in directory)
        {
            keys[oid] = [key];
            keys[$"urn:oid:{oid}"] = [key];
        }

        keys["urn:oid:2.5.4.3"] = ["cn", "commonName"];
        return keys.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private SamlRefusal? Take(XmlElement attribute)
    {
        var name = attribute.GetAttribute("Name");
        var isOwn = name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
        if (isOwn && !_seen.Add(name))
        {
            return SamlRefusal.Invalid("an attribute of AWS's occurs once, whatever the letter case of its name");
        }

        var keys = ConditionKeys.GetValueOrDefault(name);
        if (!isOwn && keys is null)
        {
            return null;
        }

        var values = new List<string>();
        foreach (var value in attribute.ChildElements())
        {
            // Text alone, all of it: what a reader would make of elements in between, or of a value that is said to be none, is not to be guessed.
            if (value.FirstChildElement() is not null || value.HasAttribute("nil", SamlNames.SchemaInstance))
            {
                return SamlRefusal.Invalid("the value of an attribute is text");
            }

            values.Add(value.InnerText);
        }

        foreach (var key in keys ?? [])
        {
            _keys.AddRange(values.Select(value => KeyValuePair.Create($"saml:{key}", value)));
        }

        return isOwn ? TakeOwn(name, values) : null;
    }

    private SamlRefusal? TakeOwn(string name, List<string> values)
    {
        switch (name)
        {
            case Prefix + "Role":
                foreach (var value in values)
                {
                    if (SamlRole.Read(value) is not { } role)
                    {
                        return SamlRefusal.Invalid("a role is asserted as the ARNs of the role and of the provider");
                    }

                    _roles.Add(role);
                }

                return null;
            case Prefix + "RoleSessionName":
                if (values is not [var sessionName] || !SessionName.IsValid(sessionName))
                {
                    return SamlRefusal.Invalid("the session name is one that one can be", "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}");
                }

                RoleSessionName = sessionName;
                return null;
            case Prefix + "SessionDuration":
                if (values is not [var duration] || !TryReadDuration(duration, out var seconds))
                {
                    return SamlRefusal.Invalid("the session duration is a whole number of seconds from 900 to 43200");
                }

                SessionDuration = seconds;
                return null;
            case Prefix + "SourceIdentity":
                if (values is not [var sourceIdentity] || !SessionName.IsSourceIdentity(sourceIdentity))
                {
                    return SamlRefusal.Invalid(
                        "the source identity is one that one can be", "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,256} and not begin with \"aws:\"");
                }

                SourceIdentity = sourceIdentity;
                return null;
            case Prefix + "TransitiveTagKeys":
                TransitiveTagKeys = [.. values];
                return null;
            default:
                return name.StartsWith(TagPrefix, StringComparison.Ordinal) ? TakeTag(name[TagPrefix.Length..], values) : null;
        }
    }

    private SamlRefusal? TakeTag(string key, List<string> values)
    {
        if (values is not [var value] || !TagText.IsKey(key) || !TagText.IsValue(value) || key.Trim().Length < key.Length || value.Trim().Length < value.Length)
        {
            return SamlRefusal.Invalid("a tag has a key and one value that these can be");
        }

        _tags.Add(new Tag(key, value));
        return null;
    }

    private SamlRefusal? CheckTogether()
    {
        if (RoleSessionName.Length == 0)
        {
            return SamlRefusal.Invalid("there is a session name", "RoleSessionName is required in AuthnResponse");
        }

        var keys = _tags.Select(tag => tag.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return _tags.Count > TagText.MaxTags || TransitiveTagKeys.Length > TagText.MaxTags || !TransitiveTagKeys.All(keys.Contains)
            ? SamlRefusal.Invalid("there are at most 50 tags, and a transitive key is that of one of them")
            : null;
    }

    private static bool TryReadDuration(string text, out int seconds)
    {
        seconds = 0;
        return text.Length is 3 or 4 or 5 && text[0] != '0' && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds)
            && seconds is >= MinDurationSeconds and <= MaxDurationSeconds;
    }
}
