using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using NodaTime;

namespace TokenService;

/// <summary>What a signed assertion means, and whether it holds here and now.</summary>
/// <remarks>Sources: SAML 2.0 Core, 2.3 to 2.7; Profiles, 4.1.4; docs/saml.md, rule 8. Every fault of form comes before every passed instant, so that
/// <c>ExpiredTokenException</c> says that a newer assertion of the same kind would do.</remarks>
internal sealed class SamlClaims
{
    /// <summary>How long after it was issued an assertion is accepted. IAM User Guide, "Troubleshooting SAML".</summary>
    private static readonly Duration MaxAge = Duration.FromMinutes(5);

    private readonly SamlProvider _provider;
    private readonly SamlOptions _options;
    private readonly Instant _earliest;
    private readonly Instant _latest;
    private SamlRefusal? _expiry;
    private string _recipient = "";
    private string _subject = "";
    private string? _nameIdFormat;
    private Instant? _sessionEnd;
    private Instant _usableUntil;

    private SamlClaims(SamlProvider provider, SamlOptions options, Instant now)
    {
        _provider = provider;
        _options = options;
        _earliest = now - provider.ClockTolerance;
        _latest = now + provider.ClockTolerance;
    }

    /// <summary>Reads the claims.</summary>
    /// <param name="signed">The assertion.</param>
    /// <param name="response">The response that it came in, which may only refuse.</param>
    /// <param name="isResponseSigned">Whether the response is signed itself.</param>
    /// <param name="provider">The provider that signed it.</param>
    /// <param name="options">What this service is called.</param>
    /// <param name="now">The time.</param>
    /// <param name="claims">The claims, where there is no refusal.</param>
    /// <returns>The refusal, or <see langword="null"/>.</returns>
    internal static SamlRefusal? Read(
        SignedAssertion signed, XmlElement response, bool isResponseSigned, SamlProvider provider, SamlOptions options, Instant now, out VerifiedClaims? claims)
    {
        claims = null;
        var reader = new SamlClaims(provider, options, now);
        var assertion = signed.Root;
        if ((reader.CheckResponse(response, isResponseSigned) ?? reader.CheckIssuer(assertion) ?? reader.CheckSubject(assertion)
            ?? reader.CheckAudience(assertion) ?? reader.CheckConfirmation(assertion, response.AttributeOrNull("InResponseTo")) ?? reader.CheckTimes(assertion)
            ?? reader.CheckAuthentication(assertion)) is { } broken)
        {
            return broken;
        }

        if ((SamlAttributes.Read(assertion, out var attributes) ?? reader._expiry) is { } refusal)
        {
            return refusal;
        }

        claims = new VerifiedClaims(reader.ToIdentity(assertion, attributes), reader._usableUntil);
        return null;
    }

    /// <summary>Whether a response could be a provider's, by the issuers that it names in the clear; nobody has signed these yet.</summary>
    internal static bool MayBeOf(SamlProvider provider, XmlElement response) =>
        (response["Issuer", SamlNames.Assertion] is not { } outer || outer.InnerText == provider.EntityId)
        && (response["Assertion", SamlNames.Assertion]?["Issuer", SamlNames.Assertion] is not { } inner || inner.InnerText == provider.EntityId);

    private static bool IsTwoZero(XmlElement element) => element.GetAttribute("Version") == "2.0";

    private bool IsPast(Instant end) => end <= _earliest;

    private bool IsFuture(Instant instant) => instant > _latest;

    private SamlRefusal? CheckResponse(XmlElement response, bool isSigned)
    {
        if (!IsTwoZero(response))
        {
            return SamlRefusal.Invalid("the response's version is 2.0");
        }

        if (response["Issuer", SamlNames.Assertion] is { } issuer ? !IsProvider(issuer) : isSigned)
        {
            return WrongIssuer();
        }

        if (response.AttributeOrNull("Destination") is { } destination ? !_options.Accepts(destination) : isSigned && _options.RequiresDestination)
        {
            return SamlRefusal.Invalid("the destination is an address of this service");
        }

        return SamlInstant.TryParse(response.GetAttribute("IssueInstant"), out var issued) && !IsFuture(issued.Value)
            ? null
            : SamlRefusal.Invalid("the response was issued, and not in the future");
    }

    private SamlRefusal? CheckIssuer(XmlElement assertion) =>
        !IsTwoZero(assertion) ? SamlRefusal.Invalid("the assertion's version is 2.0")
            : IsProvider(assertion["Issuer", SamlNames.Assertion]!) ? null
            : WrongIssuer();

    private bool IsProvider(XmlElement issuer) =>
        issuer.InnerText == _provider.EntityId && issuer.AttributeOrNull("Format") is null or SamlNames.EntityFormat;

    private static SamlRefusal WrongIssuer() => SamlRefusal.Invalid("the issuer is the provider", "Issuer not present in specified provider");

    private SamlRefusal? CheckSubject(XmlElement assertion)
    {
        var name = assertion["Subject", SamlNames.Assertion]!["NameID", SamlNames.Assertion]!;
        _subject = name.InnerText;
        _nameIdFormat = name.AttributeOrNull("Format");
        return _subject.Length == 0 || _subject.Trim().Length < _subject.Length || _subject.Any(char.IsControl)
                ? SamlRefusal.Invalid("the subject has a name, without white space around it and without control characters")
            : _nameIdFormat is not null && (!SamlDocument.HasScheme(_nameIdFormat) || _nameIdFormat.AsSpan().ContainsAnyExceptInRange('!', '~'))
                ? SamlRefusal.Invalid("the format of the subject's name is an absolute URI")
            : null;
    }

    private SamlRefusal? CheckAudience(XmlElement assertion)
    {
        var restrictions = 0;
        foreach (var restriction in assertion["Conditions", SamlNames.Assertion]!.ChildElements("AudienceRestriction", SamlNames.Assertion))
        {
            restrictions++;
            if (!restriction.ChildElements().Any(audience => audience.InnerText == _options.Audience))
            {
                restrictions = 0;
                break;
            }
        }

        return restrictions > 0
            ? null
            : SamlRefusal.Invalid("each audience restriction, of which there is one at least, names this service", "Response does not contain the required audience.");
    }

    private SamlRefusal? CheckConfirmation(XmlElement assertion, string? inResponseTo)
    {
        var expired = 0;
        var others = 0;
        foreach (var confirmation in assertion["Subject", SamlNames.Assertion]!.ChildElements("SubjectConfirmation", SamlNames.Assertion))
        {
            if (confirmation.GetAttribute("Method") != SamlNames.Bearer)
            {
                continue;
            }

            // Whatever is wrong with one is wrong with that one; halves of two do not make one.
            if (confirmation.FirstChildElement() is not { } data
                || data.HasAttribute("NotBefore")
                || !_options.Accepts(data.AttributeOrNull("Recipient"))
                || !SamlInstant.TryParse(data.AttributeOrNull("NotOnOrAfter"), out var end)
                || (data.AttributeOrNull("InResponseTo") is { } inner && inResponseTo is not null && inner != inResponseTo))
            {
                others++;
            }
            else if (IsPast(end.Value))
            {
                expired++;
            }
            else
            {
                _recipient = data.GetAttribute("Recipient");
                return null;
            }
        }

        if (expired == 0 || others > 0)
        {
            return SamlRefusal.Invalid("a bearer confirmation holds entirely: recipient, time, and the request that is answered");
        }

        _expiry = SamlRefusal.Expired("a bearer confirmation has not expired");
        return null;
    }

    private SamlRefusal? CheckTimes(XmlElement assertion)
    {
        var conditions = assertion["Conditions", SamlNames.Assertion]!;
        Instant? start = null;
        if (!SamlInstant.TryParse(conditions.AttributeOrNull("NotOnOrAfter"), out var end)
            || (conditions.AttributeOrNull("NotBefore") is { } notBefore && (!SamlInstant.TryParse(notBefore, out start) || start >= end)))
        {
            return SamlRefusal.Invalid("the conditions have an end, and a beginning before it if any");
        }

        if (start is { } beginning && IsFuture(beginning))
        {
            return SamlRefusal.Invalid("the assertion is valid already");
        }

        if (!SamlInstant.TryParse(assertion.GetAttribute("IssueInstant"), out var issued) || IsFuture(issued.Value))
        {
            return SamlRefusal.Invalid("the assertion was issued, and not in the future");
        }

        var redeemable = issued.Value + MaxAge;
        _expiry ??= IsPast(end.Value) ? SamlRefusal.Expired("the conditions have not expired")
            : redeemable < _earliest ? SamlRefusal.TooOld()
            : null;

        // An age of five minutes to the tick is still accepted, so the tick after it is the first at which the assertion is worth nothing. Another
        // account may have registered the same provider with more tolerance, and there it must not come to life again.
        _usableUntil = Instant.Min(end.Value, redeemable + Duration.Epsilon) + SamlProvider.MaxClockTolerance;
        return null;
    }

    private SamlRefusal? CheckAuthentication(XmlElement assertion)
    {
        var statements = 0;
        foreach (var statement in assertion.ChildElements("AuthnStatement", SamlNames.Assertion))
        {
            statements++;
            Instant? end = null;
            if (!SamlInstant.TryParse(statement.GetAttribute("AuthnInstant"), out var authenticated) || IsFuture(authenticated.Value)
                || (statement.AttributeOrNull("SessionNotOnOrAfter") is { } sessionEnd && !SamlInstant.TryParse(sessionEnd, out end)))
            {
                return SamlRefusal.Invalid("the authentication has a time that is not in the future, and its session an end if any");
            }

            if (end is { } last)
            {
                _sessionEnd = _sessionEnd is { } known ? Instant.Min(known, last) : last;
                _expiry ??= IsPast(last) ? SamlRefusal.Expired("the session at the provider has not ended") : null;
            }
        }

        return statements > 0 ? null : SamlRefusal.Invalid("the assertion says that and when its subject authenticated");
    }

    private SamlIdentity ToIdentity(XmlElement assertion, SamlAttributes attributes)
    {
        // What is cut off has no colon left, so that no format is told as another one: every whole URI has one.
        var subjectType = _nameIdFormat is null ? SamlNames.UnspecifiedFormat
            : _nameIdFormat.StartsWith(SamlNames.NameFormat20, StringComparison.Ordinal) && _nameIdFormat.LastIndexOf(':') == SamlNames.NameFormat20.Length - 1
                && _nameIdFormat.Length > SamlNames.NameFormat20.Length
                ? _nameIdFormat[SamlNames.NameFormat20.Length..]
            : _nameIdFormat;
        var nameQualifier = NameQualifier();
        ImmutableArray<KeyValuePair<string, string>> sessionKeys =
        [
            new("saml:namequalifier", nameQualifier), new("saml:sub", _subject), new("saml:sub_type", subjectType),
        ];
        var provider = _provider.Arn.ToString();
        return new SamlIdentity
        {
            Federated = new FederatedIdentity
            {
                ProviderArn = _provider.Arn,
                Issuer = _provider.EntityId,
                Subject = _subject,
                Audience = _recipient,
                Keys =
                [
                    new("saml:aud", _recipient), new("saml:iss", _provider.EntityId), new("saml:doc", $"{_provider.Arn.Account}/{_provider.Name}"),
                    .. sessionKeys, .. attributes.Keys,
                ],
                SessionKeys = sessionKeys,
                Tags = attributes.Tags,
                TransitiveTagKeys = attributes.TransitiveTagKeys,
                SourceIdentity = attributes.SourceIdentity,
                Roles = [.. attributes.Roles.Where(role => role.ProviderArn == provider).Select(role => role.RoleArn)],
            },
            AssertionId = assertion.GetAttribute("ID"),
            RoleSessionName = attributes.RoleSessionName,
            NameIdFormat = _nameIdFormat,
            SubjectType = subjectType,
            NameQualifier = nameQualifier,
            SessionDuration = attributes.SessionDuration,
            SessionNotOnOrAfter = _sessionEnd,
            Roles = attributes.Roles,
        };
    }

    /// <summary>STS API Reference, <c>AssumeRoleWithSAML</c>, <c>NameQualifier</c>.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The service defines the name by SHA-1; nothing hangs on its strength.")]
    private string NameQualifier() =>
        Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes($"{_provider.EntityId}{_provider.Arn.Account}/{_provider.Name}")));
}

/// <summary>What an assertion says, and until when it could be used again if nobody remembered it.</summary>
/// <param name="Identity">Whom it is about.</param>
/// <param name="UsableUntil">The first instant at which it is worth nothing.</param>
internal sealed record VerifiedClaims(SamlIdentity Identity, Instant UsableUntil);
