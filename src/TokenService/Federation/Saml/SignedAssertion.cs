using System.Xml;

namespace TokenService;

/// <summary>An assertion that a provider signed, by itself or with the response around it: the only thing that claims are read from.</summary>
internal sealed class SignedAssertion
{
    private SignedAssertion(XmlElement root) => Root = root;

    /// <summary>The assertion, in the tree of the bytes that were signed.</summary>
    internal XmlElement Root { get; }

    /// <summary>The assertion that was signed itself, or that stands in the response that was.</summary>
    /// <param name="signed">What was signed.</param>
    /// <returns>The assertion, or <see langword="null"/> where what was signed holds none in the clear.</returns>
    internal static SignedAssertion? In(SignedElement signed)
    {
        // The shape is that of the tree that was sent, unless canonicalizing or parsing changed something: then nothing is read.
        var root = signed.Root;
        if (root is { LocalName: "Assertion", NamespaceURI: SamlNames.Assertion })
        {
            return new SamlShape().CheckAssertion(root) is null ? new SignedAssertion(root) : null;
        }

        return new SamlShape().CheckResponse(root) is null && root["Assertion", SamlNames.Assertion] is { } assertion ? new SignedAssertion(assertion) : null;
    }

    /// <summary>The assertion that was encrypted in a response whose signature covers the ciphertext.</summary>
    /// <param name="signed">The response.</param>
    /// <param name="decrypted">What was decrypted out of that response.</param>
    /// <returns>The assertion, or <see langword="null"/> where it comes from elsewhere.</returns>
    internal static SignedAssertion? In(SignedElement signed, DecryptedAssertion decrypted) =>
        ReferenceEquals(decrypted.Source.OwnerDocument, signed.Root.OwnerDocument) ? new SignedAssertion(decrypted.Root) : null;
}
