using System.Security.Cryptography;
using System.Security.Cryptography.Xml;
using System.Xml;

namespace TokenService;

/// <summary>A response or an assertion whose signature was verified: a tree that was read from the bytes that were digested, and from nothing
/// else.</summary>
/// <remarks>Nearly every break of SAML is that what was verified is not what was read. There is one way to make this type, and it ends with
/// parsing the verified bytes; the tree that the client sent is not in it. docs/saml.md, "The one idea". Canonicalization is
/// System.Security.Cryptography.Xml's, the arithmetic the platform's.</remarks>
internal sealed class SignedElement
{
    private SignedElement(XmlElement root) => Root = root;

    /// <summary>The element as it was signed, without its signature.</summary>
    internal XmlElement Root { get; }

    /// <summary>Verifies a signature.</summary>
    /// <param name="form">What the signature says.</param>
    /// <param name="keys">The provider's keys that count; each that fits the algorithm is tried.</param>
    /// <param name="broken">The rule that is broken, where the answer is <see langword="null"/>.</param>
    /// <returns>What was signed, or <see langword="null"/>.</returns>
    internal static SignedElement? Verify(SamlSignature form, IEnumerable<SamlSigningKey> keys, out string? broken)
    {
        // The signature over SignedInfo comes first: who cannot sign, does not make the whole document be canonicalized.
        broken = "the signature is that of a key of the provider";
        var signedInfo = Canonicalize(form.SignedInfo, null, form.SignedInfoPrefixes);
        if (!keys.Any(key => key.IsRsa == form.IsRsa && key.HasSigned(signedInfo, form.SignatureValue, form.SignatureHash)))
        {
            return null;
        }

        broken = "the digest is that of the signed element";
        var canonical = Canonicalize(form.Element, form.Signature, form.ElementPrefixes);
        if (canonical.Length == 0
            || !CryptographicOperations.FixedTimeEquals(CryptographicOperations.HashData(form.DigestHash, canonical), form.DigestValue))
        {
            return null;
        }

        broken = null;
        return new SignedElement(SamlDocument.ReadCanonical(canonical).DocumentElement!);
    }

    /// <summary>The canonical form of an element, without one of its children.</summary>
    private static byte[] Canonicalize(XmlElement element, XmlElement? without, string? prefixes)
    {
        // The package canonicalizes documents, so the element becomes one, with the namespaces that it stands in.
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        var root = (XmlElement)document.ImportNode(element, deep: false);
        document.AppendChild(root);
        for (var node = element.FirstChild; node is not null; node = node.NextSibling)
        {
            if (node != without)
            {
                root.AppendChild(document.ImportNode(node, deep: true));
            }
        }

        for (var ancestor = element.ParentNode as XmlElement; ancestor is not null; ancestor = ancestor.ParentNode as XmlElement)
        {
            foreach (XmlAttribute attribute in ancestor.Attributes)
            {
                if (attribute.NamespaceURI == SamlNames.Declaration && root.GetAttributeNode(attribute.Name) is null)
                {
                    root.SetAttributeNode((XmlAttribute)document.ImportNode(attribute, deep: true));
                }
            }
        }

        var transform = new XmlDsigExcC14NTransform(includeComments: false, prefixes);
        transform.LoadInput(document);
        using var output = (MemoryStream)transform.GetOutput(typeof(Stream));
        return output.ToArray();
    }
}
