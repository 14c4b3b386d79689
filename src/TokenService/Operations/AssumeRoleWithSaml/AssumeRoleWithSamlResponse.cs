namespace TokenService;

/// <summary>Temporary credentials that act as a role, for somebody for whom a SAML provider vouches.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>AssumeRoleWithSAML</c>, response elements; reference 8.3.</remarks>
public sealed record AssumeRoleWithSamlResponse
{
    /// <summary>The credentials.</summary>
    public required TemporaryCredentials Credentials { get; init; }

    /// <summary>The session's ARN and id.</summary>
    public required AssumedRoleUser AssumedRoleUser { get; init; }

    /// <summary>The text of the <c>NameID</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>The format of the <c>NameID</c>: <c>persistent</c>, <c>transient</c> and the like for those of SAML 2.0, the whole URI for others.</summary>
    public required string SubjectType { get; init; }

    /// <summary>The provider's entity id.</summary>
    public required string Issuer { get; init; }

    /// <summary>The <c>Recipient</c> that the assertion was delivered to.</summary>
    public required string Audience { get; init; }

    /// <summary>SHA-1 of issuer, account and provider name in base64, which with <see cref="Subject"/> names a person for good.</summary>
    public required string NameQualifier { get; init; }

    /// <summary>How much of the room for session policies and tags these take, in percent, rounded up; absent where none was passed.</summary>
    public int? PackedPolicySize { get; init; }

    /// <summary>The length of the session token, in characters.</summary>
    public int SessionTokenSize => Credentials.SessionToken.Length;

    /// <summary>How much of <see cref="TemporaryCredentials.MaxSessionTokenSize"/> the session token takes, in percent, rounded up.</summary>
    public int SessionTokenUtilization => Credentials.Utilization;

    /// <summary>The source identity of the session, if the assertion sets one.</summary>
    public string? SourceIdentity { get; init; }
}
