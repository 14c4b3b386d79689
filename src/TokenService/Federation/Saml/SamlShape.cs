using System.Collections.Frozen;
using System.Xml;

namespace TokenService;

/// <summary>The shape of a response: which element stands where, how often, and with which attributes.</summary>
/// <remarks>Sources: the schemas of SAML 2.0 (assertion, protocol), XML Signature and XML Encryption; docs/saml.md, rules 5 to 7. What the schemas
/// leave open is closed here as far as no honest provider needs it: no statements but those on authentication and attributes, no encrypted
/// names or attributes, no objects in signatures. What another namespace brings may stand only where the schema has a place for it, and
/// nothing that could be mistaken for an assertion, a response or a signature may stand there either.</remarks>
internal sealed class SamlShape
{
    /// <summary>What an element may hold.</summary>
    private enum Content
    {
        /// <summary>The listed elements in their order, and white space.</summary>
        Elements,

        /// <summary>Text alone.</summary>
        Text,

        /// <summary>The listed elements in any order, elements of other namespaces, text, and any attribute.</summary>
        Open,

        /// <summary>As <see cref="Open"/>, with what XML Signature and XML Encryption have for keys: nobody reads it.</summary>
        Keys,
    }

    /// <summary>Names that nothing in an open place may have, whatever its namespace and letter case.</summary>
    private static readonly FrozenSet<string> Mistakable =
        new[] { "Assertion", "EncryptedAssertion", "Response", "Signature" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly ElementName InclusiveNamespaces = new(SamlNames.ExclusiveCanonicalization, "InclusiveNamespaces");

    private static readonly ElementName MaskGenerationFunction = new(SamlNames.Encryption11, "MGF");

    private static readonly FrozenDictionary<ElementName, Rule> Rules = Table().ToFrozenDictionary();

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Checks a whole response.</summary>
    /// <param name="response">Its document element.</param>
    /// <returns>The rule that is broken, or <see langword="null"/>.</returns>
    internal string? CheckResponse(XmlElement response) =>
        NameOf(response) == Protocol("Response") ? Check(response) : "the document element is a SAML 2.0 response";

    /// <summary>Checks an assertion that stands alone; in a response that was checked before, identifiers are unique in both together.</summary>
    /// <param name="assertion">The document element.</param>
    /// <returns>The rule that is broken, or <see langword="null"/>.</returns>
    internal string? CheckAssertion(XmlElement assertion) =>
        NameOf(assertion) == Assertion("Assertion") ? Check(assertion) : "the document element is an assertion";

    private static ElementName NameOf(XmlElement element) => new(element.NamespaceURI, element.LocalName);

    private static ElementName Assertion(string name) => new(SamlNames.Assertion, name);

    private static ElementName Protocol(string name) => new(SamlNames.Protocol, name);

    private static ElementName Signature(string name) => new(SamlNames.Signature, name);

    private static ElementName Encryption(string name) => new(SamlNames.Encryption, name);

    private string? Check(XmlElement element)
    {
        var rule = Rules[NameOf(element)];
        if (CheckAttributes(element, rule) is { } broken)
        {
            return broken;
        }

        var particle = 0;
        var count = 0;
        for (var node = element.FirstChild; node is not null; node = node.NextSibling)
        {
            if (node is not XmlElement child)
            {
                if (rule.Content == Content.Elements && node.Value.AsSpan().ContainsAnyExcept(XmlChildren.WhiteSpace))
                {
                    return $"{element.LocalName} has no text of its own";
                }

                continue;
            }

            var name = NameOf(child);
            if (rule.Content is Content.Open or Content.Keys)
            {
                if ((rule.Particles.Any(allowed => allowed.Names.Contains(name)) ? Check(child) : CheckForeign(child, rule)) is { } wrong)
                {
                    return wrong;
                }

                continue;
            }

            for (; particle < rule.Particles.Length && !rule.Particles[particle].Names.Contains(name); particle++, count = 0)
            {
                if (count < rule.Particles[particle].Min)
                {
                    return $"{element.LocalName} has what belongs into it, in order";
                }
            }

            if (particle == rule.Particles.Length || ++count > rule.Particles[particle].Max)
            {
                return $"{element.LocalName} has only what belongs into it, in order and each as often as it may";
            }

            if (Check(child) is { } below)
            {
                return below;
            }
        }

        for (; particle < rule.Particles.Length; particle++, count = 0)
        {
            if (count < rule.Particles[particle].Min)
            {
                return $"{element.LocalName} has all that belongs into it";
            }
        }

        return null;
    }

    private string? CheckForeign(XmlElement element, Rule place)
    {
        var isKeys = element.NamespaceURI is SamlNames.Signature or SamlNames.Encryption;
        if (Mistakable.Contains(element.LocalName) || element.NamespaceURI is SamlNames.Assertion or SamlNames.Protocol
            || (isKeys && place.Content != Content.Keys))
        {
            return "nothing of SAML or XML Signature stands where it does not belong";
        }

        if (CheckAttributes(element, place) is { } broken)
        {
            return broken;
        }

        for (var node = element.FirstChild; node is not null; node = node.NextSibling)
        {
            if (node is XmlElement child && CheckForeign(child, place) is { } below)
            {
                return below;
            }
        }

        return null;
    }

    private string? CheckAttributes(XmlElement element, Rule rule)
    {
        var isSaml = element.NamespaceURI is SamlNames.Assertion or SamlNames.Protocol;
        foreach (XmlAttribute attribute in element.Attributes)
        {
            if (attribute.NamespaceURI == SamlNames.Declaration)
            {
                continue;
            }

            if (attribute.LocalName.Equals("id", StringComparison.OrdinalIgnoreCase))
            {
                // Which of the spellings is an identifier, readers disagree about; so each one is.
                if (isSaml && (attribute.NamespaceURI.Length > 0 || attribute.LocalName != "ID"))
                {
                    return "the identifier of a SAML element is its ID";
                }

                if (!IsNcName(attribute.Value) || !_ids.Add(attribute.Value))
                {
                    return "identifiers are names, each of them once";
                }
            }

            if (attribute.NamespaceURI.Length > 0
                ? !rule.HasOpenAttributes && !(attribute.NamespaceURI == SamlNames.SchemaInstance && attribute.LocalName is "schemaLocation")
                : rule.Content is not (Content.Open or Content.Keys) && !rule.Attributes.Contains(attribute.LocalName))
            {
                return $"{element.LocalName} has only the attributes that belong to it";
            }
        }

        foreach (var required in rule.Required)
        {
            if (!element.HasAttribute(required))
            {
                return $"{element.LocalName} has its {required}";
            }
        }

        return null;
    }

    private static bool IsNcName(string text)
    {
        if (text.Length == 0 || !XmlConvert.IsStartNCNameChar(text[0]))
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!XmlConvert.IsNCNameChar(character))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The table: attributes with an exclamation mark are required.</summary>
    private static Dictionary<ElementName, Rule> Table()
    {
        string[] nameAttributes = ["NameQualifier", "SPNameQualifier", "Format", "SPProvidedID"];
        return new()
        {
            [Protocol("Response")] = new(Content.Elements, ["ID!", "Version!", "IssueInstant!", "InResponseTo", "Destination", "Consent"],
                Optional(Assertion("Issuer")), Optional(Signature("Signature")), Optional(Protocol("Extensions")), Once(Protocol("Status")),
                Once(Assertion("Assertion"), Assertion("EncryptedAssertion"))),
            [Protocol("Extensions")] = new(Content.Open, []),
            [Protocol("Status")] = new(Content.Elements, [],
                Once(Protocol("StatusCode")), Optional(Protocol("StatusMessage")), Optional(Protocol("StatusDetail"))),
            [Protocol("StatusCode")] = new(Content.Elements, ["Value!"], Optional(Protocol("StatusCode"))),
            [Protocol("StatusMessage")] = new(Content.Text, []),
            [Protocol("StatusDetail")] = new(Content.Open, []),
            [Assertion("Issuer")] = new(Content.Text, nameAttributes),
            [Assertion("Assertion")] = new(Content.Elements, ["ID!", "Version!", "IssueInstant!"],
                Once(Assertion("Issuer")), Optional(Signature("Signature")), Once(Assertion("Subject")), Once(Assertion("Conditions")),
                Optional(Assertion("Advice")), Some(Assertion("AuthnStatement"), Assertion("AttributeStatement"))),
            [Assertion("Subject")] = new(Content.Elements, [], Once(Assertion("NameID")), Some(Assertion("SubjectConfirmation"))),
            [Assertion("NameID")] = new(Content.Text, nameAttributes),
            [Assertion("SubjectConfirmation")] = new(Content.Elements, ["Method!"], Optional(Assertion("SubjectConfirmationData"))),
            [Assertion("SubjectConfirmationData")] = new(Content.Open, []),
            [Assertion("Conditions")] = new(Content.Elements, ["NotBefore", "NotOnOrAfter!"],
                Any(Assertion("AudienceRestriction"), Assertion("OneTimeUse"), Assertion("ProxyRestriction"))),
            [Assertion("AudienceRestriction")] = new(Content.Elements, [], Some(Assertion("Audience"))),
            [Assertion("Audience")] = new(Content.Text, []),
            [Assertion("OneTimeUse")] = new(Content.Elements, []),
            [Assertion("ProxyRestriction")] = new(Content.Elements, ["Count"], Any(Assertion("Audience"))),
            [Assertion("Advice")] = new(Content.Open, [], Any(Assertion("AssertionIDRef"), Assertion("AssertionURIRef"))),
            [Assertion("AssertionIDRef")] = new(Content.Text, []),
            [Assertion("AssertionURIRef")] = new(Content.Text, []),
            [Assertion("AuthnStatement")] = new(Content.Elements, ["AuthnInstant!", "SessionIndex", "SessionNotOnOrAfter"],
                Optional(Assertion("SubjectLocality")), Once(Assertion("AuthnContext"))),
            [Assertion("SubjectLocality")] = new(Content.Elements, ["Address", "DNSName"]),
            [Assertion("AuthnContext")] = new(Content.Elements, [],
                Optional(Assertion("AuthnContextClassRef")), Optional(Assertion("AuthnContextDecl"), Assertion("AuthnContextDeclRef")),
                Any(Assertion("AuthenticatingAuthority"))),
            [Assertion("AuthnContextClassRef")] = new(Content.Text, []),
            [Assertion("AuthnContextDecl")] = new(Content.Open, []),
            [Assertion("AuthnContextDeclRef")] = new(Content.Text, []),
            [Assertion("AuthenticatingAuthority")] = new(Content.Text, []),
            [Assertion("AttributeStatement")] = new(Content.Elements, [], Some(Assertion("Attribute"))),
            [Assertion("Attribute")] = new(Content.Elements, ["Name!", "NameFormat", "FriendlyName"], Any(Assertion("AttributeValue")))
            {
                HasOpenAttributes = true,
            },
            [Assertion("AttributeValue")] = new(Content.Open, [], Any(Assertion("NameID"))),
            [Signature("Signature")] = new(Content.Elements, ["Id"],
                Once(Signature("SignedInfo")), Once(Signature("SignatureValue")), Optional(Signature("KeyInfo"))),
            [Signature("SignedInfo")] = new(Content.Elements, ["Id"],
                Once(Signature("CanonicalizationMethod")), Once(Signature("SignatureMethod")), Once(Signature("Reference"))),
            [Signature("CanonicalizationMethod")] = new(Content.Elements, ["Algorithm!"], Optional(InclusiveNamespaces)),
            [Signature("SignatureMethod")] = new(Content.Elements, ["Algorithm!"]),
            [Signature("Reference")] = new(Content.Elements, ["Id", "URI!"],
                Once(Signature("Transforms")), Once(Signature("DigestMethod")), Once(Signature("DigestValue"))),
            [Signature("Transforms")] = new(Content.Elements, [], new Particle(2, 2, [Signature("Transform")])),
            [Signature("Transform")] = new(Content.Elements, ["Algorithm!"], Optional(InclusiveNamespaces)),
            [InclusiveNamespaces] = new(Content.Elements, ["PrefixList!"]),
            [Signature("DigestMethod")] = new(Content.Elements, ["Algorithm!"]),
            [Signature("DigestValue")] = new(Content.Text, []),
            [Signature("SignatureValue")] = new(Content.Text, ["Id"]),
            [Signature("KeyInfo")] = new(Content.Keys, [], Any(Encryption("EncryptedKey"))),
            [Assertion("EncryptedAssertion")] = new(Content.Elements, [], Once(Encryption("EncryptedData")), Optional(Encryption("EncryptedKey"))),
            [Encryption("EncryptedData")] = new(Content.Elements, ["Id", "Type!", "MimeType", "Encoding"],
                Once(Encryption("EncryptionMethod")), Once(Signature("KeyInfo")), Once(Encryption("CipherData"))),
            [Encryption("EncryptedKey")] = new(Content.Elements, ["Id", "Recipient", "Type", "MimeType", "Encoding"],
                Once(Encryption("EncryptionMethod")), Optional(Signature("KeyInfo")), Once(Encryption("CipherData")),
                Optional(Encryption("ReferenceList")), Optional(Encryption("CarriedKeyName"))),
            [Encryption("EncryptionMethod")] = new(Content.Elements, ["Algorithm!"],
                Optional(Encryption("KeySize")), new Particle(0, 2, [Signature("DigestMethod"), MaskGenerationFunction])),
            [Encryption("KeySize")] = new(Content.Text, []),
            [MaskGenerationFunction] = new(Content.Elements, ["Algorithm!"]),
            [Encryption("CipherData")] = new(Content.Elements, [], Once(Encryption("CipherValue"))),
            [Encryption("CipherValue")] = new(Content.Text, []),
            [Encryption("ReferenceList")] = new(Content.Elements, [], Once(Encryption("DataReference"))),
            [Encryption("DataReference")] = new(Content.Elements, ["URI!"]),
            [Encryption("CarriedKeyName")] = new(Content.Text, []),
        };
    }

    private static Particle Once(params ElementName[] names) => new(1, 1, names);

    private static Particle Optional(params ElementName[] names) => new(0, 1, names);

    private static Particle Some(params ElementName[] names) => new(1, int.MaxValue, names);

    private static Particle Any(params ElementName[] names) => new(0, int.MaxValue, names);

    private readonly record struct ElementName(string Namespace, string Name);

    /// <summary>A place among an element's children: which elements may stand there, and how many.</summary>
    private readonly record struct Particle(int Min, int Max, ElementName[] Names);

    private sealed class Rule
    {
        internal Rule(Content content, string[] attributes, params Particle[] particles)
        {
            Content = content;
            Attributes = [.. attributes.Select(attribute => attribute.TrimEnd('!'))];
            Required = [.. attributes.Where(attribute => attribute.EndsWith('!')).Select(attribute => attribute.TrimEnd('!'))];
            Particles = particles;
            HasOpenAttributes = content is Content.Open or Content.Keys;
        }

        internal Content Content { get; }

        internal string[] Attributes { get; }

        internal string[] Required { get; }

        internal Particle[] Particles { get; }

        /// <summary>Whether attributes of any namespace may stand here.</summary>
        internal bool HasOpenAttributes { get; init; }
    }
}
