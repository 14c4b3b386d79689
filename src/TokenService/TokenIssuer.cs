namespace TokenService;

/// <summary>Hands each request to its operation.</summary>
internal sealed class TokenIssuer(AssumeRole assumeRole) : ITokenIssuer
{
    public ValueTask<StsResult<AssumeRoleResponse>> AssumeRoleAsync(
        Caller caller, AssumeRoleRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default) =>
        assumeRole.ExecuteAsync(caller, request, environment, cancellationToken);

    public ValueTask<StsResult<GetCallerIdentityResponse>> GetCallerIdentityAsync(Caller caller, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(GetCallerIdentity.Execute(caller));
}
