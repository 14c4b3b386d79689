using System.Security.Cryptography;

namespace TokenService.Tests.Federation.Saml;

/// <summary>How a provider encrypts an assertion, and what it gets wrong.</summary>
internal sealed record Encryption
{
    internal const string Xenc = "http://www.w3.org/2001/04/xmlenc#";
    internal const string Xenc11 = "http://www.w3.org/2009/xmlenc11#";

    internal RSA Recipient { get; init; } = IdentityProvider.DecryptionKeys[0];

    internal string Algorithm { get; init; } = Xenc11 + "aes256-gcm";

    internal int KeySize { get; init; } = 32;

    internal RSAEncryptionPadding Padding { get; init; } = RSAEncryptionPadding.OaepSHA1;

    internal string KeyMethod { get; init; } = $"""<xenc:EncryptionMethod Algorithm="{Xenc}rsa-oaep-mgf1p"/>""";

    /// <summary>Where the encrypted key stands: <c>{0}</c> in the key info, <c>{1}</c> beside the data.</summary>
    internal bool IsKeyBeside { get; init; }

    /// <summary>What refers to a key beside the data.</summary>
    internal string Retrieval { get; init; } = $"""<ds:RetrievalMethod Type="{Xenc}EncryptedKey" URI="#ek"/>""";

    /// <summary>Changes the ciphertext before it is written.</summary>
    internal Func<byte[], byte[]> Damage { get; init; } = bytes => bytes;

    internal string Encrypt(byte[] plaintext)
    {
        var key = RandomNumberGenerator.GetBytes(KeySize);
        var encryptedKey = $"""
            <xenc:EncryptedKey Id="ek">{KeyMethod}<xenc:CipherData><xenc:CipherValue>{Convert.ToBase64String(Recipient.Encrypt(key, Padding))}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>
            """;
        var ciphertext = Damage(Algorithm.EndsWith("gcm", StringComparison.Ordinal) ? Gcm(key, plaintext) : Cbc(key, plaintext));
        return $"""
            <saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xenc="{Xenc}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedData Type="{Xenc}Element"><xenc:EncryptionMethod Algorithm="{Algorithm}"/><ds:KeyInfo>{(IsKeyBeside ? Retrieval : encryptedKey)}</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{Convert.ToBase64String(ciphertext)}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>{(IsKeyBeside ? encryptedKey : "")}</saml:EncryptedAssertion>
            """;
    }

    private static byte[] Gcm(byte[] key, byte[] plaintext)
    {
        using var aes = new AesGcm(key, 16);
        var all = new byte[12 + plaintext.Length + 16];
        RandomNumberGenerator.Fill(all.AsSpan(0, 12));
        aes.Encrypt(all.AsSpan(0, 12), plaintext, all.AsSpan(12, plaintext.Length), all.AsSpan(12 + plaintext.Length));
        return all;
    }

    private static byte[] Cbc(byte[] key, byte[] plaintext)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        var iv = RandomNumberGenerator.GetBytes(16);
        return [.. iv, .. aes.EncryptCbc(plaintext, iv, PaddingMode.ISO10126)];
    }
}
