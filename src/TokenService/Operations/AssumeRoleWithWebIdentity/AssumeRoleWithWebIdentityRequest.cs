using System.Collections.Immutable;

namespace TokenService;

/// <summary>Asks for temporary credentials that act as a role, for somebody whom an identity provider vouches for; it takes no credentials.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>AssumeRoleWithWebIdentity</c>. Limits are checked when the request is executed, so a
/// client's mistake is an <see cref="StsError"/> and never an exception. Session tags and the source identity come from the token.</remarks>
public sealed record AssumeRoleWithWebIdentityRequest
{
    /// <summary>The role to assume.</summary>
    /// <value><c>arn:P:iam::ACCOUNT:role/PATH/NAME</c>, 20 to 2,048 characters; otherwise <c>ValidationError</c>.</value>
    public required string? RoleArn { get; init; }

    /// <summary>Names the session; it becomes the last segment of the assumed-role ARN.</summary>
    /// <value>2 to 64 characters of <c>A-Z a-z 0-9 _ + = , . @ -</c>; otherwise <c>ValidationError</c>.</value>
    public required string? RoleSessionName { get; init; }

    /// <summary>The ID token of an OpenID Connect provider, or with <see cref="ProviderId"/> an OAuth 2.0 access token.</summary>
    /// <value>At least 4 characters, otherwise <c>ValidationError</c>, which does not repeat it; at most 20,000, otherwise
    /// <c>InvalidIdentityToken</c>.</value>
    public required string? WebIdentityToken { get; init; }

    /// <summary>Which provider issued an OAuth 2.0 access token; absent for ID tokens, which say it themselves.</summary>
    /// <value><c>www.amazon.com</c> or <c>graph.facebook.com</c>; otherwise <c>ValidationError</c>.</value>
    public string? ProviderId { get; init; }

    /// <summary>How long the credentials live, in seconds; the token's own end does not count.</summary>
    /// <value>900 to 43,200, not above the role's <see cref="Role.MaxSessionDuration"/>; otherwise <c>ValidationError</c>. One hour where it is
    /// absent.</value>
    public int? DurationSeconds { get; init; }

    /// <summary>A session policy as JSON: the session can do what both it and the role allow. Nobody signs this request, so it is a convenience of
    /// the one who asks and binds nobody else.</summary>
    /// <value>1 to 2,048 characters, the <see cref="PolicyArns"/> counted in; more is <c>ValidationError</c>, and one that cannot be read
    /// <c>MalformedPolicyDocument</c>.</value>
    public string? Policy { get; init; }

    /// <summary>Managed policies as session policies; with <see cref="Policy"/> they make one set, of which any may allow.</summary>
    /// <value>At most ten ARNs of managed policies of the role's account or of AWS; otherwise <c>ValidationError</c>.</value>
    public ImmutableArray<string> PolicyArns { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Pads the session token up to this many characters, so that its length tells nothing of its content.</summary>
    /// <value>0 to 4,096; otherwise <c>ValidationError</c>.</value>
    public int? MinimumSessionTokenSize { get; init; }

    /// <summary>The role and the session's name; never a token or a policy.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"AssumeRoleWithWebIdentity {RoleArn} as {RoleSessionName}";
}
