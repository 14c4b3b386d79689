using System.Collections.Immutable;
using NodaTime;

namespace TokenService;

/// <summary>Decides whether a caller may act as a role now: by the role's trust policy and by the caller's own policies where they count.</summary>
/// <remarks>Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".</remarks>
public interface ITrustPolicyEvaluator
{
    /// <summary>Decides whether the caller has every permission that the request takes.</summary>
    /// <param name="request">Who wants what of which role.</param>
    /// <param name="cancellationToken">Ends the look-ups early.</param>
    /// <returns>The first decision that is a denial, which names its action, or else that on the last action. Its reasons are for the operator,
    /// never for the caller.</returns>
    /// <exception cref="ArgumentException">The request names no action, or not exactly one who wants to act as the role.</exception>
    ValueTask<Decision> EvaluateAsync(TrustRequest request, CancellationToken cancellationToken = default);
}

/// <summary>What a trust policy is asked.</summary>
public sealed record TrustRequest
{
    /// <summary>Who wants to act as the role, with credentials of this service; <see langword="null"/> where it is somebody <see cref="Federated"/>.</summary>
    public Caller? Caller { get; init; }

    /// <summary>Who wants to act as the role, without credentials of this service but known to an identity provider.</summary>
    public FederatedIdentity? Federated { get; init; }

    /// <summary>The role.</summary>
    public required Role Role { get; init; }

    /// <summary>The permissions it takes, each of which must be granted: <c>sts:AssumeRole</c> or that of a federated operation, and <c>sts:TagSession</c> and
    /// <c>sts:SetSourceIdentity</c> where the session gets tags or a source identity. Not empty.</summary>
    public required ImmutableArray<string> Actions { get; init; }

    /// <summary>The session's name, <c>sts:RoleSessionName</c>.</summary>
    public required string RoleSessionName { get; init; }

    /// <summary>The external id that the caller passed, <c>sts:ExternalId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The source identity of the session to be, passed or inherited, <c>sts:SourceIdentity</c>.</summary>
    public string? SourceIdentity { get; init; }

    /// <summary>The tags that the caller passed, <c>aws:RequestTag/…</c> and <c>aws:TagKeys</c>.</summary>
    public ImmutableArray<Tag> Tags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The keys of those that are to be transitive, <c>sts:TransitiveTagKeys</c>.</summary>
    public ImmutableArray<string> TransitiveTagKeys { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>When the caller proved a second factor for this very request, if it did.</summary>
    public Instant? MfaAuthenticatedAt { get; init; }

    /// <summary>What the transport knows of the request.</summary>
    public RequestEnvironment? Environment { get; init; }
}
