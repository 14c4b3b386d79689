using System.Globalization;
using System.Security.Cryptography;
using System.Xml;

namespace TokenService;

/// <summary>What an encrypted assertion says of itself: algorithms and ciphertexts. Its form alone, which everybody can see.</summary>
/// <remarks>Sources: XML Encryption 1.1, 3 and 5; docs/saml.md, rule 6. The structure was checked by <see cref="SamlShape"/>.</remarks>
internal sealed class EncryptedForm
{
    private const string MaskPrefix = SamlNames.Encryption11 + "mgf1";

    internal required bool IsGcm { get; init; }

    /// <summary>The size of the content key, in bytes.</summary>
    internal required int KeySize { get; init; }

    internal required RSAEncryptionPadding KeyPadding { get; init; }

    internal required byte[] EncryptedKey { get; init; }

    internal required byte[] Ciphertext { get; init; }

    /// <summary>Reads the form.</summary>
    /// <param name="source">An <c>EncryptedAssertion</c>.</param>
    /// <param name="form">The form, where no rule is broken.</param>
    /// <returns>The rule that is broken, or <see langword="null"/>.</returns>
    internal static string? Read(XmlElement source, out EncryptedForm? form)
    {
        form = null;
        var data = source["EncryptedData", SamlNames.Encryption]!;
        if (data.GetAttribute("Type") != SamlNames.Encryption + "Element")
        {
            return "what is encrypted is an element";
        }

        if (FindKey(source, data) is not { } key)
        {
            return "there is one encrypted key, in the key info or beside the data and referred to there";
        }

        var content = data["EncryptionMethod", SamlNames.Encryption]!;
        if (!TryReadContentMethod(content, out var isGcm, out var keySize))
        {
            return "the content is encrypted by AES in GCM or CBC mode";
        }

        if (ReadKeyMethod(key["EncryptionMethod", SamlNames.Encryption]!, out var padding) is { } broken)
        {
            return broken;
        }

        if (!TryReadCipherValue(key, out var encryptedKey) || !TryReadCipherValue(data, out var ciphertext))
        {
            return "a cipher value is base64";
        }

        form = new EncryptedForm { IsGcm = isGcm, KeySize = keySize, KeyPadding = padding!, EncryptedKey = encryptedKey!, Ciphertext = ciphertext! };
        return null;
    }

    private static XmlElement? FindKey(XmlElement source, XmlElement data)
    {
        var info = data["KeyInfo", SamlNames.Signature]!;
        var beside = source["EncryptedKey", SamlNames.Encryption];
        if (info.ChildElements().Count() != 1)
        {
            return null;
        }

        var inside = info["EncryptedKey", SamlNames.Encryption];
        var key = (inside, beside) switch
        {
            (not null, null) => inside,
            (null, not null) when RefersTo(info, beside) => beside,
            _ => null,
        };
        return key is not null && IsPlain(key["KeyInfo", SamlNames.Signature]) && (key["ReferenceList", SamlNames.Encryption] is not { } list
            || list.FirstChildElement()!.GetAttribute("URI") == $"#{data.GetAttribute("Id")}")
            ? key
            : null;
    }

    private static bool RefersTo(XmlElement info, XmlElement key) =>
        info["RetrievalMethod", SamlNames.Signature] is { } retrieval && retrieval.FirstChildElement() is null
        && retrieval.GetAttribute("Type") is "" or (SamlNames.Encryption + "EncryptedKey")
        && key.GetAttribute("Id") is { Length: > 0 } id && retrieval.GetAttribute("URI") == $"#{id}";

    /// <summary>Whether the key info of an encrypted key only names the private key: no key in it that would have to be decrypted or fetched first.</summary>
    private static bool IsPlain(XmlElement? info) =>
        info is null || info.ChildElements().All(child => child.NamespaceURI != SamlNames.Encryption && child.LocalName is not ("RetrievalMethod" or "EncryptedKey"));

    private static bool TryReadContentMethod(XmlElement method, out bool isGcm, out int keySize)
    {
        (isGcm, keySize) = method.GetAttribute("Algorithm") switch
        {
            SamlNames.Encryption + "aes128-cbc" => (false, 16),
            SamlNames.Encryption + "aes192-cbc" => (false, 24),
            SamlNames.Encryption + "aes256-cbc" => (false, 32),
            SamlNames.Encryption11 + "aes128-gcm" => (true, 16),
            SamlNames.Encryption11 + "aes192-gcm" => (true, 24),
            SamlNames.Encryption11 + "aes256-gcm" => (true, 32),
            _ => default,
        };

        // XML Encryption 1.1, 3.2: the algorithm has a size of its own, and what stands beside it must not contradict it.
        var bits = (keySize * 8).ToString(CultureInfo.InvariantCulture);
        return keySize > 0 && method.ChildElements().All(child => child.LocalName == "KeySize" && child.InnerText == bits);
    }

    private static string? ReadKeyMethod(XmlElement method, out RSAEncryptionPadding? padding)
    {
        padding = null;
        var isOaep11 = method.GetAttribute("Algorithm") == SamlNames.Encryption11 + "rsa-oaep";
        var digests = method.ChildElements("DigestMethod", SamlNames.Signature).ToList();
        var masks = method.ChildElements("MGF", SamlNames.Encryption11).ToList();
        if ((!isOaep11 && (method.GetAttribute("Algorithm") != SamlNames.Encryption + "rsa-oaep-mgf1p" || masks.Count > 0))
            || digests.Count > 1 || masks.Count > 1)
        {
            return "the content key is encrypted by RSA-OAEP";
        }

        // XML Encryption 1.1, 5.5.2: SHA-1 where nothing else is said, of the digest and of the mask.
        var digest = digests.Count == 0 ? SamlNames.Signature + "sha1" : digests[0].GetAttribute("Algorithm");
        var mask = masks.Count == 0 ? MaskPrefix + "sha1" : masks[0].GetAttribute("Algorithm");
        (padding, var ownMask) = digest switch
        {
            SamlNames.Signature + "sha1" => (RSAEncryptionPadding.OaepSHA1, MaskPrefix + "sha1"),
            SamlNames.Encryption + "sha256" => (RSAEncryptionPadding.OaepSHA256, MaskPrefix + "sha256"),
            SamlNames.Encryption + "sha512" => (RSAEncryptionPadding.OaepSHA512, MaskPrefix + "sha512"),
            _ => (null, null),
        };
        return padding is null ? "RSA-OAEP hashes with SHA-1, SHA-256 or SHA-512"
            : mask != ownMask ? "RSA-OAEP hashes alike for its digest and its mask, since the platform takes one hash for both"
            : null;
    }

    private static bool TryReadCipherValue(XmlElement parent, out byte[]? bytes) =>
        StrictBase64.TryDecode(parent["CipherData", SamlNames.Encryption]!["CipherValue", SamlNames.Encryption]!.InnerText, out bytes);
}
