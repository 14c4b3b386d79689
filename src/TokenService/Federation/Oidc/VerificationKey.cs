using System.Collections.Concurrent;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace TokenService;

/// <summary>A public key of a provider, and what it may be used for.</summary>
/// <remarks>Source: RFC 7517, section 4; RFC 7518, section 6; docs/oidc.md, rule 4. Signatures are checked by Microsoft.IdentityModel, with the one key
/// that was chosen here: a verifier for each algorithm, made once, because the library's own cache of them takes locks.</remarks>
internal sealed class VerificationKey
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    /// <summary>FIPS 186-5, A.1.1: an exponent below 2^256. A longer one only costs time.</summary>
    private const int MaxExponentBytes = 32;

    private static readonly BigInteger MinExponent = 65537;

    private readonly JsonWebKey _key;
    private readonly string? _ecAlgorithm;
    private readonly string? _use;
    private readonly string? _algorithm;
    private readonly bool _mayVerify;
    private readonly ConcurrentDictionary<string, SignatureProvider> _verifiers = new(StringComparer.Ordinal);

    private VerificationKey(JsonWebKey key, string? ecAlgorithm, JsonElement json)
    {
        // The library would take a certificate (x5c) that came with the key for the key itself: nothing comes along but what was looked at.
        _key = ecAlgorithm is null
            ? new JsonWebKey { Kty = key.Kty, N = key.N, E = key.E }
            : new JsonWebKey { Kty = key.Kty, Crv = key.Crv, X = key.X, Y = key.Y };
        (_use, _algorithm) = (key.Use, key.Alg);
        _mayVerify = !json.TryGetProperty("key_ops", out _) || key.KeyOps.Contains("verify");
        _ecAlgorithm = ecAlgorithm;
        Id = json.TryGetProperty("kid", out var id) ? id.GetString() : null;
    }

    /// <summary>The <c>kid</c>, if it has one.</summary>
    internal string? Id { get; }

    /// <summary>Reads a key.</summary>
    /// <param name="json">The JSON Web Key.</param>
    /// <param name="flaw">Why it is not used; <see langword="null"/> for a kind of key that no signature here takes, which is no flaw.</param>
    /// <returns>The key, or <see langword="null"/>.</returns>
    internal static VerificationKey? Read(JsonElement json, out string? flaw)
    {
        flaw = "not a JSON Web Key";
        if (json.ValueKind != JsonValueKind.Object || !IsText(json, "kty") || !IsAbsentOrText(json, "kid") || !IsAbsentOrText(json, "use")
            || !IsAbsentOrText(json, "alg"))
        {
            return null;
        }

        JsonWebKey key;
        try
        {
            key = new JsonWebKey(json.GetRawText());
        }
        catch (Exception broken) when (broken is ArgumentException or FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }

        var algorithm = (string?)null;
        try
        {
            switch (key.Kty)
            {
                case "RSA":
                    flaw = FlawOfRsa(key);
                    break;
                case "EC":
                    flaw = FlawOfEc(key, out algorithm);
                    break;
                default:
                    flaw = null;
                    return null;
            }
        }
        catch (Exception broken) when (broken is CryptographicException or FormatException or ArgumentException or PlatformNotSupportedException)
        {
            flaw = "not a point of its curve, or no number";
        }

        return flaw is null ? new VerificationKey(key, algorithm, json) : null;
    }

    /// <summary>Whether the key may verify signatures of an algorithm.</summary>
    internal bool Fits(string algorithm) =>
        (_ecAlgorithm is null ? algorithm[0] is 'R' or 'P' : algorithm == _ecAlgorithm)
        && (_use is null || _use == "sig")
        && _mayVerify
        && (_algorithm is null || _algorithm == algorithm);

    /// <summary>Whether the key made the signature of a token, over the text as it came.</summary>
    /// <param name="token">The token.</param>
    /// <param name="algorithm">What the key <see cref="Fits"/>.</param>
    internal bool HasSigned(CompactToken token, string algorithm)
    {
        if (!_verifiers.TryGetValue(algorithm, out var verifier))
        {
            verifier = _verifiers.GetOrAdd(algorithm, name => new AsymmetricSignatureProvider(_key, name, willCreateSignatures: false));
        }

        var (input, signature) = (token.SigningInput, token.Signature);
        return verifier.Verify(input, 0, input.Length, signature, 0, signature.Length);
    }

    private static bool IsText(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String;

    private static bool IsAbsentOrText(JsonElement json, string name) => !json.TryGetProperty(name, out _) || IsText(json, name);

    private static string? FlawOfRsa(JsonWebKey key)
    {
        if (key.N is null || key.E is null)
        {
            return "an RSA key without n and e";
        }

        var modulus = Base64UrlEncoder.DecodeBytes(key.N);
        var exponentBytes = Base64UrlEncoder.DecodeBytes(key.E);
        var bits = new BigInteger(modulus, isUnsigned: true, isBigEndian: true).GetBitLength();
        var exponent = exponentBytes.Length > MaxExponentBytes ? BigInteger.Zero : new BigInteger(exponentBytes, isUnsigned: true, isBigEndian: true);
        if (bits is < MinRsaBits or > MaxRsaBits || exponent < MinExponent || exponent.IsEven)
        {
            return "an RSA key of fewer than 2,048 or more than 8,192 bits, or with a weak exponent";
        }

        using var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponentBytes });
        return null;
    }

    private static string? FlawOfEc(JsonWebKey key, out string? algorithm)
    {
        algorithm = key.Crv switch
        {
            "P-256" => "ES256",
            "P-384" => "ES384",
            "P-521" => "ES512",
            _ => null,
        };
        if (algorithm is null || key.X is null || key.Y is null)
        {
            return "an EC key without x and y, or of another curve than P-256, P-384 and P-521";
        }

        using var ec = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.CreateFromFriendlyName($"nist{key.Crv.Replace("-", "", StringComparison.Ordinal)}"),
            Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes(key.X), Y = Base64UrlEncoder.DecodeBytes(key.Y) },
        });
        return null;
    }
}
