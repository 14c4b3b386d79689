using System.Text.Json.Nodes;
using TokenService.Testing;

namespace TokenService.Tests.Federation;

/// <summary>The identity provider that the tests of the core know: a key of it, and claims at a time that a test says.</summary>
internal sealed class TokenMaker(string keyId = "first") : IDisposable
{
    internal const string Issuer = "https://issuer.example/realm";
    internal const string Client = "app";

    private readonly OpenIdSigningKey _key = new(keyId, WebIdentityAlgorithm.RS256);

    internal string KeyId => _key.KeyId;

    /// <summary>The key set as it is served.</summary>
    internal string Jwks => _key.Jwks;

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

    internal string SignText(string payload, string? header = null) => _key.SignText(payload, header);

    public void Dispose() => _key.Dispose();
}
