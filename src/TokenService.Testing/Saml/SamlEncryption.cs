using System.Security.Cryptography;

namespace TokenService.Testing;

/// <summary>How a SAML provider encrypts an assertion, and what it gets wrong where a test wants it to.</summary>
/// <remarks>Source: XML Encryption 1.1, 3 and 5.</remarks>
/// <param name="Recipient">The key of the service that can decrypt it.</param>
public sealed record SamlEncryption(RSA Recipient)
{
    /// <summary>The namespace of XML Encryption, and what the names of its older algorithms begin with.</summary>
    public const string Xenc = "http://www.w3.org/2001/04/xmlenc#";

    /// <summary>The namespace of XML Encryption 1.1, and what the names of its newer algorithms begin with.</summary>
    public const string Xenc11 = "http://www.w3.org/2009/xmlenc11#";

    private const int NonceSize = 12;
    private const int TagSize = 16;

    /// <summary>AES-256 in CBC mode, as older providers encrypt.</summary>
    /// <param name="recipient">The key of the service.</param>
    /// <returns>How to encrypt.</returns>
    public static SamlEncryption Cbc(RSA recipient) => new(recipient) { Algorithm = Xenc + "aes256-cbc" };

    /// <summary>AES-256 in GCM mode.</summary>
    /// <param name="recipient">The key of the service.</param>
    /// <returns>How to encrypt.</returns>
    public static SamlEncryption Gcm(RSA recipient) => new(recipient);

    /// <summary>The content's algorithm: GCM where its name ends with that, CBC otherwise.</summary>
    /// <value>AES-256 in GCM mode where nothing else is said.</value>
    public string Algorithm { get; init; } = Xenc11 + "aes256-gcm";

    /// <summary>The size of the content key, in bytes.</summary>
    /// <value>32 where nothing else is said.</value>
    public int KeySize { get; init; } = 32;

    /// <summary>How the content key is padded.</summary>
    /// <value>OAEP with SHA-1 where nothing else is said, as the older algorithm's name has it.</value>
    public RSAEncryptionPadding Padding { get; init; } = RSAEncryptionPadding.OaepSHA1;

    /// <summary>What the encrypted key says of its algorithm: an <c>EncryptionMethod</c>.</summary>
    public string KeyMethod { get; init; } = $"""<xenc:EncryptionMethod Algorithm="{Xenc}rsa-oaep-mgf1p"/>""";

    /// <summary>Whether the encrypted key stands beside the data, and <see cref="Retrieval"/> refers to it; otherwise it stands in the data's key info.</summary>
    public bool IsKeyBeside { get; init; }

    /// <summary>What refers to a key beside the data.</summary>
    public string Retrieval { get; init; } = $"""<ds:RetrievalMethod Type="{Xenc}EncryptedKey" URI="#ek"/>""";

    /// <summary>Changes the ciphertext before it is written.</summary>
    public Func<byte[], byte[]> Damage { get; init; } = bytes => bytes;

    /// <summary>Encrypts.</summary>
    /// <param name="plaintext">The assertion's bytes, or any others.</param>
    /// <returns>An <c>EncryptedAssertion</c>.</returns>
    public string Encrypt(byte[] plaintext)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        var key = RandomNumberGenerator.GetBytes(KeySize);
        var encryptedKey = $"""
            <xenc:EncryptedKey Id="ek">{KeyMethod}<xenc:CipherData><xenc:CipherValue>{Convert.ToBase64String(Recipient.Encrypt(key, Padding))}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>
            """;
        var ciphertext = Damage(Algorithm.EndsWith("gcm", StringComparison.Ordinal) ? EncryptGcm(key, plaintext) : EncryptCbc(key, plaintext));
        return $"""
            <saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xenc="{Xenc}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedData Type="{Xenc}Element"><xenc:EncryptionMethod Algorithm="{Algorithm}"/><ds:KeyInfo>{(IsKeyBeside ? Retrieval : encryptedKey)}</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{Convert.ToBase64String(ciphertext)}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>{(IsKeyBeside ? encryptedKey : "")}</saml:EncryptedAssertion>
            """;
    }

    private static byte[] EncryptGcm(byte[] key, byte[] plaintext)
    {
        using var aes = new AesGcm(key, TagSize);
        var all = new byte[NonceSize + plaintext.Length + TagSize];
        RandomNumberGenerator.Fill(all.AsSpan(0, NonceSize));
        aes.Encrypt(all.AsSpan(0, NonceSize), plaintext, all.AsSpan(NonceSize, plaintext.Length), all.AsSpan(NonceSize + plaintext.Length));
        return all;
    }

    private static byte[] EncryptCbc(byte[] key, byte[] plaintext)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        var iv = RandomNumberGenerator.GetBytes(aes.BlockSize / 8);
        return [.. iv, .. aes.EncryptCbc(plaintext, iv, PaddingMode.ISO10126)];
    }
}
