using System.Security.Cryptography;
using System.Text;
using TokenService.Testing;

namespace TokenService.Tests.Federation.Saml;

/// <summary>Rule 6 of saml.md: which encryption is accepted, and that everything that goes wrong goes wrong alike.</summary>
public sealed class SamlEncryptionTests : IDisposable
{
    private const string Xenc = SamlEncryption.Xenc;
    private const string Xenc11 = SamlEncryption.Xenc11;
    private const string Invalid = "InvalidIdentityToken";

    private static readonly FakeSamlProvider Trusted = IdentityProvider.Trusted;

    private readonly SamlBench _bench = new();

    public SamlEncryptionTests() => _bench.Provider = _bench.Decrypting;

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(Xenc11 + "aes128-gcm", 16)]
    [InlineData(Xenc11 + "aes192-gcm", 24)]
    [InlineData(Xenc11 + "aes256-gcm", 32)]
    [InlineData(Xenc + "aes128-cbc", 16)]
    [InlineData(Xenc + "aes192-cbc", 24)]
    [InlineData(Xenc + "aes256-cbc", 32)]
    public async Task Content_is_encrypted_by_AES_in_two_modes(string algorithm, int keySize)
    {
        foreach (var what in new[] { SamlSigning.Assertion, SamlSigning.Response, SamlSigning.Both })
        {
            (await CodeAsync(IdentityProvider.Encryption with { Algorithm = algorithm, KeySize = keySize }, what)).Should().BeNull($"{what} is signed");
        }

        (await CodeAsync(IdentityProvider.Encryption with { Algorithm = algorithm, KeySize = keySize }, SamlSigning.None)).Should().Be(Invalid);
    }

    [Theory]
    [InlineData("SHA1", "<xenc:EncryptionMethod Algorithm=\"" + Xenc + "rsa-oaep-mgf1p\"/>", null)]
    [InlineData("SHA1", "<xenc:EncryptionMethod Algorithm=\"" + Xenc11 + "rsa-oaep\"/>", null)]
    [InlineData("SHA256", "<xenc:EncryptionMethod Algorithm=\"" + Xenc11 + "rsa-oaep\"><ds:DigestMethod Algorithm=\"" + Xenc + "sha256\"/><x:MGF xmlns:x=\"" + Xenc11 + "\" Algorithm=\"" + Xenc11 + "mgf1sha256\"/></xenc:EncryptionMethod>", null)]
    [InlineData("SHA512", "<xenc:EncryptionMethod Algorithm=\"" + Xenc11 + "rsa-oaep\"><x:MGF xmlns:x=\"" + Xenc11 + "\" Algorithm=\"" + Xenc11 + "mgf1sha512\"/><ds:DigestMethod Algorithm=\"" + Xenc + "sha512\"/></xenc:EncryptionMethod>", null)]
    [InlineData("SHA256", "<xenc:EncryptionMethod Algorithm=\"" + Xenc11 + "rsa-oaep\"><ds:DigestMethod Algorithm=\"" + Xenc + "sha256\"/></xenc:EncryptionMethod>", "takes one hash for both")]
    [InlineData("SHA256", "<xenc:EncryptionMethod Algorithm=\"" + Xenc + "rsa-oaep-mgf1p\"><ds:DigestMethod Algorithm=\"" + Xenc + "sha256\"/></xenc:EncryptionMethod>", "takes one hash for both")]
    [InlineData("SHA1", "<xenc:EncryptionMethod Algorithm=\"" + Xenc + "rsa-oaep-mgf1p\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#md5\"/></xenc:EncryptionMethod>", "SHA-1, SHA-256 or SHA-512")]
    [InlineData("SHA1", "<xenc:EncryptionMethod Algorithm=\"" + Xenc + "rsa-1_5\"/>", "RSA-OAEP")]
    [InlineData("SHA1", "<xenc:EncryptionMethod Algorithm=\"" + Xenc + "rsa-oaep-mgf1p\"><xenc:OAEPparams>AAAA</xenc:OAEPparams></xenc:EncryptionMethod>", "only what belongs")]
    public async Task Content_key_is_encrypted_by_OAEP_with_one_hash(string hash, string method, string? rule)
    {
        (await CodeAsync(IdentityProvider.Encryption with { KeyMethod = method, Padding = RSAEncryptionPadding.CreateOaep(new HashAlgorithmName(hash)) })).Should().Be(rule is null ? null : Invalid);
        if (rule is not null)
        {
            _bench.Rule.Should().Contain(rule);
        }
    }

    [Theory]
    [InlineData("256", null)]
    [InlineData("128", Invalid)]
    [InlineData(" 256", Invalid)]
    [InlineData("", Invalid)]
    public async Task Size_of_the_content_key_does_not_contradict_the_algorithm(string size, string? code)
    {
        var xml = Encoding.UTF8.GetString(Convert.FromBase64String(Encrypted(IdentityProvider.Encryption)));
        var method = $"<xenc:EncryptionMethod Algorithm=\"{Xenc11}aes256-gcm\"";
        xml.Should().Contain($"{method}/>");
        xml = xml.Replace($"{method}/>", $"{method}><xenc:KeySize>{size}</xenc:KeySize></xenc:EncryptionMethod>", StringComparison.Ordinal);
        (await _bench.CodeAsync(xml)).Should().Be(code);
    }

    [Fact]
    public async Task Either_of_two_private_keys_decrypts_and_a_third_does_not()
    {
        foreach (var key in IdentityProvider.DecryptionKeys)
        {
            (await CodeAsync(IdentityProvider.Encryption with { Recipient = key })).Should().BeNull();
        }

        using var other = RSA.Create(2048);
        (await CodeAsync(IdentityProvider.Encryption with { Recipient = other })).Should().Be(Invalid);
    }

    [Fact]
    public void Private_keys_are_two_at_most_and_RSA_of_2048_bits_or_more()
    {
        static Secret Pem(AsymmetricAlgorithm key) => new(key.ExportPkcs8PrivateKeyPem());
        using var small = RSA.Create(2040);
        using var ec = ECDsa.Create();
        var good = Pem(IdentityProvider.DecryptionKeys[0]);
        FluentActions.Invoking(() => _bench.Provider with { PrivateKeys = [good, good] }).Should().NotThrow();
        foreach (var keys in new[] { [good, good, good], [Pem(small)], [Pem(ec)], [new Secret("none")], new[] { new Secret(IdentityProvider.DecryptionKeys[0].ExportSubjectPublicKeyInfoPem()) } })
        {
            FluentActions.Invoking(() => _bench.Provider with { PrivateKeys = [.. keys] }).Should().Throw<ArgumentException>()
                .Which.Message.Should().NotContain("BEGIN");
        }
    }

    [Fact]
    public async Task Plain_assertion_is_refused_where_encryption_is_required_and_accepted_where_it_is_allowed()
    {
        (await _bench.CodeAsync(Responses.Good())).Should().BeNull();
        _bench.Provider = _bench.Provider with { AssertionEncryptionMode = AssertionEncryptionMode.Required };
        (await _bench.CodeAsync(Responses.Good())).Should().Be(Invalid);
        (await CodeAsync(IdentityProvider.Encryption)).Should().BeNull();
    }

    [Fact]
    public async Task Encrypted_assertion_is_refused_where_there_is_no_key()
    {
        _bench.Provider = _bench.Provider with { PrivateKeys = [] };
        (await CodeAsync(IdentityProvider.Encryption)).Should().Be(Invalid);
    }

    [Theory]
    [InlineData("<ds:RetrievalMethod Type=\"" + Xenc + "EncryptedKey\" URI=\"#ek\"/>", null)]
    [InlineData("<ds:RetrievalMethod URI=\"#ek\"/>", null)]
    [InlineData("<ds:RetrievalMethod URI=\"#other\"/>", Invalid)]
    [InlineData("<ds:RetrievalMethod URI=\"\"/>", Invalid)]
    [InlineData("<ds:RetrievalMethod URI=\"http://idp.example/key\"/>", Invalid)]
    [InlineData("<ds:RetrievalMethod Type=\"urn:other\" URI=\"#ek\"/>", Invalid)]
    [InlineData("<ds:RetrievalMethod URI=\"#ek\"><ds:Transforms/></ds:RetrievalMethod>", Invalid)]
    [InlineData("<ds:KeyName>ek</ds:KeyName>", Invalid)]
    [InlineData("", Invalid)]
    public async Task Key_beside_the_data_is_joined_by_a_retrieval_method(string retrieval, string? code) =>
        (await CodeAsync(IdentityProvider.Encryption with { IsKeyBeside = true, Retrieval = retrieval })).Should().Be(code);

    [Theory]
    [InlineData("key of another recipient")]
    [InlineData("content key of another length")]
    [InlineData("changed tag")]
    [InlineData("changed padding")]
    [InlineData("cut")]
    [InlineData("too short")]
    [InlineData("no assertion")]
    [InlineData("no XML")]
    [InlineData("not signed")]
    public async Task Whatever_is_wrong_with_the_ciphertext_is_told_alike(string fault)
    {
        using var other = RSA.Create(2048);
        var good = IdentityProvider.Encryption;
        var response = fault switch
        {
            "key of another recipient" => Encrypted(good with { Recipient = other }),
            "content key of another length" => Renamed(good with { Algorithm = Xenc11 + "aes128-gcm", KeySize = 16 }, "aes128-gcm", "aes256-gcm"),
            "changed tag" => Encrypted(good with { Damage = bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)] }),
            "changed padding" => Encrypted(good with { Algorithm = Xenc + "aes256-cbc", Damage = bytes => [.. bytes[..^17], (byte)(bytes[^17] ^ 0x80), .. bytes[^16..]] }),
            "cut" => Encrypted(good with { Algorithm = Xenc + "aes256-cbc", Damage = bytes => bytes[..^1] }),
            "too short" => Encrypted(good with { Damage = bytes => bytes[..27] }),
            "no assertion" => Plaintext("""<x xmlns="urn:x"/>"""),
            "no XML" => Plaintext("none"),
            _ => Trusted.Encrypt(Responses.Good(), good, SamlSigning.None),
        };
        var refused = await _bench.ValidateAsync(response);
        (refused.Error!.Code, refused.Error.Message).Should().Be((Invalid, "Response signature invalid"));
    }

    [Theory]
    [InlineData("{0}", null)]
    [InlineData("\uFEFF{0}", Invalid)]
    [InlineData("<?xml version=\"1.0\"?>{0}", Invalid)]
    [InlineData("<!---->{0}", Invalid)]
    [InlineData("{0}<!---->", Invalid)]
    [InlineData(" {0}", Invalid)]
    [InlineData("{0}\n", Invalid)]
    [InlineData("{0}{0}", Invalid)]
    [InlineData("<?x?>{0}", Invalid)]
    [InlineData("<!DOCTYPE saml:Assertion>{0}", Invalid)]
    public async Task Plaintext_is_the_bytes_of_one_assertion_and_nothing_around_it(string frame, string? code)
    {
        var signed = IdentityProvider.Load(Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion));
        var assertion = signed.GetElementsByTagName("saml:Assertion")[0]!.OuterXml;
        (await _bench.ValidateAsync(Plaintext(frame.Replace("{0}", assertion, StringComparison.Ordinal)))).Error?.Code.Should().Be(code);
    }

    [Theory]
    [InlineData("<saml:Subject>", "<saml:Subject><!---->")]
    [InlineData("<saml:NameID ", "<saml:NameID xml:id=\"a\" ")]
    [InlineData("alice@idp.example", "<![CDATA[alice]]>@idp.example")]
    [InlineData("<saml:Subject>", "<saml:Subject><?x?>")]
    public async Task Plaintext_keeps_the_rules_of_every_document_also_where_the_ciphertext_is_signed(string from, string to)
    {
        var assertion = IdentityProvider.Load(Responses.Good().ToXml()).GetElementsByTagName("saml:Assertion")[0]!.OuterXml;
        (await _bench.ValidateAsync(Plaintext(assertion, SamlSigning.Response))).IsSuccess.Should().BeTrue();
        (await _bench.ValidateAsync(Plaintext(assertion.Replace(from, to, StringComparison.Ordinal), SamlSigning.Response))).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Plaintext_leans_on_no_prefix_that_is_declared_outside()
    {
        const string Declaration = """ xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" """;
        var assertion = IdentityProvider.Load(Responses.Good().ToXml()).GetElementsByTagName("saml:Assertion")[0]!.OuterXml;
        (await _bench.ValidateAsync(Plaintext(assertion.Replace(Declaration.TrimEnd(), "", StringComparison.Ordinal), SamlSigning.Response))).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Identifiers_are_unique_in_the_response_and_the_plaintext_together()
    {
        var response = Responses.Good();
        var assertion = IdentityProvider.Load(response.ToXml()).GetElementsByTagName("saml:Assertion")[0]!.OuterXml;
        (await _bench.ValidateAsync(Plaintext(assertion, SamlSigning.Response, response))).IsSuccess.Should().BeTrue();
        var same = assertion.Replace($"\"{response.AssertionId}\"", $"\"_r{response.AssertionId}\"", StringComparison.Ordinal);
        (await _bench.ValidateAsync(Plaintext(same, SamlSigning.Response, response))).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Signatures_of_the_plaintext_count_with_those_around_it()
    {
        var signed = IdentityProvider.Load(Trusted.SignXml(Responses.Good().ToXml(), SamlSigning.Assertion));
        var assertion = signed.GetElementsByTagName("saml:Assertion")[0]!.OuterXml;
        (await _bench.ValidateAsync(Plaintext(assertion, SamlSigning.Response))).IsSuccess.Should().BeTrue();
        var three = assertion.Replace("</saml:AttributeStatement>", "<saml:Attribute Name=\"x\"><saml:AttributeValue><Signature xmlns=\"urn:x\"/></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>", StringComparison.Ordinal);
        (await _bench.ValidateAsync(Plaintext(three, SamlSigning.Response))).Error!.Code.Should().Be(Invalid);
    }

    [Fact]
    public async Task Outer_signature_is_verified_before_anything_is_decrypted()
    {
        _bench.Provider = _bench.Provider with { PrivateKeys = [.. _bench.Provider.PrivateKeys.Reverse()] };
        var forged = IdentityProvider.Stranger.Encrypt(Responses.Good(), IdentityProvider.Encryption, SamlSigning.Response);
        (await _bench.ValidateAsync(forged)).IsSuccess.Should().BeFalse();
        _bench.Rule.Should().Contain("the signature is that of a key of the provider");
    }

    [Fact]
    public async Task Assertion_that_is_encrypted_once_more_was_used_before()
    {
        var response = Responses.Good();
        (await _bench.ValidateAsync(Trusted.Encrypt(response, IdentityProvider.Encryption))).IsSuccess.Should().BeTrue();
        (await _bench.ValidateAsync(Trusted.Encrypt(response, IdentityProvider.Encryption with { Recipient = IdentityProvider.DecryptionKeys[1] }))).Error!.Code.Should().Be(Invalid);
        _bench.Rule.Should().Contain("was not used before");
    }

    private static string Encrypted(SamlEncryption encryption) => Trusted.Encrypt(Responses.Good(), encryption);

    /// <summary>A response whose algorithm, which stands there in the clear, is another than the one that encrypted it.</summary>
    private static string Renamed(SamlEncryption encryption, string from, string to) =>
        IdentityProvider.Encode(Encoding.UTF8.GetString(Convert.FromBase64String(Encrypted(encryption))).Replace(from, to, StringComparison.Ordinal));

    /// <summary>A response with any plaintext in place of its assertion.</summary>
    private static string Plaintext(string plaintext, SamlSigning what = SamlSigning.None, SamlResponse? around = null)
    {
        var xml = (around ?? Responses.Good()).ToXml();
        var start = xml.IndexOf("<saml:Assertion", StringComparison.Ordinal);
        var end = xml.IndexOf("</samlp:Response>", StringComparison.Ordinal);
        var encrypted = string.Concat(xml.AsSpan(0, start), IdentityProvider.Encryption.Encrypt(Encoding.UTF8.GetBytes(plaintext)), xml.AsSpan(end));
        return IdentityProvider.Encode(what == SamlSigning.None ? encrypted : Trusted.SignXml(encrypted, what));
    }

    private async Task<string?> CodeAsync(SamlEncryption encryption, SamlSigning what = SamlSigning.Assertion) =>
        (await _bench.ValidateAsync(Trusted.Encrypt(Responses.Good(), encryption, what))).Error?.Code;
}
