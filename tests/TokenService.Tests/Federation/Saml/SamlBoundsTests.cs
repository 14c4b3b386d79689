using System.Text;
using TokenService.Testing;

namespace TokenService.Tests.Federation.Saml;

/// <summary>Rules 1 to 4 of saml.md: each bound at its edge and one past it.</summary>
public sealed class SamlBoundsTests : IDisposable
{
    private const string Invalid = "InvalidIdentityToken";

    private readonly SamlBench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>The extensions lie at depth 2, so what stands in them begins at 3.</summary>
    [Theory]
    [InlineData(30, null)]
    [InlineData(31, Invalid)]
    public async Task Elements_lie_32_deep_at_most(int nested, string? code) =>
        (await ExtendedAsync(string.Concat(Enumerable.Repeat("""<x xmlns="urn:x">""", nested)) + string.Concat(Enumerable.Repeat("</x>", nested)))).Should().Be(code);

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, Invalid)]
    public async Task There_are_1500_elements_at_most(int over, string? code)
    {
        var others = IdentityProvider.Load(Signed("")).GetElementsByTagName("*").Count;
        var fill = string.Concat(Enumerable.Repeat("<a/>", 1500 - others - 2 + over));
        (await ExtendedAsync($"""<x xmlns="urn:x">{fill}</x>""")).Should().Be(code);
    }

    [Theory]
    [InlineData(16, 16, null)]
    [InlineData(32, 0, Invalid)]
    [InlineData(16, 17, Invalid)]
    public async Task Attributes_and_declarations_of_an_element_are_32_at_most(int attributes, int declarations, string? code)
    {
        // One declaration is that of the element itself.
        var all = string.Concat(Enumerable.Range(0, attributes).Select(index => $" a{index}=\"v\"")) + string.Concat(Enumerable.Range(1, Math.Max(0, declarations - 1)).Select(index => $" xmlns:n{index}=\"urn:n\""));
        (await ExtendedAsync($"""<x xmlns="urn:x"{all}/>""")).Should().Be(code);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, Invalid)]
    public async Task Attributes_and_declarations_of_all_elements_are_2048_at_most(int over, string? code)
    {
        var fill = 2048 - AttributesOf(Signed("""<x xmlns="urn:x"/>""")).Count + over;
        var full = string.Concat(Enumerable.Range(0, fill).Chunk(31).Select(chunk => $"<a{string.Concat(chunk.Select(index => $" b{index}=\"\""))}/>"));
        (await ExtendedAsync($"""<x xmlns="urn:x">{full}</x>""")).Should().Be(code);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, Invalid)]
    public async Task Namespaces_that_are_declared_are_64_at_most_and_the_same_one_may_be_said_again(int over, string? code)
    {
        var known = AttributesOf(Signed("""<x xmlns="urn:x"/>""")).Where(attribute => attribute.NamespaceURI == SamlNames.Declaration)
            .Select(attribute => (attribute.Name, attribute.Value)).Distinct().Count();
        var declarations = Enumerable.Range(0, 64 - known + over).Select(index => $" xmlns:n{index}=\"urn:n\"").Chunk(31).Select(chunk => $"<a{string.Concat(chunk)}/>").ToList();
        (await ExtendedAsync($"""<x xmlns="urn:x">{string.Concat([.. declarations, .. declarations])}</x>""")).Should().Be(code);
    }

    /// <summary>One long name that is declared once and used by many elements would be said by each of them.</summary>
    [Theory]
    [InlineData(0, null)]
    [InlineData(1, Invalid)]
    public async Task What_a_canonical_form_declares_anew_has_65536_characters_at_most(int over, string? code)
    {
        const int Long = 16_300;
        static string Uri(int length) => "urn:" + new string('x', length - 4);
        string Elements(string last) => $"""<x xmlns="urn:x" xmlns:n="{Uri(Long)}"><n:y/><n:y><n:y/></n:y><n:y/><m:z xmlns:m="{last}"/></x>""";
        var one = CanonicalDeclarations(Signed(Elements("urn:m")));
        var rest = 65_536 - one + "urn:m".Length + over;
        (await ExtendedAsync(Elements(Uri(rest)))).Should().Be(code);
        CanonicalDeclarations(Signed(Elements(Uri(rest)))).Should().Be(65_536 + over);
    }

    [Theory]
    [InlineData(16_384, null)]
    [InlineData(16_385, Invalid)]
    public async Task Text_or_value_has_16384_characters_at_most(int length, string? code)
    {
        (await ExtendedAsync($"""<x xmlns="urn:x">{new string('t', length)}</x>""")).Should().Be(code);
        (await ExtendedAsync($"""<x xmlns="urn:x" a="{new string('t', length)}"/>""")).Should().Be(code);
    }

    /// <summary>A CipherValue may be longer; text behind one is no part of it.</summary>
    [Theory]
    [InlineData("<CipherValue/>", 16_384, "", null)]
    [InlineData("<CipherValue/>", 16_385, "", Invalid)]
    [InlineData("<CipherValue></CipherValue>", 16_385, "", Invalid)]
    [InlineData("<CipherValue>", 16_385, "</CipherValue>", null)]
    [InlineData("<CipherValue xmlns=\"urn:x\">", 16_385, "</CipherValue>", Invalid)]
    public async Task Text_is_bounded_also_beside_a_cipher_value(string before, int length, string after, string? code) =>
        (await _bench.CodeAsync(SignedWithKeyInfo($"""<x xmlns="{SamlEncryption.Xenc}">{before}{new string('t', length)}{after}</x>"""))).Should().Be(code);

    [Theory]
    [InlineData(" \t\r\n", null)]
    [InlineData("&#x20;", null)]
    [InlineData("\u00A0", Invalid)]
    [InlineData("\u2003", Invalid)]
    [InlineData("\u0085", Invalid)]
    public async Task Between_elements_stands_the_white_space_of_XML_and_no_other(string between, string? code) =>
        (await _bench.CodeAsync(Signed("").Replace("<samlp:Status>", $"{between}<samlp:Status>", StringComparison.Ordinal))).Should().Be(code);

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, Invalid)]
    public async Task Name_has_256_characters_at_most(int length, string? code)
    {
        (await ExtendedAsync($"""<{new string('n', length)} xmlns="urn:x"/>""")).Should().Be(code);
        (await ExtendedAsync($"""<x xmlns="urn:x" {new string('n', length)}="v"/>""")).Should().Be(code);
    }

    [Theory]
    [InlineData("urn:x", null)]
    [InlineData("http://x.example/", null)]
    [InlineData("x", Invalid)]
    [InlineData("/x", Invalid)]
    [InlineData("//x.example/", Invalid)]
    [InlineData("../x", Invalid)]
    [InlineData("1:x", Invalid)]
    public async Task Namespace_is_an_absolute_URI(string uri, string? code) => (await ExtendedAsync($"""<n:x xmlns:n="{uri}"/>""")).Should().Be(code);

    [Theory]
    [InlineData("""<x xmlns="urn:x"><y xmlns=""/></x>""")]
    [InlineData("""<x xmlns="urn:x" xmlns:xml="http://www.w3.org/XML/1998/namespace"/>""")]
    public async Task Namespace_is_not_undeclared_nor_that_of_XML_declared_again(string extension) => (await ExtendedAsync(extension)).Should().Be(Invalid);

    [Fact]
    public async Task Response_has_100000_characters_of_base64_at_most()
    {
        foreach (var (length, code) in new[] { (75_000, (string?)null), (75_001, Invalid) })
        {
            // White space around the document element is dropped, and counts.
            var xml = Signed("");
            var padded = Convert.ToBase64String(Encoding.UTF8.GetBytes(xml.PadRight(xml.Length + length - Encoding.UTF8.GetByteCount(xml))));
            (padded.Length <= 100_000).Should().Be(code is null);
            (await _bench.ValidateAsync(padded)).Error?.Code.Should().Be(code);
        }
    }

    [Theory]
    [InlineData(" \t\r\n{0} \t\r\n", null)]
    [InlineData("\u00A0{0}", Invalid)]
    [InlineData("{0}\0", Invalid)]
    [InlineData("\f{0}", Invalid)]
    [InlineData("{0}====", Invalid)]
    public async Task Base64_bears_white_space_and_nothing_else(string frame, string? code) =>
        (await _bench.ValidateAsync(frame.Replace("{0}", IdentityProvider.Encode(Signed("")), StringComparison.Ordinal))).Error?.Code.Should().Be(code);

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("AAA")]
    [InlineData("    ")]
    [InlineData("====")]
    [InlineData("AA=A")]
    [InlineData("AB==")]
    [InlineData("AAB=")]
    [InlineData("AAA-")]
    [InlineData("AAA_")]
    [InlineData("ÀAAA")]
    public async Task What_is_no_base64_is_refused(string text) => (await _bench.ValidateAsync(text)).Error!.Code.Should().Be(Invalid);

    [Theory]
    [InlineData("""<?xml version="1.0" encoding="utf-8"?>""", null)]
    [InlineData("""<?xml version="1.0" encoding="Utf-8" standalone="yes"?>""", null)]
    [InlineData("""<?xml version="1.0"?>""", null)]
    [InlineData("<!-- outside -->", null)]
    [InlineData("""<?xml version="1.0" encoding="US-ASCII"?>""", Invalid)]
    [InlineData("""<?xml version="1.1"?>""", Invalid)]
    [InlineData("""<?xml version=""?>""", Invalid)]
    [InlineData("""<?xml version="1."?>""", Invalid)]
    [InlineData("""<?xml version="1.0 "?>""", Invalid)]
    [InlineData("""<?xml version="1.0-1"?>""", Invalid)]
    [InlineData("""<?xml version="x"?>""", Invalid)]
    [InlineData("""<?xml version="#"?>""", Invalid)]
    [InlineData("""<?xml version="-1.0" encoding="UTF-8"?>""", Invalid)]
    [InlineData("""<?xml version="1.0" standalone="maybe"?>""", Invalid)]
    [InlineData("""<?xml encoding="UTF-8"?>""", Invalid)]
    [InlineData("<?x?>", Invalid)]
    [InlineData("\uFEFF\uFEFF", Invalid)]
    [InlineData("<!DOCTYPE x>", Invalid)]
    public async Task Before_the_document_element_stand_a_declaration_of_UTF8_and_comments(string before, string? code) =>
        (await _bench.CodeAsync(before + Signed(""))).Should().Be(code);

    [Theory]
    [InlineData("<!-- outside -->\n", null)]
    [InlineData("<?x?>", Invalid)]
    [InlineData("<x/>", Invalid)]
    [InlineData("x", Invalid)]
    public async Task Behind_the_document_element_stand_comments_and_white_space(string after, string? code) =>
        (await _bench.CodeAsync(Signed("") + after)).Should().Be(code);

    private static string Signed(string extensions) =>
        IdentityProvider.Trusted.SignXml((Responses.Good() with { Extensions = extensions.Length == 0 ? "" : $"<samlp:Extensions>{extensions}</samlp:Extensions>" }).ToXml(), SamlSigning.Assertion);

    /// <summary>Nobody signs what stands in the key info, and nobody reads it.</summary>
    private static string SignedWithKeyInfo(string info) =>
        Signed("").Replace("</SignatureValue>", $"</SignatureValue><KeyInfo>{info}</KeyInfo>", StringComparison.Ordinal);

    private Task<string?> ExtendedAsync(string extensions) => _bench.CodeAsync(Signed(extensions));

    private static List<System.Xml.XmlAttribute> AttributesOf(string xml) =>
        [.. IdentityProvider.Load(xml).GetElementsByTagName("*").Cast<System.Xml.XmlElement>().SelectMany(element => element.Attributes.Cast<System.Xml.XmlAttribute>())];

    /// <summary>The namespace, and 24 characters, of each element and attribute that is not named as the element around it is.</summary>
    private static int CanonicalDeclarations(string xml) =>
        IdentityProvider.Load(xml).GetElementsByTagName("*").Cast<System.Xml.XmlElement>().Sum(element =>
            (element.ParentNode is System.Xml.XmlElement parent && parent.Prefix == element.Prefix && parent.NamespaceURI == element.NamespaceURI ? 0 : element.NamespaceURI.Length + 24)
            + element.Attributes.Cast<System.Xml.XmlAttribute>().Where(attribute => attribute.Prefix.Length > 0 && attribute.NamespaceURI != SamlNames.Declaration)
                .Sum(attribute => attribute.NamespaceURI.Length + 24));
}
