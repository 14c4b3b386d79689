namespace TokenService;

/// <summary>Asks which account an access key belongs to.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetAccessKeyInfo</c>.</remarks>
public sealed record GetAccessKeyInfoRequest
{
    /// <summary>The access key id, long-term or temporary, active or not, of any account.</summary>
    /// <value>16 to 128 characters of <c>A-Z a-z 0-9 _</c>; otherwise <c>ValidationError</c>.</value>
    public required string? AccessKeyId { get; init; }
}
