using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;
using NodaTime.Testing;
using TokenService.Testing;

namespace TokenService.Tests.Federation.Saml;

/// <summary>The identity providers of the tests, and metadata as it may come.</summary>
internal static class IdentityProvider
{
    internal const string EntityId = FakeSamlProvider.DefaultEntityId;

    /// <summary>The one that the tests trust.</summary>
    internal static FakeSamlProvider Trusted { get; } = Rsa();

    /// <summary>One with another key under the same name.</summary>
    internal static FakeSamlProvider Stranger { get; } = Rsa();

    /// <summary>The service's own keys, to which assertions are encrypted.</summary>
    internal static RSA[] DecryptionKeys { get; } = [RSA.Create(2048), RSA.Create(2048)];

    /// <summary>How an assertion is encrypted to the first of them.</summary>
    internal static SamlEncryption Encryption => new(DecryptionKeys[0]);

    internal static FakeSamlProvider Rsa(int bits = 2048, Instant? validFrom = null) =>
        new(new FakeClock(validFrom is { } from ? from + Duration.FromDays(365) : TestHost.Start), keyBits: bits);

    /// <summary>A key on an elliptic curve and its certificate.</summary>
    internal static (ECDsa Key, string CertificatePem) Ec(ECCurve curve)
    {
        var key = ECDsa.Create(curve);
        var from = TestHost.Start.Minus(Duration.FromDays(365)).ToDateTimeOffset();
        return (key, new CertificateRequest("CN=idp.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, from.AddYears(2)).ExportCertificatePem());
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

    extension(FakeSamlProvider provider)
    {
        internal string CertificatePem => provider.Certificate.ExportCertificatePem();

        /// <summary>The provider as an account registers it, without keys to decrypt with.</summary>
        internal SamlProvider Register(Account? account = null) => Register(provider.CertificatePem, account);
    }

    /// <summary>A provider with one certificate.</summary>
    internal static SamlProvider Register(string certificatePem, Account? account = null) =>
        new(account ?? new Account("111122223333"), "corp", Metadata(EntityId, certificatePem));

    internal static string Encode(string xml) => FakeSamlProvider.Encode(xml);

    internal static XmlDocument Load(string xml)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        document.LoadXml(xml);
        return document;
    }
}
