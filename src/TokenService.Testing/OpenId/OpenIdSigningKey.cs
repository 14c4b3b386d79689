using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace TokenService.Testing;

/// <summary>A key of a fake OpenID provider: of P-384, or RSA of 2,048 bits.</summary>
/// <remarks>Source: RFC 7515, section 3.1; RFC 7517, section 4; RFC 7518, section 3. The three parts of a token are put together here and
/// not by a library, since a library makes no token that is malformed, and tests need those too.</remarks>
public sealed class OpenIdSigningKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;
    private readonly Lock _gate = new();

    /// <summary>Makes a new key.</summary>
    /// <param name="keyId">Its <c>kid</c>.</param>
    /// <param name="algorithm">What it signs with. A key for <c>RS256</c> takes some tenths of a second to make, one for <c>ES384</c> none.</param>
    public OpenIdSigningKey(string keyId, WebIdentityAlgorithm algorithm = WebIdentityAlgorithm.ES384)
    {
        ArgumentException.ThrowIfNullOrEmpty(keyId);
        KeyId = keyId;
        Algorithm = algorithm;
        _key = algorithm switch
        {
            WebIdentityAlgorithm.ES384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            WebIdentityAlgorithm.RS256 => RSA.Create(2048),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "A fake provider signs with RS256 or ES384."),
        };
    }

    /// <summary>What it signs with, the <c>alg</c>.</summary>
    public WebIdentityAlgorithm Algorithm { get; }

    /// <summary>The <c>kid</c>.</summary>
    public string KeyId { get; }

    /// <summary>The key set that has this key alone.</summary>
    public string Jwks => ToJwks(this);

    /// <summary>The header of a token that this key signs.</summary>
    /// <returns>A new object, which may be changed.</returns>
    public JsonObject CreateHeader() => new() { ["alg"] = Algorithm.ToString(), ["typ"] = "JWT", ["kid"] = KeyId };

    /// <summary>Signs claims as a token.</summary>
    /// <param name="claims">The payload.</param>
    /// <param name="header">The header; that of <see cref="CreateHeader"/> where it is absent.</param>
    /// <returns>The token, a JSON Web Signature in its compact form.</returns>
    public string Sign(JsonObject claims, JsonObject? header = null)
    {
        ArgumentNullException.ThrowIfNull(claims);
        return SignText(claims.ToJsonString(), header?.ToJsonString());
    }

    /// <summary>Signs any text as a token, whether a token may have it or not.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="header">The header; that of <see cref="CreateHeader"/> where it is absent.</param>
    /// <returns>Header, payload and signature in base64url, with dots between them.</returns>
    public string SignText(string payload, string? header = null)
    {
        var input = $"{Encode(header ?? CreateHeader().ToJsonString())}.{Encode(payload)}";
        return $"{input}.{Base64Url.EncodeToString(SignBytes(Encoding.ASCII.GetBytes(input)))}";
    }

    /// <summary>Gives the public half, as a key set lists it.</summary>
    /// <returns>A JSON Web Key; a new object, which may be changed.</returns>
    public JsonObject ToPublicJwk()
    {
        var jwk = new JsonObject { ["use"] = "sig", ["alg"] = Algorithm.ToString(), ["kid"] = KeyId };
        if (_key is RSA rsa)
        {
            var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false)));
            (jwk["kty"], jwk["n"], jwk["e"]) = (key.Kty, key.N, key.E);
        }
        else
        {
            var key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey((ECDsa)_key));
            (jwk["kty"], jwk["crv"], jwk["x"], jwk["y"]) = (key.Kty, key.Crv, key.X, key.Y);
        }

        return jwk;
    }

    /// <summary>Writes a key set.</summary>
    /// <param name="keys">The keys whose public halves are listed.</param>
    /// <returns>A JSON Web Key Set (RFC 7517, section 5).</returns>
    public static string ToJwks(params IEnumerable<OpenIdSigningKey> keys) =>
        new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => key.ToPublicJwk())]) }.ToJsonString();

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The public half as the files of keys have it.</summary>
    internal string PublicPem => _key.ExportSubjectPublicKeyInfoPem();

    internal static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private byte[] SignBytes(byte[] bytes)
    {
        lock (_gate)
        {
            return _key is RSA rsa
                ? rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                : ((ECDsa)_key).SignData(bytes, HashAlgorithmName.SHA384);
        }
    }
}
