using System.Text.Json.Nodes;

namespace TokenService.Conformance;

/// <summary>The flows of those who look after accounts: the roots of members, whose key it is, why somebody was denied.</summary>
internal static partial class ClientFlows
{
    private static readonly Account Management = new("777788889999") { OrganizationId = "o-flows", ManagesMemberRoots = true };
    private static readonly Account Member = new("888899990000") { OrganizationId = "o-flows" };

    public static async Task Root_of_a_member_account_is_assumed_for_one_task(IStsClient client, LiveService service)
    {
        PutOrganization(service);
        var admin = service.AddUser("root-admin", LiveService.AllowAll, Management);
        var parameters = AssumeRoot(Member.Id, "S3UnlockBucketPolicy");
        parameters["DurationSeconds"] = 600;
        var answer = await client.CallAsync("AssumeRoot", admin, parameters);
        answer.Keys.Id.Should().StartWith("ASIA");
        answer.Node("SourceIdentity").Should().BeNull();
        var session = await service.SessionAsync(answer.Keys);
        Expiration(answer).Should().Be(session.ExpiresAt);
        (session.Kind, session.ExpiresAt - session.IssuedAt, session.TaskPolicy!.ToString()).Should().Be(
            (SessionKind.AssumedRoot, Duration.FromMinutes(10), "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"));
        var identity = await client.CallAsync("GetCallerIdentity", answer.Keys, []);
        (identity.Text("Account"), identity.Text("Arn"), identity.Text("UserId")).Should().Be((Member.Id, "arn:aws:iam::888899990000:root", Member.Id));
        Expect(client, await client.CallAsync("AssumeRoot", answer.Keys, parameters), "AccessDenied", 403, null);
    }

    public static async Task Root_of_a_member_account_keeps_the_source_identity_of_who_asks(IStsClient client, LiveService service)
    {
        PutOrganization(service);
        var admin = service.AddUser("root-source", LiveService.AllowAll, Management);
        var role = service.AddRole("root-source", LiveService.Trust("arn:aws:iam::777788889999:root"), LiveService.AllowAll, Management);
        var assumed = Assume(role);
        assumed["SourceIdentity"] = "alice.smith";
        var calling = (await client.CallAsync("AssumeRole", admin, assumed)).Keys;
        var answer = await client.CallAsync("AssumeRoot", calling, AssumeRoot("arn:aws:iam::888899990000:root", "SQSUnlockQueuePolicy"));
        answer.Text("SourceIdentity").Should().Be("alice.smith");
        (await service.SessionAsync(answer.Keys)).SourceIdentity.Should().Be("alice.smith");
    }

    public static async Task Root_is_not_assumed_without_permission_elsewhere_or_for_another_task(IStsClient client, LiveService service)
    {
        PutOrganization(service);
        var admin = service.AddUser("root-refused", LiveService.AllowAll, Management);
        var nobody = service.AddUser("root-nobody", account: Management);
        var refusal = $"is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{Member.Id}:root";
        Expect(
            client, await client.CallAsync("AssumeRoot", nobody, AssumeRoot(Member.Id, "S3UnlockBucketPolicy")), "AccessDenied", 403,
            $"User: arn:aws:iam::777788889999:user/root-nobody {refusal}");
        Expect(
            client, await client.CallAsync("AssumeRoot", service.AddUser("root-stranger", LiveService.AllowAll), AssumeRoot(Member.Id, "S3UnlockBucketPolicy")), "AccessDenied", 403,
            $"User: arn:aws:iam::111122223333:user/root-stranger {refusal}");
        Expect(client, await client.CallAsync("AssumeRoot", admin, AssumeRoot(Management.Id, "S3UnlockBucketPolicy")), "AccessDenied", 403, null);
        Expect(client, await client.CallAsync("AssumeRoot", admin, AssumeRoot(Member.Id, "AdministratorAccess")), "ValidationError", 400, null);
        var longer = AssumeRoot(Member.Id, "S3UnlockBucketPolicy");
        longer["DurationSeconds"] = 901;
        Expect(client, await client.CallAsync("AssumeRoot", admin, longer), "ValidationError", 400, null);
    }

    public static async Task Account_of_an_access_key_is_told_to_those_who_may_ask(IStsClient client, LiveService service)
    {
        var asking = service.AddUser("key-info", LiveService.AllowAll);
        var other = service.AddUser("key-info-other", account: LiveService.Away);
        var unsaved = new JsonObject { ["AccessKeyId"] = "ASIARTX3GSDSQAAAAAAA" };
        (await client.CallAsync("GetAccessKeyInfo", asking, new JsonObject { ["AccessKeyId"] = other.Id })).Text("Account").Should().Be(LiveService.Away.Id);
        (await client.CallAsync("GetAccessKeyInfo", asking, unsaved)).Text("Account").Should().Be("111122223333");
        Expect(
            client, await client.CallAsync("GetAccessKeyInfo", other, unsaved), "AccessDenied", 403,
            "User: arn:aws:iam::444455556666:user/key-info-other is not authorized to perform: sts:GetAccessKeyInfo");
        Expect(client, await client.CallAsync("GetAccessKeyInfo", asking, new JsonObject { ["AccessKeyId"] = "AKIA-is-no-key-id" }), "ValidationError", 400, null);
    }

    public static async Task Denial_is_decoded_in_the_account_of_who_was_denied(IStsClient client, LiveService service)
    {
        var denied = service.AddUser("was-denied");
        var asking = service.AddUser("asks-why", LiveService.AllowAll);
        var stranger = service.AddUser("asks-why-elsewhere", LiveService.AllowAll, LiveService.Away);
        var message = await service.DenyAsync(denied, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:orders");
        var parameters = new JsonObject { ["EncodedMessage"] = message };
        var told = JsonNode.Parse((await client.CallAsync("DecodeAuthorizationMessage", asking, parameters)).Text("DecodedMessage"))!;
        ((bool)told["allowed"]!, (bool)told["explicitDeny"]!, (string?)told["context"]!["action"], (string?)told["context"]!["resource"]).Should().Be(
            (false, false, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:orders"));
        Expect(
            client, await client.CallAsync("DecodeAuthorizationMessage", denied, parameters), "AccessDenied", 403,
            "User: arn:aws:iam::111122223333:user/was-denied is not authorized to perform: sts:DecodeAuthorizationMessage");
        foreach (var (keys, text) in new[] { (stranger, message), (asking, message[..^4]), (asking, "none") })
        {
            Expect(
                client, await client.CallAsync("DecodeAuthorizationMessage", keys, new JsonObject { ["EncodedMessage"] = text }),
                "InvalidAuthorizationMessageException", 400, null);
        }
    }

    internal static JsonObject AssumeRoot(string target, string task) => new()
    {
        ["TargetPrincipal"] = target,
        ["TaskPolicyArn"] = new JsonObject { ["arn"] = $"arn:aws:iam::aws:policy/root-task/{task}" },
    };

    private static void PutOrganization(LiveService service)
    {
        service.Store.Put(Management);
        service.Store.Put(Member);
    }
}
