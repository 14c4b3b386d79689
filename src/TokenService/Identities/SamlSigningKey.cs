using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace TokenService;

/// <summary>A public key of a SAML provider, imported once from a certificate of its metadata.</summary>
/// <remarks>docs/saml.md, rule 7. Only public operations are done with it and it never changes, so that all threads share it.</remarks>
internal sealed class SamlSigningKey
{
    private const int MinRsaBits = 2048;
    private const int MinShortRsaBits = 1024;
    private const int MaxRsaBits = 8192;

    /// <summary>FIPS 186-5, A.1.1: an exponent below 2^256. A longer one only costs time.</summary>
    private const int MaxExponentBytes = 32;

    private static readonly Dictionary<string, int> CoordinateSizes = new(StringComparer.Ordinal)
    {
        ["1.2.840.10045.3.1.7"] = 32,
        ["1.3.132.0.34"] = 48,
        ["1.3.132.0.35"] = 66,
    };

    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;
    private readonly int _signatureSize;
    private readonly BigInteger _order;

    private SamlSigningKey(X509Certificate2 certificate, RSA rsa)
        : this(certificate)
    {
        _rsa = rsa;
        _signatureSize = rsa.KeySize / 8;
    }

    private SamlSigningKey(X509Certificate2 certificate, ECDsa ec, int coordinateSize)
        : this(certificate)
    {
        _ec = ec;
        _signatureSize = 2 * coordinateSize;
        _order = new BigInteger(ec.ExportExplicitParameters(includePrivateParameters: false).Curve.Order, isUnsigned: true, isBigEndian: true);
    }

    private SamlSigningKey(X509Certificate2 certificate)
    {
        NotBefore = Instant.FromDateTimeUtc(certificate.NotBefore.ToUniversalTime());
        NotAfter = Instant.FromDateTimeUtc(certificate.NotAfter.ToUniversalTime());
    }

    /// <summary>From when the certificate is valid.</summary>
    internal Instant NotBefore { get; }

    /// <summary>The last instant at which the certificate is valid.</summary>
    internal Instant NotAfter { get; }

    internal bool IsRsa => _rsa is not null;

    /// <summary>Takes the key of a certificate.</summary>
    /// <param name="der">The certificate.</param>
    /// <param name="acceptsShortKeys">Whether RSA keys of 1,024 bits and more are taken.</param>
    /// <param name="flaw">Why the key is not used, where the answer is <see langword="null"/>.</param>
    /// <returns>The key, or <see langword="null"/>.</returns>
    internal static SamlSigningKey? Read(byte[] der, bool acceptsShortKeys, out string? flaw)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            if (certificate.GetRSAPublicKey() is { } rsa)
            {
                flaw = FlawOf(rsa, acceptsShortKeys ? MinShortRsaBits : MinRsaBits);
                if (flaw is null)
                {
                    return new SamlSigningKey(certificate, rsa);
                }

                rsa.Dispose();
                return null;
            }

            if (certificate.GetECDsaPublicKey() is { } ec)
            {
                if (CurveOf(certificate.PublicKey) is { } curve && CoordinateSizes.TryGetValue(curve, out var size))
                {
                    flaw = null;
                    return new SamlSigningKey(certificate, ec, size);
                }

                ec.Dispose();
                flaw = "an elliptic curve other than P-256, P-384 and P-521";
                return null;
            }

            flaw = "a key that is neither RSA nor of an elliptic curve";
        }
        catch (Exception broken) when (broken is CryptographicException or AsnContentException or NotSupportedException or ArgumentException)
        {
            flaw = "not an X.509 certificate with a key that can be used";
        }

        return null;
    }

    /// <summary>Whether the certificate is valid at an instant.</summary>
    internal bool IsValidAt(Instant instant) => instant >= NotBefore && instant <= NotAfter;

    /// <summary>Whether the key made a signature: RSA PKCS #1 v1.5, or ECDSA as <c>r‖s</c>.</summary>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="hash">The hash of the algorithm.</param>
    internal bool HasSigned(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        // Another length than the key's is no signature of it, whatever the platform would make of it.
        if (signature.Length != _signatureSize)
        {
            return false;
        }

        if (_rsa is not null)
        {
            return _rsa.VerifyData(data, signature, hash, RSASignaturePadding.Pkcs1);
        }

        // FIPS 186-5, 6.4.2: both halves lie in 1 to n - 1. A verifier that forgets it accepts zeros for anything.
        return IsInRange(signature[..(_signatureSize / 2)]) && IsInRange(signature[(_signatureSize / 2)..])
            && _ec!.VerifyData(data, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private bool IsInRange(ReadOnlySpan<byte> half)
    {
        var value = new BigInteger(half, isUnsigned: true, isBigEndian: true);
        return !value.IsZero && value < _order;
    }

    private static string? FlawOf(RSA rsa, int minBits)
    {
        var exponent = rsa.ExportParameters(includePrivateParameters: false).Exponent!.AsSpan().TrimStart((byte)0);
        var isStrong = rsa.KeySize >= minBits && rsa.KeySize <= MaxRsaBits && rsa.KeySize % 8 == 0
            && !exponent.IsEmpty && exponent.Length <= MaxExponentBytes && (exponent[^1] & 1) == 1 && (exponent.Length > 1 || exponent[0] > 3);
        return isStrong ? null : $"an RSA key of fewer than {minBits} or more than {MaxRsaBits} bits, or with a public exponent that is even or not above 3";
    }

    /// <summary>RFC 5480, 2.1.1: the curve is named by its object identifier; spelled-out parameters are not read.</summary>
    private static string? CurveOf(PublicKey key)
    {
        var parameters = new AsnReader(key.EncodedParameters!.RawData, AsnEncodingRules.DER);
        return parameters.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier) ? parameters.ReadObjectIdentifier() : null;
    }
}
