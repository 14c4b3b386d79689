namespace TokenService;

/// <summary>Temporary credentials with the permissions that somebody else lends.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetDelegatedAccessToken</c>, response elements. <c>PackedPolicySize</c> is not
/// populated by this operation.</remarks>
public sealed record GetDelegatedAccessTokenResponse
{
    /// <summary>The credentials.</summary>
    public required TemporaryCredentials Credentials { get; init; }

    /// <summary>Whose permissions they have: the approver.</summary>
    public required Arn AssumedPrincipal { get; init; }
}
