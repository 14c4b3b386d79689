using System.Security.Cryptography;
using System.Xml;

namespace TokenService;

/// <summary>What a signature says of itself: which element it covers, how, and with what values. Its form alone; nothing is verified here.</summary>
/// <remarks>Source: XML Signature 1.1, of which one shape is admitted (docs/saml.md, rule 7). The structure was checked by <see cref="SamlShape"/>;
/// <c>KeyInfo</c> is never looked at.</remarks>
internal sealed class SamlSignature
{
    private const string More = "http://www.w3.org/2001/04/xmldsig-more#";

    private const string DefaultPrefix = "#default";

    private SamlSignature(XmlElement element, XmlElement signature)
    {
        Element = element;
        Signature = signature;
    }

    /// <summary>The element that is signed.</summary>
    internal XmlElement Element { get; }

    /// <summary>The signature, a child of <see cref="Element"/>.</summary>
    internal XmlElement Signature { get; }

    internal required XmlElement SignedInfo { get; init; }

    internal required bool IsRsa { get; init; }

    internal required HashAlgorithmName SignatureHash { get; init; }

    internal required HashAlgorithmName DigestHash { get; init; }

    internal required byte[] SignatureValue { get; init; }

    internal required byte[] DigestValue { get; init; }

    /// <summary>The prefixes that the canonical form of SignedInfo treats as inclusive canonicalization would.</summary>
    internal string? SignedInfoPrefixes { get; init; }

    /// <summary>The same for the element.</summary>
    internal string? ElementPrefixes { get; init; }

    internal bool UsesSha1 => SignatureHash == HashAlgorithmName.SHA1 || DigestHash == HashAlgorithmName.SHA1;

    /// <summary>Reads the signature of an element, if it has one.</summary>
    /// <param name="element">A response or an assertion whose shape was checked.</param>
    /// <param name="acceptsSha1">Whether SHA-1 is accepted.</param>
    /// <param name="form">The signature, where there is one and no rule is broken.</param>
    /// <returns>The rule that is broken, or <see langword="null"/>.</returns>
    internal static string? Read(XmlElement element, bool acceptsSha1, out SamlSignature? form)
    {
        form = null;
        if (element["Signature", SamlNames.Signature] is not { } signature)
        {
            return null;
        }

        // The schema puts it there; elsewhere it was never signed by an honest producer.
        if (PreviousElement(signature) is not { LocalName: "Issuer", NamespaceURI: SamlNames.Assertion })
        {
            return "a signature follows the issuer of what it signs";
        }

        var info = Child(signature, "SignedInfo");
        var reference = Child(info, "Reference");
        if (Child(info, "CanonicalizationMethod").GetAttribute("Algorithm") != SamlNames.ExclusiveCanonicalization)
        {
            return "SignedInfo is canonicalized exclusively and without comments";
        }

        if (!TryReadSignatureMethod(Child(info, "SignatureMethod").GetAttribute("Algorithm"), acceptsSha1, out var isRsa, out var signatureHash))
        {
            return "the signature's algorithm is RSA or ECDSA with SHA-256, SHA-384 or SHA-512";
        }

        if (!TryReadDigestMethod(Child(reference, "DigestMethod").GetAttribute("Algorithm"), acceptsSha1, out var digestHash))
        {
            return "the digest's algorithm is SHA-256, SHA-384 or SHA-512";
        }

        var id = element.GetAttribute("ID");
        var uri = reference.GetAttribute("URI");
        if (uri.Length != id.Length + 1 || uri[0] != '#' || !uri.AsSpan(1).SequenceEqual(id))
        {
            return "a signature refers to the element that it is a child of, by its ID";
        }

        var transforms = Child(reference, "Transforms");
        var enveloped = Child(transforms, "Transform");
        var canonicalization = transforms.LastChildElement()!;
        if (enveloped.GetAttribute("Algorithm") != SamlNames.EnvelopedSignature || enveloped.FirstChildElement() is not null
            || canonicalization.GetAttribute("Algorithm") != SamlNames.ExclusiveCanonicalization)
        {
            return "the transforms are the enveloped signature's and exclusive canonicalization, in this order";
        }

        if (!TryReadPrefixes(Child(info, "CanonicalizationMethod"), out var signedInfoPrefixes) || !TryReadPrefixes(canonicalization, out var elementPrefixes))
        {
            return "the prefixes that a canonicalization includes are names";
        }

        if (!StrictBase64.TryDecode(Child(signature, "SignatureValue").InnerText, out var signatureValue)
            || !StrictBase64.TryDecode(Child(reference, "DigestValue").InnerText, out var digestValue))
        {
            return "the values of a signature are base64";
        }

        form = new SamlSignature(element, signature)
        {
            SignedInfo = info,
            IsRsa = isRsa,
            SignatureHash = signatureHash,
            DigestHash = digestHash,
            SignatureValue = signatureValue,
            DigestValue = digestValue,
            SignedInfoPrefixes = signedInfoPrefixes,
            ElementPrefixes = elementPrefixes,
        };
        return null;
    }

    private static bool TryReadSignatureMethod(string algorithm, bool acceptsSha1, out bool isRsa, out HashAlgorithmName hash)
    {
        (isRsa, hash) = algorithm switch
        {
            More + "rsa-sha256" => (true, HashAlgorithmName.SHA256),
            More + "rsa-sha384" => (true, HashAlgorithmName.SHA384),
            More + "rsa-sha512" => (true, HashAlgorithmName.SHA512),
            More + "ecdsa-sha256" => (false, HashAlgorithmName.SHA256),
            More + "ecdsa-sha384" => (false, HashAlgorithmName.SHA384),
            More + "ecdsa-sha512" => (false, HashAlgorithmName.SHA512),
            SamlNames.Signature + "rsa-sha1" when acceptsSha1 => (true, HashAlgorithmName.SHA1),
            More + "ecdsa-sha1" when acceptsSha1 => (false, HashAlgorithmName.SHA1),
            _ => default,
        };
        return hash.Name is not null;
    }

    private static bool TryReadDigestMethod(string algorithm, bool acceptsSha1, out HashAlgorithmName hash)
    {
        hash = algorithm switch
        {
            SamlNames.Encryption + "sha256" => HashAlgorithmName.SHA256,
            More + "sha384" => HashAlgorithmName.SHA384,
            SamlNames.Encryption + "sha512" => HashAlgorithmName.SHA512,
            SamlNames.Signature + "sha1" when acceptsSha1 => HashAlgorithmName.SHA1,
            _ => default,
        };
        return hash.Name is not null;
    }

    /// <summary>Exclusive XML Canonicalization 1.0, 3: names of prefixes, and one for the default namespace. They are a set, and the package throws at
    /// one that stands twice.</summary>
    private static bool TryReadPrefixes(XmlElement method, out string? prefixes)
    {
        prefixes = null;
        if (method.FirstChildElement() is not { } inclusive)
        {
            return true;
        }

        var names = inclusive.GetAttribute("PrefixList").Split(XmlChildren.WhiteSpace, StringSplitOptions.RemoveEmptyEntries);
        if (!names.All(name => name == DefaultPrefix || (XmlReader.IsName(name) && !name.Contains(':', StringComparison.Ordinal))))
        {
            return false;
        }

        prefixes = string.Join(' ', names.Distinct(StringComparer.Ordinal));
        return true;
    }

    private static XmlElement? PreviousElement(XmlElement element)
    {
        for (var node = element.PreviousSibling; node is not null; node = node.PreviousSibling)
        {
            if (node is XmlElement previous)
            {
                return previous;
            }
        }

        return null;
    }

    /// <summary>A child that the shape of a signature requires.</summary>
    private static XmlElement Child(XmlElement parent, string name) => parent[name, SamlNames.Signature]!;
}
