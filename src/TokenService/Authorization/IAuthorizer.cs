using System.Collections.Immutable;

namespace TokenService;

/// <summary>Decides whether a caller may do something, by all the policies that have a say.</summary>
/// <remarks>Source: IAM User Guide, "Policy evaluation logic".</remarks>
public interface IAuthorizer
{
    /// <summary>Decides about one request.</summary>
    /// <param name="request">Who wants to do what, on what, and under which circumstances.</param>
    /// <param name="cancellationToken">Ends the look-ups early.</param>
    /// <returns>The decision, with its reasons. A caller whose session is over is denied, whatever its policies allow.</returns>
    /// <exception cref="ArgumentException">The resource policy was not read as one, or the owner of the resource is unknown.</exception>
    ValueTask<Decision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken = default);
}

/// <summary>A request to be decided.</summary>
public sealed record AuthorizationRequest
{
    /// <summary>Who asks. The keys that describe the caller (<c>aws:Principal…</c>, tags, MFA) come from here alone.</summary>
    public required Caller Caller { get; init; }

    /// <summary>The action, <c>service:Name</c>, such as <c>s3:GetObject</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The ARN of what is acted on, or <c>*</c> for actions on nothing in particular.</summary>
    public required string Resource { get; init; }

    /// <summary>The account that owns the resource.</summary>
    /// <value>Twelve digits; where it is absent, the account in the ARN. Required for an ARN without one, such as an S3 bucket's: whoever is taken
    /// for the owner's administrator may do everything. <c>*</c> is the caller's own.</value>
    public string? ResourceAccount { get; init; }

    /// <summary>The policy on the resource, read as <see cref="PolicyKind.Resource"/>, if it has one.</summary>
    public PolicyDocument? ResourcePolicy { get; init; }

    /// <summary>The tags of the resource, <c>aws:ResourceTag/…</c>.</summary>
    public ImmutableArray<Tag> ResourceTags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The tags that the request wants to set, <c>aws:RequestTag/…</c> and <c>aws:TagKeys</c>.</summary>
    public ImmutableArray<Tag> RequestTags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What the transport knows of the request.</summary>
    public RequestEnvironment? Environment { get; init; }
}
