using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

namespace TokenService.Tests.Federation.Saml;

/// <summary>What of a response a provider signs.</summary>
[Flags]
internal enum Signing
{
    None = 0,
    Assertion = 1,
    Response = 2,
    Both = Assertion | Response,
}

/// <summary>An identity provider of the tests: a key with its certificate, the metadata that tells of it, and responses that it signs by the platform's
/// own <see cref="SignedXml"/>, so that another implementation stands on the other side.</summary>
internal sealed class IdentityProvider
{
    internal const string EntityId = "https://idp.example/saml";

    private const string Assertions = "urn:oasis:names:tc:SAML:2.0:assertion";

    private IdentityProvider(AsymmetricAlgorithm key, X509Certificate2 certificate) => (Key, Certificate) = (key, certificate);

    /// <summary>The one that the tests trust.</summary>
    internal static IdentityProvider Trusted { get; } = Rsa();

    /// <summary>One with another key under the same name.</summary>
    internal static IdentityProvider Stranger { get; } = Rsa();

    /// <summary>The service's own keys, to which assertions are encrypted.</summary>
    internal static RSA[] DecryptionKeys { get; } = [RSA.Create(2048), RSA.Create(2048)];

    internal AsymmetricAlgorithm Key { get; }

    internal X509Certificate2 Certificate { get; }

    internal string CertificatePem => Certificate.ExportCertificatePem();

    internal static IdentityProvider Rsa(int bits = 2048, Instant? validFrom = null)
    {
        var rsa = RSA.Create(bits);
        return new(rsa, SelfSign(new CertificateRequest("CN=idp.example", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), validFrom));
    }

    internal static IdentityProvider Ec(ECCurve curve)
    {
        var ec = ECDsa.Create(curve);
        return new(ec, SelfSign(new CertificateRequest("CN=idp.example", ec, HashAlgorithmName.SHA256), null));
    }

    /// <summary>Metadata with some certificates for signing.</summary>
    internal static string Metadata(string entityId, params IEnumerable<string> certificates) => $"""
        <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entityId}">
          <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
            {string.Concat(certificates.Select(certificate => KeyDescriptor(certificate)))}
            <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>
          </md:IDPSSODescriptor>
        </md:EntityDescriptor>
        """;

    internal static string KeyDescriptor(string pem, string use = """use="signing" """)
    {
        var fields = PemEncoding.Find(pem);
        return $"""<md:KeyDescriptor {use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{pem[fields.Base64Data]}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>""";
    }

    /// <summary>The provider as an account registers it.</summary>
    internal SamlProvider Register(Account? account = null, string name = "corp") =>
        new(account ?? new Account("111122223333"), name, Metadata(EntityId, CertificatePem));

    /// <summary>The response, signed, in base64.</summary>
    internal string Sign(SamlResponse response, Signing what = Signing.Assertion) => Encode(SignXml(response.ToXml(), what));

    /// <summary>The response as XML, signed.</summary>
    internal string SignXml(string xml, Signing what, string algorithm = SignedXml.XmlDsigRSASHA256Url, string digest = SignedXml.XmlDsigSHA256Url)
    {
        var document = Load(xml);
        if (what.HasFlag(Signing.Assertion))
        {
            Sign((XmlElement)document.GetElementsByTagName("Assertion", Assertions)[0]!, algorithm, digest);
        }

        if (what.HasFlag(Signing.Response))
        {
            Sign(document.DocumentElement!, algorithm, digest);
        }

        return document.OuterXml;
    }

    /// <summary>An assertion that is signed by itself, encrypted in its response.</summary>
    internal string Encrypt(SamlResponse response, Encryption encryption, Signing what = Signing.Assertion)
    {
        var signed = Load(SignXml(response.ToXml(), what & Signing.Assertion));
        var assertion = (XmlElement)signed.GetElementsByTagName("Assertion", Assertions)[0]!;
        var xml = signed.OuterXml.Replace(assertion.OuterXml, encryption.Encrypt(Encoding.UTF8.GetBytes(assertion.OuterXml)), StringComparison.Ordinal);
        return Encode(what.HasFlag(Signing.Response) ? SignXml(xml, Signing.Response) : xml);
    }

    internal static string Encode(string xml) => Convert.ToBase64String(Encoding.UTF8.GetBytes(xml));

    internal static XmlDocument Load(string xml)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        document.LoadXml(xml);
        return document;
    }

    private void Sign(XmlElement element, string algorithm, string digest)
    {
        var signed = new SignedXml(element.OwnerDocument) { SigningKey = Key };
        signed.SignedInfo!.CanonicalizationMethod = SignedXml.XmlDsigExcC14NTransformUrl;
        signed.SignedInfo.SignatureMethod = algorithm;
        var reference = new Reference($"#{element.GetAttribute("ID")}") { DigestMethod = digest };
        reference.AddTransform(new XmlDsigEnvelopedSignatureTransform());
        reference.AddTransform(new XmlDsigExcC14NTransform());
        signed.AddReference(reference);
        signed.ComputeSignature();
        element.InsertAfter(element.OwnerDocument.ImportNode(signed.GetXml(), deep: true), element["Issuer", Assertions]);
    }

    private static X509Certificate2 SelfSign(CertificateRequest request, Instant? validFrom)
    {
        var from = (validFrom ?? SamlResponse.Start.Minus(Duration.FromDays(365))).ToDateTimeOffset();
        return request.CreateSelfSigned(from, from.AddYears(2));
    }
}
