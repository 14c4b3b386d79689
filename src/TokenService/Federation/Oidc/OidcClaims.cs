using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using NodaTime;

namespace TokenService;

/// <summary>The claims of a token whose signature is good: who it is about, for whom, until when, and what trust policies see of it.</summary>
/// <remarks>Source: OpenID Connect Core 1.0, sections 2 and 3.1.3.7; RFC 7519, section 4.1; docs/oidc.md, rule 6; reference 9.2 to 9.4.</remarks>
internal sealed class OidcClaims
{
    private const int MaxSubject = 255;

    /// <summary>The claims that have a meaning of their own in every token, and the keys that are made of them.</summary>
    private static readonly string[] Reserved = ["iss", "sub", "aud", "oaud", "azp", "amr", "exp", "iat", "nbf", "jti"];

    private readonly OidcProvider _provider;
    private readonly Instant _now;
    private readonly ImmutableArray<KeyValuePair<string, string>>.Builder _keys = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(16);
    private readonly AwsClaims _aws = new();

    private string? _subject;
    private string? _authorizedParty;
    private ImmutableArray<string> _audiences = [];
    private ImmutableArray<string> _methods = [];
    private Instant? _expires;
    private Instant? _issued;
    private Instant? _notBefore;

    private OidcClaims(OidcProvider provider, Instant now)
    {
        _provider = provider;
        _now = now;
    }

    /// <summary>The first instant at which the token is worth nothing here, the tolerance counted in.</summary>
    internal Instant UsableUntil => Instant.Min(_expires!.Value, Instant.MaxValue - _provider.ClockTolerance) + _provider.ClockTolerance;

    /// <summary>The token's own name, if it has one.</summary>
    internal string? TokenId { get; private set; }

    internal FederatedIdentity Identity { get; private set; } = null!;

    /// <returns>The refusal, or <see langword="null"/>.</returns>
    internal static TokenRefusal? Read(JsonElement payload, OidcProvider provider, Instant now, out OidcClaims claims)
    {
        claims = new OidcClaims(provider, now);
        return claims.Take(payload) is { } rule ? TokenRefusal.Invalid(rule) : claims.CheckTimes() ?? claims.Identify();
    }

    /// <summary>Takes every claim, and refuses types that a claim cannot have.</summary>
    private string? Take(JsonElement payload)
    {
        foreach (var claim in payload.EnumerateObject())
        {
            var value = claim.Value;
            var rule = claim.Name switch
            {
                "iss" => null,
                "sub" => IsSubject(value, out _subject) ? null : "sub is text of 1 to 255 characters",
                "aud" => TryReadTexts(value, out _audiences) && !_audiences.IsEmpty ? null : "aud is text or a list of texts",
                "azp" => TryReadText(value, out _authorizedParty) ? null : "azp is text",
                "amr" => TryReadTexts(value, out _methods) ? null : "amr is text or a list of texts",
                "exp" => TryReadTime(value, out _expires) ? null : "exp is a time",
                "iat" => TryReadTime(value, out _issued) ? null : "iat is a time",
                "nbf" => TryReadTime(value, out _notBefore) ? null : "nbf is a time",
                "jti" => TakeTokenId(value) ? null : "jti is text",
                var name when name.StartsWith(AwsClaims.Prefix, StringComparison.Ordinal) => _aws.Take(name, value),
                var name => Expose(name, value),
            };
            if (rule is not null)
            {
                return rule;
            }
        }

        return _subject is null || _audiences.IsEmpty || _expires is null || _issued is null ? "iss, sub, aud, exp and iat are there" : _aws.CheckTogether();
    }

    private TokenRefusal? CheckTimes()
    {
        var (expires, issued, tolerance) = (_expires!.Value, _issued!.Value, _provider.ClockTolerance);
        if (_now - tolerance >= expires)
        {
            return new TokenRefusal(
                StsError.ExpiredIdentityToken(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Token expired: current date/time {_now.ToUnixTimeSeconds()} must be before the expiration date/time {expires.ToUnixTimeSeconds()}")),
                "exp is in the future");
        }

        if (issued > _now + tolerance || _notBefore > _now + tolerance)
        {
            return TokenRefusal.Invalid("iat and nbf are not in the future");
        }

        if (expires <= issued)
        {
            return TokenRefusal.Invalid("exp is after iat");
        }

        return _provider.MaxAge is { } maxAge && _now - issued > maxAge + tolerance
            ? new TokenRefusal(
                StsError.ExpiredIdentityToken(string.Create(CultureInfo.InvariantCulture, $"Token too old: {(long)(_now - issued).TotalSeconds}")),
                "iat is not longer ago than the provider's maximum age")
            : null;
    }

    private TokenRefusal? Identify()
    {
        // The party that the token was issued to is its audience; without one, any audience that is registered will do, as on AWS.
        ImmutableArray<string> accepted = _authorizedParty is { } party ? [party] : _audiences;
        accepted = [.. accepted.Where(audience => _provider.ClientIds.Contains(audience, StringComparer.Ordinal))];
        if (accepted.IsEmpty)
        {
            return new TokenRefusal(StsError.InvalidIdentityToken("Incorrect token audience"), "the audience is one of the provider's client ids");
        }

        if (DifferInLetterCaseAlone())
        {
            return TokenRefusal.Invalid("claims differ in more than their letter case");
        }

        var lasting = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(4);
        foreach (var audience in accepted)
        {
            Add(lasting, "aud", audience);
            Add(lasting, _provider.Description.AudienceKey, audience);
        }

        Add(lasting, "sub", _subject!);
        Add(lasting, _provider.Description.SubjectKey, _subject!);
        foreach (var method in _methods)
        {
            Add(lasting, "amr", method);
        }

        foreach (var audience in _audiences)
        {
            Add(_keys, "oaud", audience);
        }

        if (_authorizedParty is not null)
        {
            Add(_keys, "azp", _authorizedParty);
        }

        var sessionKeys = lasting.ToImmutable();
        _keys.AddRange(sessionKeys);
        Identity = new FederatedIdentity
        {
            ProviderArn = _provider.Arn,
            BuiltInName = _provider.Description.BuiltInName,
            Issuer = _provider.Issuer,
            Subject = _subject!,
            Audience = accepted[0],
            Keys = _keys.ToImmutable(),
            SessionKeys = sessionKeys,
            Tags = _aws.Tags,
            TransitiveTagKeys = _aws.TransitiveTagKeys,
            SourceIdentity = _aws.SourceIdentity,
            Roles = _aws.Roles,
        };
        return null;
    }

    private void Add(ImmutableArray<KeyValuePair<string, string>>.Builder keys, string? claim, string value)
    {
        if (claim is not null)
        {
            keys.Add(new KeyValuePair<string, string>($"{_provider.KeyPrefix}:{claim}", value));
        }
    }

    /// <summary>Offers a claim to trust policies: those that the provider's description lists, and of any other provider all.</summary>
    private string? Expose(string name, JsonElement value)
    {
        var isOffered = ReferenceEquals(_provider.Description, OidcProviderDescription.Any)
            ? !IsReservedInOtherLetters(name) && !IsPort(name)
            : _provider.Description.Claims.Contains(name, StringComparer.Ordinal);
        if (!isOffered)
        {
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Add(_keys, name, value.GetString()!);
                break;
            case JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number:
                Add(_keys, name, value.GetRawText());
                break;
            case JsonValueKind.Array when TryReadTexts(value, out var texts):
                foreach (var text in texts)
                {
                    Add(_keys, name, text);
                }

                break;
        }

        return null;
    }

    // Condition keys are compared without regard to letter case: "Sub" must not be heard as "sub".
    private static bool IsReservedInOtherLetters(string name) => Reserved.Contains(name, StringComparer.OrdinalIgnoreCase);

    // "8443:sub" of https://host would be heard as the "sub" of https://host:8443, and "8443/realm:sub" as that of https://host:8443/realm.
    private static bool IsPort(string name) =>
        name.AsSpan().IndexOfAnyExceptInRange('0', '9') is > 0 and var end && name[end] is ':' or '/' && name.Contains(':', StringComparison.Ordinal);

    /// <summary>Whether two claims would be one condition key, and a policy could not tell them apart.</summary>
    private bool DifferInLetterCaseAlone()
    {
        // The values of one list stand side by side under one name.
        var spellings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, _) in _keys)
        {
            if (!spellings.TryAdd(name, name) && spellings[name] != name)
            {
                return true;
            }
        }

        return false;
    }

    private bool TakeTokenId(JsonElement value)
    {
        TokenId = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return TokenId is not null;
    }

    private static bool IsSubject(JsonElement value, out string? subject) =>
        TryReadText(value, out subject) && subject is { Length: >= 1 and <= MaxSubject } text
        && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !text.Any(char.IsControl);

    private static bool TryReadText(JsonElement value, out string? text)
    {
        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is not null;
    }

    private static bool TryReadTexts(JsonElement value, out ImmutableArray<string> texts)
    {
        texts = [];
        if (value.ValueKind == JsonValueKind.String)
        {
            texts = [value.GetString()!];
            return true;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        var read = ImmutableArray.CreateBuilder<string>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                return false;
            }

            read.Add(item.GetString()!);
        }

        texts = read.MoveToImmutable();
        return true;
    }

    /// <summary>Seconds since 1970, with a fraction or without, in the range of an instant.</summary>
    private static bool TryReadTime(JsonElement value, out Instant? time)
    {
        time = null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds) || double.IsNegative(seconds)
            || !(seconds <= Instant.MaxValue.ToUnixTimeSeconds()))
        {
            return false;
        }

        time = NodaConstants.UnixEpoch + Duration.FromSeconds(seconds);
        return true;
    }
}
