using System.Collections.Immutable;
using System.Security.Cryptography;
using NodaTime;

namespace TokenService;

/// <summary>Whether a SAML provider encrypts its assertions.</summary>
/// <remarks>Source: IAM API Reference, <c>CreateSAMLProvider</c>, <c>AssertionEncryptionMode</c>.</remarks>
public enum AssertionEncryptionMode
{
    /// <summary>It may.</summary>
    Allowed,

    /// <summary>It must: a plain assertion is refused.</summary>
    Required,
}

/// <summary>A SAML 2.0 identity provider that an account trusts to say who somebody is.</summary>
/// <remarks>Sources: IAM API Reference, <c>CreateSAMLProvider</c>; reference 8.1. Certificates and keys are imported here, once. A provider belongs to one
/// account; another account that trusts the same one has a provider of its own.</remarks>
public sealed record SamlProvider
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 128;

    /// <summary>The longest metadata, in characters.</summary>
    public const int MaxMetadataLength = SamlMetadata.MaxLength;

    /// <summary>The most private keys a provider has.</summary>
    public const int MaxPrivateKeys = 2;

    private const string ResourcePrefix = "saml-provider/";
    private const int MinPrivateKeyBits = 2048;
    private const int MaxPrivateKeyBits = 8192;

    internal static readonly Duration MaxClockTolerance = Duration.FromMinutes(5);

    private readonly SamlMetadata _metadata;

    /// <summary>Describes a provider.</summary>
    /// <param name="account">The account that trusts it.</param>
    /// <param name="name">Its name, unique in the account: 1 to <see cref="MaxNameLength"/> characters of <c>A-Z a-z 0-9 _ . -</c>.</param>
    /// <param name="metadata">Its SAML metadata: an <c>EntityDescriptor</c> with one <c>IDPSSODescriptor</c>. Its signing keys are those of the key
    /// descriptors for signing, or for any use; a signature on the metadata counts for nothing.</param>
    /// <param name="acceptsShortKeys">Whether RSA keys of 1,024 to 2,047 bits are taken, as AWS takes them.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    /// <exception cref="FormatException">The metadata is not that of one provider with a usable signing key; the message says why no key is.</exception>
    public SamlProvider(Account account, string name, string metadata, bool acceptsShortKeys = false)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(metadata);
        if (!IsName(name))
        {
            throw new ArgumentException($"A provider's name has 1 to {MaxNameLength} characters of A-Z a-z 0-9 _ . -", nameof(name));
        }

        Name = name;
        Arn = Arn.Parse($"arn:{account.Partition}:iam::{account.Id}:saml-provider/{name}");
        _metadata = SamlMetadata.Parse(metadata, acceptsShortKeys);
    }

    /// <summary>The ARN, <c>arn:P:iam::ACCOUNT:saml-provider/NAME</c>.</summary>
    public Arn Arn { get; }

    /// <summary>The name, unique in its account.</summary>
    public string Name { get; }

    /// <summary>What the provider calls itself: the <c>entityID</c> of its metadata, and the issuer of its assertions.</summary>
    public string EntityId => _metadata.EntityId;

    /// <summary>Until when the metadata says it is valid, if it says so. It counts where <see cref="EnforcesValidity"/> is set.</summary>
    public Instant? ValidUntil => _metadata.ValidUntil;

    /// <summary>Why keys of the metadata are not used, one line a key; empty where all are.</summary>
    public ImmutableArray<string> UnusedKeys => _metadata.Flaws;

    /// <summary>Whether assertions have to be encrypted. Where they may be, that takes one of the <see cref="PrivateKeys"/>.</summary>
    public AssertionEncryptionMode AssertionEncryptionMode { get; init; }

    /// <summary>The RSA keys that decrypt assertions, in PEM (PKCS #1 or PKCS #8, not encrypted), the newest first.</summary>
    /// <value>None where nothing else is said, and then encrypted assertions are refused; at most <see cref="MaxPrivateKeys"/> of 2,048 to 8,192 bits.</value>
    /// <exception cref="ArgumentException">They are more, or one of them is no such key.</exception>
    public ImmutableArray<Secret> PrivateKeys
    {
        get;
        init
        {
            field = value.IsDefault ? [] : value;
            if (field.Length > MaxPrivateKeys)
            {
                throw new ArgumentException($"A provider has at most {MaxPrivateKeys} private keys.", nameof(value));
            }

            DecryptionKeys = [.. field.Select(Import)];
        }
    } = [];

    /// <summary>Whether certificates, and the metadata, are held to the time in which they say they are valid. AWS does not look at it: what counts
    /// is that the account registered them.</summary>
    public bool EnforcesValidity { get; init; }

    /// <summary>Whether signatures and digests with SHA-1 are accepted, for an old provider that has nothing better. Each use is logged as a
    /// warning: whoever can make collisions of SHA-1 may be able to forge such assertions.</summary>
    public bool AcceptsSha1 { get; init; }

    /// <summary>How far the provider's clock may differ from this one.</summary>
    /// <value>One minute where nothing else is said; none to five minutes.</value>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or longer.</exception>
    public Duration ClockTolerance
    {
        get;
        init => field = value >= Duration.Zero && value <= MaxClockTolerance
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The clock tolerance is none to five minutes.");
    } = Duration.FromMinutes(1);

    internal ImmutableArray<SamlSigningKey> SigningKeys => _metadata.Keys;

    internal ImmutableArray<RSA> DecryptionKeys { get; private init; } = [];

    /// <summary>The ARN.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => Arn.ToString();

    /// <summary>Whether a text is the ARN of a provider.</summary>
    internal static bool IsArn(string? text) =>
        Arn.TryParse(text, out var arn) && arn.Service == "iam" && arn.Region.Length == 0 && AccountId.IsValid(arn.Account)
        && arn.Resource.StartsWith(ResourcePrefix, StringComparison.Ordinal) && IsName(arn.Resource[ResourcePrefix.Length..]);

    /// <summary>The name of a provider of an account in the text of its ARN, or <see langword="null"/> where the text is none of that account.</summary>
    internal static string? NameIn(string? text, string accountId) =>
        IsArn(text) && Arn.Parse(text!) is var arn && arn.Account == accountId ? arn.Resource[ResourcePrefix.Length..] : null;

    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= MaxNameLength } && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-');

    private static RSA Import(Secret pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem.Reveal());

            // A public key would be imported too; what it cannot do is only told when it is used.
            key.ExportParameters(includePrivateParameters: true);
            if (key.KeySize is >= MinPrivateKeyBits and <= MaxPrivateKeyBits)
            {
                return key;
            }
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException)
        {
            // Said below, without what the platform says of the key.
        }

        key.Dispose();
        throw new ArgumentException($"A private key is an RSA key of {MinPrivateKeyBits} to {MaxPrivateKeyBits} bits in PEM, not encrypted.", nameof(pem));
    }
}
