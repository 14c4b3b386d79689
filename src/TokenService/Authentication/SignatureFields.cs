using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>The parts of a signature as they stand in the request, in its header or in its query.</summary>
/// <remarks>Source: IAM User Guide, "Signature Version 4 signing process", authentication methods. Reference 11.1 and 11.5. Views of the request:
/// they cost nothing to read again, so nobody has to keep them.</remarks>
internal readonly ref struct SignatureFields
{
    /// <summary>The longest <c>Authorization</c> header that is looked at, in characters.</summary>
    private const int MaxAuthorizationLength = 8192;

    private static readonly InstantPattern BasicDate = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    private static readonly InstantPattern HttpDate = InstantPattern.CreateWithInvariantCulture("ddd', 'dd' 'MMM' 'yyyy' 'HH':'mm':'ss' GMT'");

    internal required CredentialScope Credential { get; init; }

    /// <summary>The names of the signed headers, with semicolons between them.</summary>
    internal required ReadOnlySpan<char> SignedHeaders { get; init; }

    internal required ReadOnlySpan<char> Signature { get; init; }

    internal required bool IsPresigned { get; init; }

    /// <summary>Whether the signature is one of Signature Version 4A.</summary>
    internal bool IsAsymmetric => RegionSet is not null;

    /// <summary>The regions that a request of Signature Version 4A is signed for, with commas between them; <see langword="null"/> for Signature
    /// Version 4, whose scope has the region.</summary>
    internal string? RegionSet { get; init; }

    /// <summary>The algorithm, as the string to sign begins.</summary>
    internal string Algorithm => IsAsymmetric ? SignatureV4.AsymmetricAlgorithm : SignatureV4.Algorithm;

    /// <summary>The session token, where there is one.</summary>
    internal string? Token { get; init; }

    /// <summary>Whether header and query have tokens that differ, and so name two sessions.</summary>
    internal bool HasTwoTokens { get; init; }

    /// <summary>The payload hash that the request states, where it does.</summary>
    internal string? ContentHash { get; init; }

    /// <summary>How long a presigned request lives, as it stands there.</summary>
    internal string? Expires { get; init; }

    internal required Instant Date { get; init; }

    /// <summary>The query of the request, the presigned signature among it.</summary>
    internal required CanonicalQuery Query { get; init; }

    /// <summary>The date in the form of the string to sign.</summary>
    internal required string DateText { get; init; }

    /// <param name="request">The request.</param>
    /// <param name="headers">Its headers that have to do with signatures.</param>
    /// <param name="errors">The wording of refusals.</param>
    /// <param name="fields">The parts, when there is no error.</param>
    /// <returns><see langword="null"/>, or <c>MissingAuthenticationToken</c> where the request is not signed, or <c>IncompleteSignature</c>.</returns>
    internal static StsError? Read(SignedRequest request, scoped in SignatureHeaders headers, SignatureErrors errors, out SignatureFields fields)
    {
        fields = default;
        if (!CanonicalQuery.TryParse(request.Query, out var query))
        {
            return SignatureErrors.BadForm("The query string has a broken percent-escape or too many parameters.");
        }

        var presigned = query.Contains("X-Amz-Signature") || query.Contains("X-Amz-Algorithm") || query.Contains("X-Amz-Credential");
        return headers switch
        {
            { Authorization: null } when !presigned => StsError.MissingAuthenticationToken(),
            { Authorization: not null } when presigned => errors.TwoMechanisms(),
            { IsAmbiguous: true } => SignatureErrors.BadForm("A header that bears a signature stands more than once."),
            { Authorization: { } text } => ReadHeader(text, headers, query, out fields),
            _ => ReadQuery(query, headers, out fields),
        };
    }

    private static StsError? ReadHeader(string text, scoped in SignatureHeaders headers, CanonicalQuery query, out SignatureFields fields)
    {
        fields = default;
        if (!text.StartsWith("AWS", StringComparison.Ordinal))
        {
            // Some other scheme: as far as AWS's signatures go the request has none.
            return StsError.MissingAuthenticationToken();
        }

        if (text.Length > MaxAuthorizationLength)
        {
            return SignatureErrors.BadForm($"The Authorization header has more than {MaxAuthorizationLength} characters.");
        }

        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var algorithm = text.AsSpan(0, space < 0 ? text.Length : space);
        var isAsymmetric = algorithm.SequenceEqual(SignatureV4.AsymmetricAlgorithm);
        if (!isAsymmetric && !algorithm.SequenceEqual(SignatureV4.Algorithm))
        {
            return SignatureErrors.BadForm($"Unsupported AWS 'algorithm'; '{SignatureV4.Algorithm}' is expected.");
        }

        Range? credential = null, signedHeaders = null, signature = null;
        for (var start = space < 0 ? text.Length : space; start < text.Length;)
        {
            var comma = text.AsSpan(start).IndexOf(',');
            var end = comma < 0 ? text.Length : start + comma;
            var (first, last) = Trim(text, start, end);
            var part = text.AsSpan(first, last - first);
            start = end + 1;
            var isNew = part.StartsWith("Credential=", StringComparison.Ordinal) ? TryTake(ref credential, (first + "Credential=".Length)..last)
                : part.StartsWith("SignedHeaders=", StringComparison.Ordinal) ? TryTake(ref signedHeaders, (first + "SignedHeaders=".Length)..last)
                : !part.StartsWith("Signature=", StringComparison.Ordinal) || TryTake(ref signature, (first + "Signature=".Length)..last);
            if (!isNew)
            {
                return SignatureErrors.BadForm("A parameter of the Authorization header stands more than once.");
            }
        }

        var dateText = headers.AmzDate ?? headers.Date;
        if (credential is null || signature is null || signedHeaders is null || dateText is null)
        {
            return SignatureErrors.MissingHeaderParts(text, credential is null, signature is null, signedHeaders is null, dateText is null);
        }

        if (!CredentialScope.TryParse(text, credential.Value, hasRegion: !isAsymmetric, out var scope))
        {
            return SignatureErrors.BadCredential(text.AsSpan()[credential.Value], isAsymmetric);
        }

        if (!TryReadDate(dateText, headers.AmzDate is null, out var date, out var basic))
        {
            return SignatureErrors.BadDate(dateText);
        }

        fields = new SignatureFields
        {
            Credential = scope,
            SignedHeaders = text.AsSpan()[signedHeaders.Value],
            Signature = text.AsSpan()[signature.Value],
            IsPresigned = false,
            Query = query,
            Token = headers.Token,
            ContentHash = headers.ContentHash,
            RegionSet = isAsymmetric ? headers.RegionSet ?? "" : null,
            Date = date,
            DateText = basic,
        };
        return null;
    }

    private static StsError? ReadQuery(CanonicalQuery query, scoped in SignatureHeaders headers, out SignatureFields fields)
    {
        fields = default;
        var single = query.TryGetSingle("X-Amz-Algorithm", out var algorithm);
        single &= query.TryGetSingle("X-Amz-Credential", out var credential);
        single &= query.TryGetSingle("X-Amz-Date", out var dateText);
        single &= query.TryGetSingle("X-Amz-SignedHeaders", out var signedHeaders);
        single &= query.TryGetSingle("X-Amz-Signature", out var signature);
        single &= query.TryGetSingle("X-Amz-Expires", out var expires);
        single &= query.TryGetSingle("X-Amz-Security-Token", out var token);
        single &= query.TryGetSingle("X-Amz-Region-Set", out var regionSet);
        if (!single)
        {
            return SignatureErrors.BadForm("A query-string parameter that bears a signature stands more than once.");
        }

        var isAsymmetric = algorithm == SignatureV4.AsymmetricAlgorithm;
        if (algorithm is not null && !isAsymmetric && algorithm != SignatureV4.Algorithm)
        {
            return SignatureErrors.BadForm($"Unsupported AWS 'algorithm'; '{SignatureV4.Algorithm}' is expected.");
        }

        if (algorithm is null || credential is null || dateText is null || signedHeaders is null || signature is null)
        {
            return SignatureErrors.MissingQueryParameter(
                algorithm is null ? "X-Amz-Algorithm" : credential is null ? "X-Amz-Credential" : signature is null ? "X-Amz-Signature"
                : signedHeaders is null ? "X-Amz-SignedHeaders" : "X-Amz-Date");
        }

        if (!CredentialScope.TryParse(credential, .., hasRegion: !isAsymmetric, out var scope))
        {
            return SignatureErrors.BadCredential(credential, isAsymmetric);
        }

        if (!TryReadDate(dateText, isHttpDate: false, out var date, out var basic))
        {
            return SignatureErrors.BadDate(dateText);
        }

        fields = new SignatureFields
        {
            Credential = scope,
            SignedHeaders = signedHeaders,
            Signature = signature,
            IsPresigned = true,
            Query = query,
            Token = token ?? headers.Token,
            HasTwoTokens = token is not null && headers.Token is not null && token != headers.Token,
            ContentHash = headers.ContentHash,
            Expires = expires,
            RegionSet = isAsymmetric ? regionSet ?? "" : null,
            Date = date,
            DateText = basic,
        };
        return null;
    }

    /// <returns><see langword="false"/> where the value was taken before.</returns>
    private static bool TryTake(ref Range? value, Range found)
    {
        var isNew = value is null;
        value = found;
        return isNew;
    }

    /// <summary>Where a part of a text begins and ends without the blanks around it.</summary>
    private static (int First, int Last) Trim(string text, int start, int end)
    {
        while (start < end && text[start] == ' ')
        {
            start++;
        }

        while (end > start && text[end - 1] == ' ')
        {
            end--;
        }

        return (start, end);
    }

    /// <param name="text">The date as it came.</param>
    /// <param name="isHttpDate">Whether it may have the form of the <c>Date</c> header.</param>
    /// <param name="date">The date.</param>
    /// <param name="basic">The date in the form of the string to sign.</param>
    private static bool TryReadDate(string text, bool isHttpDate, out Instant date, out string basic)
    {
        basic = text;
        if (TryReadBasicDate(text, out date))
        {
            return true;
        }

        if (!isHttpDate || !HttpDate.Parse(text).TryGetValue(Instant.MinValue, out date))
        {
            return false;
        }

        basic = BasicDate.Format(date);
        return true;
    }

    /// <summary>Reads <c>yyyyMMddTHHmmssZ</c> without the cost of a general pattern: it stands in every request.</summary>
    internal static bool TryReadBasicDate(ReadOnlySpan<char> text, out Instant date)
    {
        date = default;
        if (text.Length != 16 || text[8] != 'T' || text[15] != 'Z'
            || text[..8].ContainsAnyExceptInRange('0', '9') || text[9..15].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var year = Digits(text[..4]);
        var month = Digits(text[4..6]);
        var day = Digits(text[6..8]);
        var (hour, minute, second) = (Digits(text[9..11]), Digits(text[11..13]), Digits(text[13..15]));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > CalendarSystem.Iso.GetDaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        date = Instant.FromUtc(year, month, day, hour, minute, second);
        return true;

        static int Digits(ReadOnlySpan<char> digits)
        {
            var value = 0;
            foreach (var digit in digits)
            {
                value = (value * 10) + (digit - '0');
            }

            return value;
        }
    }
}
