using TokenService.Testing;

namespace TokenService.Conformance;

/// <summary>Somebody who signed in at a provider and may assume a role: the token, and a file of it.</summary>
internal sealed class SignIn : IDisposable
{
    internal const string Subject = "user-1";

    internal SignIn(LiveService service, string role)
    {
        using var provider = new FakeOpenIdProvider(service.Clock, "https://issuer.example/realm");
        service.Store.Put(provider.Describe(LiveService.Home) with { Jwks = provider.Jwks });
        RoleArn = service.AddRole(role, """
            { "Version": "2012-10-17", "Statement": { "Effect": "Allow",
              "Principal": { "Federated": "arn:aws:iam::111122223333:oidc-provider/issuer.example/realm" }, "Action": "sts:AssumeRoleWithWebIdentity",
              "Condition": { "StringEquals": { "issuer.example/realm:aud": "app", "issuer.example/realm:sub": "user-1" } } } }
            """).Arn.ToString();
        Token = provider.IssueToken(Subject);
        Expired = provider.IssueBadToken(BadToken.Expired, Subject);
        File.WriteAllText(TokenFile, Token);
    }

    internal string RoleArn { get; }

    internal string Token { get; }

    internal string Expired { get; }

    internal string TokenFile { get; } = Path.GetTempFileName();

    public void Dispose() => File.Delete(TokenFile);
}
