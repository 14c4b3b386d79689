namespace TokenService;

/// <summary>A request whose signature holds: who made it, and the scope it was signed for.</summary>
/// <remarks>Made by the <see cref="RequestAuthenticator"/> alone.</remarks>
public sealed class AuthenticatedRequest
{
    private readonly CredentialScope _scope;

    internal AuthenticatedRequest(Caller caller, in CredentialScope scope, bool isBodySigned)
    {
        IsBodySigned = isBodySigned;
        Caller = caller;
        _scope = scope;
    }

    /// <summary>Who made the request.</summary>
    public Caller Caller { get; }

    /// <summary>Whether the signature vouches for the body. It does, but for S3's requests that say <c>UNSIGNED-PAYLOAD</c> and its presigned ones
    /// that state no hash: what came with those may be another body than was sent.</summary>
    /// <remarks>Source: S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".</remarks>
    public bool IsBodySigned { get; }

    /// <summary>The region that the request was signed for, <c>aws:RequestedRegion</c>.</summary>
    public string Region => field ??= _scope.Region.ToString();
}
