using System.Text.Json.Nodes;
using TokenService.Testing;

namespace TokenService.Conformance;

/// <summary>The flows of sign-in with SAML.</summary>
internal static partial class ClientFlows
{
    public static async Task Assertion_gives_a_session_of_the_role_once(IStsClient client, LiveService service)
    {
        using var signIn = new SamlSignIn(service, $"saml-{client.GetType().Name}-{Guid.NewGuid():N}");
        var parameters = Parameters(signIn, signIn.Response());
        var answer = await client.CallAsync("AssumeRoleWithSAML", Nobody, parameters);
        (answer.Text("Subject"), answer.Text("SubjectType"), answer.Text("Issuer"), answer.Text("Audience"))
            .Should().Be((SamlSignIn.Subject, "persistent", signIn.EntityId, FakeSamlProvider.DefaultRecipient));
        answer.Text("NameQualifier").Should().MatchRegex("^[A-Za-z0-9+/]{27}=$");
        (await service.SessionAsync(answer.Keys)).FederatedSubject.Should().Be(SamlSignIn.Subject);
        (await client.CallAsync("GetCallerIdentity", answer.Keys, [])).Text("Arn").Should().Be(answer.Text("AssumedRoleUser", "Arn"));
        Expect(client, await client.CallAsync("AssumeRoleWithSAML", Nobody, parameters), "InvalidIdentityToken", 400, null);
    }

    public static async Task Assertion_that_is_forged_old_or_rejected_is_refused_with_its_code(IStsClient client, LiveService service)
    {
        using var signIn = new SamlSignIn(service, $"saml-bad-{client.GetType().Name}-{Guid.NewGuid():N}");
        (BadSamlResponse, string, int)[] refusals =
        [
            (BadSamlResponse.UnknownKey, "InvalidIdentityToken", 400), (BadSamlResponse.Wrapping3, "InvalidIdentityToken", 400),
            (BadSamlResponse.TooOld, "ExpiredTokenException", 400), (BadSamlResponse.RejectedByProvider, "IDPRejectedClaim", 403),
            (BadSamlResponse.NoRole, "AccessDenied", 403),
        ];
        foreach (var (flaw, code, status) in refusals)
        {
            Expect(client, await client.CallAsync("AssumeRoleWithSAML", Nobody, Parameters(signIn, signIn.BadResponse(flaw))), code, status, null);
        }
    }

    /// <summary>Clients want credentials to be made with; this operation is signed with none.</summary>
    private static Keys Nobody => new("none", "none");

    private static JsonObject Parameters(SamlSignIn signIn, string response) => new()
    {
        ["RoleArn"] = signIn.RoleArn,
        ["PrincipalArn"] = signIn.ProviderArn,
        ["SAMLAssertion"] = response,
    };
}
