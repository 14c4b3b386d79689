namespace TokenService;

/// <summary>Who the caller is.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetCallerIdentity</c>.</remarks>
public sealed record GetCallerIdentityResponse
{
    /// <summary>The account that owns the caller.</summary>
    public required string Account { get; init; }

    /// <summary>The caller's ARN; that of a role session names the role without its path.</summary>
    public required Arn Arn { get; init; }

    /// <summary>The unique id, as <c>aws:userid</c> has it.</summary>
    public required string UserId { get; init; }
}
