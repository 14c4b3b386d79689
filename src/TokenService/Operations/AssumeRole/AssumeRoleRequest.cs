using System.Collections.Immutable;

namespace TokenService;

/// <summary>Asks for temporary credentials that act as a role.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>AssumeRole</c>. Limits are checked when the request is executed, so a client's
/// mistake is an <see cref="StsError"/> and never an exception. Lengths count Unicode scalar values.</remarks>
public sealed record AssumeRoleRequest
{
    /// <summary>The role to assume.</summary>
    /// <value><c>arn:P:iam::ACCOUNT:role/PATH/NAME</c>, 20 to 2,048 characters; otherwise <c>ValidationError</c>.</value>
    public required string? RoleArn { get; init; }

    /// <summary>Names the session; it becomes the last segment of the assumed-role ARN.</summary>
    /// <value>2 to 64 characters of <c>A-Z a-z 0-9 _ + = , . @ -</c>; otherwise <c>ValidationError</c>.</value>
    public required string? RoleSessionName { get; init; }

    /// <summary>How long the credentials live, in seconds.</summary>
    /// <value>900 to 43,200, not above the role's <see cref="Role.MaxSessionDuration"/>, and not above 3,600 where the caller is itself a
    /// session of a role; otherwise <c>ValidationError</c>. One hour where it is absent.</value>
    public int? DurationSeconds { get; init; }

    /// <summary>A session policy as JSON: the session can do what both it and the role allow.</summary>
    /// <value>1 to 2,048 characters, the <see cref="PolicyArns"/> counted in; more is <c>ValidationError</c>, and one that cannot be read
    /// <c>MalformedPolicyDocument</c>.</value>
    public string? Policy { get; init; }

    /// <summary>Managed policies as session policies; with <see cref="Policy"/> they make one set, of which any may allow.</summary>
    /// <value>At most ten ARNs of managed policies of the role's account or of AWS; otherwise <c>ValidationError</c>.</value>
    public ImmutableArray<string> PolicyArns { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Tags of the session; they override those of the role.</summary>
    /// <value>At most 50, their keys distinct whatever the letter case, none beginning with <c>aws:</c>. The trust policy must allow
    /// <c>sts:TagSession</c>.</value>
    public ImmutableArray<Tag> Tags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The keys of those <see cref="Tags"/> that later sessions of the chain shall have too.</summary>
    /// <value>At most 50, each the key of a passed tag; otherwise <c>InvalidParameterValue</c>.</value>
    public ImmutableArray<string> TransitiveTagKeys { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What a third party tells the owner of a role that trusts it, as <c>sts:ExternalId</c>.</summary>
    /// <value>2 to 1,224 characters of <c>A-Z a-z 0-9 _ + = , . @ : / -</c>; otherwise <c>ValidationError</c>.</value>
    public string? ExternalId { get; init; }

    /// <summary>The multi-factor device of the calling user; it needs <see cref="TokenCode"/>.</summary>
    /// <value>9 to 256 characters of <c>A-Z a-z 0-9 _ + = / : , . @ -</c>; otherwise <c>ValidationError</c>.</value>
    public string? SerialNumber { get; init; }

    /// <summary>The code that the device shows now; it needs <see cref="SerialNumber"/>.</summary>
    /// <value>Six digits; otherwise <c>ValidationError</c>, which does not repeat it.</value>
    public string? TokenCode { get; init; }

    /// <summary>Who is behind the session, for audit; it stays the same along a chain of sessions.</summary>
    /// <value>2 to 64 characters of <c>A-Z a-z 0-9 _ + = , . @ -</c>, not beginning with <c>aws:</c>; otherwise <c>ValidationError</c>. The
    /// trust policy must allow <c>sts:SetSourceIdentity</c>.</value>
    public string? SourceIdentity { get; init; }

    /// <summary>Assertions of further context by trusted providers.</summary>
    /// <value>Refused as <c>ValidationError</c>: nothing here could check an assertion.</value>
    public ImmutableArray<ProvidedContext> ProvidedContexts { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Pads the session token up to this many characters, so that its length tells nothing of its content.</summary>
    /// <value>0 to 4,096; otherwise <c>ValidationError</c>.</value>
    public int? MinimumSessionTokenSize { get; init; }

    /// <summary>The role and the session's name; never a code or a policy.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"AssumeRole {RoleArn} as {RoleSessionName}";
}

/// <summary>An assertion of context, and the provider that made it.</summary>
/// <param name="ProviderArn">The provider's ARN.</param>
/// <param name="ContextAssertion">The signed and encrypted assertion, 4 to 2,048 characters.</param>
/// <remarks>Source: STS API Reference, <c>ProvidedContext</c>.</remarks>
public sealed record ProvidedContext(string ProviderArn, string ContextAssertion)
{
    /// <summary>The provider, never the assertion.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => ProviderArn;
}
