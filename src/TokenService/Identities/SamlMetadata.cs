using System.Collections.Immutable;
using System.Xml;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>What counts of the metadata of a SAML identity provider: its name and its signing keys.</summary>
/// <remarks>Sources: SAML 2.0 Metadata, 2.3 and 2.4; IAM API Reference, <c>CreateSAMLProvider</c>. A signature on it is not
/// trusted for anything: whoever registers it says that it is the provider's.</remarks>
internal sealed record SamlMetadata
{
    /// <summary>The longest document, in characters.</summary>
    internal const int MaxLength = 10_000_000;

    private const int MaxEntityIdLength = 1024;
    private const int MaxKeys = 100;
    private const string Namespace = "urn:oasis:names:tc:SAML:2.0:metadata";
    private const string Signature = "http://www.w3.org/2000/09/xmldsig#";
    private const string Protocol = "urn:oasis:names:tc:SAML:2.0:protocol";

    private static readonly (string Namespace, string Name)[] CertificatePath =
    [
        (Namespace, "EntityDescriptor"), (Namespace, "IDPSSODescriptor"), (Namespace, "KeyDescriptor"),
        (Signature, "KeyInfo"), (Signature, "X509Data"), (Signature, "X509Certificate"),
    ];

    private SamlMetadata(string entityId, ImmutableArray<SamlSigningKey> keys, ImmutableArray<string> flaws, Instant? validUntil)
    {
        EntityId = entityId;
        Keys = keys;
        Flaws = flaws;
        ValidUntil = validUntil;
    }

    internal string EntityId { get; }

    /// <summary>The usable signing keys, each once; never empty.</summary>
    internal ImmutableArray<SamlSigningKey> Keys { get; }

    /// <summary>Why others are not used.</summary>
    internal ImmutableArray<string> Flaws { get; }

    /// <summary>The <c>validUntil</c> of the provider or of its description as one, the earlier of them, if there is any.</summary>
    internal Instant? ValidUntil { get; }

    /// <summary>Reads a document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="acceptsShortKeys">Whether RSA keys of 1,024 bits and more are taken.</param>
    /// <exception cref="FormatException">It is not the metadata of one identity provider of SAML 2.0 with a usable key; the message says why.</exception>
    internal static SamlMetadata Parse(string text, bool acceptsShortKeys)
    {
        if (text.Length > MaxLength)
        {
            throw Refusal($"it has more than {MaxLength} characters");
        }

        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true };
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), settings);
            return Read(reader, acceptsShortKeys);
        }
        catch (XmlException broken)
        {
            throw new FormatException($"The metadata cannot be read: {broken.Message}", broken);
        }
    }

    private static SamlMetadata Read(XmlReader reader, bool acceptsShortKeys)
    {
        string? entityId = null;
        Instant? validUntil = null;
        var providers = 0;
        var isSigning = false;
        var certificates = new List<byte[]>();
        var flaws = ImmutableArray.CreateBuilder<string>();
        var matched = 0;
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.XmlDeclaration && reader.GetAttribute("encoding") is { } encoding
                && !encoding.Equals("UTF-8", StringComparison.OrdinalIgnoreCase))
            {
                throw Refusal("it is not UTF-8");
            }

            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            // How many elements of the path to a certificate lie around this one; an element of another namespace or place is none of them.
            matched = Math.Min(matched, reader.Depth);
            if (matched < reader.Depth || matched == CertificatePath.Length || CertificatePath[matched] != (reader.NamespaceURI, reader.LocalName))
            {
                if (reader.Depth == 0)
                {
                    throw Refusal("its document element is not the EntityDescriptor of one provider");
                }

                continue;
            }

            matched++;
            switch (reader.LocalName)
            {
                case "EntityDescriptor":
                    entityId = reader.GetAttribute("entityID");
                    validUntil = Until(reader.GetAttribute("validUntil"));
                    break;
                case "IDPSSODescriptor":
                    if (++providers > 1 || reader.GetAttribute("protocolSupportEnumeration")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                        .Contains(Protocol, StringComparer.Ordinal) != true)
                    {
                        throw Refusal("it does not describe one identity provider of SAML 2.0");
                    }

                    // SAML 2.0 Metadata, 2.4.1: a role's own end counts beside that of the whole, whichever is first.
                    validUntil = Until(reader.GetAttribute("validUntil")) is { } own && !(validUntil < own) ? own : validUntil;
                    break;
                case "KeyDescriptor":
                    isSigning = reader.GetAttribute("use") is null or "signing";
                    break;
                case "X509Certificate" when isSigning:
                    if (ReadCertificate(reader) is not { } der)
                    {
                        flaws.Add("a certificate that is not base64");
                    }
                    else if (!certificates.Any(known => known.AsSpan().SequenceEqual(der)))
                    {
                        certificates.Add(der);
                    }

                    if (certificates.Count > MaxKeys)
                    {
                        throw Refusal($"it has more than {MaxKeys} certificates");
                    }

                    break;
            }
        }

        if (entityId is not { Length: > 0 and <= MaxEntityIdLength })
        {
            throw Refusal($"its entityID has not 1 to {MaxEntityIdLength} characters");
        }

        if (providers == 0)
        {
            throw Refusal("it does not describe one identity provider of SAML 2.0");
        }

        var keys = ImmutableArray.CreateBuilder<SamlSigningKey>();
        foreach (var der in certificates)
        {
            if (SamlSigningKey.Read(der, acceptsShortKeys, out var flaw) is { } key)
            {
                keys.Add(key);
            }
            else
            {
                flaws.Add(flaw!);
            }
        }

        return keys.Count > 0
            ? new SamlMetadata(entityId, keys.ToImmutable(), flaws.ToImmutable(), validUntil)
            : throw Refusal($"it has no signing key that can be used{(flaws.Count == 0 ? "" : $": {string.Join("; ", flaws)}")}");
    }

    private static byte[]? ReadCertificate(XmlReader reader)
    {
        using var inner = reader.ReadSubtree();
        inner.Read();
        var text = inner.ReadElementContentAsString();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    private static Instant? Until(string? text) =>
        text is null ? null
            : InstantPattern.ExtendedIso.Parse(text) is { Success: true } parsed ? parsed.Value
            : throw Refusal("its validUntil is not a time in UTC");

    private static FormatException Refusal(string reason) => new($"The metadata cannot be used: {reason}.");
}
