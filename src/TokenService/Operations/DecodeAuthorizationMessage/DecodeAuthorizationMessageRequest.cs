namespace TokenService;

/// <summary>Asks what an encoded authorization message says.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>DecodeAuthorizationMessage</c>.</remarks>
public sealed record DecodeAuthorizationMessageRequest
{
    /// <summary>The message as it came with a refusal.</summary>
    /// <value>1 to 10,240 characters; otherwise <c>ValidationError</c>.</value>
    public required string? EncodedMessage { get; init; }
}
