namespace TokenService;

/// <summary>Hands each request to its operation, under a trace where anybody listens.</summary>
internal sealed class TokenIssuer(
    AssumeRole assumeRole,
    AssumeRoot assumeRoot,
    GetSessionToken getSessionToken,
    GetFederationToken getFederationToken,
    DecodeAuthorizationMessage decodeAuthorizationMessage,
    GetAccessKeyInfo getAccessKeyInfo) : ITokenIssuer
{
    public ValueTask<StsResult<AssumeRoleResponse>> AssumeRoleAsync(
        Caller caller, AssumeRoleRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("AssumeRole"), assumeRole.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<AssumeRootResponse>> AssumeRootAsync(
        Caller caller, AssumeRootRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("AssumeRoot"), assumeRoot.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<GetSessionTokenResponse>> GetSessionTokenAsync(
        Caller caller, GetSessionTokenRequest request, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetSessionToken"), getSessionToken.ExecuteAsync(caller, request, cancellationToken));

    public ValueTask<StsResult<GetFederationTokenResponse>> GetFederationTokenAsync(
        Caller caller, GetFederationTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetFederationToken"), getFederationToken.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<DecodeAuthorizationMessageResponse>> DecodeAuthorizationMessageAsync(
        Caller caller, DecodeAuthorizationMessageRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("DecodeAuthorizationMessage"), decodeAuthorizationMessage.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<GetAccessKeyInfoResponse>> GetAccessKeyInfoAsync(
        Caller caller, GetAccessKeyInfoRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetAccessKeyInfo"), getAccessKeyInfo.ExecuteAsync(caller, request, environment, cancellationToken));

    public ValueTask<StsResult<GetCallerIdentityResponse>> GetCallerIdentityAsync(Caller caller, CancellationToken cancellationToken = default) =>
        Traced(OperationTrace.Start("GetCallerIdentity"), ValueTask.FromResult(GetCallerIdentity.Execute(caller)));

    // The trace began before the operation: arguments are evaluated in their order.
    private static ValueTask<StsResult<T>> Traced<T>(OperationTrace? trace, ValueTask<StsResult<T>> running)
        where T : class => trace is { } listened ? listened.EndAsync(running) : running;
}
