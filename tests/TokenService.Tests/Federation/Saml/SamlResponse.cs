using System.Collections.Immutable;
using System.Security;
using NodaTime.Text;

namespace TokenService.Tests.Federation.Saml;

/// <summary>A response as an identity provider says it, before it is signed. What stands here is good at <see cref="Start"/>.</summary>
internal sealed record SamlResponse
{
    internal const string Recipient = "https://signin.aws.amazon.com/saml";
    internal const string Role = "arn:aws:iam::111122223333:role/staff/Reader";
    internal const string Provider = "arn:aws:iam::111122223333:saml-provider/corp";
    internal const string AttributePrefix = "https://aws.amazon.com/SAML/Attributes/";

    /// <summary>When the clocks of the tests begin.</summary>
    internal static readonly Instant Start = Instant.FromUtc(2026, 1, 2, 3, 4, 5);

    internal Instant Issued { get; init; } = Start - Duration.FromSeconds(30);

    internal string AssertionId { get; init; } = $"_a{Guid.NewGuid():N}";

    internal string Issuer { get; init; } = IdentityProvider.EntityId;

    internal string Subject { get; init; } = """<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">alice@idp.example</saml:NameID>""";

    internal string Confirmation { get; init; } = BearerUntil(Start + Duration.FromMinutes(4));

    internal string Conditions { get; init; } = Between(Start - Duration.FromMinutes(4), Start + Duration.FromMinutes(4));

    internal string Authentication { get; init; } = Authenticated(Start - Duration.FromMinutes(1), null);

    internal ImmutableArray<(string Name, string[] Values)> Attributes { get; init; } =
        [(AttributePrefix + "Role", [$"{Role},{Provider}"]), (AttributePrefix + "RoleSessionName", ["alice"])];

    /// <summary>What stands among the attributes besides, as XML.</summary>
    internal string MoreAttributes { get; init; } = "";

    /// <summary>What stands before the statements.</summary>
    internal string Advice { get; init; } = "";

    internal string ResponseAttributes { get; init; } = $"""Destination="{Recipient}" """;

    internal string ResponseIssuer { get; init; } = $"<saml:Issuer>{IdentityProvider.EntityId}</saml:Issuer>";

    internal string Extensions { get; init; } = "";

    internal string Status { get; init; } = """<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>""";

    /// <summary>A response that is good at another time.</summary>
    internal static SamlResponse At(Instant now) => new()
    {
        Issued = now - Duration.FromSeconds(30),
        Confirmation = BearerUntil(now + Duration.FromMinutes(4)),
        Conditions = Between(now - Duration.FromMinutes(4), now + Duration.FromMinutes(4)),
        Authentication = Authenticated(now - Duration.FromMinutes(1), null),
    };

    internal SamlResponse With(string attribute, params string[] values) => this with { Attributes = Attributes.Add((AttributePrefix + attribute, values)) };

    internal SamlResponse Without(string attribute) => this with { Attributes = Attributes.RemoveAll(each => each.Name == AttributePrefix + attribute) };

    internal static string Time(Instant instant) => InstantPattern.ExtendedIso.Format(instant);

    internal static string BearerUntil(Instant end, string recipient = Recipient, string more = "") => $"""
        <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{Time(end)}" Recipient="{recipient}" {more}/></saml:SubjectConfirmation>
        """;

    internal static string Between(Instant start, Instant end) => $"""
        <saml:Conditions NotBefore="{Time(start)}" NotOnOrAfter="{Time(end)}"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>
        """;

    internal static string Authenticated(Instant at, Instant? sessionEnd) => $"""
        <saml:AuthnStatement AuthnInstant="{Time(at)}" {(sessionEnd is { } end ? $"SessionNotOnOrAfter=\"{Time(end)}\"" : "")}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
        """;

    /// <summary>The response as XML, not signed.</summary>
    internal string ToXml() => $"""
        <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r{AssertionId}" Version="2.0" IssueInstant="{Time(Issued)}" {ResponseAttributes}>{ResponseIssuer}{Extensions}{Status}{AssertionXml()}</samlp:Response>
        """;

    private string AssertionXml() => $"""
        <saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{AssertionId}" Version="2.0" IssueInstant="{Time(Issued)}"><saml:Issuer>{Issuer}</saml:Issuer><saml:Subject>{Subject}{Confirmation}</saml:Subject>{Conditions}{Advice}{Authentication}<saml:AttributeStatement>{string.Concat(Attributes.Select(AttributeXml))}{MoreAttributes}</saml:AttributeStatement></saml:Assertion>
        """;

    private static string AttributeXml((string Name, string[] Values) attribute) =>
        $"""<saml:Attribute Name="{SecurityElement.Escape(attribute.Name)}">{string.Concat(attribute.Values.Select(value => $"<saml:AttributeValue>{SecurityElement.Escape(value)}</saml:AttributeValue>"))}</saml:Attribute>""";
}
