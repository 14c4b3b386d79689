using System.Collections.Immutable;
using TokenService;

namespace WebApp;

/// <summary>Who may do what: one account, the identity provider that it trusts, and a role for those who read reports.</summary>
internal sealed record Identities(Account Account, OidcProvider Provider, Role Readers)
{
    /// <summary>The page, as the provider knows it.</summary>
    internal const string ClientId = "reports-page";

    /// <summary>Who may read reports, by the provider's <c>sub</c>.</summary>
    private static readonly ImmutableArray<string> People = ["alice"];

    internal static Identities Create(string issuer)
    {
        var account = new Account("111122223333");
        var provider = new OidcProvider(account, issuer, [ClientId], allowPlainHttp: true);
        var name = issuer[(issuer.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var trust = $$"""
            { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated": "{{provider.Arn}}" },
              "Action": "sts:AssumeRoleWithWebIdentity",
              "Condition": { "StringEquals": { "{{name}}:aud": "{{ClientId}}", "{{name}}:sub": ["{{string.Join("\", \"", People)}}"] } } } }
            """;
        var permissions = $$"""
            { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "reports:Read", "Resource": "{{Reports.ArnOf("q*")}}" } }
            """;
        var readers = Role.Create(account, "report-readers", PolicyDocument.Parse(trust, PolicyKind.Trust)) with
        {
            InlinePolicies = [new Policy("read-reports", null, PolicyDocument.Parse(permissions, PolicyKind.Identity))],
        };
        return new Identities(account, provider, readers);
    }

    internal void PutInto(InMemoryIdentityStore store)
    {
        store.Put(Account);
        store.Put(Provider);
        store.Put(Readers);
    }
}
