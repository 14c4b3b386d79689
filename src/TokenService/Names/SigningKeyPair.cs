using System.Security.Cryptography;
using System.Text;

namespace TokenService;

/// <summary>The key pair of Signature Version 4A that a secret makes for its access key id; the half that verifies is kept.</summary>
/// <remarks>Source: IAM User Guide, "Signature Version 4A"; NIST SP 800-108, 4.1 (HMAC-SHA-256 in counter mode); FIPS 186-5, A.2.2 (candidates are
/// tried until one is in range).</remarks>
internal sealed class SigningKeyPair
{
    /// <summary>The longest signature over P-256 in DER, in bytes.</summary>
    internal const int MaxSignature = 72;

    private const int LastTry = 254;
    private const int ScalarBytes = 32;

    private readonly string _accessKeyId;
    private readonly ECParameters _publicKey;
    private ECDsa? _ecdsa;

    /// <param name="secret">The secret's characters.</param>
    /// <param name="accessKeyId">The access key's id; bounded by whoever took it from a request.</param>
    /// <exception cref="InvalidDataException">The secret is longer than any can be, or makes no key.</exception>
    internal SigningKeyPair(ReadOnlySpan<char> secret, ReadOnlySpan<char> accessKeyId)
    {
        if (secret.Length > SigningKey.MaxSecretLength)
        {
            throw new InvalidDataException("A store holds a secret access key that is longer than any can be.");
        }

        _accessKeyId = accessKeyId.ToString();
        Span<byte> input = stackalloc byte[5 + (3 * SigningKey.MaxSecretLength)];
        "AWS4A"u8.CopyTo(input);
        var inputLength = 5 + Encoding.UTF8.GetBytes(secret, input[5..]);
        byte[] context = [.. Encoding.UTF8.GetBytes(_accessKeyId), 0];
        var scalar = new byte[ScalarBytes];
        for (byte attempt = 1; ; attempt++)
        {
            context[^1] = attempt;
            SP800108HmacCounterKdf.DeriveBytes(input[..inputLength], HashAlgorithmName.SHA256, "AWS4-ECDSA-P256-SHA256"u8, context, scalar);
            if (scalar.AsSpan().SequenceCompareTo(LargestCandidate) <= 0)
            {
                break;
            }

            // One in four thousand million candidates is out of range.
            if (attempt == LastTry)
            {
                throw new InvalidDataException("A store holds a secret access key that makes no key pair.");
            }
        }

        AddOne(scalar);
        using var pair = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
        _publicKey = pair.ExportParameters(includePrivateParameters: false);
        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(scalar);
    }

    /// <summary>The order of P-256's group less two.</summary>
    private static ReadOnlySpan<byte> LargestCandidate =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x4F,
    ];

    /// <summary>The point that verifies.</summary>
    internal ECPoint PublicKey => _publicKey.Q;

    internal bool IsFor(ReadOnlySpan<char> accessKeyId) => accessKeyId.SequenceEqual(_accessKeyId);

    /// <param name="stringToSign">What was signed.</param>
    /// <param name="signature">The signature in DER.</param>
    /// <returns>Whether the signature is one of this pair's; also <see langword="false"/> where it is none at all.</returns>
    internal bool Verify(ReadOnlySpan<byte> stringToSign, ReadOnlySpan<byte> signature)
    {
        // As with signing keys: whoever takes the key out of its slot has it alone; a second thread makes its own.
        var ecdsa = Interlocked.Exchange(ref _ecdsa, null) ?? ECDsa.Create(_publicKey);
        var isValid = ecdsa.VerifyData(stringToSign, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        Interlocked.Exchange(ref _ecdsa, ecdsa)?.Dispose();
        return isValid;
    }

    private static void AddOne(Span<byte> number)
    {
        for (var index = number.Length - 1; index >= 0 && ++number[index] == 0; index--)
        {
            // The carry goes on to the next byte.
        }
    }
}
