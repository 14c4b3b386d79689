using TokenService.Tests.Federation;

namespace TokenService.Conformance;

/// <summary>Somebody who signed in at a provider and may assume a role: the token, and a file of it.</summary>
internal sealed class SignIn : IDisposable
{
    internal const string Subject = "user-1";

    private static readonly TokenMaker Provider = new();

    internal SignIn(LiveService service, string role)
    {
        service.Store.Put(new OidcProvider(LiveService.Home, TokenMaker.Issuer, [TokenMaker.Client]) { Jwks = Provider.Jwks });
        RoleArn = service.AddRole(role, """
            { "Version": "2012-10-17", "Statement": { "Effect": "Allow",
              "Principal": { "Federated": "arn:aws:iam::111122223333:oidc-provider/issuer.example/realm" }, "Action": "sts:AssumeRoleWithWebIdentity",
              "Condition": { "StringEquals": { "issuer.example/realm:aud": "app", "issuer.example/realm:sub": "user-1" } } } }
            """).Arn.ToString();
        var now = service.Clock.GetCurrentInstant();
        Token = Provider.Sign(TokenMaker.Claims(now, Subject));
        Expired = Provider.Sign(TokenMaker.Claims(now - Duration.FromHours(1), Subject));
        File.WriteAllText(TokenFile, Token);
    }

    internal string RoleArn { get; }

    internal string Token { get; }

    internal string Expired { get; }

    internal string TokenFile { get; } = Path.GetTempFileName();

    public void Dispose() => File.Delete(TokenFile);
}
