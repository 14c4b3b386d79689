using Microsoft.Extensions.DependencyInjection;

namespace TokenService.Benchmarks;

/// <summary>The library as a host embeds it: a user with a long-term key, and a role that trusts it by a policy of three statements.</summary>
internal sealed class BenchmarkHost : IDisposable
{
    internal const string KeyId = "AKIARTX3GSDSVPMANSL7";
    internal const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    internal const string RoleArn = "arn:aws:iam::111122223333:role/ci/deploy";

    /// <summary>Some 300 bytes, as an application passes it with each call.</summary>
    internal const string SessionPolicy = """
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::artifacts/builds/*"},{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::artifacts","Condition":{"StringLike":{"s3:prefix":"builds/*"}}}]}
        """;

    private const string Trust = """
        {"Version":"2012-10-17","Statement":[
        {"Sid":"Partner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"example"}}},
        {"Sid":"Build","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/builder"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringLike":{"sts:RoleSessionName":"build-*"}}},
        {"Sid":"NeverForSomeone","Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalTag/status":"leaving"}}}]}
        """;

    private const string Statements = """
        {"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:*:table/x"},
        {"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::secret/*"},
        {"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::artifacts/*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"platform"}}}]}
        """;

    private readonly ServiceProvider _services;

    internal BenchmarkHost()
    {
        var account = new Account("111122223333");
        var services = new ServiceCollection();
        services.AddTemporaryCredentials(options => options.Keys.Add(new RootKeyOptions { Id = 1, Material = Convert.ToBase64String(new byte[RootKey.Size]) }));
        _services = services.BuildServiceProvider();
        var store = _services.GetRequiredService<InMemoryIdentityStore>();
        store.Put(account);
        store.Put(User.Create(account, "builder") with { AccessKeys = [new AccessKey(KeyId, new Secret(SecretKey))] });
        store.Put(Role.Create(account, "deploy", PolicyDocument.Parse(Trust, PolicyKind.Trust), "/ci/") with
        {
            InlinePolicies = [new Policy("may", null, PolicyDocument.Parse(
                """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}""", PolicyKind.Identity))],
        });
        var bound = new Policy("bound", Arn.Parse("arn:aws:iam::111122223333:policy/bound"), PolicyDocument.Parse(Statements, PolicyKind.Boundary));
        store.Put(bound);
        store.Put(Role.Create(account, "reader", PolicyDocument.Parse(
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/builder"},"Action":["sts:AssumeRole","sts:TagSession"]}}""",
            PolicyKind.Trust)) with
        {
            InlinePolicies = [.. Enumerable.Range(0, 2).Select(index => new Policy($"may{index}", null, PolicyDocument.Parse(Statements, PolicyKind.Identity)))],
            PermissionsBoundary = bound.Arn,
        });
        Issuer = _services.GetRequiredService<ITokenIssuer>();
        Authorizer = _services.GetRequiredService<IAuthorizer>();
        Authenticator = _services.GetRequiredService<RequestAuthenticator>();
        Builder = _services.GetRequiredService<Callers>().ForUserAsync("111122223333", "builder").AsTask().GetAwaiter().GetResult().Value;
    }

    internal ITokenIssuer Issuer { get; }

    internal RequestAuthenticator Authenticator { get; }

    internal IAuthorizer Authorizer { get; }

    internal Caller Builder { get; }

    internal static AssumeRoleRequest Request { get; } = new()
    {
        RoleArn = RoleArn,
        RoleSessionName = "build-4711",
        Policy = SessionPolicy,
        Tags =
        [
            new Tag("project", "artifacts"), new Tag("branch", "main"), new Tag("commit", "3f1c9ab2"), new Tag("pipeline", "nightly"), new Tag("team", "platform"),
        ],
    };

    internal TemporaryCredentials Mint() => Issuer.AssumeRoleAsync(Builder, Request).AsTask().GetAwaiter().GetResult().Value.Credentials;

    /// <summary>A session with two identity policies, a boundary and a session policy.</summary>
    internal TemporaryCredentials MintForGateway() => Issuer.AssumeRoleAsync(
        Builder, Request with { RoleArn = "arn:aws:iam::111122223333:role/reader" }).AsTask().GetAwaiter().GetResult().Value.Credentials;

    public void Dispose() => _services.Dispose();
}
