using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using NodaTime.Text;

namespace TokenService.Benchmarks;

/// <summary>Validating a response of 6 KB whose assertion is signed with RSA of 2,048 bits, beside what the platform takes to load and verify it; and the
/// dearest documents of the largest size, honest and hostile.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class Saml
{
    private const string EntityId = "https://idp.example/saml";
    private const string Recipient = "https://signin.aws.amazon.com/saml";
    private const string Attributes = "https://aws.amazon.com/SAML/Attributes/";

    /// <summary>What of 75,000 bytes is left beside the response itself.</summary>
    private const int Filling = 68_000;

    private readonly RSA _key = RSA.Create(2048);
    private readonly Instant _now = SystemClock.Instance.GetCurrentInstant();
    private X509Certificate2 _certificate = null!;
    private SamlProvider _provider = null!;
    private SamlValidator _validator = null!;
    private string _response = "";
    private byte[] _xml = [];
    private string _honest = "";
    private string _namespaces = "";
    private string _attributes = "";
    private string _elements = "";
    private string _unsigned = "";

    [GlobalSetup]
    public void Setup()
    {
        var request = new CertificateRequest("CN=idp.example", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _certificate = request.CreateSelfSigned(_now.ToDateTimeOffset().AddDays(-1), _now.ToDateTimeOffset().AddYears(1));
        _provider = new SamlProvider(new Account("111122223333"), "corp", $"""
            <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{EntityId}"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
            <KeyDescriptor><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{Convert.ToBase64String(_certificate.RawData)}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
            </IDPSSODescriptor></EntityDescriptor>
            """) with { ClockTolerance = Duration.FromMinutes(5) };
        _validator = new SamlValidator(new SamlOptions(), new ForgetfulGuard(), new StandingClock(_now), NullLogger.Instance);

        // An honest provider's tags bring the response to six kilobytes.
        var usual = string.Concat(Enumerable.Range(0, 11).Select(index => Attribute($"{Attributes}PrincipalTag:tag{index}", new string('v', 100))));
        _xml = Sign(Response(usual));
        _response = Convert.ToBase64String(_xml);

        // The largest: honest with text as providers send it, hostile with what costs most, both signed; and one that nobody signed.
        _honest = Encode(Response(string.Concat(Enumerable.Range(0, Filling / 300).Select(index => Attribute($"urn:x:attribute-{index}", new string('v', 180))))));
        // As many namespaces as there may be, deep enough that each is looked for a long way up, and used anew as often as the bound on them has it.
        var declaring = Declaring(0, 31) + Declaring(31, 26) + string.Concat(Enumerable.Repeat("<x>", 22));
        var uses = string.Concat(Enumerable.Range(0, 1070).Select(index => $"<n{index % 57}:y n{(index + 17) % 57}:a=\"{new string('v', 20)}\"/>"));
        var plain = string.Concat(Enumerable.Repeat($"<x>{new string('v', 10)}</x>", 280));
        _namespaces = Encode(Response(Value(declaring + uses + plain + string.Concat(Enumerable.Repeat("</x>", 24)))));

        // As many attributes as there may be, on elements that are full of them, and as many elements besides.
        var full = string.Concat(Enumerable.Repeat($"<x xmlns=\"urn:x\"{string.Concat(Enumerable.Range(0, 31).Select(index => $" a{index}=\"\""))}/>", 61));
        _attributes = Encode(Response(Value(full + string.Concat(Enumerable.Repeat($"<x>{new string('v', 32)}</x>", 1320)))));
        _elements = Encode(Response(Value(string.Concat(Enumerable.Repeat($"<x xmlns=\"urn:x\">{new string('v', 25)}</x>", 1400)))));
        _unsigned = Convert.ToBase64String(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Convert.FromBase64String(_namespaces)).Replace("<SignatureValue>", "<SignatureValue>AAAA", StringComparison.Ordinal)));
        if (!Validate() || !Platform() || !Honest() || !HostileNamespaces() || !HostileAttributes() || !HostileElements() || HostileUnsigned())
        {
            throw new InvalidOperationException("The responses are not judged as they should be.");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"// response {_xml.Length} bytes; base64 of the largest {_honest.Length}, {_namespaces.Length}, {_attributes.Length}, {_elements.Length}"));
    }

    [Benchmark(Baseline = true), BenchmarkCategory("6 KB")]
    public bool Platform()
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        using var stream = new MemoryStream(_xml);
        document.Load(stream);
        var signed = new SignedXml(document);
        signed.LoadXml((XmlElement)document.GetElementsByTagName("Signature", SignedXml.XmlDsigNamespaceUrl)[0]!);
        return signed.CheckSignature(_key);
    }

    [Benchmark, BenchmarkCategory("6 KB")]
    public bool Validate() => IsAccepted(_response);

    [Benchmark(Baseline = true), BenchmarkCategory("largest")]
    public bool Honest() => IsAccepted(_honest);

    [Benchmark, BenchmarkCategory("largest")]
    public bool HostileNamespaces() => IsAccepted(_namespaces);

    [Benchmark, BenchmarkCategory("largest")]
    public bool HostileAttributes() => IsAccepted(_attributes);

    [Benchmark, BenchmarkCategory("largest")]
    public bool HostileElements() => IsAccepted(_elements);

    [Benchmark, BenchmarkCategory("largest")]
    public bool HostileUnsigned() => IsAccepted(_unsigned);

    private static string Attribute(string name, string value) => $"<saml:Attribute Name=\"{name}\"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>";

    private static string Declaring(int first, int count) =>
        $"<x xmlns=\"urn:x\"{string.Concat(Enumerable.Range(first, count).Select(index => $" xmlns:n{index}=\"u:{index:D2}\""))}>";

    private static string Value(string content) => Attribute("urn:x:open", content);

    private bool IsAccepted(string response)
    {
        var validating = _validator.ValidateAsync(_provider, response);
        return (validating.IsCompletedSuccessfully ? validating.Result : validating.AsTask().GetAwaiter().GetResult()).IsSuccess;
    }

    private string Encode(string xml) => Convert.ToBase64String(Sign(xml));

    private byte[] Sign(string xml)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        document.LoadXml(xml);
        var assertion = (XmlElement)document.GetElementsByTagName("saml:Assertion")[0]!;
        var signed = new SignedXml(document) { SigningKey = _key };
        signed.SignedInfo!.CanonicalizationMethod = SignedXml.XmlDsigExcC14NTransformUrl;
        signed.SignedInfo.SignatureMethod = SignedXml.XmlDsigRSASHA256Url;
        var reference = new Reference("#_a") { DigestMethod = SignedXml.XmlDsigSHA256Url };
        reference.AddTransform(new XmlDsigEnvelopedSignatureTransform());
        reference.AddTransform(new XmlDsigExcC14NTransform());
        signed.AddReference(reference);
        signed.KeyInfo = new KeyInfo();
        signed.KeyInfo.AddClause(new KeyInfoX509Data(_certificate));
        signed.ComputeSignature();
        assertion.InsertAfter(document.ImportNode(signed.GetXml(), deep: true), assertion.FirstChild);
        return Encoding.UTF8.GetBytes(document.OuterXml);
    }

    private string Response(string attributes)
    {
        string At(Duration offset) => InstantPattern.General.Format(_now + offset);
        var before = At(Duration.FromMinutes(-1));
        var after = At(Duration.FromMinutes(4));
        return $"""
            <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" IssueInstant="{before}" Destination="{Recipient}"><saml:Issuer>{EntityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="_a" Version="2.0" IssueInstant="{before}"><saml:Issuer>{EntityId}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">alice@idp.example</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{after}" Recipient="{Recipient}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{before}" NotOnOrAfter="{after}"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{before}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{Attribute(Attributes + "Role", "arn:aws:iam::111122223333:role/Reader,arn:aws:iam::111122223333:saml-provider/corp")}{Attribute(Attributes + "RoleSessionName", "alice")}{attributes}</saml:AttributeStatement></saml:Assertion></samlp:Response>
            """;
    }

    /// <summary>Lets the same assertion through again and again.</summary>
    private sealed class ForgetfulGuard : IReplayGuard
    {
        public ValueTask<UseResult> TryUseAsync(GuardKey key, Instant until, CancellationToken cancellationToken) => ValueTask.FromResult(UseResult.First);

        public ValueTask<UseResult> TryAdvanceAsync(GuardKey key, long position, Instant until, CancellationToken cancellationToken) => ValueTask.FromResult(UseResult.First);
    }

    private sealed class StandingClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }
}
