using System.Diagnostics.CodeAnalysis;

namespace TokenService;

/// <summary>How the body of a request to S3 stands under its signature: what <c>x-amz-content-sha256</c> says.</summary>
/// <remarks>Source: S3 API Reference, "Authenticating Requests: Using the Authorization Header", payload options.</remarks>
/// <param name="IsSigned">Whether the signature vouches for the body.</param>
/// <param name="IsChunked">Whether the body comes in chunks of S3's own (<c>aws-chunked</c>).</param>
/// <param name="HasTrailer">Whether a checksum follows the last chunk.</param>
/// <param name="IsAsymmetric">Whether chunks are signed by Signature Version 4A.</param>
internal sealed record PayloadMode(bool IsSigned, bool IsChunked = false, bool HasTrailer = false, bool IsAsymmetric = false)
{
    internal const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    internal static readonly PayloadMode Hashed = new(IsSigned: true);
    internal static readonly PayloadMode Unsigned = new(IsSigned: false);

    private static readonly PayloadMode UnsignedTrailer = new(IsSigned: false, IsChunked: true, HasTrailer: true);
    private static readonly PayloadMode Chunks = new(IsSigned: true, IsChunked: true);
    private static readonly PayloadMode ChunksTrailer = Chunks with { HasTrailer = true };
    private static readonly PayloadMode AsymmetricChunks = Chunks with { IsAsymmetric = true };
    private static readonly PayloadMode AsymmetricChunksTrailer = ChunksTrailer with { IsAsymmetric = true };

    /// <param name="stated">The header, where there is one; a presigned request may have none.</param>
    /// <param name="mode">The mode.</param>
    /// <returns><see langword="false"/> where the header is neither a mode nor a SHA-256 in hexadecimal.</returns>
    internal static bool TryParse(string? stated, [NotNullWhen(true)] out PayloadMode? mode)
    {
        mode = stated switch
        {
            null or UnsignedPayload => Unsigned,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => UnsignedTrailer,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Chunks,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => ChunksTrailer,
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" => AsymmetricChunks,
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER" => AsymmetricChunksTrailer,
            { Length: 64 } when stated.All(char.IsAsciiHexDigit) => Hashed,
            _ => null,
        };
        return mode is not null;
    }
}
