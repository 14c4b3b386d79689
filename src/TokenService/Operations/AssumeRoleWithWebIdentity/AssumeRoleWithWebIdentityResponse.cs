namespace TokenService;

/// <summary>Temporary credentials that act as a role, for somebody whom an identity provider vouches for.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>AssumeRoleWithWebIdentity</c>, response elements.</remarks>
public sealed record AssumeRoleWithWebIdentityResponse
{
    /// <summary>The credentials.</summary>
    public required TemporaryCredentials Credentials { get; init; }

    /// <summary>The session's ARN and id.</summary>
    public required AssumedRoleUser AssumedRoleUser { get; init; }

    /// <summary>The token's <c>sub</c>, or the user's id that the provider of an access token told.</summary>
    public required string SubjectFromWebIdentityToken { get; init; }

    /// <summary>Whom the token was accepted for: its <c>azp</c>, or the <c>aud</c> that is registered.</summary>
    public required string Audience { get; init; }

    /// <summary>The provider's ARN, or the host name of a built-in one.</summary>
    public required string Provider { get; init; }

    /// <summary>How much of the room for session policies and tags these take, in percent, rounded up; absent where none was passed.</summary>
    public int? PackedPolicySize { get; init; }

    /// <summary>The length of the session token, in characters.</summary>
    public int SessionTokenSize => Credentials.SessionToken.Length;

    /// <summary>How much of <see cref="TemporaryCredentials.MaxSessionTokenSize"/> the session token takes, in percent, rounded up.</summary>
    public int SessionTokenUtilization => Credentials.Utilization;

    /// <summary>The source identity of the session, if the token sets one.</summary>
    public string? SourceIdentity { get; init; }
}
