namespace TokenService;

/// <summary>The account of an access key.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetAccessKeyInfo</c>. It says nothing of whether there is such a key.</remarks>
public sealed record GetAccessKeyInfoResponse
{
    /// <summary>The account's id, twelve digits.</summary>
    public required string Account { get; init; }
}
