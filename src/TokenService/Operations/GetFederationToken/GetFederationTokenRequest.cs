using System.Collections.Immutable;

namespace TokenService;

/// <summary>Asks for temporary credentials for somebody whom the caller vouches for.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetFederationToken</c>. Limits are checked when the request is executed, so a client's
/// mistake is an <see cref="StsError"/> and never an exception. Lengths count Unicode scalar values.</remarks>
public sealed record GetFederationTokenRequest
{
    /// <summary>Names the federated user; it becomes the last segment of its ARN. Two sessions may have the same.</summary>
    /// <value>2 to 32 characters of <c>A-Z a-z 0-9 _ + = , . @ -</c>; otherwise <c>ValidationError</c>.</value>
    public required string? Name { get; init; }

    /// <summary>How long the credentials live, in seconds.</summary>
    /// <value>900 to 129,600; otherwise <c>ValidationError</c>. Twelve hours where it is absent. A root's federated user gets one hour at
    /// most, and no error where more is asked for.</value>
    public int? DurationSeconds { get; init; }

    /// <summary>A session policy as JSON: the session can do what both it and the calling user's own policies allow. Without any session policy
    /// it can do what resources allow to the federated user by its ARN, and no more.</summary>
    /// <value>1 to 2,048 characters, the <see cref="PolicyArns"/> counted in; more is <c>ValidationError</c>, and one that cannot be read
    /// <c>MalformedPolicyDocument</c>.</value>
    public string? Policy { get; init; }

    /// <summary>Managed policies as session policies; with <see cref="Policy"/> they make one set, of which any may allow.</summary>
    /// <value>At most ten ARNs of managed policies of the caller's account or of AWS; otherwise <c>ValidationError</c>.</value>
    public ImmutableArray<string> PolicyArns { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Tags of the session; they override those of the calling user, and none of them is transitive.</summary>
    /// <value>At most 50, their keys distinct whatever the letter case, none beginning with <c>aws:</c>. The caller must be allowed
    /// <c>sts:TagSession</c>.</value>
    public ImmutableArray<Tag> Tags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Pads the session token up to this many characters, so that its length tells nothing of its content.</summary>
    /// <value>0 to 4,096; otherwise <c>ValidationError</c>.</value>
    public int? MinimumSessionTokenSize { get; init; }

    /// <summary>The federated user's name; never a policy.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"GetFederationToken for {Name}";
}
