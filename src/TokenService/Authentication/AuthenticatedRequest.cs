namespace TokenService;

/// <summary>A request whose signature holds: who made it, and the scope it was signed for.</summary>
/// <remarks>Made by the <see cref="RequestAuthenticator"/> alone.</remarks>
public sealed class AuthenticatedRequest
{
    private readonly CredentialScope _scope;

    internal AuthenticatedRequest(Caller caller, in CredentialScope scope)
    {
        Caller = caller;
        _scope = scope;
    }

    /// <summary>Who made the request.</summary>
    public Caller Caller { get; }

    /// <summary>The region that the request was signed for, <c>aws:RequestedRegion</c>.</summary>
    public string Region => field ??= _scope.Region.ToString();
}
