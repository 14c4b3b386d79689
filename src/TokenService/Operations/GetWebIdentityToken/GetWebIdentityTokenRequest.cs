using System.Collections.Immutable;

namespace TokenService;

/// <summary>Asks for a signed token that tells a service elsewhere who the caller is.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetWebIdentityToken</c>. Limits are checked when the request is executed, so a
/// client's mistake is an <see cref="StsError"/> and never an exception.</remarks>
public sealed record GetWebIdentityTokenRequest
{
    /// <summary>For whom the token is, <c>aud</c>.</summary>
    /// <value>1 to 10 texts of 1 to 1,000 characters; otherwise <c>ValidationError</c>.</value>
    public required ImmutableArray<string> Audience { get; init; }

    /// <summary>How the token is to be signed.</summary>
    /// <value><c>RS256</c> or <c>ES384</c>; otherwise <c>ValidationError</c>.</value>
    public required string? SigningAlgorithm { get; init; }

    /// <summary>How long the token lives, in seconds.</summary>
    /// <value>60 to 3,600; otherwise <c>ValidationError</c>. 300 where it is absent. Not beyond the end of the calling session; otherwise
    /// <c>SessionDurationEscalationException</c>.</value>
    public int? DurationSeconds { get; init; }

    /// <summary>What the token is to say besides, as <c>request_tags</c>.</summary>
    /// <value>At most 50, with keys that differ not by their letter case alone; otherwise <c>ValidationError</c> or
    /// <c>InvalidParameterValue</c>.</value>
    public ImmutableArray<Tag> Tags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The audience and the algorithm.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"GetWebIdentityToken for {(Audience.IsDefault ? null : string.Join(", ", Audience))}, {SigningAlgorithm}";
}
