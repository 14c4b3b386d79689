using System.Collections.Immutable;
using System.Text;
using NodaTime;

namespace TokenService;

/// <content>Forms: there the policy is what is signed.</content>
public sealed partial class RequestAuthenticator
{
    private const int MaxFormFields = 100;
    private const int MaxFormCharacters = 20_480;
    private const int MaxKeyBytes = 1024;

    /// <summary>A signing key is good for a week.</summary>
    private static readonly Duration LongestPost = Duration.FromDays(7);

    /// <summary>Checks the policy of an upload by form, its signature, and the form by the policy.</summary>
    /// <param name="form">The form as it came, up to the file.</param>
    /// <param name="rules">What the service asks of signatures; it must be one of S3's kind.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The caller and what is put where, or the refusal: <c>InvalidArgument</c> for a form that lacks a field or has one twice,
    /// <c>MaxPostPreDataLengthExceeded</c>, S3's codes for keys and signatures, <c>InvalidPolicyDocument</c>, and <c>AccessDenied</c> where the policy
    /// has expired, a condition is not met, or a field has no condition.</returns>
    /// <remarks>Source: S3 API Reference, "Authenticating Requests in Browser-Based Uploads Using POST" and "POST Policy".</remarks>
    public async ValueTask<StsResult<AuthenticatedPost>> AuthenticatePostAsync(
        PostForm form, SignatureRules rules, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(rules);
        if (!rules.IsS3)
        {
            throw new ArgumentException("Forms are uploaded to services of S3's kind.", nameof(rules));
        }

        if ((ReadForm(form, out var fields) ?? ReadSignature(fields, rules, out _)) is { } malformed)
        {
            Tell(malformed, default, null, rules);
            return malformed;
        }

        // What is read of the form are views, and views do not outlive a wait: reading them again costs nothing.
        ReadSignature(fields, rules, out var signature);
        var finding = _credentials.FindAsync(signature.Credential.AccessKeyId.ToString(), signature.Token, cancellationToken);
        var found = await finding.ConfigureAwait(false);
        return CheckPost(form, fields, found, rules);
    }

    private StsResult<AuthenticatedPost> CheckPost(
        PostForm form, ImmutableDictionary<string, string> fields, in FoundCredential found, SignatureRules rules)
    {
        ReadSignature(fields, rules, out var signature);
        var result = FindRefusalOfPost(fields, signature, found, rules) is { } refusal ? refusal : HoldAgainstPolicy(form, fields, signature, found.Caller!, rules);
        if (result.Error is { } error)
        {
            Tell(error, signature, found, rules);
        }

        return result;
    }

    private StsError? FindRefusalOfPost(
        ImmutableDictionary<string, string> fields, in SignatureFields signature, in FoundCredential found, SignatureRules rules)
    {
        var errors = SignatureErrors.S3;
        if (RefusalOf(found.Status, errors) is { } unusable)
        {
            return unusable;
        }

        var now = _clock.GetCurrentInstant();
        var refusal = now < signature.Date - rules.ClockSkew ? StsError.RequestTimeTooSkewed()
            : now >= signature.Date + LongestPost ? SignatureErrors.PresignedExpired()
            : Matches(signature, found.Secret ?? _nobody, Encoding.UTF8.GetBytes(fields["policy"])) ? null
            : errors.Mismatch();
        return found.Caller is null ? errors.UnknownKey()
            : refusal ?? (found.Status == CredentialStatus.UnexpectedToken ? errors.UnknownKey() : null);
    }

    private StsResult<AuthenticatedPost> HoldAgainstPolicy(
        PostForm form, ImmutableDictionary<string, string> fields, in SignatureFields signature, Caller caller, SignatureRules rules)
    {
        if (!PostPolicy.Parse(fields["policy"]).TryGetValue(out var policy, out var malformed))
        {
            return malformed;
        }

        if (_clock.GetCurrentInstant() >= policy.Expiration)
        {
            return StsError.AccessDenied("Invalid according to Policy: Policy expired.");
        }

        // Variables are filled in before conditions are looked at, so that a condition on the key is one on the object's own.
        var key = fields["key"].Replace("${filename}", BaseName(form.FileName), StringComparison.Ordinal);
        fields = fields.SetItem("key", key);
        if (policy.Check(fields.SetItem("bucket", form.Bucket)) is { } refusal)
        {
            return refusal;
        }

        if (key.Length == 0 || Encoding.UTF8.GetByteCount(key) > MaxKeyBytes)
        {
            return key.Length == 0 ? StsError.InvalidArgument("User key must have a length greater than 0.") : StsError.KeyTooLongError();
        }

        if (Payload.OfFile(policy.MinLength, policy.MaxLength, fields, out var file) is { } badChecksum)
        {
            return badChecksum;
        }

        TellOfBody(file, caller, rules);
        return new AuthenticatedPost(caller, signature.Credential.Region.ToString(), key, fields, file!);
    }

    private static string BaseName(string? fileName) => fileName is null ? "" : fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..];

    private static StsError? ReadForm(PostForm form, out ImmutableDictionary<string, string> fields)
    {
        fields = ImmutableDictionary<string, string>.Empty.WithComparers(StringComparer.OrdinalIgnoreCase);
        if (form.Fields.IsDefault || form.Fields.Length > MaxFormFields || form.Fields.Sum(field => field.Key.Length + field.Value.Length) > MaxFormCharacters)
        {
            return StsError.MaxPostPreDataLengthExceeded();
        }

        var builder = fields.ToBuilder();
        foreach (var (name, value) in form.Fields)
        {
            if (!builder.TryAdd(name, value))
            {
                return StsError.InvalidArgument("A field of the form stands more than once.");
            }
        }

        // The bucket is the address's; a field of that name would be a second one.
        if (builder.TryGetValue("bucket", out var bucket) && bucket != form.Bucket)
        {
            return StsError.InvalidArgument("The form names another bucket than its address.");
        }

        fields = builder.ToImmutable();
        return null;
    }

    private static StsError? ReadSignature(ImmutableDictionary<string, string> fields, SignatureRules rules, out SignatureFields signature)
    {
        signature = default;
        foreach (var name in (ReadOnlySpan<string>)["key", "policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"])
        {
            if (!fields.ContainsKey(name))
            {
                return StsError.InvalidArgument($"Bucket POST must contain a field named '{name}'. If it is specified, please check the order of the fields.");
            }
        }

        if (fields["x-amz-algorithm"] != SignatureV4.Algorithm)
        {
            return StsError.InvalidArgument($"x-amz-algorithm must be {SignatureV4.Algorithm}.");
        }

        if (!CredentialScope.TryParse(fields["x-amz-credential"], .., hasRegion: true, out var scope))
        {
            return StsError.InvalidArgument("Error parsing the X-Amz-Credential parameter; it must have exactly 5 slash-delimited elements");
        }

        if (!SignatureFields.TryReadBasicDate(fields["x-amz-date"], out var date))
        {
            return StsError.InvalidArgument("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        }

        signature = new SignatureFields
        {
            Credential = scope,
            SignedHeaders = [],
            Signature = fields["x-amz-signature"],
            IsPresigned = true,
            Token = fields.GetValueOrDefault("x-amz-security-token"),
            Date = date,
            DateText = fields["x-amz-date"],
            Query = CanonicalQuery.Empty,
        };
        return CheckScope(signature, rules, SignatureErrors.S3) is { } wrong ? StsError.InvalidArgument(wrong.Message!) : null;
    }
}
