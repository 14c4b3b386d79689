using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;
using NodaTime;

namespace TokenService.Testing;

/// <summary>A SAML 2.0 identity provider in memory: its metadata, responses with real signatures, encrypted ones, and bad ones where a test asks for them.</summary>
/// <remarks>It signs with the platform's <see cref="SignedXml"/>, which the service does not use, so that another implementation stands on the other side. It
/// needs no network, since a browser is what carries a response.</remarks>
public sealed class FakeSamlProvider : IDisposable
{
    /// <summary>What it calls itself where nothing else is said.</summary>
    public const string DefaultEntityId = "https://idp.example/saml";

    /// <summary>Whom its assertions are for where nothing else is said.</summary>
    public const string DefaultAudience = "urn:amazon:webservices";

    /// <summary>Where its assertions are delivered to where nothing else is said.</summary>
    public const string DefaultRecipient = "https://signin.aws.amazon.com/saml";

    private const string Assertions = "urn:oasis:names:tc:SAML:2.0:assertion";
    private const int KeyBits = 2048;

    private static readonly Duration Minute = Duration.FromMinutes(1);

    private readonly IClock _clock;
    private readonly Lazy<RSA> _decryptionKey = new(() => RSA.Create(KeyBits));
    private readonly Lock _gate = new();
    private string? _last;

    /// <summary>Makes a provider with one key, which takes some tenths of a second.</summary>
    /// <param name="clock">The time of its responses; a test gives it the clock that the service has. Its certificate began a year ago and lasts another.</param>
    /// <param name="entityId">What it calls itself.</param>
    /// <param name="keyBits">How large its RSA key is; the service takes 2,048 bits and more.</param>
    public FakeSamlProvider(IClock clock, string entityId = DefaultEntityId, int keyBits = KeyBits)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentException.ThrowIfNullOrEmpty(entityId);
        _clock = clock;
        EntityId = entityId;
        SigningKey = RSA.Create(keyBits);
        var request = new CertificateRequest("CN=identity provider", SigningKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var from = clock.GetCurrentInstant().Minus(Duration.FromDays(365)).ToDateTimeOffset();
        Certificate = request.CreateSelfSigned(from, from.AddYears(2));
    }

    /// <summary>What it calls itself: the <c>entityID</c> of its metadata, and the issuer of its assertions.</summary>
    public string EntityId { get; }

    /// <summary>Whom its assertions are for.</summary>
    /// <value>AWS where nothing else is said, which the service takes where its options say nothing else.</value>
    public string Audience { get; set; } = DefaultAudience;

    /// <summary>The address that its assertions are delivered to.</summary>
    /// <value>AWS's where nothing else is said, which the service takes where its options say nothing else.</value>
    public string Recipient { get; set; } = DefaultRecipient;

    /// <summary>The key that signs.</summary>
    public RSA SigningKey { get; }

    /// <summary>The certificate of that key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The service's key, to which assertions are encrypted; made when it is first asked for.</summary>
    public RSA DecryptionKey => _decryptionKey.Value;

    /// <summary>The metadata, as <c>CreateSAMLProvider</c> takes it.</summary>
    public string Metadata => $"""
        <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{SecurityElement.Escape(EntityId)}">
          <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
            <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{Convert.ToBase64String(Certificate.RawData)}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
            <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sign-in"/>
          </IDPSSODescriptor>
        </EntityDescriptor>
        """;

    /// <summary>Describes the provider to the service, for an account that trusts it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="name">What the account calls it.</param>
    /// <returns>The provider, which has <see cref="DecryptionKey"/> to decrypt with.</returns>
    public SamlProvider Describe(Account account, string name = "corp") =>
        new(account, name, Metadata) { PrivateKeys = [new Secret(DecryptionKey.ExportPkcs8PrivateKeyPem())] };

    /// <summary>The content of a good response.</summary>
    /// <param name="subject">Whom it is about; the session is called so too.</param>
    /// <param name="roles">The roles that it gives, each with its provider.</param>
    /// <returns>A response that was issued half a minute ago and is good for four.</returns>
    public SamlResponse CreateResponse(string subject, params IEnumerable<SamlRole> roles)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        ArgumentNullException.ThrowIfNull(roles);
        var now = _clock.GetCurrentInstant();
        return new SamlResponse
        {
            Issued = now - Duration.FromSeconds(30),
            Issuer = SecurityElement.Escape(EntityId),
            Subject = $"""<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{SecurityElement.Escape(subject)}</saml:NameID>""",
            Confirmation = SamlResponse.BearerUntil(now + (4 * Minute), Recipient),
            Conditions = SamlResponse.Between(now - (4 * Minute), now + (4 * Minute), Audience),
            Authentication = SamlResponse.Authenticated(now - Minute),
            ResponseAttributes = $"""Destination="{SecurityElement.Escape(Recipient)}" """,
            ResponseIssuer = $"<saml:Issuer>{SecurityElement.Escape(EntityId)}</saml:Issuer>",
        }.With("Role", [.. roles.Select(role => $"{role.RoleArn},{role.ProviderArn}")]).With("RoleSessionName", subject);
    }

    /// <summary>The content of a good response that gives roles of one account.</summary>
    /// <param name="subject">Whom it is about; the session is called so too.</param>
    /// <param name="provider">What the account calls this provider.</param>
    /// <param name="roles">The roles.</param>
    /// <returns>A response that was issued half a minute ago and is good for four.</returns>
    public SamlResponse CreateResponse(string subject, SamlProvider provider, params IEnumerable<Role> roles)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return CreateResponse(subject, roles.Select(role => new SamlRole(role.Arn.ToString(), provider.Arn.ToString())));
    }

    /// <summary>Issues a response whose assertion is signed.</summary>
    /// <param name="subject">Whom it is about; the session is called so too.</param>
    /// <param name="provider">What the account calls this provider.</param>
    /// <param name="roles">The roles that it gives.</param>
    /// <returns>The response in base64, as a browser posts it.</returns>
    public string IssueResponse(string subject, SamlProvider provider, params IEnumerable<Role> roles) => Sign(CreateResponse(subject, provider, roles));

    /// <summary>Issues a response that must not be accepted, by a fault of one kind.</summary>
    /// <param name="flaw">The fault.</param>
    /// <param name="subject">Whom it is about.</param>
    /// <param name="provider">What the account calls this provider.</param>
    /// <param name="roles">The roles that it gives.</param>
    /// <returns>The response in base64, but for <see cref="BadSamlResponse.NotBase64"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such fault.</exception>
    /// <exception cref="InvalidOperationException">Nothing was issued that could be replayed.</exception>
    public string IssueBadResponse(BadSamlResponse flaw, string subject, SamlProvider provider, params IEnumerable<Role> roles)
    {
        var good = CreateResponse(subject, provider, roles);
        var now = _clock.GetCurrentInstant();
        return flaw switch
        {
            BadSamlResponse.Expired => Sign(good with { Conditions = SamlResponse.Between(now - (20 * Minute), now - (10 * Minute), Audience) }),
            BadSamlResponse.ConfirmationExpired => Sign(good with { Confirmation = SamlResponse.BearerUntil(now - (10 * Minute), Recipient) }),
            BadSamlResponse.SessionEnded => Sign(good with { Authentication = SamlResponse.Authenticated(now - (20 * Minute), now - (10 * Minute)) }),
            BadSamlResponse.TooOld => Sign(good with { Issued = now - (11 * Minute) }),
            BadSamlResponse.NotYetValid => Sign(good with { Conditions = SamlResponse.Between(now + (60 * Minute), now + (70 * Minute), Audience) }),
            BadSamlResponse.IssuedInTheFuture => Sign(good with { Issued = now + (60 * Minute) }),
            BadSamlResponse.OtherIssuer => Sign(good with { Issuer = "https://another-provider.example" }),
            BadSamlResponse.OtherAudience => Sign(good with { Conditions = SamlResponse.Between(now - Minute, now + Minute, "urn:another:service") }),
            BadSamlResponse.NoAudience => Sign(good with { Conditions = $"""<saml:Conditions NotOnOrAfter="{SamlResponse.Time(now + Minute)}"/>""" }),
            BadSamlResponse.OtherRecipient => Sign(good with { Confirmation = SamlResponse.BearerUntil(now + Minute, "https://another-service.example/saml") }),
            BadSamlResponse.OtherDestination => Sign(good with { ResponseAttributes = """Destination="https://another-service.example/saml" """ }),
            BadSamlResponse.NotForBearer => Sign(good with { Confirmation = good.Confirmation.Replace("cm:bearer", "cm:holder-of-key", StringComparison.Ordinal) }),
            BadSamlResponse.NoAuthentication => Sign(good with { Authentication = "" }),
            BadSamlResponse.RejectedByProvider => Sign(good with { Status = good.Status.Replace("Success", "Responder", StringComparison.Ordinal) }),
            BadSamlResponse.NoSubject => Sign(good with { Subject = "<saml:NameID/>" }),
            BadSamlResponse.NoRole => Sign(good.Without("Role")),
            BadSamlResponse.OtherRole => Sign(good.Without("Role").With("Role", $"arn:aws:iam::{provider.Arn.Account}:role/another-role,{provider.Arn}")),
            BadSamlResponse.NoSessionName => Sign(good.Without("RoleSessionName")),
            BadSamlResponse.Replayed => _last ?? throw new InvalidOperationException("The provider issued nothing that could be replayed."),
            BadSamlResponse.NoSignature => Sign(good, SamlSigning.None),
            BadSamlResponse.UnknownKey => SignElsewhere(good, bringsKey: false),
            BadSamlResponse.KeyInKeyInfo => SignElsewhere(good, bringsKey: true),
            BadSamlResponse.ChangedSubject => ForgedResponse.Change(SignXml(good.ToXml(), SamlSigning.Assertion), $">{SecurityElement.Escape(subject)}</saml:NameID>", ">somebody-else</saml:NameID>"),
            BadSamlResponse.ChangedRole => ForgedResponse.Change(SignXml(good.ToXml(), SamlSigning.Assertion), ":role/", ":role/admin/"),
            BadSamlResponse.SignatureOfAnother => ForgedResponse.WithSignatureOf(good.ToXml(), SignXml(CreateResponse(subject, provider, roles).ToXml(), SamlSigning.Assertion)),
            BadSamlResponse.Sha1 => Encode(SignXml(good.ToXml(), SamlSigning.Assertion, SignedXml.XmlDsigRSASHA1Url, SignedXml.XmlDsigSHA1Url)),
            BadSamlResponse.CommentInName => ForgedResponse.Change(SignXml(good.ToXml(), SamlSigning.Assertion), "</saml:NameID>", "<!-- --></saml:NameID>"),
            BadSamlResponse.DocumentType => Encode($"<!DOCTYPE Response [<!ENTITY e \"x\">]>{SignXml(good.ToXml(), SamlSigning.Assertion)}"),
            BadSamlResponse.Wrapping1 or BadSamlResponse.Wrapping2 => ForgedResponse.Wrap(flaw, SignXml(good.ToXml(), SamlSigning.Response)),
            >= BadSamlResponse.Wrapping3 and <= BadSamlResponse.Wrapping8 => ForgedResponse.Wrap(flaw, SignXml(good.ToXml(), SamlSigning.Assertion)),
            BadSamlResponse.EncryptedToAnother => EncryptElsewhere(good),
            BadSamlResponse.ChangedCiphertext => Encrypt(good, SamlEncryption.Gcm(DecryptionKey) with { Damage = bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)] }),
            BadSamlResponse.EncryptedWithoutSignature => Encrypt(good, SamlEncryption.Gcm(DecryptionKey), SamlSigning.None),
            BadSamlResponse.NotBase64 => SignXml(good.ToXml(), SamlSigning.Assertion),
            BadSamlResponse.TooLong => Sign(good.With("Padding", [.. Enumerable.Repeat(new string('x', 10_000), 8)])),
            _ => throw new ArgumentOutOfRangeException(nameof(flaw), flaw, "There is no such fault."),
        };
    }

    /// <summary>Signs a response.</summary>
    /// <param name="response">What it says.</param>
    /// <param name="what">What of it is signed.</param>
    /// <returns>The response in base64, as a browser posts it.</returns>
    public string Sign(SamlResponse response, SamlSigning what = SamlSigning.Assertion)
    {
        ArgumentNullException.ThrowIfNull(response);
        return _last = Encode(SignXml(response.ToXml(), what));
    }

    /// <summary>Signs a response whose assertion is encrypted.</summary>
    /// <param name="response">What it says.</param>
    /// <param name="encryption">How its assertion is encrypted; with <see cref="SamlEncryption.Gcm"/> or <see cref="SamlEncryption.Cbc"/>, to
    /// <see cref="DecryptionKey"/>, for what <see cref="Describe"/> describes.</param>
    /// <param name="what">What is signed: the assertion before it is encrypted, the response around the ciphertext.</param>
    /// <returns>The response in base64, as a browser posts it.</returns>
    public string Encrypt(SamlResponse response, SamlEncryption encryption, SamlSigning what = SamlSigning.Assertion)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(encryption);
        var signed = ForgedResponse.Load(SignXml(response.ToXml(), what & SamlSigning.Assertion));
        var assertion = (XmlElement)signed.GetElementsByTagName("Assertion", Assertions)[0]!;
        var xml = signed.OuterXml.Replace(assertion.OuterXml, encryption.Encrypt(Encoding.UTF8.GetBytes(assertion.OuterXml)), StringComparison.Ordinal);
        return Encode(what.HasFlag(SamlSigning.Response) ? SignXml(xml, SamlSigning.Response) : xml);
    }

    /// <summary>Signs any XML as a response, whether it is one or not.</summary>
    /// <param name="xml">The document.</param>
    /// <param name="what">What is signed: the first <c>Assertion</c>, the document element, or both.</param>
    /// <param name="signatureMethod">The identifier of the signature's algorithm, one that <see cref="SignedXml"/> knows for RSA.</param>
    /// <param name="digestMethod">The identifier of the digest's.</param>
    /// <returns>The document as XML.</returns>
    public string SignXml(
        string xml, SamlSigning what, string signatureMethod = SignedXml.XmlDsigRSASHA256Url, string digestMethod = SignedXml.XmlDsigSHA256Url)
    {
        var document = ForgedResponse.Load(xml);
        if (what.HasFlag(SamlSigning.Assertion))
        {
            Sign((XmlElement)document.GetElementsByTagName("Assertion", Assertions)[0]!, signatureMethod, digestMethod);
        }

        if (what.HasFlag(SamlSigning.Response))
        {
            Sign(document.DocumentElement!, signatureMethod, digestMethod);
        }

        return document.OuterXml;
    }

    /// <summary>Writes XML as a browser posts it.</summary>
    /// <param name="xml">The document.</param>
    /// <returns>Base64 of its bytes.</returns>
    public static string Encode(string xml) => Convert.ToBase64String(Encoding.UTF8.GetBytes(xml));

    /// <summary>Forgets the keys.</summary>
    public void Dispose()
    {
        SigningKey.Dispose();
        Certificate.Dispose();
        if (_decryptionKey.IsValueCreated)
        {
            _decryptionKey.Value.Dispose();
        }
    }

    private string SignElsewhere(SamlResponse response, bool bringsKey)
    {
        using var stranger = new FakeSamlProvider(_clock, EntityId);
        var xml = stranger.SignXml(response.ToXml(), SamlSigning.Assertion);
        var info = $"<KeyInfo><X509Data><X509Certificate>{Convert.ToBase64String(stranger.Certificate.RawData)}</X509Certificate></X509Data></KeyInfo></Signature>";
        return bringsKey ? ForgedResponse.Change(xml, "</Signature>", info) : Encode(xml);
    }

    private string EncryptElsewhere(SamlResponse response)
    {
        using var other = RSA.Create(KeyBits);
        return Encrypt(response, SamlEncryption.Gcm(other));
    }

    private void Sign(XmlElement element, string signatureMethod, string digestMethod)
    {
        lock (_gate)
        {
            var signed = new SignedXml(element.OwnerDocument) { SigningKey = SigningKey };
            signed.SignedInfo!.CanonicalizationMethod = SignedXml.XmlDsigExcC14NTransformUrl;
            signed.SignedInfo.SignatureMethod = signatureMethod;
            var reference = new Reference($"#{element.GetAttribute("ID")}") { DigestMethod = digestMethod };
            reference.AddTransform(new XmlDsigEnvelopedSignatureTransform());
            reference.AddTransform(new XmlDsigExcC14NTransform());
            signed.AddReference(reference);
            signed.ComputeSignature();
            element.InsertAfter(element.OwnerDocument.ImportNode(signed.GetXml(), deep: true), element["Issuer", Assertions]);
        }
    }
}
