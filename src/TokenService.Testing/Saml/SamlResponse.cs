using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security;
using System.Security.Cryptography;
using NodaTime;
using NodaTime.Text;

namespace TokenService.Testing;

/// <summary>An attribute of an assertion.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Its values, as text.</param>
[SuppressMessage("Naming", "CA1711", Justification = "It is SAML's own name, and no attribute of .NET could be meant.")]
public sealed record SamlAttribute(string Name, ImmutableArray<string> Values);

/// <summary>A response as a SAML provider says it, before it is signed. Its parts are XML and are taken as they are, whether a response may have them or
/// not: <c>saml</c>, <c>samlp</c> and <c>ds</c> are declared where they belong.</summary>
/// <remarks>Source: SAML 2.0 Core, 2.3 to 2.7 and 3.3. A good one comes of <see cref="FakeSamlProvider.CreateResponse(string, IEnumerable{SamlRole})"/>; a
/// test changes what it is about: <c>response with { Issued = … }</c>.</remarks>
public sealed record SamlResponse
{
    /// <summary>What the names of AWS's attributes begin with.</summary>
    public const string AttributePrefix = "https://aws.amazon.com/SAML/Attributes/";

    /// <summary>When response and assertion were issued.</summary>
    public required Instant Issued { get; init; }

    /// <summary>The assertion's <c>ID</c>; the response's is this with <c>_r</c> before it.</summary>
    /// <value>A new one where nothing else is said.</value>
    public string AssertionId { get; init; } = $"_a{RandomNumberGenerator.GetHexString(32)}";

    /// <summary>Who says it: the text of the assertion's <c>Issuer</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary>Whom it is about: the <c>NameID</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>How the subject is confirmed: the <c>SubjectConfirmation</c> elements.</summary>
    public required string Confirmation { get; init; }

    /// <summary>When and for whom it holds: the <c>Conditions</c>.</summary>
    public required string Conditions { get; init; }

    /// <summary>How the subject signed in: the <c>AuthnStatement</c> elements.</summary>
    public required string Authentication { get; init; }

    /// <summary>The attributes.</summary>
    public ImmutableArray<SamlAttribute> Attributes { get; init; } = [];

    /// <summary>What stands behind the attributes in their statement.</summary>
    public string MoreAttributes { get; init; } = "";

    /// <summary>What stands before the statements.</summary>
    public string Advice { get; init; } = "";

    /// <summary>Further attributes of the <c>Response</c> element, such as its <c>Destination</c>.</summary>
    public string ResponseAttributes { get; init; } = "";

    /// <summary>The <c>Issuer</c> of the response.</summary>
    public string ResponseIssuer { get; init; } = "";

    /// <summary>What stands before the status.</summary>
    public string Extensions { get; init; } = "";

    /// <summary>The <c>Status</c>.</summary>
    /// <value>Success where nothing else is said.</value>
    public string Status { get; init; } = """<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>""";

    /// <summary>Adds an attribute of AWS's.</summary>
    /// <param name="attribute">Its name without <see cref="AttributePrefix"/>, such as <c>SessionDuration</c> or <c>PrincipalTag:Team</c>.</param>
    /// <param name="values">Its values.</param>
    /// <returns>The response with the attribute.</returns>
    public SamlResponse With(string attribute, params ReadOnlySpan<string> values) =>
        this with { Attributes = Attributes.Add(new SamlAttribute(AttributePrefix + attribute, [.. values])) };

    /// <summary>Takes an attribute of AWS's away.</summary>
    /// <param name="attribute">Its name without <see cref="AttributePrefix"/>.</param>
    /// <returns>The response without it.</returns>
    public SamlResponse Without(string attribute) => this with { Attributes = Attributes.RemoveAll(each => each.Name == AttributePrefix + attribute) };

    /// <summary>Writes an instant as SAML has it.</summary>
    /// <param name="instant">The instant.</param>
    /// <returns><c>yyyy-MM-ddTHH:mm:ss[.f…]Z</c>.</returns>
    public static string Time(Instant instant) => InstantPattern.ExtendedIso.Format(instant);

    /// <summary>Writes a bearer confirmation.</summary>
    /// <param name="end">When it ends.</param>
    /// <param name="recipient">The address that the assertion is delivered to.</param>
    /// <param name="more">Further attributes of its data, as XML.</param>
    /// <returns>A <c>SubjectConfirmation</c>.</returns>
    public static string BearerUntil(Instant end, string recipient = FakeSamlProvider.DefaultRecipient, string more = "") => $"""
        <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{Time(end)}" Recipient="{SecurityElement.Escape(recipient)}" {more}/></saml:SubjectConfirmation>
        """;

    /// <summary>Writes conditions.</summary>
    /// <param name="start">When the assertion begins to hold.</param>
    /// <param name="end">When it ends.</param>
    /// <param name="audience">Whom it is for.</param>
    /// <returns>A <c>Conditions</c> element.</returns>
    public static string Between(Instant start, Instant end, string audience = FakeSamlProvider.DefaultAudience) => $"""
        <saml:Conditions NotBefore="{Time(start)}" NotOnOrAfter="{Time(end)}"><saml:AudienceRestriction><saml:Audience>{SecurityElement.Escape(audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
        """;

    /// <summary>Writes that the subject signed in, with a password.</summary>
    /// <param name="at">When it did.</param>
    /// <param name="sessionEnd">When its session at the provider ends, if the provider says so.</param>
    /// <returns>An <c>AuthnStatement</c>.</returns>
    public static string Authenticated(Instant at, Instant? sessionEnd = null) => $"""
        <saml:AuthnStatement AuthnInstant="{Time(at)}" {(sessionEnd is { } end ? $"SessionNotOnOrAfter=\"{Time(end)}\"" : "")}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
        """;

    /// <summary>Writes the response, not signed.</summary>
    /// <returns>XML.</returns>
    public string ToXml() => $"""
        <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r{AssertionId}" Version="2.0" IssueInstant="{Time(Issued)}" {ResponseAttributes}>{ResponseIssuer}{Extensions}{Status}{AssertionXml()}</samlp:Response>
        """;

    /// <summary>The subject's name and the assertion's id.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"{AssertionId} about {Subject}";

    private string AssertionXml() => $"""
        <saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{AssertionId}" Version="2.0" IssueInstant="{Time(Issued)}"><saml:Issuer>{Issuer}</saml:Issuer><saml:Subject>{Subject}{Confirmation}</saml:Subject>{Conditions}{Advice}{Authentication}<saml:AttributeStatement>{string.Concat(Attributes.Select(AttributeXml))}{MoreAttributes}</saml:AttributeStatement></saml:Assertion>
        """;

    private static string AttributeXml(SamlAttribute attribute) =>
        $"""<saml:Attribute Name="{SecurityElement.Escape(attribute.Name)}">{string.Concat(attribute.Values.Select(value => $"<saml:AttributeValue>{SecurityElement.Escape(value)}</saml:AttributeValue>"))}</saml:Attribute>""";
}
