using TokenService.Testing;

namespace TokenService.Tests.Federation.Saml;

/// <summary>What the trusted provider of the tests says of alice. What stands here is good at <see cref="TestHost.Start"/>.</summary>
internal static class Responses
{
    internal const string Recipient = FakeSamlProvider.DefaultRecipient;
    internal const string Role = "arn:aws:iam::111122223333:role/staff/Reader";
    internal const string Provider = "arn:aws:iam::111122223333:saml-provider/corp";

    /// <summary>A good response, with an identifier of its own each time.</summary>
    internal static SamlResponse Good() =>
        IdentityProvider.Trusted.CreateResponse("alice@idp.example", new SamlRole(Role, Provider)).Without("RoleSessionName").With("RoleSessionName", "alice");

    /// <summary>A response that is good at another time.</summary>
    internal static SamlResponse At(Instant now) => Good() with
    {
        Issued = now - Duration.FromSeconds(30),
        Confirmation = SamlResponse.BearerUntil(now + Duration.FromMinutes(4)),
        Conditions = SamlResponse.Between(now - Duration.FromMinutes(4), now + Duration.FromMinutes(4)),
        Authentication = SamlResponse.Authenticated(now - Duration.FromMinutes(1)),
    };
}
