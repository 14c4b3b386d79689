using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Xml;

namespace TokenService;

/// <summary>The plaintext of an encrypted assertion, as a tree of its own. Encryption authenticates nobody: it is no <see cref="SignedAssertion"/> yet.</summary>
/// <remarks>Sources: XML Encryption 1.1; docs/saml.md, rule 6. Without a signature around the ciphertext, whoever can tell a wrong padding from a
/// wrong tag or from broken XML can decrypt (Jager and Somorovsky, CCS 2011), so all of these end at the same place: a plaintext that is no
/// assertion. RSA PKCS #1 v1.5 and Triple DES are off; references to elsewhere are not followed.</remarks>
internal sealed class DecryptedAssertion
{
    private const int BlockSize = 16;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private DecryptedAssertion(XmlElement source, XmlElement root) => (Source, Root) = (source, root);

    /// <summary>The <c>EncryptedAssertion</c>.</summary>
    internal XmlElement Source { get; }

    /// <summary>The assertion.</summary>
    internal XmlElement Root { get; }

    /// <summary>Decrypts an assertion.</summary>
    /// <param name="source">An <c>EncryptedAssertion</c> whose shape was checked.</param>
    /// <param name="keys">The provider's private keys, the newest first.</param>
    /// <param name="shape">The shape of the response around it.</param>
    /// <param name="signatures">The signatures of the response around it.</param>
    /// <param name="broken">The rule that is broken, where the answer is <see langword="null"/>.</param>
    /// <returns>The assertion, or <see langword="null"/>.</returns>
    internal static DecryptedAssertion? Open(
        XmlElement source, ImmutableArray<RSA> keys, SamlShape shape, int signatures, out string? broken)
    {
        broken = EncryptedForm.Read(source, out var form);
        if (broken is not null)
        {
            return null;
        }

        broken = "what is encrypted decrypts to an assertion";
        var plaintext = Decrypt(form!, keys);
        try
        {
            return SamlDocument.ReadPlaintext(plaintext, ref signatures, out var document) is null && shape.CheckAssertion(document!.DocumentElement!) is null
                ? new DecryptedAssertion(source, document.DocumentElement!)
                : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>The plaintext, or bytes that are none: which of the steps went wrong, nobody can tell from what follows.</summary>
    private static byte[] Decrypt(EncryptedForm form, ImmutableArray<RSA> keys)
    {
        // A key that does not come out is replaced by a random one, and every private key is tried, whatever came of those before.
        var contentKey = RandomNumberGenerator.GetBytes(form.KeySize);
        foreach (var key in keys)
        {
            try
            {
                var decrypted = key.Decrypt(form.EncryptedKey, form.KeyPadding);
                contentKey = decrypted.Length == form.KeySize ? decrypted : contentKey;
            }
            catch (CryptographicException)
            {
                // As above.
            }
        }

        try
        {
            return form.IsGcm ? DecryptGcm(contentKey, form.Ciphertext) : DecryptCbc(contentKey, form.Ciphertext);
        }
        catch (CryptographicException)
        {
            return [];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contentKey);
        }
    }

    private static byte[] DecryptGcm(byte[] key, byte[] ciphertext)
    {
        if (ciphertext.Length < NonceSize + TagSize)
        {
            return [];
        }

        using var aes = new AesGcm(key, TagSize);
        var plaintext = new byte[ciphertext.Length - NonceSize - TagSize];
        aes.Decrypt(ciphertext.AsSpan(0, NonceSize), ciphertext.AsSpan(NonceSize, plaintext.Length), ciphertext.AsSpan(^TagSize), plaintext);
        return plaintext;
    }

    private static byte[] DecryptCbc(byte[] key, byte[] ciphertext)
    {
        if (ciphertext.Length < 2 * BlockSize || ciphertext.Length % BlockSize != 0)
        {
            return [];
        }

        using var aes = Aes.Create();
        aes.Key = key;
        var padded = aes.DecryptCbc(ciphertext.AsSpan(BlockSize), ciphertext.AsSpan(0, BlockSize), PaddingMode.None);

        // XML Encryption 1.1, 5.2: the last byte says how many bytes the padding has, the others are any. A number that cannot be stays, and makes
        // the plaintext something else than an assertion.
        int padding = padded[^1];
        return padding is > 0 and <= BlockSize ? padded[..^padding] : padded;
    }
}
