namespace TokenService;

/// <summary>A request whose signature holds: who made it, and the scope it was signed for.</summary>
/// <remarks>Made by the <see cref="RequestAuthenticator"/> alone.</remarks>
public sealed class AuthenticatedRequest
{
    /// <summary>The region's name, or the text that it stands in.</summary>
    private readonly string _regionText;
    private readonly int _regionStart;
    private readonly int _regionLength;

    internal AuthenticatedRequest(Caller caller, in CredentialScope scope, bool isBodySigned, Payload? payload = null, string? region = null)
    {
        Payload = payload;
        IsBodySigned = isBodySigned;
        Caller = caller;
        (_regionText, _regionStart, _regionLength) = region is null ? scope.RegionInText : (region, 0, region.Length);
    }

    /// <summary>Who made the request.</summary>
    public Caller Caller { get; }

    /// <summary>Whether the signature vouches for the body. It does, but for S3's requests that say <c>UNSIGNED-PAYLOAD</c> or
    /// <c>STREAMING-UNSIGNED-PAYLOAD-TRAILER</c> and its presigned ones that state no hash: what came with those may be another body than was sent.
    /// Where the body is to follow, it is good when <see cref="Payload"/> was read to its end.</summary>
    /// <remarks>Source: S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".</remarks>
    public bool IsBodySigned { get; }

    /// <summary>The body that is to follow; <see langword="null"/> where it was there and was checked
    /// (<see cref="SignedRequest.IsBodyToFollow"/>).</summary>
    public Payload? Payload { get; }

    /// <summary>The region that the request was signed for, <c>aws:RequestedRegion</c>; of a request that was signed for several (Signature Version
    /// 4A), the service's own.</summary>
    public string Region => field ??= _regionText.Substring(_regionStart, _regionLength);
}
