using NodaTime;

namespace TokenService;

/// <summary>A signed token that tells who the caller is.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetWebIdentityToken</c>, response elements.</remarks>
public sealed record GetWebIdentityTokenResponse
{
    /// <summary>The longest token, in characters: what <c>AssumeRoleWithWebIdentity</c> takes. STS service model, <c>clientTokenType</c>.</summary>
    public const int MaxTokenSize = 20_000;

    /// <summary>The token, a JWT in compact form (RFC 7519).</summary>
    public required string WebIdentityToken { get; init; }

    /// <summary>The first instant at which the token is worth nothing; whole seconds.</summary>
    public required Instant Expiration { get; init; }

    /// <summary>Never the token.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => $"{nameof(GetWebIdentityTokenResponse)} until {Expiration}";
}
