using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace TokenService;

/// <summary>The ranges that parameters have, with what the model says of each, and the wording for those that break them.</summary>
/// <remarks>Source: the STS service model (2011-06-15) and the API reference; the wording is that of the live service (reference 4 and
/// 10.3). All that is broken is told at once. Lengths count Unicode scalar values.</remarks>
internal static class Limits
{
    internal const int MinDurationSeconds = 900;
    internal const int MaxDurationSeconds = 43_200;

    /// <summary>The longest session of <c>GetSessionToken</c> and <c>GetFederationToken</c>: 36 hours.</summary>
    internal static readonly int MaxUserDurationSeconds = (int)SessionLifetime.Longest.TotalSeconds;

    /// <summary>The longest session of <c>AssumeRoot</c>, and the default: a quarter of an hour.</summary>
    internal const int MaxRootDurationSeconds = 900;

    /// <summary>The life of a web identity token, in seconds.</summary>
    internal const int MinWebIdentityDurationSeconds = 60;
    internal const int MaxWebIdentityDurationSeconds = WebIdentityKey.MaxTokenSeconds;
    internal const int DefaultWebIdentityDurationSeconds = 300;

    /// <summary>The longest trade-in token that is looked at, in characters; none that was issued is longer.</summary>
    internal const int MaxTradeInTokenCharacters = TradeInTokenSealer.MaxCharacters;

    internal const int MaxTags = 50;
    internal const int MaxProvidedContexts = 5;
    internal const int MaxTokenPadding = 4096;

    /// <summary>Session policies: the inline text and all ARNs together, in characters. IAM User Guide, "IAM and STS quotas".</summary>
    internal const int MaxSessionPolicyCharacters = 2048;

    /// <summary>Managed session policies. IAM User Guide, "IAM and STS quotas".</summary>
    internal const int MaxManagedSessionPolicies = 10;

    private const string ArnPattern =
        @"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+";

    private const string PolicyPattern = @"[\u0009\u000A\u000D\u0020-\u00FF]+";

    private const string TagPattern = @"[\p{L}\p{Z}\p{N}_.:/=+\-@]";

    private const string TooMany = "Member must have length less than or equal to 50";

    private const string WordCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

    private static readonly SearchValues<char> SessionNameCharacters = SearchValues.Create(WordCharacters + "+=,.@-");
    private static readonly SearchValues<char> ExternalIdCharacters = SearchValues.Create(WordCharacters + "+=,.@:/-");
    private static readonly SearchValues<char> SerialNumberCharacters = SearchValues.Create(WordCharacters + "+=/:,.@-");
    private static readonly SearchValues<char> AccessKeyIdCharacters = SearchValues.Create(WordCharacters);
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    internal static StsError? Check(AssumeRoleRequest request)
    {
        var violations = default(Violations);
        CheckArn(ref violations, "roleArn", request.RoleArn);
        if (request.RoleSessionName is null)
        {
            violations.AddNull("roleSessionName");
        }

        CheckText(ref violations, "roleSessionName", request.RoleSessionName, 2, 64, SessionNameCharacters, @"[\w+=,.@-]*");
        CheckRange(ref violations, "durationSeconds", request.DurationSeconds, MinDurationSeconds, MaxDurationSeconds);
        CheckPolicy(ref violations, request.Policy);
        CheckPolicyArns(ref violations, request.PolicyArns);
        CheckTags(ref violations, request.Tags, request.TransitiveTagKeys);
        CheckText(ref violations, "externalId", request.ExternalId, 2, 1224, ExternalIdCharacters, @"[\w+=,.@:\/-]*");
        CheckText(ref violations, "serialNumber", request.SerialNumber, 9, 256, SerialNumberCharacters, @"[\w+=/:,.@-]*");
        CheckTokenCode(ref violations, request.TokenCode);
        CheckText(ref violations, "sourceIdentity", request.SourceIdentity, 2, 64, SessionNameCharacters, @"[\w+=,.@-]*");
        CheckProvidedContexts(ref violations, request.ProvidedContexts);
        CheckRange(ref violations, "minimumSessionTokenSize", request.MinimumSessionTokenSize, 0, MaxTokenPadding);
        return violations.ToError();
    }

    /// <summary>The length of a response is the validator's business: it is a fault of the token and not of the parameter.</summary>
    internal static StsError? Check(AssumeRoleWithSamlRequest request)
    {
        var violations = default(Violations);
        CheckArn(ref violations, "roleArn", request.RoleArn);
        CheckArn(ref violations, "principalArn", request.PrincipalArn);
        if (request.SamlAssertion is null)
        {
            violations.AddNull("sAMLAssertion");
        }

        CheckUnsigned(ref violations, request.DurationSeconds, request.Policy, request.PolicyArns, request.MinimumSessionTokenSize);
        return violations.ToError();
    }

    internal static StsError? Check(AssumeRoleWithWebIdentityRequest request)
    {
        var violations = default(Violations);
        CheckArn(ref violations, "roleArn", request.RoleArn);
        if (request.RoleSessionName is null)
        {
            violations.AddNull("roleSessionName");
        }

        CheckText(ref violations, "roleSessionName", request.RoleSessionName, 2, 64, SessionNameCharacters, @"[\w+=,.@-]*");
        switch (request.WebIdentityToken)
        {
            case null:
                violations.AddNull("webIdentityToken");
                break;
            case { Length: < CompactToken.MinLength }:
                violations.AddHidden("webIdentityToken", "Member must have length greater than or equal to 4");
                break;
        }

        if (request.ProviderId is { } providerId)
        {
            CheckLength(ref violations, "providerId", providerId, 4, 2048);
        }

        CheckUnsigned(ref violations, request.DurationSeconds, request.Policy, request.PolicyArns, request.MinimumSessionTokenSize);
        return violations.ToError();
    }

    internal static StsError? Check(GetSessionTokenRequest request)
    {
        var violations = default(Violations);
        CheckRange(ref violations, "durationSeconds", request.DurationSeconds, MinDurationSeconds, MaxUserDurationSeconds);
        CheckText(ref violations, "serialNumber", request.SerialNumber, 9, 256, SerialNumberCharacters, @"[\w+=/:,.@-]*");
        CheckTokenCode(ref violations, request.TokenCode);
        return violations.ToError();
    }

    internal static StsError? Check(GetFederationTokenRequest request)
    {
        var violations = default(Violations);
        if (request.Name is null)
        {
            violations.AddNull("name");
        }

        CheckText(ref violations, "name", request.Name, 2, 32, SessionNameCharacters, @"[\w+=,.@-]*");
        CheckRange(ref violations, "durationSeconds", request.DurationSeconds, MinDurationSeconds, MaxUserDurationSeconds);
        CheckPolicy(ref violations, request.Policy);
        if (request.Policy is { Length: > MaxSessionPolicyCharacters } policy)
        {
            violations.AddTooLong("policy", policy, MaxSessionPolicyCharacters);
        }

        CheckPolicyArns(ref violations, request.PolicyArns);
        CheckTags(ref violations, request.Tags, []);
        CheckRange(ref violations, "minimumSessionTokenSize", request.MinimumSessionTokenSize, 0, MaxTokenPadding);
        return violations.ToError();
    }

    internal static StsError? Check(AssumeRootRequest request)
    {
        var violations = default(Violations);
        if (request.TargetPrincipal is { } target)
        {
            CheckLength(ref violations, "targetPrincipal", target, 12, Arn.MaxLength);
        }
        else
        {
            violations.AddNull("targetPrincipal");
        }

        CheckArn(ref violations, "taskPolicyArn.arn", request.TaskPolicyArn);
        CheckRange(ref violations, "durationSeconds", request.DurationSeconds, 0, MaxRootDurationSeconds);
        CheckRange(ref violations, "minimumSessionTokenSize", request.MinimumSessionTokenSize, 0, MaxTokenPadding);
        return violations.ToError();
    }

    internal static StsError? Check(GetWebIdentityTokenRequest request)
    {
        const int maxAudiences = 10;
        const int maxAudienceCharacters = 1000;
        var violations = default(Violations);
        if (request.Audience.IsDefaultOrEmpty)
        {
            violations.AddNull("audience");
        }
        else
        {
            if (request.Audience.Length > maxAudiences)
            {
                violations.AddHidden("audience", "Member must have length less than or equal to 10");
            }

            for (var index = 0; index < Math.Min(request.Audience.Length, maxAudiences); index++)
            {
                CheckAudience(ref violations, Numbered("audience.{0}.member", index), request.Audience[index], maxAudienceCharacters);
            }
        }

        if (request.SigningAlgorithm is null)
        {
            violations.AddNull("signingAlgorithm");
        }
        else if (!Enum.TryParse<WebIdentityAlgorithm>(request.SigningAlgorithm, out var algorithm) || request.SigningAlgorithm != algorithm.ToString())
        {
            violations.Add("signingAlgorithm", request.SigningAlgorithm, "Member must satisfy enum value set: [RS256, ES384]");
        }

        CheckRange(
            ref violations, "durationSeconds", request.DurationSeconds, MinWebIdentityDurationSeconds, MaxWebIdentityDurationSeconds);
        CheckTags(ref violations, request.Tags, []);
        return violations.ToError();
    }

    /// <summary>A trade-in token is worth a session, so it is not repeated.</summary>
    internal static StsError? Check(GetDelegatedAccessTokenRequest request)
    {
        var violations = default(Violations);
        if (request.TradeInToken is null)
        {
            violations.AddNull("tradeInToken");
        }

        return violations.ToError();
    }

    /// <summary>A message is opaque, so it is not repeated.</summary>
    internal static StsError? Check(DecodeAuthorizationMessageRequest request)
    {
        var violations = default(Violations);
        switch (request.EncodedMessage)
        {
            case null:
                violations.AddNull("encodedMessage");
                break;
            case "":
                violations.AddHidden("encodedMessage", "Member must have length greater than or equal to 1");
                break;
            case var message when CountScalars(message) > AuthorizationMessageSealer.MaxCharacters:
                violations.AddHidden("encodedMessage", "Member must have length less than or equal to 10240");
                break;
        }

        return violations.ToError();
    }

    internal static StsError? Check(GetAccessKeyInfoRequest request)
    {
        var violations = default(Violations);
        if (request.AccessKeyId is null)
        {
            violations.AddNull("accessKeyId");
        }

        CheckText(ref violations, "accessKeyId", request.AccessKeyId, AccessKeyId.MinLength, AccessKeyId.MaxLength, AccessKeyIdCharacters, @"[\w]*");
        return violations.ToError();
    }

    /// <summary>A text that was not checked yet, bounded for a log and with no line of its own there.</summary>
    internal static string? Echo(string? text) => Telemetry.Bounded(text);

    /// <summary>What the operations that nobody signs have in common.</summary>
    private static void CheckUnsigned(
        ref Violations violations, int? durationSeconds, string? policy, ImmutableArray<string> policyArns, int? minimumSessionTokenSize)
    {
        CheckRange(ref violations, "durationSeconds", durationSeconds, MinDurationSeconds, MaxDurationSeconds);
        CheckPolicy(ref violations, policy);
        if (policy is { Length: > MaxSessionPolicyCharacters })
        {
            violations.AddTooLong("policy", policy, MaxSessionPolicyCharacters);
        }

        CheckPolicyArns(ref violations, policyArns);
        CheckRange(ref violations, "minimumSessionTokenSize", minimumSessionTokenSize, 0, MaxTokenPadding);
    }

    private static void CheckPolicyArns(ref Violations violations, ImmutableArray<string> arns)
    {
        // Counted again with the rest of the session policies; here it only bounds the work that each costs.
        for (var index = 0; !arns.IsDefault && index < Math.Min(arns.Length, MaxManagedSessionPolicies); index++)
        {
            CheckArn(ref violations, null, arns[index], index, "policyArns.{0}.member.arn");
        }
    }

    private static void CheckPolicy(ref Violations violations, string? policy)
    {
        if (policy is null)
        {
            return;
        }

        if (policy.Length == 0)
        {
            violations.AddTooShort("policy", policy, 1);
        }

        foreach (var character in policy)
        {
            if (character is not ('\t' or '\n' or '\r' or (>= ' ' and <= '\u00FF')))
            {
                violations.AddPattern("policy", policy, PolicyPattern);
                break;
            }
        }
    }

    private static void CheckTags(ref Violations violations, ImmutableArray<Tag> tags, ImmutableArray<string> transitiveKeys)
    {
        if (!tags.IsDefaultOrEmpty)
        {
            if (tags.Length > MaxTags)
            {
                violations.AddHidden("tags", TooMany);
            }

            for (var index = 0; index < Math.Min(tags.Length, MaxTags); index++)
            {
                CheckTagText(ref violations, tags[index]?.Key, index, "tags.{0}.member.key", 1, 128, "+");
                CheckTagText(ref violations, tags[index]?.Value, index, "tags.{0}.member.value", 0, 256, "*");
            }
        }

        if (!transitiveKeys.IsDefaultOrEmpty)
        {
            if (transitiveKeys.Length > MaxTags)
            {
                violations.AddHidden("transitiveTagKeys", TooMany);
            }

            for (var index = 0; index < Math.Min(transitiveKeys.Length, MaxTags); index++)
            {
                CheckTagText(ref violations, transitiveKeys[index], index, "transitiveTagKeys.{0}.member", 1, 128, "+");
            }
        }
    }

    private static void CheckTagText(ref Violations violations, string? text, int index, string member, int min, int max, string repeat)
    {
        if (text is null)
        {
            violations.AddNull(Numbered(member, index));
            return;
        }

        if (CountScalars(text) is var length && (length < min || length > max))
        {
            CheckLength(ref violations, Numbered(member, index), text, min, max);
        }

        var matches = true;
        foreach (var rune in text.EnumerateRunes())
        {
            matches &= TagText.IsCharacter(rune);
        }

        if (!matches)
        {
            violations.AddPattern(Numbered(member, index), text, TagPattern + repeat);
        }
    }

    private static void CheckAudience(ref Violations violations, string member, string? audience, int max)
    {
        if (audience is null)
        {
            violations.AddNull(member);
            return;
        }

        CheckLength(ref violations, member, audience, 1, max);

        // A broken surrogate has no form in JSON: what is signed would not be what was asked for.
        if (!IsWellFormed(audience))
        {
            violations.AddHidden(member, "Member must be well-formed Unicode");
        }
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != OperationStatus.Done)
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }

    private static void CheckTokenCode(ref Violations violations, string? code)
    {
        if (code is null)
        {
            return;
        }

        if (code.Length < 6)
        {
            violations.AddHidden("tokenCode", "Member must have length greater than or equal to 6");
        }

        if (code.Length > 6)
        {
            violations.AddHidden("tokenCode", "Member must have length less than or equal to 6");
        }

        if (code.AsSpan().ContainsAnyExcept(Digits))
        {
            violations.AddHidden("tokenCode", @"Member must satisfy regular expression pattern: [\d]*");
        }
    }

    private static void CheckProvidedContexts(ref Violations violations, ImmutableArray<ProvidedContext> contexts)
    {
        if (contexts.IsDefaultOrEmpty)
        {
            return;
        }

        if (contexts.Length > MaxProvidedContexts)
        {
            violations.AddHidden("providedContexts", "Member must have length less than or equal to 5");
        }

        for (var index = 0; index < Math.Min(contexts.Length, MaxProvidedContexts); index++)
        {
            CheckArn(ref violations, null, contexts[index]?.ProviderArn, index, "providedContexts.{0}.member.providerArn");
            var assertion = Numbered("providedContexts.{0}.member.contextAssertion", index);
            switch (contexts[index]?.ContextAssertion)
            {
                case null:
                    violations.AddNull(assertion);
                    break;
                case { Length: < 4 }:
                    violations.AddHidden(assertion, "Member must have length greater than or equal to 4");
                    break;
                case { Length: > 2048 }:
                    violations.AddHidden(assertion, "Member must have length less than or equal to 2048");
                    break;
            }
        }
    }

    private static void CheckArn(ref Violations violations, string? member, string? text, int index = 0, string numbered = "")
    {
        if (text is null)
        {
            violations.AddNull(member ?? Numbered(numbered, index));
            return;
        }

        if (CountScalars(text) is < 20 or > Arn.MaxLength)
        {
            CheckLength(ref violations, member ?? Numbered(numbered, index), text, 20, Arn.MaxLength);
        }

        foreach (var character in text)
        {
            // The live service reads the last range of its pattern as if it ended with the basic plane.
            if (character is not ('\t' or '\n' or '\r' or (>= ' ' and <= '~') or '\u0085' or (>= '\u00A0' and <= '\uD7FF') or (>= '\uE000' and <= '\uFFFD')))
            {
                violations.AddPattern(member ?? Numbered(numbered, index), text, ArnPattern);
                break;
            }
        }
    }

    private static void CheckText(
        ref Violations violations, string member, string? text, int min, int max, SearchValues<char> allowed, string pattern)
    {
        if (text is null)
        {
            return;
        }

        CheckLength(ref violations, member, text, min, max);

        if (text.AsSpan().ContainsAnyExcept(allowed))
        {
            violations.AddPattern(member, text, pattern);
        }
    }

    private static void CheckLength(ref Violations violations, string member, string text, int min, int max)
    {
        var length = CountScalars(text);
        if (length < min)
        {
            violations.AddTooShort(member, text, min);
        }

        if (length > max)
        {
            violations.AddTooLong(member, text, max);
        }
    }

    private static void CheckRange(ref Violations violations, string member, int? value, int min, int max)
    {
        if (value < min)
        {
            violations.Add(member, value.Value.ToString(CultureInfo.InvariantCulture), $"Member must have value greater than or equal to {min}");
        }

        if (value > max)
        {
            violations.Add(member, value.Value.ToString(CultureInfo.InvariantCulture), $"Member must have value less than or equal to {max}");
        }
    }

    private static int CountScalars(string text)
    {
        var count = text.Length;
        foreach (var character in text)
        {
            count -= char.IsLowSurrogate(character) ? 1 : 0;
        }

        return count;
    }

    private static string Numbered(string member, int index) => string.Format(CultureInfo.InvariantCulture, member, index + 1);
}
