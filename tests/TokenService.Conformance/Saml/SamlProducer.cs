using System.Text.Json.Nodes;
using System.Xml;
using TokenService.Testing;

namespace TokenService.Conformance;

/// <summary>What a producer is asked to sign, and how.</summary>
/// <param name="Provider">Whose key and name it has; what the provider itself would sign plays no part.</param>
/// <param name="Attributes">The attributes, by name.</param>
/// <param name="What">What of the response is signed.</param>
/// <param name="Encryption">The content's algorithm, or <see langword="null"/> where the assertion stays plain.</param>
internal sealed record SamlOrder(
    FakeSamlProvider Provider, IReadOnlyDictionary<string, string[]> Attributes, SamlSigning What, string? Encryption)
{
    internal const string Subject = "alice@corp.example";
}

/// <summary>A program that others wrote and that makes SAML responses: by its name, whether it is here, and what makes one.</summary>
internal sealed record SamlProducer(string Name, bool IsThere, Func<SamlOrder, Task<string>> IssueAsync)
{
    private const string Samlp = "urn:oasis:names:tc:SAML:2.0:protocol";
    private const string Saml = "urn:oasis:names:tc:SAML:2.0:assertion";

    /// <summary>The interpreter for which pysaml2 is installed: Debian's package knows Debian's own.</summary>
    private static readonly string? Python = new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(python => ChildProcess.Probe(python, "-c", "import saml2") is not null);

    internal static SamlProducer XmlSec { get; } = new("xmlsec1", ChildProcess.Probe("xmlsec1", "--version") is not null, XmlSecAsync);

    internal static SamlProducer NpmSamlp { get; } = new("samlp", Directory.Exists(Repository.PathOf("tests", "TokenService.Conformance", "Clients", "node_modules", "samlp")), NpmSamlpAsync);

    internal static SamlProducer PySaml2 { get; } = new("pysaml2", Python is not null && XmlSec.IsThere, PySaml2Async);

    internal static IReadOnlyList<SamlProducer> All { get; } = [XmlSec, NpmSamlp, PySaml2];

    /// <summary>Fills templates of signatures and of encryption. The assertion's content is not the program's own; every byte of its cryptography is.</summary>
    private static async Task<string> XmlSecAsync(SamlOrder order)
    {
        var folder = Directory.CreateTempSubdirectory("tokenservice-xmlsec-");
        try
        {
            var (key, certificate, recipient) = await WriteKeysAsync(folder, order);
            var content = order.Provider.CreateResponse(SamlOrder.Subject) with
            {
                Attributes = [.. order.Attributes.Select(attribute => new SamlAttribute(attribute.Key, [.. attribute.Value]))],
            };
            var file = Path.Combine(folder.FullName, "response.xml");
            var template = Path.Combine(folder.FullName, "template.xml");
            await File.WriteAllTextAsync(file, content.ToXml());
            async Task SignAsync(string xpath, string id)
            {
                var document = Load(await File.ReadAllTextAsync(file));
                var issuer = document.SelectSingleNode($"{xpath}/*[local-name()='Issuer']")!;
                var signature = document.CreateDocumentFragment();
                signature.InnerXml = SignatureTemplate(id);
                issuer.ParentNode!.InsertAfter(signature, issuer);
                await File.WriteAllTextAsync(file, document.OuterXml);
                await RunAsync(
                    "xmlsec1", "--sign", "--privkey-pem", $"{key},{certificate}", "--id-attr:ID", $"{Saml}:Assertion", "--id-attr:ID", $"{Samlp}:Response",
                    "--node-xpath", $"{xpath}/*[local-name()='Signature']", "--output", file, file);
            }

            if (order.What.HasFlag(SamlSigning.Assertion))
            {
                await SignAsync("/*/*[local-name()='Assertion']", content.AssertionId);
            }

            if (order.Encryption is { } algorithm)
            {
                var xml = await File.ReadAllTextAsync(file);
                xml = xml.Replace("<saml:Assertion ", "<saml:EncryptedAssertion><saml:Assertion ", StringComparison.Ordinal)
                    .Replace("</saml:Assertion>", "</saml:Assertion></saml:EncryptedAssertion>", StringComparison.Ordinal);
                await File.WriteAllTextAsync(file, xml);
                await File.WriteAllTextAsync(template, EncryptionTemplate(algorithm));
                await RunAsync(
                    "xmlsec1", "--encrypt", "--pubkey-cert-pem", recipient, "--session-key", "aes-256", "--xml-data", file,
                    "--node-xpath", "//*[local-name()='Assertion']", "--output", file, template);
            }

            if (order.What.HasFlag(SamlSigning.Response))
            {
                await SignAsync("/*", $"_r{content.AssertionId}");
            }

            return Convert.ToBase64String(await File.ReadAllBytesAsync(file));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> NpmSamlpAsync(SamlOrder order)
    {
        var request = Request(order);
        request["destination"] = order.Provider.Recipient;
        request["key"] = order.Provider.SigningKey.ExportPkcs8PrivateKeyPem();
        request["cert"] = order.Provider.Certificate.ExportCertificatePem();
        if (order.Encryption is { } algorithm)
        {
            request["encryptionAlgorithm"] = algorithm;
            request["encryptionPublicKey"] = order.Provider.DecryptionKey.ExportSubjectPublicKeyInfoPem();
            request["encryptionCert"] = CertificateOfRecipient(order);
        }

        return await RunAsync("node", request, Repository.PathOf("tests", "TokenService.Conformance", "Saml", "samlp.mjs"));
    }

    private static async Task<string> PySaml2Async(SamlOrder order)
    {
        var folder = Directory.CreateTempSubdirectory("tokenservice-pysaml2-");
        try
        {
            var (key, certificate, _) = await WriteKeysAsync(folder, order);
            var request = Request(order);
            request["keyFile"] = key;
            request["certificateFile"] = certificate;
            request["xmlsec"] = ChildProcess.Probe("sh", "-c", "command -v xmlsec1")!.Trim();
            if (order.Encryption is not null)
            {
                request["recipientCertificate"] = string.Concat(CertificateOfRecipient(order).Split('\n').Where(line => !line.StartsWith('-')));
            }

            return await RunAsync(Python!, request, Repository.PathOf("tests", "TokenService.Conformance", "Saml", "producer.py"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JsonObject Request(SamlOrder order) => new()
    {
        ["issuer"] = order.Provider.EntityId,
        ["audience"] = order.Provider.Audience,
        ["recipient"] = order.Provider.Recipient,
        ["subject"] = SamlOrder.Subject,
        ["attributes"] = new JsonObject(order.Attributes.Select(attribute =>
            KeyValuePair.Create(attribute.Key, (JsonNode?)new JsonArray([.. attribute.Value.Select(value => (JsonNode)value)])))),
        ["signAssertion"] = order.What.HasFlag(SamlSigning.Assertion),
        ["signResponse"] = order.What.HasFlag(SamlSigning.Response),
    };

    private static async Task<(string Key, string Certificate, string Recipient)> WriteKeysAsync(DirectoryInfo folder, SamlOrder order)
    {
        async Task<string> WriteAsync(string name, string pem)
        {
            var path = Path.Combine(folder.FullName, name);
            await File.WriteAllTextAsync(path, pem);
            return path;
        }

        return (
            await WriteAsync("key.pem", order.Provider.SigningKey.ExportPkcs8PrivateKeyPem()),
            await WriteAsync("certificate.pem", order.Provider.Certificate.ExportCertificatePem()),
            await WriteAsync("recipient.pem", CertificateOfRecipient(order)));
    }

    private static string CertificateOfRecipient(SamlOrder order)
    {
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "CN=service", order.Provider.DecryptionKey, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
        var from = new DateTimeOffset(order.Provider.Certificate.NotBefore);
        using var certificate = request.CreateSelfSigned(from, from.AddYears(2));
        return certificate.ExportCertificatePem();
    }

    private static string SignatureTemplate(string id) => $"""
        <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#{id}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>
        """;

    private static string EncryptionTemplate(string algorithm) => $"""
        <xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="{algorithm}"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>
        """;

    private static XmlDocument Load(string xml)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        document.LoadXml(xml);
        return document;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var outcome = await ChildProcess.RunAsync(program, arguments);
        outcome.ExitCode.Should().Be(0, "{0} says: {1}", program, outcome.Errors);
    }

    /// <summary>Runs a script that reads JSON and prints a response.</summary>
    private static async Task<string> RunAsync(string program, JsonObject request, string script)
    {
        await using var process = ChildProcess.Start(program, [script]);
        await process.Input.WriteAsync(request.ToJsonString());
        process.Input.Close();
        var outcome = await process.EndAsync();
        outcome.ExitCode.Should().Be(0, "{0} says: {1}", program, outcome.Errors);
        return outcome.Output.Trim();
    }
}
