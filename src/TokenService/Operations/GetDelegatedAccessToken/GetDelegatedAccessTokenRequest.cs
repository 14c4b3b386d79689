namespace TokenService;

/// <summary>Asks for temporary credentials with the permissions that somebody else lends.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetDelegatedAccessToken</c>.</remarks>
public sealed record GetDelegatedAccessTokenRequest
{
    /// <summary>The token of the approver, from <see cref="TradeInTokens"/>.</summary>
    /// <value>Present; otherwise <c>ValidationError</c>.</value>
    public required string? TradeInToken { get; init; }

    /// <summary>Never the token.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => "GetDelegatedAccessToken";
}
