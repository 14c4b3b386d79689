using System.Collections.Immutable;

namespace TokenService;

/// <summary>Asks for temporary credentials that act as a role, for somebody for whom a SAML provider vouches; it takes no credentials.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>AssumeRoleWithSAML</c>. Limits are checked when the request is executed, so a client's
/// mistake is an <see cref="StsError"/> and never an exception. The session's name, tags and source identity come from the assertion.</remarks>
public sealed record AssumeRoleWithSamlRequest
{
    /// <summary>The role to assume, one of those that the assertion gives.</summary>
    /// <value><c>arn:P:iam::ACCOUNT:role/PATH/NAME</c>, 20 to 2,048 characters; otherwise <c>ValidationError</c>.</value>
    public required string? RoleArn { get; init; }

    /// <summary>The SAML provider that issued the assertion, of the role's account.</summary>
    /// <value><c>arn:P:iam::ACCOUNT:saml-provider/NAME</c>, 20 to 2,048 characters, otherwise <c>ValidationError</c>; one that is not there is
    /// <c>InvalidIdentityToken</c>.</value>
    public required string? PrincipalArn { get; init; }

    /// <summary>The provider's SAML 2.0 <c>Response</c> in base64. Its assertion is accepted once.</summary>
    /// <value>4 to 100,000 characters; otherwise <c>InvalidIdentityToken</c>, and <c>ValidationError</c> where it is absent.</value>
    public required string? SamlAssertion { get; init; }

    /// <summary>How long the credentials live, in seconds. The assertion's <c>SessionDuration</c> shortens it, and its <c>SessionNotOnOrAfter</c>
    /// ends them, also before 900 seconds.</summary>
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

    /// <summary>The role and the provider; never an assertion or a policy.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"AssumeRoleWithSAML {RoleArn} by {PrincipalArn}";
}
