using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>The refusals of a signature, as the kind of service words them.</summary>
/// <remarks>Sources: the live services as reference 11.5 (STS) and 11.7 (S3) have them.</remarks>
internal abstract class SignatureErrors
{
    internal static readonly SignatureErrors Sts = new StsErrors();
    internal static readonly SignatureErrors S3 = new S3Errors();

    private static readonly InstantPattern DatePattern = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    internal abstract StsError UnknownKey();

    internal abstract StsError MalformedToken();

    internal abstract StsError ExpiredToken();

    /// <param name="credential">What the request is scoped to.</param>
    /// <param name="region">Whether the region is wrong.</param>
    /// <param name="service">Whether the service is wrong.</param>
    /// <param name="rules">What was expected.</param>
    /// <param name="presigned">Whether the scope stood in the query.</param>
    internal abstract StsError WrongScope(in CredentialScope credential, bool region, bool service, SignatureRules rules, bool presigned);

    internal abstract StsError UnsignedHeader(string name);

    internal abstract StsError Expired(Instant date, Instant now, Duration skew);

    internal abstract StsError NotYetCurrent(Instant date, Instant now, Duration skew);

    internal abstract StsError Mismatch();

    internal abstract StsError TwoMechanisms();

    /// <summary>The presigned request's own life is over; services that ignore that life have no such refusal.</summary>
    internal static StsError PresignedExpired() => StsError.AccessDenied("Request has expired");

    internal static StsError WrongTerminator() =>
        StsError.SignatureDoesNotMatch("Credential should be scoped with a valid terminator: 'aws4_request'.");

    internal static StsError WrongScopeDate() =>
        StsError.SignatureDoesNotMatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.");

    internal static StsError BadDate(string text) => StsError.IncompleteSignature(
        $"Date must be in ISO-8601 'basic format'. Got '{Shortened(text)}'. See http://en.wikipedia.org/wiki/ISO_8601");

    internal static StsError BadCredential(ReadOnlySpan<char> text, bool isAsymmetric) => StsError.IncompleteSignature(isAsymmetric
        ? $"Credential must have exactly 4 slash-delimited elements, e.g. keyid/date/service/term, got '{Shortened(text)}'"
        : $"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{Shortened(text)}'");

    internal static StsError BadForm(string reason) => StsError.IncompleteSignature(reason);

    /// <summary>Signature Version 4A, where the service does not say which region it is.</summary>
    internal static StsError NoRegionToCompare() => BadForm(
        $"Unsupported AWS 'algorithm'; '{SignatureV4.Algorithm}' is expected, since this service names no region.");

    internal static StsError MissingQueryParameter(string name) => StsError.IncompleteSignature(
        $"AWS query-string parameters must include '{name}'. Re-examine the query-string parameters.");

    internal static StsError MissingHeaderParts(string header, bool credential, bool signature, bool signedHeaders, bool date)
    {
        // The header itself is hashed: it may hold a good signature.
        var message = new StringBuilder();
        message.Append(credential ? "Authorization header requires 'Credential' parameter. " : "");
        message.Append(signature ? "Authorization header requires 'Signature' parameter. " : "");
        message.Append(signedHeaders ? "Authorization header requires 'SignedHeaders' parameter. " : "");
        message.Append(date ? "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " : "");
        message.Append("(Hashed with SHA-256 and encoded with Base64) Authorization=");
        message.Append(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(header))));
        return StsError.IncompleteSignature(message.ToString());
    }

    private static string Shortened(ReadOnlySpan<char> text) => text.Length > 256 ? $"{text[..256]}…" : text.ToString();

    private sealed class StsErrors : SignatureErrors
    {
        internal override StsError UnknownKey() => StsError.InvalidClientTokenId();

        internal override StsError MalformedToken() => StsError.InvalidClientTokenId();

        internal override StsError ExpiredToken() => StsError.ExpiredToken();

        internal override StsError WrongScope(
            in CredentialScope credential, bool region, bool service, SignatureRules rules, bool presigned) =>
            StsError.SignatureDoesNotMatch(
                (region ? "Credential should be scoped to a valid region. " : "")
                + (service ? $"Credential should be scoped to correct service: '{rules.Service}'. " : ""));

        internal override StsError UnsignedHeader(string name) => StsError.SignatureDoesNotMatch(
            name == "host"
                ? "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                : $"'{name}' must be a 'SignedHeader' in the AWS Authorization.");

        internal override StsError Expired(Instant date, Instant now, Duration skew) => StsError.SignatureDoesNotMatch(
            $"Signature expired: {DatePattern.Format(date)} is now earlier than {DatePattern.Format(now - skew)} ({DatePattern.Format(now)} - {Minutes(skew)} min.)");

        internal override StsError NotYetCurrent(Instant date, Instant now, Duration skew) => StsError.SignatureDoesNotMatch(
            $"Signature not yet current: {DatePattern.Format(date)} is still later than {DatePattern.Format(now + skew)} ({DatePattern.Format(now)} + {Minutes(skew)} min.)");

        internal override StsError Mismatch() => StsError.SignatureDoesNotMatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. "
            + "Consult the service documentation for details.");

        internal override StsError TwoMechanisms() =>
            StsError.IncompleteSignature("A request is signed by its Authorization header or by its query string, not by both.");

        private static string Minutes(Duration skew) => skew.TotalMinutes.ToString("0.##", CultureInfo.InvariantCulture);
    }

    private sealed class S3Errors : SignatureErrors
    {
        internal override StsError UnknownKey() => StsError.InvalidAccessKeyId();

        internal override StsError MalformedToken() => StsError.InvalidToken();

        internal override StsError ExpiredToken() => StsError.ExpiredS3Token();

        internal override StsError WrongScope(
            in CredentialScope credential, bool region, bool service, SignatureRules rules, bool presigned)
        {
            var reason = region
                ? $"the region '{Shortened(credential.Region)}' is wrong; expecting '{(rules.Regions is [var expected, ..] ? expected : "us-east-1")}'"
                : $"incorrect service \"{Shortened(credential.Service)}\". This endpoint belongs to \"{rules.Service}\".";
            return presigned
                ? StsError.AuthorizationQueryParametersError($"Error parsing the X-Amz-Credential parameter; {reason}")
                : StsError.AuthorizationHeaderMalformed($"The authorization header is malformed; {reason}");
        }

        internal override StsError UnsignedHeader(string name) =>
            StsError.AccessDenied("There were headers present in the request which were not signed");

        internal override StsError Expired(Instant date, Instant now, Duration skew) => StsError.RequestTimeTooSkewed();

        internal override StsError NotYetCurrent(Instant date, Instant now, Duration skew) => StsError.RequestTimeTooSkewed();

        internal override StsError Mismatch() => StsError.SignatureDoesNotMatch(
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.");

        internal override StsError TwoMechanisms() => StsError.InvalidArgument(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified");
    }
}
