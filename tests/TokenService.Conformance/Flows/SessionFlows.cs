using System.Text.Json.Nodes;

namespace TokenService.Conformance;

/// <summary>The flows of the sessions that a user gets of itself.</summary>
internal static partial class ClientFlows
{
    public static async Task Session_token_of_a_user_keeps_its_identity_and_is_no_way_to_a_further_one(IStsClient client, LiveService service)
    {
        var alice = service.AddUser("own-session", LiveService.AllowAll);
        var answer = await client.CallAsync("GetSessionToken", alice, new JsonObject { ["DurationSeconds"] = 900 });
        (await client.CallAsync("GetCallerIdentity", answer.Keys, [])).Text("Arn").Should().Be("arn:aws:iam::111122223333:user/own-session");
        var session = await service.SessionAsync(answer.Keys);
        (session.ExpiresAt - session.IssuedAt).Should().Be(Duration.FromMinutes(15));
        Expiration(answer).Should().Be(session.ExpiresAt);
        Expect(
            client, await client.CallAsync("GetSessionToken", answer.Keys, []), "AccessDenied", 403, "Cannot call GetSessionToken with session credentials");
        Expect(
            client, await client.CallAsync("GetFederationToken", answer.Keys, new JsonObject { ["Name"] = "fed" }), "AccessDenied", 403,
            "Cannot call GetFederationToken with session credentials");
    }

    public static async Task Role_that_asks_for_a_second_factor_refuses_a_session_without_one(IStsClient client, LiveService service)
    {
        var alice = service.AddUser("no-factor", LiveService.AllowAll);
        var guarded = service.AddRole(
            "guarded", LiveService.Trust("arn:aws:iam::111122223333:user/no-factor", condition: """{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"""));
        var open = service.AddRole("unguarded", LiveService.Trust("arn:aws:iam::111122223333:user/no-factor"));
        var session = (await client.CallAsync("GetSessionToken", alice, [])).Keys;
        Expect(client, await client.CallAsync("AssumeRole", session, Assume(guarded)), "AccessDenied", 403, null);
        (await client.CallAsync("AssumeRole", session, Assume(open))).Text("AssumedRoleUser", "Arn").Should().Contain("assumed-role/unguarded/");
        Expect(
            client,
            await client.CallAsync("GetSessionToken", alice, new JsonObject { ["SerialNumber"] = "arn:aws:iam::111122223333:mfa/nobody", ["TokenCode"] = "123456" }),
            "AccessDenied", 403,
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.");
    }

    public static async Task Federated_user_has_a_name_of_its_own_and_calls_nothing_else(IStsClient client, LiveService service)
    {
        var alice = service.AddUser("federating", LiveService.AllowAll);
        var answer = await client.CallAsync("GetFederationToken", alice, new JsonObject
        {
            ["Name"] = "bob@corp",
            ["DurationSeconds"] = 900,
            ["Policy"] = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}""",
            ["Tags"] = new JsonArray(Tag("team", "blue")),
        });
        answer.Text("FederatedUser", "Arn").Should().Be("arn:aws:sts::111122223333:federated-user/bob@corp");
        answer.Text("FederatedUser", "FederatedUserId").Should().Be("111122223333:bob@corp");
        var identity = await client.CallAsync("GetCallerIdentity", answer.Keys, []);
        (identity.Text("Arn"), identity.Text("UserId")).Should().Be(("arn:aws:sts::111122223333:federated-user/bob@corp", "111122223333:bob@corp"));
        var role = service.AddRole("for-federated", LiveService.Trust("*"));
        Expect(client, await client.CallAsync("AssumeRole", answer.Keys, Assume(role)), "AccessDenied", 403, null);
    }

    public static async Task Federation_takes_a_permission_and_a_well_formed_name(IStsClient client, LiveService service)
    {
        var nobody = service.AddUser("may-not-federate");
        Expect(
            client, await client.CallAsync("GetFederationToken", nobody, new JsonObject { ["Name"] = "bob" }), "AccessDenied", 403,
            "User: arn:aws:iam::111122223333:user/may-not-federate is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::111122223333:federated-user/bob");
        Expect(client, await client.CallAsync("GetFederationToken", nobody, new JsonObject { ["Name"] = "b ob" }), "ValidationError", 400, null);
    }
}
