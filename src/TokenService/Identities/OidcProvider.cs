using System.Collections.Immutable;
using System.Net;
using NodaTime;

namespace TokenService;

/// <summary>An OpenID Connect provider that an account trusts to say who somebody is.</summary>
/// <remarks>Source: IAM API Reference, <c>CreateOpenIDConnectProvider</c>; OpenID Connect Discovery 1.0; reference 9.1. A provider belongs to one
/// account; another account that trusts the same issuer has a provider of its own.</remarks>
public sealed record OidcProvider
{
    /// <summary>The longest issuer and client id, in characters.</summary>
    public const int MaxLength = 255;

    /// <summary>The most client ids a provider has.</summary>
    public const int MaxClientIds = 100;

    private static readonly Duration LongestMaxAge = Duration.FromDays(366);

    /// <summary>The signature algorithms that a provider accepts where nothing else is said.</summary>
    public static readonly ImmutableArray<string> DefaultAlgorithms = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

    /// <summary>The signature algorithms that a provider can list.</summary>
    public static readonly ImmutableArray<string> KnownAlgorithms = [.. DefaultAlgorithms, "PS256", "PS384", "PS512"];

    /// <summary>Describes a provider.</summary>
    /// <param name="account">The account that trusts it.</param>
    /// <param name="issuer">Its <c>iss</c> to the letter: an <c>https</c> address without user, query and fragment, at most
    /// <see cref="MaxLength"/> characters. Case, port and a trailing slash count. A host of one word, such as <c>https://s3</c>, takes a port or a path:
    /// else its condition keys would be those of a service.</param>
    /// <param name="clientIds">Whom its tokens may be for: the accepted values of <c>aud</c>, or of <c>azp</c> where a token has it. At most
    /// <see cref="MaxClientIds"/>; with none, nothing is accepted.</param>
    /// <param name="allowPlainHttp">Whether a loopback address may be reached over <c>http</c>, for development.</param>
    /// <exception cref="ArgumentException">The issuer or a client id is none.</exception>
    public OidcProvider(Account account, string issuer, ImmutableArray<string> clientIds, bool allowPlainHttp = false)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(issuer);
        AllowsPlainHttp = allowPlainHttp;
        var description = OidcProviderDescription.Find(issuer);
        if (description?.Refusal is { } refusal)
        {
            throw new ArgumentException(refusal, nameof(issuer));
        }

        if (issuer.Length > MaxLength || !Uri.TryCreate(issuer, UriKind.Absolute, out var address) || !MayReach(address)
            || !issuer.StartsWith($"{address.Scheme}://", StringComparison.Ordinal) || address.UserInfo.Length > 0
            || !issuer.All(character => character is > ' ' and < '\u007f' and not ('*' or '?' or '#' or '"' or '\\' or '@')))
        {
            throw new ArgumentException(
                $"An issuer is an https address of at most {MaxLength} characters without user, query and fragment; http is for loopback addresses, where it is allowed.",
                nameof(issuer));
        }

        if (!issuer.AsSpan(address.Scheme.Length + "://".Length).ContainsAny(".:/") && !address.IsLoopback)
        {
            throw new ArgumentException("A host name of one word is what condition keys of services begin with: an issuer has a name of more, or a port, or a path.", nameof(issuer));
        }

        if (clientIds.IsDefault || clientIds.Length > MaxClientIds || !clientIds.All(id => id is { Length: > 0 and <= MaxLength }))
        {
            throw new ArgumentException($"A provider has at most {MaxClientIds} client ids of 1 to {MaxLength} characters.", nameof(clientIds));
        }

        Address = address;
        Issuer = issuer;
        ClientIds = clientIds;
        KeyPrefix = issuer[(address.Scheme.Length + "://".Length)..];
        Arn = Arn.Parse($"arn:{account.Partition}:iam::{account.Id}:oidc-provider/{KeyPrefix}");
        Description = description ?? OidcProviderDescription.Any;
        AllowsPrivateAddresses = address.IsLoopback || (IPAddress.TryParse(address.DnsSafeHost, out var literal) && PrivateAddresses.Contain(literal));
    }

    /// <summary>The ARN, <c>arn:P:iam::ACCOUNT:oidc-provider/ISSUER</c>, the issuer without its scheme.</summary>
    public Arn Arn { get; }

    /// <summary>The <c>iss</c> of its tokens.</summary>
    public string Issuer { get; }

    /// <summary>The accepted audiences.</summary>
    public ImmutableArray<string> ClientIds { get; }

    /// <summary>Whether a loopback address may be reached over <c>http</c>.</summary>
    public bool AllowsPlainHttp { get; }

    /// <summary>What is known of such providers; by itself that of the issuer, where it is a known one.</summary>
    public OidcProviderDescription Description { get; init; }

    /// <summary>Where the keys are, for a provider without discovery. Where it is absent and <see cref="Jwks"/> too, discovery finds them.</summary>
    /// <exception cref="ArgumentException">The address is not https, nor http to a loopback address of a provider that allows it.</exception>
    public Uri? JwksUri
    {
        get;
        init => field = value is null || (value.IsAbsoluteUri && MayReach(value))
            ? value
            : throw new ArgumentException("Keys are fetched over https; http is for loopback addresses, where it is allowed.", nameof(value));
    }

    /// <summary>The keys themselves as a JSON Web Key Set (RFC 7517), for closed networks; then nothing is ever fetched.</summary>
    /// <remarks>A text that is no key set has no keys: it is told to the operator (event 2031) when it is read, with the first token, and no token of the
    /// provider is accepted.</remarks>
    public string? Jwks { get; init; }

    /// <summary>The signature algorithms that are accepted.</summary>
    /// <value><see cref="DefaultAlgorithms"/> where nothing else is said; otherwise some of <see cref="KnownAlgorithms"/>.</value>
    /// <exception cref="ArgumentException">One of them is not known here.</exception>
    public ImmutableArray<string> Algorithms
    {
        get;
        init => field = value.IsDefaultOrEmpty || !value.All(algorithm => KnownAlgorithms.Contains(algorithm, StringComparer.Ordinal))
            ? throw new ArgumentException($"A provider accepts some of {string.Join(", ", KnownAlgorithms)}.", nameof(value))
            : value;
    } = DefaultAlgorithms;

    /// <summary>How far the provider's clock may differ from this one.</summary>
    /// <value>One minute where nothing else is said; none to five minutes.</value>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or longer.</exception>
    public Duration ClockTolerance
    {
        get;
        init => field = value >= Duration.Zero && value <= Duration.FromMinutes(5)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The clock tolerance is none to five minutes.");
    } = Duration.FromMinutes(1);

    /// <summary>How long after its <c>iat</c> a token may be used, whatever its <c>exp</c>; absent where that alone counts.</summary>
    /// <value>One second to 366 days; <see cref="ClockTolerance"/> comes on top of it.</value>
    /// <exception cref="ArgumentOutOfRangeException">The age is shorter or longer.</exception>
    public Duration? MaxAge
    {
        get;
        init => field = value is null || (value >= Duration.FromSeconds(1) && value <= LongestMaxAge)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The maximum age of a token is one second to 366 days.");
    }

    /// <summary>The values of <c>typ</c> that its tokens may have besides <c>JWT</c>, compared without regard to letter case.</summary>
    public ImmutableArray<string> TokenTypes { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Whether each token is accepted once only; it must then have a <c>jti</c>.</summary>
    public bool AcceptsTokensOnce { get; init; }

    /// <summary>Whether its keys may be fetched from private addresses. By itself only where the issuer is such an address.</summary>
    public bool AllowsPrivateAddresses { get; init; }

    /// <summary>The name in <c>aws:FederatedProvider</c> and in answers: the bare host of a built-in provider, else the ARN.</summary>
    public string Name => Description.BuiltInName ?? Arn.ToString();

    /// <summary>What condition keys begin with, before the colon: the issuer without its scheme.</summary>
    internal string KeyPrefix { get; }

    internal Uri Address { get; }

    /// <summary>The ARN.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => Arn.ToString();

    /// <summary>Whether keys may be asked for at an address: nobody on the way can put others in their place.</summary>
    internal bool MayReach(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback && AllowsPlainHttp);
}
