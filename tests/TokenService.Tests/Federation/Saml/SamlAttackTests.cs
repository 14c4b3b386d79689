using System.Security.Cryptography;
using System.Security.Cryptography.Xml;
using System.Xml;
using NodaTime.Testing;
using TokenService.Testing;

namespace TokenService.Tests.Federation.Saml;

/// <summary>The attacks of saml.md by name. Those of the case files are found there by their kind, and are refused whoever runs the suite on other files;
/// the others are made here from a genuine response of somebody who may be no more than a reader.</summary>
public sealed class SamlAttackTests : IDisposable
{
    private const string Invalid = "InvalidIdentityToken";
    private const string Ds = "http://www.w3.org/2000/09/xmldsig#";
    private const string ExclusiveC14n = SignedXml.XmlDsigExcC14NTransformUrl;

    private static readonly FakeSamlProvider Trusted = IdentityProvider.Trusted;

    private readonly SamlBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("xsw1")]
    [InlineData("xsw2")]
    [InlineData("xsw3")]
    [InlineData("xsw4")]
    [InlineData("xsw5")]
    [InlineData("xsw6")]
    [InlineData("xsw7")]
    [InlineData("xsw8")]
    [InlineData("xsw-nested")]
    public Task Signature_wrapping(string attack) => RefusedAsync(attack);

    [Theory]
    [InlineData("signature-stripping")]
    [InlineData("signature-location")]
    [InlineData("signature-multiple")]
    [InlineData("signature-over-other-element")]
    [InlineData("signature-tampering")]
    [InlineData("signature-structure")]
    [InlineData("mixed-signatures")]
    [InlineData("multi-assertion")]
    [InlineData("wrong-root")]
    public Task Signature_stripped_emptied_moved_doubled_or_over_something_else(string attack) => RefusedAsync(attack);

    [Theory]
    [InlineData("stray-digest")]
    [InlineData("xml-crypto-cve-2025-29774")]
    [InlineData("xml-crypto-cve-2025-29775")]
    [InlineData("reference-shape")]
    [InlineData("transform")]
    [InlineData("c14n-method")]
    [InlineData("void-canonicalization")]
    public Task Digest_and_reference_that_a_loose_reader_takes(string attack) => RefusedAsync(attack);

    [Theory]
    [InlineData("key-substitution")]
    [InlineData("algorithm")]
    [InlineData("hmac-confusion")]
    [InlineData("hmac-truncation")]
    [InlineData("ecdsa-psychic")]
    [InlineData("ecdsa-format")]
    [InlineData("rsa-e3-forgery")]
    [InlineData("rsa-trivial")]
    [InlineData("weak-key")]
    public Task Another_key_or_another_algorithm(string attack) => RefusedAsync(attack);

    [Theory]
    [InlineData("dtd")]
    [InlineData("xxe")]
    [InlineData("comment-truncation")]
    [InlineData("cdata")]
    [InlineData("processing-instruction")]
    [InlineData("namespace-confusion")]
    [InlineData("id-confusion")]
    [InlineData("id-invalid")]
    [InlineData("encoding")]
    [InlineData("malformed-xml")]
    public Task One_document_that_two_parsers_read_differently(string attack) => RefusedAsync(attack);

    [Theory]
    [InlineData("resource-limit")]
    [InlineData("base64")]
    [InlineData("encryption")]
    [InlineData("replay")]
    [InlineData("audience")]
    [InlineData("recipient")]
    [InlineData("destination")]
    [InlineData("issuer")]
    public Task Too_much_or_twice_or_for_somebody_else(string attack) => RefusedAsync(attack);

    /// <summary>The genuine assertion is put away where a signature is found by its ID, and the forged one stands where claims are read.</summary>
    [Theory]
    [InlineData("Extensions")]
    [InlineData("Advice")]
    [InlineData("Object")]
    [InlineData("StatusDetail")]
    [InlineData("KeyInfo")]
    [InlineData("AttributeValue")]
    [InlineData("SubjectConfirmationData")]
    [InlineData("AuthnContextDecl")]
    public async Task Genuine_assertion_put_away_inside(string place)
    {
        var genuine = Assertion(Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion));
        var forged = Responses.Good() with { Subject = "<saml:NameID>admin</saml:NameID>" };
        forged = place switch
        {
            "Extensions" => forged with { Extensions = $"<samlp:Extensions>{genuine}</samlp:Extensions>" },
            "Advice" => forged with { Advice = $"<saml:Advice>{genuine}</saml:Advice>" },
            "StatusDetail" => forged with { Status = forged.Status.Replace("</samlp:Status>", $"<samlp:StatusDetail>{genuine}</samlp:StatusDetail></samlp:Status>", StringComparison.Ordinal) },
            "AttributeValue" => forged with { MoreAttributes = $"<saml:Attribute Name=\"x\"><saml:AttributeValue>{genuine}</saml:AttributeValue></saml:Attribute>" },
            "SubjectConfirmationData" => forged with { Confirmation = forged.Confirmation.Replace(" />", $">{genuine}</saml:SubjectConfirmationData>", StringComparison.Ordinal) },
            "AuthnContextDecl" => forged with { Authentication = forged.Authentication.Replace("</saml:AuthnContext>", $"<saml:AuthnContextDecl>{genuine}</saml:AuthnContextDecl></saml:AuthnContext>", StringComparison.Ordinal) },
            _ => forged,
        };
        var xml = forged.ToXml();
        if (place is "Object" or "KeyInfo")
        {
            // The signature is moved into the forged assertion, and what it signs into the signature.
            var signature = IdentityProvider.Load(genuine).GetElementsByTagName("Signature", Ds)[0]!.OuterXml;
            var unsigned = genuine.Replace(signature, "", StringComparison.Ordinal);
            var holder = $"<{place} xmlns=\"{Ds}\">{unsigned}</{place}>";
            var loaded = IdentityProvider.Load(signature);
            var keyInfo = loaded.GetElementsByTagName("KeyInfo", Ds).Cast<XmlNode>().FirstOrDefault();
            var wrapped = (keyInfo is null ? signature : signature.Replace(keyInfo.OuterXml, "", StringComparison.Ordinal)).Replace("</Signature>", holder + "</Signature>", StringComparison.Ordinal);
            var at = xml.IndexOf("</saml:Issuer>", xml.IndexOf("<saml:Assertion", StringComparison.Ordinal), StringComparison.Ordinal) + "</saml:Issuer>".Length;
            xml = xml.Insert(at, wrapped);
        }

        xml.Should().Contain(genuine.Split('>')[0], "the genuine assertion stands in the document");
        (await _bench.CodeAsync(xml)).Should().Be(Invalid);
    }

    [Fact]
    public async Task Genuine_assertion_put_away_inside_an_encrypted_one()
    {
        _bench.Provider = _bench.Decrypting;
        var genuine = Assertion(Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion));
        var forged = Responses.Good() with { Advice = $"<saml:Advice>{genuine}</saml:Advice>" };
        (await _bench.ValidateAsync(Trusted.Encrypt(forged, IdentityProvider.Encryption, SamlSigning.None))).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Assertion_that_is_signed_in_a_response_that_is_forged()
    {
        var response = Responses.Good();
        var genuine = Assertion(Trusted.SignXml(response.ToXml(), SamlSigning.Assertion));
        var plain = Assertion(response.ToXml());
        var xml = IdentityProvider.Stranger.SignXml(response.ToXml().Replace(plain, genuine, StringComparison.Ordinal), SamlSigning.Response);
        (await _bench.CodeAsync(xml)).Should().Be(Invalid);
    }

    /// <summary>samlify CVE-2025-47949 and node-saml CVE-2025-54419: the signature was verified, and the original read.</summary>
    [Fact]
    public async Task What_is_read_is_what_was_signed_whatever_the_document_says()
    {
        var xml = Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion);
        var identity = (await _bench.ValidateAsync(IdentityProvider.Encode(xml))).Value;
        identity.Federated.Subject.Should().Be("alice@idp.example");
        foreach (var (from, to) in new[] { ("alice@", "admin@"), ("role/staff/Reader", "role/staff/Writer"), (">alice<", ">admin<"), ("2.0\" IssueInstant", "2.0\"  IssueInstant") })
        {
            var changed = xml.Replace(from, to, StringComparison.Ordinal);
            changed.Should().NotBe(xml);
            var answer = await _bench.ValidateAsync(IdentityProvider.Encode(changed));
            answer.IsSuccess.Should().BeFalse(from);
        }
    }

    [Fact]
    public async Task Certificate_in_the_key_info_is_nobodys_key()
    {
        var xml = IdentityProvider.Stranger.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion);
        foreach (var certificate in new[] { IdentityProvider.Stranger.Certificate, Trusted.Certificate })
        {
            var info = $"<KeyInfo><X509Data><X509Certificate>{Convert.ToBase64String(certificate.RawData)}</X509Certificate></X509Data></KeyInfo></Signature>";
            (await _bench.CodeAsync(xml.Replace("</Signature>", info, StringComparison.Ordinal))).Should().Be(Invalid);
        }
    }

    [Fact]
    public async Task Large_key_with_a_large_exponent_in_the_key_info_costs_nothing_since_nobody_reads_it()
    {
        var number = Convert.ToBase64String(new byte[12_000]);
        var info = $"<KeyInfo><KeyValue><RSAKeyValue><Modulus>{number}</Modulus><Exponent>{number}</Exponent></RSAKeyValue></KeyValue></KeyInfo></Signature>";
        (await _bench.CodeAsync(Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion).Replace("</Signature>", info, StringComparison.Ordinal))).Should().BeNull();
    }

    [Fact]
    public async Task Nested_namespace_declarations_are_bounded_before_anything_is_canonicalized()
    {
        var open = string.Concat(Enumerable.Range(0, 31).Select(depth => $"<x{string.Concat(Enumerable.Range(0, 33).Select(index => $" xmlns:n{depth}_{index}=\"urn:n\""))}>"));
        var xml = (Responses.Good() with { Extensions = $"<samlp:Extensions>{open}{string.Concat(Enumerable.Repeat("</x>", 31))}</samlp:Extensions>" }).ToXml();
        (await _bench.CodeAsync(xml)).Should().Be(Invalid);
        _bench.Rule.Should().Contain("within the bounds on names and attributes");
    }

    /// <summary>Anybody can write such a list, since it is read before the signature is verified; the package throws at a prefix that stands twice.</summary>
    [Theory]
    [InlineData("saml saml", "a key of the provider")]
    [InlineData("#default\t#default", "a key of the provider")]
    [InlineData("saml&#10;saml", "a key of the provider")]
    [InlineData("", "a key of the provider")]
    [InlineData("saml:x", "are names")]
    [InlineData("#other", "are names")]
    [InlineData("a\u00A0b", "are names")]
    [InlineData("1", "are names")]
    public async Task Prefix_list_of_a_forger_is_refused_and_throws_nothing(string prefixes, string rule)
    {
        var xml = Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion);
        var forged = xml.Replace($"<CanonicalizationMethod Algorithm=\"{ExclusiveC14n}\" />", Including("CanonicalizationMethod", prefixes), StringComparison.Ordinal);
        forged.Should().NotBe(xml);
        (await _bench.CodeAsync(forged)).Should().Be(Invalid);
        _bench.Rule.Should().Contain(rule);
    }

    /// <summary>Exclusive XML Canonicalization, 3: a list is a set, so a provider may say a prefix twice.</summary>
    [Theory]
    [InlineData("xs", null)]
    [InlineData("saml saml xs #default #default xs", null)]
    [InlineData("saml", Invalid)]
    [InlineData("xs saml:x", Invalid)]
    public async Task Prefix_list_that_the_provider_signed_is_a_set_of_names_and_counts(string prefixes, string? code)
    {
        var xml = Trusted.SignXml(Responses.Good().ToXml().Replace("<saml:Assertion xmlns:saml=", "<saml:Assertion xmlns:xs=\"urn:xs\" xmlns:saml=", StringComparison.Ordinal), SamlSigning.Assertion);
        var document = IdentityProvider.Load(xml.Replace($"<Transform Algorithm=\"{ExclusiveC14n}\" />", Including("Transform", prefixes), StringComparison.Ordinal));
        var assertion = (XmlElement)document.GetElementsByTagName("saml:Assertion")[0]!;
        var signature = (XmlElement)document.GetElementsByTagName("Signature", Ds)[0]!;

        // What the package canonicalizes of another document stands in for the provider's own code.
        var unsigned = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        unsigned.AppendChild(unsigned.ImportNode(assertion, deep: true));
        unsigned.DocumentElement!.RemoveChild(unsigned.GetElementsByTagName("Signature", Ds)[0]!);
        signature.GetElementsByTagName("DigestValue", Ds)[0]!.InnerText = Convert.ToBase64String(SHA256.HashData(Canonical(unsigned, "xs")));
        var info = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        info.LoadXml(signature.GetElementsByTagName("SignedInfo", Ds)[0]!.OuterXml);
        signature.GetElementsByTagName("SignatureValue", Ds)[0]!.InnerText =
            Convert.ToBase64String(Trusted.SigningKey.SignData(Canonical(info, null), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        (await _bench.CodeAsync(document.OuterXml)).Should().Be(code);
    }

    /// <summary>Only a response can say that its provider rejected somebody.</summary>
    [Fact]
    public async Task Document_that_is_no_response_is_not_read_as_a_rejection()
    {
        const string status = """<samlp:Status xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/></samlp:Status>""";
        (await _bench.CodeAsync($"""<x xmlns="urn:x">{status}</x>""")).Should().Be(Invalid);
        (await _bench.CodeAsync($"""<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol">{status}</Response>""")).Should().Be("IDPRejectedClaim");
    }

    [Fact]
    public async Task Signatures_beyond_two_are_refused_before_any_is_verified()
    {
        var signature = IdentityProvider.Load(Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion)).GetElementsByTagName("Signature", Ds)[0]!.OuterXml;
        (await _bench.CodeAsync((Responses.Good() with { Extensions = $"<samlp:Extensions>{signature}{signature}{signature}</samlp:Extensions>" }).ToXml())).Should().Be(Invalid);
        _bench.Rule.Should().Contain("within the bounds on depth, elements and signatures");
    }

    [Fact]
    public async Task Same_assertion_in_another_response_was_used_before()
    {
        var response = Responses.Good();
        (await _bench.CodeAsync(response)).Should().BeNull();
        var again = Trusted.SignXml(response.ToXml(), SamlSigning.Assertion).Replace($"_r{response.AssertionId}", "_another", StringComparison.Ordinal);
        (await _bench.CodeAsync(again)).Should().Be(Invalid);
    }

    [Fact]
    public async Task Provider_that_another_account_registered_under_the_same_entity_id_vouches_for_nobody_here()
    {
        var other = IdentityProvider.Stranger.Register(new Account("444455556666"));
        other.EntityId.Should().Be(_bench.Provider.EntityId);
        (await _bench.ValidateAsync(IdentityProvider.Stranger.Sign(Responses.Good()))).Error!.Code.Should().Be(Invalid);

        // There, what it says of roles holds for its own ARN, and the roles that it names belong to another provider.
        var validated = (await _bench.Validator.ValidateAsync(other, IdentityProvider.Stranger.Sign(Responses.Good()))).Value;
        validated.Roles.Should().ContainSingle();
        validated.Federated.Roles!.Value.Should().BeEmpty();
    }

    private static string Including(string element, string prefixes) =>
        $"""<{element} Algorithm="{ExclusiveC14n}"><InclusiveNamespaces xmlns="{ExclusiveC14n}" PrefixList="{prefixes}"/></{element}>""";

    private static byte[] Canonical(XmlDocument document, string? prefixes)
    {
        var transform = new XmlDsigExcC14NTransform(includeComments: false, prefixes);
        transform.LoadInput(document);
        using var output = (MemoryStream)transform.GetOutput(typeof(Stream));
        return output.ToArray();
    }

    private static string Assertion(string xml) => IdentityProvider.Load(xml).GetElementsByTagName("saml:Assertion")[0]!.OuterXml;

    private static async Task RefusedAsync(string attack)
    {
        var cases = SamlCases.Own.Where(entry => entry.Text("attack") == attack && entry.Text("expected") == "reject").ToList();
        cases.Should().NotBeEmpty();
        foreach (var entry in cases)
        {
            using var log = new RecordingLog();
            var clock = new FakeClock(entry.Now());
            var validator = new SamlValidator(entry.Options(), new InMemoryReplayGuard(clock), clock, log);
            var provider = entry.Provider(isOwn: true);
            if (entry.Text("replayOf") is { } first)
            {
                (await validator.ValidateAsync(provider, SamlCases.Own.Single(other => other.Id() == first).Response(isOwn: true))).IsSuccess.Should().BeTrue();
            }

            (await validator.ValidateAsync(provider, entry.Response(isOwn: true))).IsSuccess.Should().BeFalse(entry.Id());
        }
    }
}
