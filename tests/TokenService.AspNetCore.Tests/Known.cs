namespace TokenService.AspNetCore.Tests;

/// <summary>A user, a role and credentials that the wire can be tested with while nothing signs or mints.</summary>
internal static class Known
{
    internal const string RequestId = "01234567-89ab-cdef-0123-456789abcdef";

    internal static readonly Account Account = new("111122223333");

    internal static readonly Caller Alice = Caller.ForUser(Account, new User(Arn.Parse("arn:aws:iam::111122223333:user/alice"), "AIDARTX3GSDSQAAAAAAAA"), "AKIARTX3GSDSQAAAAAAA");

    internal static readonly Role Deploy = new(
        Arn.Parse("arn:aws:iam::111122223333:role/ci/deploy"),
        "AROARTX3GSDSQAAAAAAAA",
        PolicyDocument.Parse(
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}""",
            PolicyKind.Trust));

    internal static AuthenticatedRequest Authenticated(string region = "us-east-1") => new(Alice, region);

    internal static AssumeRoleResponse AssumeRole(int? packed = null, string? source = null) => new()
    {
        Credentials = new TemporaryCredentials("ASIARTX3GSDSQBBBBBBB", new Secret("s+/cret"), "tok==", Instant.FromUtc(2026, 1, 2, 3, 4, 5)),
        AssumedRoleUser = new AssumedRoleUser(Deploy, "try"),
        PackedPolicySize = packed,
        SourceIdentity = source,
    };
}

/// <summary>An issuer that answers what it is told to, and remembers what it was asked.</summary>
internal sealed class StubIssuer : ITokenIssuer
{
    internal AssumeRoleRequest? Request { get; private set; }

    internal RequestEnvironment? Environment { get; private set; }

    internal Func<StsResult<AssumeRoleResponse>> Answer { get; set; } = () => Known.AssumeRole();

    public ValueTask<StsResult<AssumeRoleResponse>> AssumeRoleAsync(
        Caller caller, AssumeRoleRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        Request = request;
        Environment = environment;
        return ValueTask.FromResult(Answer());
    }

    public ValueTask<StsResult<GetCallerIdentityResponse>> GetCallerIdentityAsync(Caller caller, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<StsResult<GetCallerIdentityResponse>>(
            new GetCallerIdentityResponse { Account = caller.Account.Id, Arn = caller.Arn, UserId = caller.UserId });
}
