namespace TokenService;

/// <summary>Temporary credentials with the caller's own identity.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetSessionToken</c>, response elements.</remarks>
public sealed record GetSessionTokenResponse
{
    /// <summary>The credentials. Of this service they reach <c>AssumeRole</c>, a user's alone, and <c>GetCallerIdentity</c>.</summary>
    public required TemporaryCredentials Credentials { get; init; }
}
