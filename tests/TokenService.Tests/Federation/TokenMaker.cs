using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace TokenService.Tests.Federation;

/// <summary>An identity provider's key, and the tokens that it signs: well-formed ones and, where a test asks for it, any text.</summary>
internal sealed class TokenMaker : IDisposable
{
    internal const string Issuer = "https://issuer.example/realm";
    internal const string Client = "app";

    private readonly RSA _key = RSA.Create(2048);

    internal TokenMaker(string keyId = "first") => KeyId = keyId;

    internal string KeyId { get; }

    /// <summary>The key set as it is served.</summary>
    internal string Jwks => JwksOf(this);

    internal static string JwksOf(params TokenMaker[] makers) =>
        new JsonObject { ["keys"] = new JsonArray([.. makers.Select(maker => maker.ToNode())]) }.ToJsonString();

    /// <summary>The claims of a good token.</summary>
    internal static JsonObject Claims(Instant now, string subject = "user-1", string issuer = Issuer) => new()
    {
        ["iss"] = issuer,
        ["sub"] = subject,
        ["aud"] = Client,
        ["iat"] = now.ToUnixTimeSeconds(),
        ["exp"] = now.ToUnixTimeSeconds() + 300,
    };

    internal string Sign(JsonObject claims, string? header = null) => SignText(claims.ToJsonString(), header);

    internal string SignText(string payload, string? header = null)
    {
        var input = $"{Encode(header ?? $$"""{"alg":"RS256","typ":"JWT","kid":"{{KeyId}}"}""")}.{Encode(payload)}";
        return $"{input}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private JsonObject ToNode()
    {
        var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_key.ExportParameters(includePrivateParameters: false)));
        return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = KeyId, ["n"] = key.N, ["e"] = key.E };
    }
}
