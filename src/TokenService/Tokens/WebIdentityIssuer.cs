using System.Buffers;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenService;

/// <summary>The service as an OpenID provider: what verifiers of web identity tokens read about an account's issuer.</summary>
/// <remarks>Source: OpenID Connect Discovery 1.0; RFC 7517; STS API Reference, <c>GetWebIdentityToken</c>. All accounts sign with the keys of one
/// ring; what tells their tokens apart is the issuer, which every verifier compares. Safe for many threads.</remarks>
public sealed class WebIdentityIssuer
{
    /// <summary>Where the discovery document lies below an issuer.</summary>
    public const string ConfigurationPath = "/.well-known/openid-configuration";

    /// <summary>Where the keys lie below an issuer.</summary>
    public const string KeysPath = "/.well-known/jwks.json";

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    private readonly string? _address;
    private readonly IKeyRing _ring;
    private readonly IAccountStore _accounts;

    internal WebIdentityIssuer(string? address, IKeyRing ring, IAccountStore accounts)
    {
        _address = address;
        _ring = ring;
        _accounts = accounts;
    }

    /// <summary>Says under which name an account's tokens are issued.</summary>
    /// <param name="account">The account.</param>
    /// <returns>The issuer, <c>iss</c>; <see langword="null"/> where the host or the account issues none.</returns>
    public string? IssuerOf(Account account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return _address is not null && account.IssuesWebIdentityTokens ? $"{_address}/{account.Id}" : null;
    }

    /// <summary>Finds the discovery document of an account's issuer.</summary>
    /// <param name="accountId">The account's id, as the address has it.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>JSON, or <see langword="null"/> where there is no such issuer.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> FindConfigurationAsync(string accountId, CancellationToken cancellationToken = default)
    {
        if (await FindIssuerAsync(accountId, cancellationToken).ConfigureAwait(false) is not { } issuer)
        {
            return null;
        }

        return ToJson(writer =>
        {
            writer.WriteString("issuer", issuer);
            writer.WriteString("jwks_uri", issuer + KeysPath);
            WriteList(writer, "response_types_supported", ["id_token"]);
            WriteList(writer, "subject_types_supported", ["public"]);
            WriteList(writer, "id_token_signing_alg_values_supported", Enum.GetNames<WebIdentityAlgorithm>());
            WriteList(writer, "claims_supported", ["iss", "sub", "aud", "iat", "exp", "jti", WebIdentityClaims.Namespace]);
        });
    }

    /// <summary>Finds the keys that verify an account's tokens: the public halves of those that sign, will sign, or signed a token that may not
    /// have expired.</summary>
    /// <param name="accountId">The account's id, as the address has it.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>A key set in JSON (RFC 7517, 5), or <see langword="null"/> where there is no such issuer.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> FindKeysAsync(string accountId, CancellationToken cancellationToken = default)
    {
        if (await FindIssuerAsync(accountId, cancellationToken).ConfigureAwait(false) is null)
        {
            return null;
        }

        return ToJson(writer =>
        {
            writer.WriteStartArray("keys");
            foreach (var key in _ring.PublishedKeys)
            {
                WritePublicHalf(writer, key);
            }

            writer.WriteEndArray();
        });
    }

    /// <summary>Whether this service issues tokens under a name.</summary>
    internal bool IsOwn(string issuer) =>
        _address is not null && issuer.StartsWith(_address + '/', StringComparison.Ordinal) && AccountId.IsValid(issuer.AsSpan(_address.Length + 1));

    /// <summary>The key that signs now, or <see langword="null"/> where the ring has none.</summary>
    internal WebIdentityKey? FindKey(WebIdentityAlgorithm algorithm) => _ring.FindSigningKey(algorithm);

    internal static string Sign(WebIdentityKey key, Dictionary<string, object> claims) =>
        Handler.CreateToken(new SecurityTokenDescriptor { Claims = claims, SigningCredentials = key.Credentials });

    private async ValueTask<string?> FindIssuerAsync(string accountId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(accountId);
        return _address is not null && AccountId.IsValid(accountId)
            && await _accounts.FindAccountAsync(accountId, cancellationToken).ConfigureAwait(false) is { } account
                ? IssuerOf(account)
                : null;
    }

    /// <summary>Names the members one by one: none of the private half can come along.</summary>
    private static void WritePublicHalf(Utf8JsonWriter writer, WebIdentityKey key)
    {
        writer.WriteStartObject();
        writer.WriteString("kty", key.Key.Kty);
        writer.WriteString("use", "sig");
        writer.WriteString("alg", key.Algorithm.ToString());
        writer.WriteString("kid", key.Id);
        if (key.Algorithm == WebIdentityAlgorithm.RS256)
        {
            writer.WriteString("n", key.Key.N);
            writer.WriteString("e", key.Key.E);
        }
        else
        {
            writer.WriteString("crv", key.Key.Crv);
            writer.WriteString("x", key.Key.X);
            writer.WriteString("y", key.Key.Y);
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, string[] values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static ReadOnlyMemory<byte> ToJson(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(2048);
        using var writer = new Utf8JsonWriter(bytes);
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenMemory;
    }
}
