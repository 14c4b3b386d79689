using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NodaTime;

namespace TokenService.Testing;

/// <summary>An OpenID provider in memory: it issues tokens with real signatures, rotates its keys, and issues bad tokens where a test asks for them.</summary>
/// <remarks>It needs no network: <see cref="CreateClient"/> answers discovery and keys. <see cref="LoopbackOpenIdProvider"/> serves one on a port.</remarks>
public sealed class FakeOpenIdProvider : IDisposable
{
    /// <summary>The issuer where nothing else is said.</summary>
    public const string DefaultIssuer = "https://issuer.example";

    /// <summary>The subject of tokens where nothing else is said.</summary>
    public const string DefaultSubject = "user-1";

    private static readonly Duration Hour = Duration.FromHours(1);

    private readonly IClock _clock;
    private readonly List<OpenIdSigningKey> _made = [];
    private readonly Lock _gate = new();

    // Replaced whole, the signing key first: requests read it while a test rotates.
    private volatile OpenIdSigningKey[] _published;

    /// <summary>Makes a provider with one key.</summary>
    /// <param name="clock">The time of its tokens; a test gives it the clock that the service has.</param>
    /// <param name="issuer">Its <c>iss</c>: an <c>https</c> address, or <c>http</c> with a loopback address.</param>
    /// <param name="clientId">The application that its tokens are for.</param>
    /// <param name="algorithm">What its keys sign with.</param>
    public FakeOpenIdProvider(
        IClock clock, string issuer = DefaultIssuer, string clientId = "app", WebIdentityAlgorithm algorithm = WebIdentityAlgorithm.ES384)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        _clock = clock;
        Issuer = issuer;
        ClientId = clientId;
        Algorithm = algorithm;
        _published = [MakeKey()];
    }

    /// <summary>The <c>iss</c> of its tokens.</summary>
    public string Issuer { get; }

    /// <summary>The <c>aud</c> of its tokens.</summary>
    public string ClientId { get; }

    /// <summary>What its keys sign with.</summary>
    public WebIdentityAlgorithm Algorithm { get; }

    /// <summary>How long its tokens are good.</summary>
    /// <value>Five minutes where nothing else is said.</value>
    public Duration TokenLifetime { get; set; } = Duration.FromMinutes(5);

    /// <summary>The key that signs now.</summary>
    public OpenIdSigningKey SigningKey => _published[0];

    /// <summary>The keys that are published: the one that signs, and older ones.</summary>
    public ImmutableArray<OpenIdSigningKey> PublishedKeys => [.. _published];

    /// <summary>The address of the discovery document.</summary>
    public string DiscoveryAddress => $"{Issuer.TrimEnd('/')}/.well-known/openid-configuration";

    /// <summary>The address of the keys.</summary>
    public string JwksAddress => $"{Issuer.TrimEnd('/')}/keys";

    /// <summary>The discovery document (OpenID Connect Discovery 1.0, section 3), in JSON.</summary>
    public string DiscoveryDocument => new JsonObject
    {
        ["issuer"] = Issuer,
        ["jwks_uri"] = JwksAddress,
        ["response_types_supported"] = new JsonArray("code"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray(Algorithm.ToString()),
    }.ToJsonString();

    /// <summary>The published keys as a JSON Web Key Set.</summary>
    public string Jwks => OpenIdSigningKey.ToJwks(_published);

    /// <summary>Describes the provider to the service, for an account that trusts it.</summary>
    /// <param name="account">The account.</param>
    /// <returns>The provider, which finds its keys by discovery; <c>with { Jwks = provider.Jwks }</c> gives them inline.</returns>
    public OidcProvider Describe(Account account) =>
        new(account, Issuer, [ClientId], allowPlainHttp: Issuer.StartsWith("http:", StringComparison.Ordinal));

    /// <summary>Makes a client that reaches this provider and nothing else, for
    /// <see cref="TemporaryCredentialsBuilder.UseHttpClient(Func{IServiceProvider, HttpClient})"/>; any other address is a failed connection.</summary>
    /// <returns>A client, which the caller disposes of.</returns>
    public HttpClient CreateClient() => new(new FakeNetwork([this]));

    /// <summary>The claims of a good token.</summary>
    /// <param name="subject">The <c>sub</c>.</param>
    /// <returns>A new object, which may be changed.</returns>
    public JsonObject CreateClaims(string subject = DefaultSubject)
    {
        var now = _clock.GetCurrentInstant();
        return new JsonObject
        {
            ["iss"] = Issuer,
            ["sub"] = subject,
            ["aud"] = ClientId,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + TokenLifetime).ToUnixTimeSeconds(),
        };
    }

    /// <summary>Issues a token.</summary>
    /// <param name="subject">Whom it is about.</param>
    /// <param name="change">Adds or changes claims.</param>
    /// <returns>The token, signed with <see cref="SigningKey"/>.</returns>
    public string IssueToken(string subject = DefaultSubject, Action<JsonObject>? change = null)
    {
        var claims = CreateClaims(subject);
        change?.Invoke(claims);
        return SigningKey.Sign(claims);
    }

    /// <summary>Issues a token that must not be accepted, by a fault of one kind.</summary>
    /// <param name="flaw">The fault.</param>
    /// <param name="subject">Whom it is about.</param>
    /// <returns>The token.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such fault.</exception>
    public string IssueBadToken(BadToken flaw, string subject = DefaultSubject) => flaw switch
    {
        BadToken.Expired => IssueToken(subject, claims => SetTimes(claims, -2 * Hour, -Hour)),
        BadToken.NotYetValid => IssueToken(subject, claims => claims["nbf"] = SecondsAt(Hour)),
        BadToken.IssuedInTheFuture => IssueToken(subject, claims => SetTimes(claims, Hour, 2 * Hour)),
        BadToken.ExpiresBeforeItIsIssued => IssueToken(subject, claims => SetTimes(claims, Duration.FromSeconds(20), Duration.FromSeconds(10))),
        BadToken.OtherIssuer => IssueToken(subject, claims => claims["iss"] = "https://another-issuer.example"),
        BadToken.OtherAudience => IssueToken(subject, claims => claims["aud"] = $"not-{ClientId}"),
        BadToken.OtherAuthorizedParty => IssueToken(subject, claims => claims["azp"] = $"not-{ClientId}"),
        BadToken.NoIssuer => IssueToken(subject, claims => claims.Remove("iss")),
        BadToken.NoSubject => IssueToken(subject, claims => claims.Remove("sub")),
        BadToken.NoAudience => IssueToken(subject, claims => claims.Remove("aud")),
        BadToken.NoExpiry => IssueToken(subject, claims => claims.Remove("exp")),
        BadToken.NoIssuedAt => IssueToken(subject, claims => claims.Remove("iat")),
        BadToken.ExpiryAsText => IssueToken(subject, claims => claims["exp"] = "never"),
        BadToken.RepeatedClaim => SigningKey.SignText($$"""{"sub":"somebody-else",{{CreateClaims(subject).ToJsonString()[1..]}}"""),
        BadToken.PayloadNotJson => SigningKey.SignText("<claims/>"),
        BadToken.UnknownKey => SignElsewhere("nowhere-published", subject),
        BadToken.ForgedSignature => SignElsewhere(SigningKey.KeyId, subject),
        BadToken.ChangedPayload => ChangePayload(subject),
        BadToken.NoSignature => WithoutSignature(IssueToken(subject)),
        BadToken.AlgorithmNone => WithoutSignature(SignWithHeader(subject, header => header["alg"] = "none")),
        BadToken.AlgorithmHmac => SignWithPublicKey(subject),
        BadToken.KeyInHeader => SignElsewhere("nowhere-published", subject, bringsKey: true),
        BadToken.CriticalHeader => SignWithHeader(subject, header => header["crit"] = new JsonArray("exp")),
        BadToken.AccessToken => SignWithHeader(subject, header => header["typ"] = "at+jwt"),
        BadToken.TooLong => IssueToken(subject, claims => claims["padding"] = new string('x', 20_000)),
        _ => throw new ArgumentOutOfRangeException(nameof(flaw), flaw, "There is no such fault."),
    };

    /// <summary>Makes a new key, which signs from now on; those from before stay published.</summary>
    public void RotateKeys()
    {
        var next = MakeKey();
        lock (_gate)
        {
            _published = [next, .. _published];
        }
    }

    /// <summary>Publishes no key any more but the one that signs.</summary>
    public void RetireOldKeys()
    {
        lock (_gate)
        {
            _published = [_published[0]];
        }
    }

    /// <summary>Forgets the keys.</summary>
    public void Dispose()
    {
        foreach (var key in _made)
        {
            key.Dispose();
        }
    }

    private OpenIdSigningKey MakeKey()
    {
        lock (_gate)
        {
            var key = new OpenIdSigningKey($"key-{_made.Count + 1}", Algorithm);
            _made.Add(key);
            return key;
        }
    }

    private void SetTimes(JsonObject claims, Duration issued, Duration expires)
    {
        claims["iat"] = SecondsAt(issued);
        claims["exp"] = SecondsAt(expires);
    }

    private long SecondsAt(Duration fromNow) => (_clock.GetCurrentInstant() + fromNow).ToUnixTimeSeconds();

    private static string WithoutSignature(string token) => token[..(token.LastIndexOf('.') + 1)];

    private string SignWithHeader(string subject, Action<JsonObject> change)
    {
        var key = SigningKey;
        var header = key.CreateHeader();
        change(header);
        return key.Sign(CreateClaims(subject), header);
    }

    private string SignElsewhere(string keyId, string subject, bool bringsKey = false)
    {
        using var key = new OpenIdSigningKey(keyId, Algorithm);
        var header = key.CreateHeader();
        if (bringsKey)
        {
            header["jwk"] = key.ToPublicJwk();
        }

        return key.Sign(CreateClaims(subject), header);
    }

    private string ChangePayload(string subject)
    {
        var parts = IssueToken(subject).Split('.');
        return $"{parts[0]}.{OpenIdSigningKey.Encode(CreateClaims($"not-{subject}").ToJsonString())}.{parts[2]}";
    }

    private string SignWithPublicKey(string subject)
    {
        var key = SigningKey;
        var header = key.CreateHeader();
        header["alg"] = "HS256";
        var input = $"{OpenIdSigningKey.Encode(header.ToJsonString())}.{OpenIdSigningKey.Encode(CreateClaims(subject).ToJsonString())}";
        return $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.PublicPem), Encoding.ASCII.GetBytes(input)))}";
    }
}
