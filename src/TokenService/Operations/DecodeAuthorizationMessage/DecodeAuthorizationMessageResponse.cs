namespace TokenService;

/// <summary>Why a request was denied.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>DecodeAuthorizationMessage</c>.</remarks>
public sealed record DecodeAuthorizationMessageResponse
{
    /// <summary>JSON: whether a statement denied it or nothing allowed it, the denying statement, and who wanted to do what, on what and
    /// under which circumstances.</summary>
    public required string DecodedMessage { get; init; }

    /// <summary>Never the message.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => nameof(DecodeAuthorizationMessageResponse);
}
