namespace TokenService;

/// <summary>The host's choices. Every default is the safe one; what cannot be is refused when the host starts, all faults at once.</summary>
public sealed class TemporaryCredentialsOptions
{
    /// <summary>A file that holds the key ring, so that a restart ends no session whose identity has the same unique id afterwards. It is made on
    /// first start, for its owner alone (on Windows the folder's access list guards it), and serves the processes of one machine.</summary>
    /// <value>A path, or <see langword="null"/>: then <see cref="Keys"/> count, and where there are none either, a key for this process
    /// alone, with a logged warning.</value>
    public string? KeyRingFile { get; set; }

    /// <summary>How long a key of the <see cref="KeyRingFile"/> seals, or signs, before a new one takes over. An older key goes on opening for 37 hours after
    /// its successor came, the longest session and an hour; stored multi-factor devices are passed through <see cref="MfaSecretSealer.Renew"/>
    /// before that.</summary>
    /// <value>30 days where nothing else is said; one hour to 3,650 days.</value>
    public TimeSpan KeyRotation { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The keys of the ring, the sealing one first, for hosts that keep secrets elsewhere than in a file.</summary>
    /// <value>None, or any number with distinct ids. Not together with <see cref="KeyRingFile"/>.</value>
    public IList<RootKeyOptions> Keys { get; } = [];

    /// <summary>The address under which clients reach the endpoint from outside, which makes the service an OpenID provider: the issuer of an
    /// account's web identity tokens is this address, a slash and the account's id, and below that lie the discovery document and the keys.</summary>
    /// <value>An <c>https</c> address such as <c>https://sts.example</c>, perhaps with a path, as long as the service runs unchanged: verifiers
    /// trust it by its letters. <c>http</c> is for loopback addresses alone. Absent where nothing else is said: then
    /// <c>GetWebIdentityToken</c> is refused as <c>OutboundWebIdentityFederationDisabledException</c>.</value>
    public string? PublicAddress { get; set; }

    /// <summary>The keys that sign web identity tokens, in PEM (PKCS #8 without a password), for hosts that give <see cref="Keys"/>; the
    /// <see cref="KeyRingFile"/> makes and rotates its own. The first of each algorithm signs; the others are published, so that a new key is
    /// appended an hour before it is put first, and the old one stays behind it for two hours more: the longest life of a token, and an hour for
    /// clocks that differ.</summary>
    /// <value>None, or at least one RSA key of 2,048 to 4,096 bits (<c>RS256</c>) and one of P-384 (<c>ES384</c>).</value>
    public IList<string> WebIdentityKeys { get; } = [];

    /// <summary>The room that session policies and tags have inside a session token; more is <c>PackedPolicyTooLarge</c>.</summary>
    /// <value>Bytes; 2,560 where nothing else is said, so that a token stays under the 4,096 characters that clients bear; 256 to 8,192.
    /// Above the default that bound on the token is no longer held.</value>
    public int PackedPolicyBudget { get; set; } = SessionMint.DefaultBudget;

    /// <summary>How long an encoded authorization message can be decoded.</summary>
    /// <value>24 hours where nothing else is said; one minute to 36 hours, for which a key ring keeps its older keys.</value>
    public TimeSpan AuthorizationMessageLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Condition keys whose values are personal or secret, such as <c>aws:PrincipalTag/CostCentre</c> or a key of the host's own: a denial
    /// tells that the condition failed and on which key, and neither the request's values nor the policy's; logs and encoded authorization
    /// messages tell no more.</summary>
    /// <value>Names as policies have them, whatever their letter case, each to its end; none where nothing else is said.</value>
    public ISet<string> SensitiveConditionKeys { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How often principals and accounts may call <see cref="ITokenIssuer"/>; more is <c>Throttling</c>. What is set for source addresses
    /// counts where a host asks <see cref="RequestThrottle.CheckSource"/>, since an address is to be counted before a caller is known.</summary>
    /// <value>No rate is set where nothing else is said. The endpoint for ASP.NET Core has rates of its own, which count beside these.</value>
    public ThrottlingOptions Throttling { get; } = new();

    /// <summary>How the keys of OpenID Connect providers are fetched and kept.</summary>
    public OidcOptions Oidc { get; } = new();
}

/// <summary>A key of the ring as configuration writes it.</summary>
public sealed class RootKeyOptions
{
    /// <summary>What names the key in tokens; unique in its ring, no secret. Logs and the key ring's file write it in hexadecimal.</summary>
    public uint Id { get; set; }

    /// <summary>The key: 32 random bytes in base64.</summary>
    public string Material { get; set; } = "";

    /// <summary>The id alone.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => $"key {Id:x8}";
}
