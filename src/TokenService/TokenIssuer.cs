namespace TokenService;

/// <summary>Hands each request to its operation.</summary>
internal sealed class TokenIssuer(
    AssumeRole assumeRole, AssumeRoot assumeRoot, GetSessionToken getSessionToken, GetFederationToken getFederationToken) : ITokenIssuer
{
    public ValueTask<StsResult<AssumeRoleResponse>> AssumeRoleAsync(
        Caller caller, AssumeRoleRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        assumeRole.ExecuteAsync(caller, request, environment, cancellationToken);

    public ValueTask<StsResult<AssumeRootResponse>> AssumeRootAsync(
        Caller caller, AssumeRootRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        assumeRoot.ExecuteAsync(caller, request, environment, cancellationToken);

    public ValueTask<StsResult<GetSessionTokenResponse>> GetSessionTokenAsync(
        Caller caller, GetSessionTokenRequest request, CancellationToken cancellationToken = default) =>
        getSessionToken.ExecuteAsync(caller, request, cancellationToken);

    public ValueTask<StsResult<GetFederationTokenResponse>> GetFederationTokenAsync(
        Caller caller, GetFederationTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        getFederationToken.ExecuteAsync(caller, request, environment, cancellationToken);

    public ValueTask<StsResult<GetCallerIdentityResponse>> GetCallerIdentityAsync(Caller caller, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(GetCallerIdentity.Execute(caller));
}
