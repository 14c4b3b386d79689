using System.Security.Cryptography;
using TokenService.Testing;

namespace TokenService.Tests.Federation.Saml;

/// <summary>What makes a provider: reference, saml.md, "Metadata".</summary>
public sealed class SamlMetadataTests
{
    private static readonly Account Home = new("111122223333");
    private static readonly FakeSamlProvider Trusted = IdentityProvider.Trusted;
    private static readonly string Good = IdentityProvider.Metadata(IdentityProvider.EntityId, Trusted.CertificatePem);

    [Fact]
    public void Provider_has_the_name_that_it_is_registered_by_and_the_entity_id_of_its_metadata()
    {
        var provider = new SamlProvider(new Account("111122223333", "aws-cn"), "corp", Good);
        (provider.Arn.ToString(), provider.Name, provider.EntityId, provider.ValidUntil, provider.ToString())
            .Should().Be(("arn:aws-cn:iam::111122223333:saml-provider/corp", "corp", IdentityProvider.EntityId, null, provider.Arn.ToString()));
        provider.UnusedKeys.Should().BeEmpty();
        provider.SigningKeys.Should().ContainSingle();
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    [InlineData(0, false)]
    public void Name_has_1_to_128_characters(int length, bool accepted) => Registers(new string('n', length), Good).Should().Be(accepted);

    [Theory]
    [InlineData("A-z.9_", true)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    public void Name_has_its_own_characters(string name, bool accepted) => Registers(name, Good).Should().Be(accepted);

    [Fact]
    public void Several_certificates_are_taken_each_once_whatever_their_use_but_encryption()
    {
        var metadata = WithKeys(
            IdentityProvider.KeyDescriptor(Trusted.CertificatePem),
            IdentityProvider.KeyDescriptor(Trusted.CertificatePem, ""),
            IdentityProvider.KeyDescriptor(IdentityProvider.Stranger.CertificatePem, ""),
            IdentityProvider.KeyDescriptor(IdentityProvider.Rsa().CertificatePem, "use=\"encryption\""));
        new SamlProvider(Home, "corp", metadata).SigningKeys.Should().HaveCount(2);
    }

    [Fact]
    public void Key_for_encryption_alone_is_none_for_signing() =>
        Refusal(WithKeys(IdentityProvider.KeyDescriptor(Trusted.CertificatePem, "use=\"encryption\""))).Should().Contain("no signing key that can be used");

    [Theory]
    [InlineData(2048, false, true)]
    [InlineData(2040, false, false)]
    [InlineData(1024, false, false)]
    [InlineData(1024, true, true)]
    [InlineData(1016, true, false)]
    public void RSA_key_has_2048_bits_or_where_short_ones_are_accepted_1024(int bits, bool acceptsShort, bool accepted)
    {
        var metadata = IdentityProvider.Metadata(IdentityProvider.EntityId, IdentityProvider.Rsa(bits).CertificatePem);
        Registers("corp", metadata, acceptsShort).Should().Be(accepted);
        if (!accepted)
        {
            Refusal(metadata, acceptsShort).Should().Contain("an RSA key of fewer than");
        }
    }

    [Theory]
    [InlineData("nistP256", true)]
    [InlineData("nistP384", true)]
    [InlineData("nistP521", true)]
    [InlineData("secp256k1", false)]
    [InlineData("brainpoolP256r1", false)]
    public void Elliptic_curve_is_one_of_three(string curve, bool accepted) =>
        Registers("corp", IdentityProvider.Metadata(IdentityProvider.EntityId, IdentityProvider.Ec(ECCurve.CreateFromFriendlyName(curve)).CertificatePem)).Should().Be(accepted);

    [Fact]
    public void Reason_is_told_for_each_key_and_one_that_is_left_is_enough()
    {
        var weak = IdentityProvider.KeyDescriptor(IdentityProvider.Rsa(1024).CertificatePem);
        const string Broken = """<md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>""";
        const string NoBase64 = """<md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>?</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>""";
        Refusal(WithKeys(weak, Broken, NoBase64)).Should().Contain("fewer than 2048").And.Contain("not an X.509 certificate").And.Contain("not base64");
        new SamlProvider(Home, "corp", WithKeys(weak, Broken, NoBase64, IdentityProvider.KeyDescriptor(Trusted.CertificatePem))).UnusedKeys.Should().HaveCount(3);
    }

    [Fact]
    public void Certificate_that_has_expired_is_a_key_all_the_same() =>
        Registers("corp", IdentityProvider.Metadata(IdentityProvider.EntityId, IdentityProvider.Rsa(validFrom: Instant.FromUtc(1999, 1, 1, 0, 0)).CertificatePem)).Should().BeTrue();

    [Theory]
    [InlineData("several entities")]
    [InlineData("two providers in one")]
    [InlineData("no provider")]
    [InlineData("SAML 1.1 alone")]
    [InlineData("no entity id")]
    [InlineData("empty entity id")]
    [InlineData("no keys")]
    [InlineData("key of a service provider")]
    [InlineData("key elsewhere")]
    [InlineData("other namespace")]
    [InlineData("no XML")]
    [InlineData("empty")]
    [InlineData("document type")]
    [InlineData("external entity")]
    [InlineData("other encoding")]
    [InlineData("local validUntil")]
    [InlineData("local validUntil of the provider")]
    public void Metadata_that_is_not_that_of_one_provider_is_refused(string fault)
    {
        var start = Good.IndexOf("<md:IDPSSODescriptor", StringComparison.Ordinal);
        var end = Good.IndexOf("</md:EntityDescriptor>", StringComparison.Ordinal);
        var descriptor = Good[start..end];
        var metadata = fault switch
        {
            "several entities" => $"""<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{Good}{Good}</md:EntitiesDescriptor>""",
            "two providers in one" => Good.Insert(end, descriptor),
            "no provider" => Good.Remove(start, end - start),
            "SAML 1.1 alone" => Good.Replace("SAML:2.0:protocol", "SAML:1.1:protocol", StringComparison.Ordinal),
            "no entity id" => Good.Replace("entityID", "entityId", StringComparison.Ordinal),
            "empty entity id" => Good.Replace(IdentityProvider.EntityId, "", StringComparison.Ordinal),
            "no keys" => IdentityProvider.Metadata(IdentityProvider.EntityId),
            "key of a service provider" => Good.Replace("IDPSSODescriptor", "SPSSODescriptor", StringComparison.Ordinal)
                .Insert(start, """<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>"""),
            "key elsewhere" => Good.Replace("md:KeyDescriptor", "md:Other", StringComparison.Ordinal),
            "other namespace" => Good.Replace("SAML:2.0:metadata", "SAML:3.0:metadata", StringComparison.Ordinal),
            "no XML" => Good[..^1],
            "empty" => "",
            "document type" => "<!DOCTYPE md:EntityDescriptor>" + Good,
            "external entity" => """<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>""" + Good.Replace(IdentityProvider.EntityId, "&e;", StringComparison.Ordinal),
            "other encoding" => """<?xml version="1.0" encoding="ISO-8859-1"?>""" + Good,
            "local validUntil of the provider" => Good.Replace("protocolSupportEnumeration=", """validUntil="2030-01-01" protocolSupportEnumeration=""", StringComparison.Ordinal),
            _ => Good.Replace("entityID=", """validUntil="2030-01-01T00:00:00" entityID=""", StringComparison.Ordinal),
        };
        metadata.Should().NotBe(Good);
        Refusal(metadata).Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("""<?xml version="1.0" encoding="utf-8"?>""")]
    [InlineData("<!-- exported -->")]
    [InlineData("")]
    public void Declaration_and_comments_are_borne(string before) => Registers("corp", before + Good).Should().BeTrue();

    [Fact]
    public void Metadata_has_ten_million_characters_at_most()
    {
        var longest = Good + new string(' ', SamlProvider.MaxMetadataLength - Good.Length);
        Registers("corp", longest).Should().BeTrue();
        Refusal(longest + " ").Should().Contain("more than 10000000 characters");
    }

    [Fact]
    public async Task Store_finds_a_provider_by_account_and_name_whatever_the_letter_case()
    {
        var store = new InMemoryIdentityStore();
        var provider = new SamlProvider(Home, "Corp", Good);
        FluentActions.Invoking(() => store.Put(provider)).Should().Throw<ArgumentException>("the account is unknown");
        store.Put(Home);
        store.Put(provider);
        (await store.FindSamlProviderAsync("111122223333", "corp", CancellationToken.None)).Should().BeSameAs(provider);
        (await store.FindSamlProviderAsync("444455556666", "Corp", CancellationToken.None)).Should().BeNull();
        store.RemoveSamlProvider("111122223333", "CORP").Should().BeTrue();
        (await store.FindSamlProviderAsync("111122223333", "Corp", CancellationToken.None)).Should().BeNull();
    }

    private static string WithKeys(params string[] descriptors) =>
        IdentityProvider.Metadata(IdentityProvider.EntityId).Replace("<md:SingleSignOnService", string.Concat(descriptors) + "<md:SingleSignOnService", StringComparison.Ordinal);

    private static bool Registers(string name, string metadata, bool acceptsShort = false)
    {
        try
        {
            return new SamlProvider(Home, name, metadata, acceptsShort).SigningKeys.Length > 0;
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException)
        {
            return false;
        }
    }

    private static string Refusal(string metadata, bool acceptsShort = false) =>
        FluentActions.Invoking(() => new SamlProvider(Home, "corp", metadata, acceptsShort)).Should().Throw<FormatException>().Which.Message;
}
