namespace TokenService;

/// <summary>Hands each request to its operation, unless the caller asks too often, under a trace where anybody listens.</summary>
internal sealed class TokenIssuer(
    AssumeRole assumeRole,
    AssumeRoleWithSaml assumeRoleWithSaml,
    AssumeRoleWithWebIdentity assumeRoleWithWebIdentity,
    AssumeRoot assumeRoot,
    GetSessionToken getSessionToken,
    GetFederationToken getFederationToken,
    DecodeAuthorizationMessage decodeAuthorizationMessage,
    GetAccessKeyInfo getAccessKeyInfo,
    GetCallerIdentity getCallerIdentity,
    GetDelegatedAccessToken getDelegatedAccessToken,
    GetWebIdentityToken getWebIdentityToken,
    RequestThrottle throttle) : ITokenIssuer
{
    public ValueTask<StsResult<AssumeRoleResponse>> AssumeRoleAsync(
        Caller caller, AssumeRoleRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("AssumeRole"), Throttled<AssumeRoleResponse>(caller) ?? assumeRole.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<AssumeRoleWithSamlResponse>> AssumeRoleWithSamlAsync(
        AssumeRoleWithSamlRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("AssumeRoleWithSAML"), assumeRoleWithSaml.ExecuteAsync(request, environment, cancellationToken));

    public ValueTask<StsResult<AssumeRoleWithWebIdentityResponse>> AssumeRoleWithWebIdentityAsync(
        AssumeRoleWithWebIdentityRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("AssumeRoleWithWebIdentity"), assumeRoleWithWebIdentity.ExecuteAsync(request, environment, cancellationToken));

    public ValueTask<StsResult<AssumeRootResponse>> AssumeRootAsync(
        Caller caller, AssumeRootRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("AssumeRoot"), Throttled<AssumeRootResponse>(caller) ?? assumeRoot.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<GetSessionTokenResponse>> GetSessionTokenAsync(
        Caller caller, GetSessionTokenRequest request, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetSessionToken"), Throttled<GetSessionTokenResponse>(caller) ?? getSessionToken.ExecuteAsync(caller, request, cancellationToken));

    public ValueTask<StsResult<GetFederationTokenResponse>> GetFederationTokenAsync(
        Caller caller, GetFederationTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetFederationToken"), Throttled<GetFederationTokenResponse>(caller) ?? getFederationToken.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<DecodeAuthorizationMessageResponse>> DecodeAuthorizationMessageAsync(
        Caller caller, DecodeAuthorizationMessageRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("DecodeAuthorizationMessage"), Throttled<DecodeAuthorizationMessageResponse>(caller) ?? decodeAuthorizationMessage.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<GetAccessKeyInfoResponse>> GetAccessKeyInfoAsync(
        Caller caller, GetAccessKeyInfoRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetAccessKeyInfo"), Throttled<GetAccessKeyInfoResponse>(caller) ?? getAccessKeyInfo.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<GetDelegatedAccessTokenResponse>> GetDelegatedAccessTokenAsync(
        Caller caller, GetDelegatedAccessTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetDelegatedAccessToken"), Throttled<GetDelegatedAccessTokenResponse>(caller) ?? getDelegatedAccessToken.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<GetWebIdentityTokenResponse>> GetWebIdentityTokenAsync(
        Caller caller, GetWebIdentityTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetWebIdentityToken"), Throttled<GetWebIdentityTokenResponse>(caller) ?? getWebIdentityToken.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<GetCallerIdentityResponse>> GetCallerIdentityAsync(Caller caller, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetCallerIdentity"), Throttled<GetCallerIdentityResponse>(caller) ?? new ValueTask<StsResult<GetCallerIdentityResponse>>(getCallerIdentity.Execute(caller)));

    /// <returns>The refusal of a caller that asks too often, or <see langword="null"/>.</returns>
    private ValueTask<StsResult<T>>? Throttled<T>(Caller caller)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(caller);
        return throttle.CheckPrincipal(caller.Account.Id, caller.PrincipalId) is { } refusal ? new ValueTask<StsResult<T>>(refusal) : null;
    }

    // The trace began before the operation: arguments are evaluated in their order.
    private static ValueTask<StsResult<T>> Traced<T>(OperationTrace? trace, ValueTask<StsResult<T>> running)
        where T : class => trace is { } listened ? listened.EndAsync(running) : running;
}
