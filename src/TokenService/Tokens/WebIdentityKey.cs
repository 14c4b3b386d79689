using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace TokenService;

/// <summary>How a web identity token is signed.</summary>
/// <remarks>Source: RFC 7518, 3.1; the two that <c>GetWebIdentityToken</c> has.</remarks>
public enum WebIdentityAlgorithm
{
    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256.</summary>
    RS256,

    /// <summary>ECDSA on the curve P-384 with SHA-384.</summary>
    ES384,
}

/// <summary>A key that signs web identity tokens; its public half is published, its private half never leaves the key ring.</summary>
public sealed class WebIdentityKey
{
    /// <summary>The shortest RSA key that signs, in bits. RFC 7518, 3.3.</summary>
    public const int MinRsaBits = 2048;

    /// <summary>The longest RSA key that signs, in bits.</summary>
    public const int MaxRsaBits = 4096;

    /// <summary>The longest life of a token, in seconds. STS service model, <c>webIdentityTokenDurationSecondsType</c>.</summary>
    internal const int MaxTokenSeconds = 3600;

    private const int GeneratedRsaBits = 3072;
    private const string P384 = "1.3.132.0.34";
    private const int MaxPemCharacters = 16_384;

    private readonly byte[] _pkcs8;

    private WebIdentityKey(WebIdentityAlgorithm algorithm, JsonWebKey key, byte[] pkcs8)
    {
        Algorithm = algorithm;
        Id = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        key.KeyId = Id;
        Key = key;
        _pkcs8 = pkcs8;
        Credentials = new SigningCredentials(key, algorithm.ToString());
    }

    /// <summary>How the key signs.</summary>
    public WebIdentityAlgorithm Algorithm { get; }

    /// <summary>What names the key in tokens and in the published set, <c>kid</c>: the thumbprint of its public half, the same on every node and
    /// after every restart. RFC 7638.</summary>
    public string Id { get; }

    /// <summary>The key with both halves.</summary>
    /// <remarks>In this form the signing library makes a platform key for each thread that signs: one platform key is not for two at once.</remarks>
    internal JsonWebKey Key { get; }

    internal SigningCredentials Credentials { get; }

    /// <summary>A new key, made by the platform: RSA of 3,072 bits, or a point of P-384.</summary>
    /// <param name="algorithm">How the key will sign.</param>
    /// <returns>The key.</returns>
    public static WebIdentityKey Generate(WebIdentityAlgorithm algorithm)
    {
        if (algorithm == WebIdentityAlgorithm.RS256)
        {
            using var rsa = RSA.Create(GeneratedRsaBits);
            return Of(rsa);
        }

        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        return Of(ecdsa);
    }

    /// <summary>Takes a key that was made elsewhere.</summary>
    /// <param name="pem">A private key in PEM that is not encrypted: RSA of 2,048 to 4,096 bits, which signs RS256, or one of P-384, which signs
    /// ES384.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentException">It is no such key; the message repeats nothing of it.</exception>
    public static WebIdentityKey FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        if (pem.Length > MaxPemCharacters)
        {
            throw Unfit(nameof(pem));
        }

        using var rsa = RSA.Create();
        if (Imports(() => rsa.ImportFromPem(pem)))
        {
            return Of(rsa);
        }

        using var ecdsa = ECDsa.Create();
        return Imports(() => ecdsa.ImportFromPem(pem)) ? Of(ecdsa) : throw Unfit(nameof(pem));
    }

    /// <summary>Never the key.</summary>
    /// <returns>The key's algorithm and id.</returns>
    public override string ToString() => $"{Algorithm} {Id}";

    /// <exception cref="ArgumentException">It is no private key for the algorithm.</exception>
    internal static WebIdentityKey Import(WebIdentityAlgorithm algorithm, byte[] pkcs8)
    {
        if (algorithm == WebIdentityAlgorithm.RS256)
        {
            using var rsa = RSA.Create();
            return Imports(() => rsa.ImportPkcs8PrivateKey(pkcs8, out _)) ? Of(rsa) : throw Unfit(nameof(pkcs8));
        }

        using var ecdsa = ECDsa.Create();
        return Imports(() => ecdsa.ImportPkcs8PrivateKey(pkcs8, out _)) ? Of(ecdsa) : throw Unfit(nameof(pkcs8));
    }

    internal string Export() => Convert.ToBase64String(_pkcs8);

    private static bool Imports(Action import)
    {
        try
        {
            import();
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // Of another kind, or none: the caller says which kinds there are.
            return false;
        }
    }

    private static WebIdentityKey Of(RSA rsa) => rsa.KeySize is >= MinRsaBits and <= MaxRsaBits && TryExport(rsa, out var pkcs8)
        ? new WebIdentityKey(
            WebIdentityAlgorithm.RS256, JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(rsa.ExportParameters(true))), pkcs8)
        : throw Unfit(nameof(rsa));

    private static WebIdentityKey Of(ECDsa ecdsa) => TryExport(ecdsa, out var pkcs8) && ecdsa.ExportParameters(false).Curve.Oid.Value == P384
        ? new WebIdentityKey(WebIdentityAlgorithm.ES384, ToJsonWebKey(ecdsa.ExportParameters(true)), pkcs8)
        : throw Unfit(nameof(ecdsa));

    /// <summary>The library's own converter would hold on to the platform key.</summary>
    private static JsonWebKey ToJsonWebKey(ECParameters parameters) => new()
    {
        Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
        Crv = JsonWebKeyECTypes.P384,
        X = Base64UrlEncoder.Encode(parameters.Q.X),
        Y = Base64UrlEncoder.Encode(parameters.Q.Y),
        D = Base64UrlEncoder.Encode(parameters.D),
    };

    /// <returns><see langword="false"/> for a key without its private half.</returns>
    private static bool TryExport(AsymmetricAlgorithm key, out byte[] pkcs8)
    {
        byte[] exported = [];
        var isPrivate = Imports(() => exported = key.ExportPkcs8PrivateKey());
        pkcs8 = exported;
        return isPrivate;
    }

    private static ArgumentException Unfit(string name) => new(
        $"A key for web identity tokens is an unencrypted private key, RSA of {MinRsaBits} to {MaxRsaBits} bits or P-384.", name);
}
