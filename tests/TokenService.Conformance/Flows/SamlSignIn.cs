using TokenService.Testing;

namespace TokenService.Conformance;

/// <summary>Somebody for whom a SAML provider vouches and who may assume a role: one response after another.</summary>
internal sealed class SamlSignIn : IDisposable
{
    internal const string Subject = "alice@corp.example";

    private readonly FakeSamlProvider _provider;
    private readonly SamlProvider _registered;
    private readonly Role _role;

    /// <summary>Registers a provider of the role's name with the service's home account, and a role that trusts it.</summary>
    internal SamlSignIn(LiveService service, string role)
    {
        _provider = new FakeSamlProvider(service.Clock, $"https://idp.example/{role}");
        _registered = _provider.Describe(LiveService.Home, role);
        service.Store.Put(_registered);
        _role = service.AddRole(role, $$"""
            { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Federated": "{{_registered.Arn}}" },
              "Action": "sts:AssumeRoleWithSAML", "Condition": { "StringEquals": { "SAML:aud": "{{FakeSamlProvider.DefaultRecipient}}" } } } }
            """);
    }

    internal string RoleArn => _role.Arn.ToString();

    internal string ProviderArn => _registered.Arn.ToString();

    internal string EntityId => _provider.EntityId;

    internal string Response() => _provider.IssueResponse(Subject, _registered, _role);

    internal string BadResponse(BadSamlResponse flaw) => _provider.IssueBadResponse(flaw, Subject, _registered, _role);

    public void Dispose() => _provider.Dispose();
}
