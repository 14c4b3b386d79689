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

    internal static AuthenticatedRequest Authenticated(string region = "us-east-1") => new(Alice, Scope(region), isBodySigned: true);

    private static CredentialScope Scope(string region) =>
        CredentialScope.TryParse($"AKIARTX3GSDSQAAAAAAA/20260102/{region}/sts/aws4_request", .., hasRegion: true, out var scope) ? scope : throw new FormatException(region);

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

    internal AssumeRoleWithSamlRequest? SamlRequest { get; private set; }

    public ValueTask<StsResult<AssumeRoleWithSamlResponse>> AssumeRoleWithSamlAsync(
        AssumeRoleWithSamlRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        SamlRequest = request;
        Environment = environment;
        return ValueTask.FromResult<StsResult<AssumeRoleWithSamlResponse>>(new AssumeRoleWithSamlResponse
        {
            Credentials = Known.AssumeRole().Credentials,
            AssumedRoleUser = Known.AssumeRole().AssumedRoleUser,
            Subject = "user-1",
            SubjectType = "persistent",
            Issuer = "https://idp.example/saml",
            Audience = "https://signin.aws.amazon.com/saml",
            NameQualifier = "1uAJanUnBc2XeUkHURMht+xam2c=",
            SourceIdentity = "alice",
        });
    }

    internal AssumeRoleWithWebIdentityRequest? WebIdentityRequest { get; private set; }

    public ValueTask<StsResult<AssumeRoleWithWebIdentityResponse>> AssumeRoleWithWebIdentityAsync(
        AssumeRoleWithWebIdentityRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        WebIdentityRequest = request;
        Environment = environment;
        return ValueTask.FromResult<StsResult<AssumeRoleWithWebIdentityResponse>>(new AssumeRoleWithWebIdentityResponse
        {
            Credentials = Known.AssumeRole().Credentials,
            AssumedRoleUser = Known.AssumeRole().AssumedRoleUser,
            SubjectFromWebIdentityToken = "user-1",
            Audience = "app",
            Provider = "arn:aws:iam::111122223333:oidc-provider/issuer.example",
        });
    }

    internal GetSessionTokenRequest? SessionRequest { get; private set; }

    internal AssumeRootRequest? RootRequest { get; private set; }

    internal GetFederationTokenRequest? FederationRequest { get; private set; }

    public ValueTask<StsResult<AssumeRootResponse>> AssumeRootAsync(
        Caller caller, AssumeRootRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        RootRequest = request;
        return ValueTask.FromResult<StsResult<AssumeRootResponse>>(
            new AssumeRootResponse { Credentials = Known.AssumeRole().Credentials, SourceIdentity = "alice" });
    }

    public ValueTask<StsResult<GetSessionTokenResponse>> GetSessionTokenAsync(
        Caller caller, GetSessionTokenRequest request, CancellationToken cancellationToken = default)
    {
        SessionRequest = request;
        return ValueTask.FromResult<StsResult<GetSessionTokenResponse>>(new GetSessionTokenResponse { Credentials = Known.AssumeRole().Credentials });
    }

    public ValueTask<StsResult<GetFederationTokenResponse>> GetFederationTokenAsync(
        Caller caller, GetFederationTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        FederationRequest = request;
        Environment = environment;
        return ValueTask.FromResult<StsResult<GetFederationTokenResponse>>(new GetFederationTokenResponse
        {
            Credentials = Known.AssumeRole().Credentials,
            FederatedUser = new FederatedUser(caller.Account, "carol"),
            PackedPolicySize = 0,
        });
    }

    public ValueTask<StsResult<DecodeAuthorizationMessageResponse>> DecodeAuthorizationMessageAsync(
        Caller caller, DecodeAuthorizationMessageRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        Environment = environment;
        return ValueTask.FromResult<StsResult<DecodeAuthorizationMessageResponse>>(
            new DecodeAuthorizationMessageResponse { DecodedMessage = $$"""{"of":"{{request.EncodedMessage}}"}""" });
    }

    public ValueTask<StsResult<GetAccessKeyInfoResponse>> GetAccessKeyInfoAsync(
        Caller caller, GetAccessKeyInfoRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        Environment = environment;
        return ValueTask.FromResult<StsResult<GetAccessKeyInfoResponse>>(new GetAccessKeyInfoResponse { Account = $"of {request.AccessKeyId}" });
    }

    internal GetWebIdentityTokenRequest? WebIdentityTokenRequest { get; private set; }

    public ValueTask<StsResult<GetDelegatedAccessTokenResponse>> GetDelegatedAccessTokenAsync(
        Caller caller, GetDelegatedAccessTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        Environment = environment;
        return ValueTask.FromResult<StsResult<GetDelegatedAccessTokenResponse>>(new GetDelegatedAccessTokenResponse
        {
            Credentials = Known.AssumeRole().Credentials,
            AssumedPrincipal = Arn.Parse($"arn:aws:iam::111122223333:user/{request.TradeInToken}"),
        });
    }

    public ValueTask<StsResult<GetWebIdentityTokenResponse>> GetWebIdentityTokenAsync(
        Caller caller, GetWebIdentityTokenRequest request, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        WebIdentityTokenRequest = request;
        Environment = environment;
        return ValueTask.FromResult<StsResult<GetWebIdentityTokenResponse>>(
            new GetWebIdentityTokenResponse { WebIdentityToken = "a.b.c", Expiration = Instant.FromUtc(2026, 1, 2, 3, 9, 5) });
    }

    public ValueTask<StsResult<GetCallerIdentityResponse>> GetCallerIdentityAsync(Caller caller, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<StsResult<GetCallerIdentityResponse>>(
            new GetCallerIdentityResponse { Account = caller.Account.Id, Arn = caller.Arn, UserId = caller.UserId });
}
