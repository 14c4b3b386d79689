using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Tells who signed a request (Signature Version 4, by header or by query), with long-term or temporary credentials.</summary>
/// <remarks>The one door for signed requests, of the token service itself and of the services that its credentials open. Safe for many
/// threads. A signature is no protection against replay: the same request is accepted again while its time holds. Source: IAM User Guide,
/// "Signature Version 4 signing process"; the order of checks is that of reference 11.7.</remarks>
public sealed partial class RequestAuthenticator
{
    private const int MaxHeaders = 256;
    private const int MaxHeaderCharacters = 128 * 1024;
    private const int MaxPathAndQueryCharacters = 64 * 1024;
    private const int MaxSignedHeaders = 128;
    /// <summary>Room for the canonical request of nearly every client, its token included.</summary>
    private const int CanonicalRoom = 4096;

    private const int MaxPresignedSeconds = 604_800;

    private const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    /// <summary>What unknown keys are checked with, so that they cost what known ones do; its signing keys get as warm as theirs.</summary>
    private readonly Secret _nobody = new(Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenLayout.SecretBytes)));

    /// <summary>The thread's own: room on the stack would be cleared for each request.</summary>
    [ThreadStatic]
    private static byte[]? _canonicalRoom;

    private readonly CredentialDirectory _credentials;
    private readonly IClock _clock;
    private readonly ILogger _logger;

    internal RequestAuthenticator(CredentialDirectory credentials, IClock clock, ILogger logger)
    {
        _credentials = credentials;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Checks a request's signature.</summary>
    /// <param name="request">The request as it came.</param>
    /// <param name="rules">What the service asks of signatures.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The caller, or the refusal: <c>MissingAuthenticationToken</c> where nothing is signed, <c>IncompleteSignature</c>,
    /// <c>SignatureDoesNotMatch</c>, <c>InvalidClientTokenId</c>, <c>ExpiredToken</c>, <c>XAmzContentSHA256Mismatch</c>; under S3's rules S3's
    /// codes.</returns>
    public ValueTask<StsResult<AuthenticatedRequest>> AuthenticateAsync(
        SignedRequest request, SignatureRules rules, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(rules);
        if (request.Headers.IsDefault)
        {
            throw new ArgumentException("A request has headers, be they none.", nameof(request));
        }

        if (request.IsBodyToFollow && !rules.IsS3)
        {
            throw new ArgumentException("The signature of a service that is not of S3's kind is checked with the body.", nameof(request));
        }

        var errors = rules.IsS3 ? SignatureErrors.S3 : SignatureErrors.Sts;
        if (ReadFields(request, rules, errors, out var fields) is { } malformed)
        {
            Tell(malformed, fields, null, rules);
            return ValueTask.FromResult<StsResult<AuthenticatedRequest>>(malformed);
        }

        // Stores that answer from memory complete at once; then no state machine is needed.
        var finding = _credentials.FindAsync(fields.Credential.AccessKeyId, fields.Token, cancellationToken);
        return finding.IsCompletedSuccessfully
            ? ValueTask.FromResult(Check(request, fields, finding.Result, rules, errors))
            : CheckWhenFoundAsync(finding, request, rules, errors);
    }

    private async ValueTask<StsResult<AuthenticatedRequest>> CheckWhenFoundAsync(
        ValueTask<FoundCredential> finding, SignedRequest request, SignatureRules rules, SignatureErrors errors) =>
        ReadAndCheck(request, await finding.ConfigureAwait(false), rules, errors);

    private StsResult<AuthenticatedRequest> ReadAndCheck(
        SignedRequest request, FoundCredential found, SignatureRules rules, SignatureErrors errors) =>
        ReadFields(request, rules, errors, out var fields) is { } malformed ? malformed : Check(request, fields, found, rules, errors);

    private StsResult<AuthenticatedRequest> Check(
        SignedRequest request, in SignatureFields fields, FoundCredential found, SignatureRules rules, SignatureErrors errors)
    {
        if (FindRefusal(request, fields, found, rules, errors) is { } refusal)
        {
            Tell(refusal, fields, found, rules);
            return refusal;
        }

        Payload? payload = null;
        if (request.IsBodyToFollow && Payload.Read(request, fields, found.Secret!, out payload) is { } badPayload)
        {
            Tell(badPayload, fields, found, rules);
            return badPayload;
        }

        TellOfBody(payload, found.Caller!, rules);
        return new AuthenticatedRequest(
            found.Caller!, fields.Credential, payload?.IsSigned ?? !IsBodyUnsigned(fields, rules), payload, fields.IsAsymmetric ? RegionOf(fields.RegionSet, rules) : null);
    }

    private StsError? FindRefusal(
        SignedRequest request, in SignatureFields fields, in FoundCredential found, SignatureRules rules, SignatureErrors errors)
    {
        if (RefusalOf(found.Status, errors) is { } unusable)
        {
            return unusable;
        }

        // An unknown key goes the whole way, with a secret that nobody has, and is told apart only then.
        var refusal = CheckTime(fields, rules, errors) ?? CheckSignature(request, fields, found.Secret, rules, errors);
        return found.Caller is null ? errors.UnknownKey()
            : refusal is not null ? refusal
            : found.Status == CredentialStatus.UnexpectedToken ? errors.UnknownKey()
            : null;
    }

    /// <summary>What is wrong with a credential before its signature is looked at.</summary>
    private static StsError? RefusalOf(CredentialStatus status, SignatureErrors errors) => status switch
    {
        CredentialStatus.MalformedToken => errors.MalformedToken(),
        CredentialStatus.Expired => errors.ExpiredToken(),
        CredentialStatus.MissingToken or CredentialStatus.ForeignToken or CredentialStatus.Revoked or CredentialStatus.Gone => errors.UnknownKey(),
        _ => null,
    };

    /// <summary>The client learns the refusal, the operator its reason too. A revoked session has told its own.</summary>
    private void Tell(StsError refusal, in SignatureFields fields, FoundCredential? found, SignatureRules rules)
    {
        Telemetry.CountRefusedCredential(refusal.Code);
        if (found?.Status == CredentialStatus.Revoked || !_logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var session = found?.Session;
        var keyId = found?.Caller?.AccessKeyId ?? session?.AccessKeyId ?? (fields.Credential.IsEmpty ? null : AccessKeyId.ForLog(fields.Credential.AccessKeyId));
        AccessKeyId.TryGetAccount(keyId, out var account);
        Telemetry.CredentialRefused(
            _logger, rules.Service, refusal.Code, Reason(refusal, found?.Status), keyId, account, found?.Caller?.Arn.ToString(), session?.IdText, session?.SourceIdentity,
            session?.ChainIdText);
    }

    /// <summary>Has the operator told of a body that is found wrong while somebody reads it.</summary>
    private void TellOfBody(Payload? payload, Caller caller, SignatureRules rules)
    {
        if (payload is not null)
        {
            payload.Refused = refusal =>
            {
                Telemetry.CountRefusedCredential(refusal.Code);
                var session = caller.Session;
                Telemetry.BodyRefused(
                    _logger, rules.Service, refusal.Code, caller.Arn.ToString(), caller.AccessKeyId, session?.IdText, session?.SourceIdentity, session?.ChainIdText);
            };
        }
    }

    /// <summary>Why, where the refusal's code leaves that open. What is wrong with a signature's form is not repeated: there may be anything in it.</summary>
    private static string? Reason(StsError refusal, CredentialStatus? status) => status switch
    {
        CredentialStatus.Unknown => "nobody has the key",
        CredentialStatus.Inactive => "the key is inactive",
        CredentialStatus.UnexpectedToken when refusal.Code is not "SignatureDoesNotMatch" => "a long-term key came with a session token",
        CredentialStatus.MissingToken => "a temporary key came without its session token",
        CredentialStatus.MalformedToken => "the session token is none of this service's, or was changed, or its key is gone",
        CredentialStatus.ForeignToken => "the session token belongs to another key",
        CredentialStatus.Gone => "the role or user that the session stood on is gone",
        _ => refusal.Code is "SignatureDoesNotMatch" or "AccessDenied" ? Telemetry.Bounded(refusal.Message) : null,
    };

    private static StsError? ReadFields(SignedRequest request, SignatureRules rules, SignatureErrors errors, out SignatureFields fields)
    {
        fields = default;
        if (request.Headers.Length > MaxHeaders || request.Path.Length + request.Query.Length > MaxPathAndQueryCharacters)
        {
            return TooLarge();
        }

        var headers = new SignatureHeaders(request.Headers.AsSpan());
        if (headers.Characters > MaxHeaderCharacters)
        {
            return TooLarge();
        }

        return SignatureFields.Read(request, headers, errors, out fields)
            ?? CheckScope(fields, rules, errors)
            ?? CheckSignedHeaders(request, fields, errors)
            ?? (fields.HasTwoTokens ? errors.UnknownKey() : null);
    }

    private static StsError TooLarge() => SignatureErrors.BadForm("The request's headers or its address are too large.");

    private static StsError? CheckScope(in SignatureFields fields, SignatureRules rules, SignatureErrors errors)
    {
        var scope = fields.Credential;
        if (fields.IsAsymmetric && rules.Regions.IsEmpty)
        {
            return SignatureErrors.NoRegionToCompare();
        }

        var wrongRegion = fields.IsAsymmetric ? RegionOf(fields.RegionSet, rules) is null
            : rules.Regions.IsDefaultOrEmpty ? !CredentialScope.IsRegionName(scope.Region) : !Contains(rules.Regions.AsSpan(), scope.Region);
        var wrongService = !scope.Service.SequenceEqual(rules.Service);
        return wrongRegion || wrongService ? errors.WrongScope(scope, wrongRegion, wrongService, rules, fields.IsPresigned)
            : !scope.Terminator.SequenceEqual(SignatureV4.Terminator) ? SignatureErrors.WrongTerminator()
            : !scope.Date.SequenceEqual(fields.DateText.AsSpan(0, 8)) ? SignatureErrors.WrongScopeDate()
            : null;
    }

    /// <summary>The first of the service's regions that is in the set, where one is.</summary>
    private static string? RegionOf(ReadOnlySpan<char> regionSet, SignatureRules rules)
    {
        foreach (var known in rules.Regions)
        {
            foreach (var range in regionSet.Split(','))
            {
                if (regionSet[range].Trim(' ') is var region && (region is "*" || region.SequenceEqual(known)))
                {
                    return known;
                }
            }
        }

        return null;
    }

    private static bool Contains(ReadOnlySpan<string> regions, ReadOnlySpan<char> region)
    {
        foreach (var known in regions)
        {
            if (region.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The host and everything AWS's own must be under the signature, or a middleman could add it.</summary>
    private static StsError? CheckSignedHeaders(SignedRequest request, in SignatureFields fields, SignatureErrors errors)
    {
        var names = fields.SignedHeaders;
        ReadOnlySpan<char> previous = [];
        var count = 0;
        var isHostSigned = false;
        for (var rest = names; ; rest = rest[(previous.Length + 1)..])
        {
            var end = rest.IndexOf(';');
            var name = end < 0 ? rest : rest[..end];
            if (name.IsEmpty || name.ContainsAnyInRange('A', 'Z') || name.SequenceCompareTo(previous) <= 0 || ++count > MaxSignedHeaders)
            {
                return SignatureErrors.BadForm(
                    $"The signed headers must be at most {MaxSignedHeaders} distinct names in lower case and in order, with semicolons between them.");
            }

            previous = name;
            isHostSigned |= name is "host";
            if (end < 0)
            {
                break;
            }
        }

        if (!isHostSigned)
        {
            return errors.UnsignedHeader("host");
        }

        foreach (var (name, _) in request.Headers.AsSpan())
        {
            if (name is ['x' or 'X', ..] && name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !IsSigned(names, name))
            {
                return errors.UnsignedHeader(name.ToLowerInvariant());
            }
        }

        return null;
    }

    private static bool IsSigned(ReadOnlySpan<char> names, string name)
    {
        while (true)
        {
            var end = names.IndexOf(';');
            if ((end < 0 ? names : names[..end]).Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            if (end < 0)
            {
                return false;
            }

            names = names[(end + 1)..];
        }
    }

    private StsError? CheckTime(in SignatureFields fields, SignatureRules rules, SignatureErrors errors)
    {
        var now = _clock.GetCurrentInstant();
        if (now < fields.Date - rules.ClockSkew)
        {
            return errors.NotYetCurrent(fields.Date, now, rules.ClockSkew);
        }

        if (!fields.IsPresigned || !rules.HonorsExpires)
        {
            return now > fields.Date + rules.ClockSkew ? errors.Expired(fields.Date, now, rules.ClockSkew) : null;
        }

        return int.TryParse(fields.Expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= MaxPresignedSeconds
            ? now > fields.Date + Duration.FromSeconds(seconds) ? SignatureErrors.PresignedExpired() : null
            : StsError.AuthorizationQueryParametersError($"X-Amz-Expires must be between 1 and {MaxPresignedSeconds} seconds");
    }

    private StsError? CheckSignature(
        SignedRequest request, in SignatureFields fields, Secret? secret, SignatureRules rules, SignatureErrors errors)
    {
        Span<char> bodyHash = stackalloc char[2 * SHA256.HashSizeInBytes];
        HashBody(request.Body.Span, bodyHash);
        var stated = fields.ContentHash;
        ReadOnlySpan<char> payloadHash = IsBodyUnsigned(fields, rules) ? UnsignedPayload : stated is not null ? stated : bodyHash;
        if (stated is null && rules.IsS3 && !fields.IsPresigned)
        {
            return StsError.InvalidArgument("Missing required header for this request: x-amz-content-sha256");
        }

        var writer = new CanonicalWriter(_canonicalRoom ??= new byte[CanonicalRoom]);
        try
        {
            if (!CanonicalRequest.TryWrite(request, fields.Query, fields.SignedHeaders, payloadHash, rules.IsS3, ref writer))
            {
                return SignatureErrors.BadForm("The path has a broken percent-escape.");
            }

            var scope = fields.Credential;
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SignatureV4.Hash(writer.Written, hash);
            writer.Clear();
            SignatureV4.WriteStringToSign(fields.Algorithm, fields.DateText, scope.Scope, hash, ref writer);
            if (!(fields.IsAsymmetric ? MatchesKeyPair(fields, secret, writer.Written) : Matches(fields, secret ?? _nobody, writer.Written)))
            {
                return errors.Mismatch();
            }
        }
        finally
        {
            writer.Dispose();
        }

        // The signature vouches for the hash that the request states; the hash has yet to vouch for the body.
        return stated is null || request.IsBodyToFollow || stated.AsSpan().SequenceEqual(bodyHash) || IsBodyUnsigned(fields, rules)
            ? null
            : StsError.XAmzContentSHA256Mismatch();
    }

    /// <summary>S3 takes a signature without its body: where the request says so, and where a presigned one says nothing.</summary>
    private static bool IsBodyUnsigned(in SignatureFields fields, SignatureRules rules) =>
        rules.IsS3 && (fields.ContentHash is { } stated ? stated == UnsignedPayload : fields.IsPresigned);

    private static bool Matches(in SignatureFields fields, Secret secret, ReadOnlySpan<byte> stringToSign)
    {
        var signature = fields.Signature;
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        secret.SigningKeyFor(fields.Credential.Scope).Sign(stringToSign, expected);
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        return signature.Length == 2 * SHA256.HashSizeInBytes
            && Convert.FromHexString(signature, given, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(given, expected);
    }

    /// <summary>Unknown keys have one name here, so that nobody's key pair is derived once and is as warm as theirs.</summary>
    private bool MatchesKeyPair(in SignatureFields fields, Secret? secret, ReadOnlySpan<byte> stringToSign)
    {
        var pair = secret is null ? _nobody.KeyPairFor("") : secret.KeyPairFor(fields.Credential.AccessKeyId);
        Span<byte> signature = stackalloc byte[SigningKeyPair.MaxSignature];
        return fields.Signature.Length <= 2 * signature.Length
            && Convert.FromHexString(fields.Signature, signature, out _, out var length) == System.Buffers.OperationStatus.Done
            && pair.Verify(stringToSign, signature[..length]);
    }

    private static void HashBody(ReadOnlySpan<byte> body, Span<char> destination)
    {
        if (body.IsEmpty)
        {
            SignatureV4.EmptyHash.CopyTo(destination);
            return;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SignatureV4.Hash(body, hash);
        Convert.TryToHexStringLower(hash, destination, out _);
    }
}
