namespace TokenService;

/// <summary>The Security Token Service: one method an operation.</summary>
/// <remarks>A refusal is a value (<see cref="StsResult{T}.Error"/>), never an exception; what throws is a store that is down, and
/// cancellation. Every operation answers <c>Throttling</c> to callers that ask more often than <see cref="TemporaryCredentialsOptions.Throttling"/>
/// lets them. Implementations are safe for many threads.</remarks>
public interface ITokenIssuer
{
    /// <summary>Gives temporary credentials that act as a role, if the role's trust policy lets the caller.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What for.</param>
    /// <param name="environment">What the transport knows of the request, for conditions such as <c>aws:SourceIp</c>; where it is absent, so are
    /// those keys.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The credentials, or <c>ValidationError</c>, <c>AccessDenied</c>, <c>MalformedPolicyDocument</c>, <c>PackedPolicyTooLarge</c>,
    /// <c>InvalidParameterValue</c>, <c>ExpiredToken</c> where the calling session is over, or <c>ServiceUnavailable</c> where the use of a
    /// one-time code cannot be remembered.</returns>
    ValueTask<StsResult<AssumeRoleResponse>> AssumeRoleAsync(
        Caller caller, AssumeRoleRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default);

    /// <summary>Gives temporary credentials that act as a role to somebody for whom a SAML provider vouches, if the role's trust policy lets it.</summary>
    /// <param name="request">What for, with the provider's response. It takes no caller: nobody signs the request.</param>
    /// <param name="environment">What the transport knows of the request, for conditions such as <c>aws:SourceIp</c>; where it is absent, so are
    /// those keys.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The credentials, or <c>ValidationError</c>, <c>AccessDenied</c>, <c>InvalidIdentityToken</c>, <c>ExpiredTokenException</c>,
    /// <c>IDPRejectedClaim</c>, <c>MalformedPolicyDocument</c> or <c>PackedPolicyTooLarge</c>; <c>InvalidAction</c> where the host did not call
    /// <see cref="TemporaryCredentialsBuilder.AddSaml"/>.</returns>
    ValueTask<StsResult<AssumeRoleWithSamlResponse>> AssumeRoleWithSamlAsync(
        AssumeRoleWithSamlRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default);

    /// <summary>Gives temporary credentials that act as a role to somebody whom an identity provider vouches for, if the role's trust policy lets it.</summary>
    /// <param name="request">What for, with the provider's token. It takes no caller: nobody signs the request.</param>
    /// <param name="environment">What the transport knows of the request, for conditions such as <c>aws:SourceIp</c>; where it is absent, so are
    /// those keys.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The credentials, or <c>ValidationError</c>, <c>AccessDenied</c>, <c>InvalidIdentityToken</c>, <c>ExpiredTokenException</c>,
    /// <c>IDPRejectedClaim</c>, <c>IDPCommunicationError</c>, <c>MalformedPolicyDocument</c> or <c>PackedPolicyTooLarge</c>.</returns>
    ValueTask<StsResult<AssumeRoleWithWebIdentityResponse>> AssumeRoleWithWebIdentityAsync(
        AssumeRoleWithWebIdentityRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default);

    /// <summary>Gives temporary credentials that act as the root of a member account of the organization, for one task.</summary>
    /// <param name="caller">Who asks: a user or a role of an account that manages the roots of others
    /// (<see cref="Account.ManagesMemberRoots"/>).</param>
    /// <param name="request">What for.</param>
    /// <param name="environment">What the transport knows of the request, for conditions such as <c>aws:SourceIp</c>; where it is absent, so are
    /// those keys.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The credentials, or <c>ValidationError</c>, <c>AccessDenied</c>, <c>PackedPolicyTooLarge</c> where the token would be too long, or
    /// <c>ExpiredToken</c> where the calling session is over.</returns>
    ValueTask<StsResult<AssumeRootResponse>> AssumeRootAsync(
        Caller caller, AssumeRootRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default);

    /// <summary>Gives a user or a root temporary credentials of its own, with a second factor or without; no policy can forbid it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What for.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The credentials, <c>ValidationError</c>, <c>AccessDenied</c> where the code is wrong or the caller is itself a session,
    /// <c>PackedPolicyTooLarge</c> where the token would be too long, or <c>ServiceUnavailable</c> where the use of a one-time code cannot be
    /// remembered.</returns>
    ValueTask<StsResult<GetSessionTokenResponse>> GetSessionTokenAsync(
        Caller caller, GetSessionTokenRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gives temporary credentials to somebody whom the calling user or root vouches for, if its policies let it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What for.</param>
    /// <param name="environment">What the transport knows of the request, for conditions such as <c>aws:SourceIp</c>; where it is absent, so are
    /// those keys.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The credentials, or <c>ValidationError</c>, <c>AccessDenied</c>, <c>MalformedPolicyDocument</c>, <c>PackedPolicyTooLarge</c>
    /// or <c>InvalidParameterValue</c>.</returns>
    ValueTask<StsResult<GetFederationTokenResponse>> GetFederationTokenAsync(
        Caller caller, GetFederationTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default);

    /// <summary>Reads a message of <see cref="AuthorizationMessages"/>, if it is for the caller's account and a policy lets the caller ask.</summary>
    /// <param name="caller">Who asks: a user, a root or a session of a role.</param>
    /// <param name="request">What for.</param>
    /// <param name="environment">What the transport knows of the request, for conditions.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The message in clear, or <c>ValidationError</c>, <c>AccessDenied</c>, or <c>InvalidAuthorizationMessageException</c> whatever
    /// is wrong with it: changed, expired, for another account, or none at all.</returns>
    ValueTask<StsResult<DecodeAuthorizationMessageResponse>> DecodeAuthorizationMessageAsync(
        Caller caller, DecodeAuthorizationMessageRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default);

    /// <summary>Says which account an access key belongs to, if a policy lets the caller ask.</summary>
    /// <param name="caller">Who asks: a user, a root or a session of a role.</param>
    /// <param name="request">What for.</param>
    /// <param name="environment">What the transport knows of the request, for conditions.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The account, or <c>ValidationError</c> or <c>AccessDenied</c>.</returns>
    ValueTask<StsResult<GetAccessKeyInfoResponse>> GetAccessKeyInfoAsync(
        Caller caller, GetAccessKeyInfoRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default);

    /// <summary>Redeems a trade-in token of <see cref="TradeInTokens"/> for credentials with the permissions that its approver lends.</summary>
    /// <param name="caller">Who asks: a user, a root or a session of a role of the account that the token is for.</param>
    /// <param name="request">What for.</param>
    /// <param name="environment">What the transport knows of the request, for conditions.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The credentials, or <c>ValidationError</c>, <c>AccessDenied</c> for anything that is no token for this account,
    /// <c>ExpiredTradeInTokenException</c> for one that is worth nothing any more, <c>PackedPolicyTooLarge</c> or <c>ServiceUnavailable</c>.</returns>
    ValueTask<StsResult<GetDelegatedAccessTokenResponse>> GetDelegatedAccessTokenAsync(
        Caller caller, GetDelegatedAccessTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default);

    /// <summary>Gives a user or a session of a role a signed token that tells a service elsewhere who it is, if a policy lets it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What for.</param>
    /// <param name="environment">What the transport knows of the request, for conditions and for <c>source_region</c>.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The token, or <c>ValidationError</c>, <c>InvalidParameterValue</c>, <c>AccessDenied</c>,
    /// <c>OutboundWebIdentityFederationDisabledException</c>, <c>SessionDurationEscalationException</c> or
    /// <c>JWTPayloadSizeExceededException</c>.</returns>
    ValueTask<StsResult<GetWebIdentityTokenResponse>> GetWebIdentityTokenAsync(
        Caller caller, GetWebIdentityTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default);

    /// <summary>Says who the caller is; no policy can forbid it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The caller's identity.</returns>
    ValueTask<StsResult<GetCallerIdentityResponse>> GetCallerIdentityAsync(Caller caller, CancellationToken cancellationToken = default);
}
