using System.Text.Json.Nodes;

namespace TokenService.Conformance;

/// <summary>The worked cases on who may assume which role, over HTTP by the SDK for .NET: each row allowed or denied, with its counterpart.</summary>
/// <remarks>Source: IAM User Guide, "Policy evaluation logic"; reference 6.9.</remarks>
public sealed class WorkedCaseTests(LiveService service) : IClassFixture<LiveService>, IAsyncDisposable
{
    private const string AssumeOnly = "\"sts:AssumeRole\"";
    private const string AllowAssume = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}""";
    private const string AllowOther = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}""";

    private readonly DotNetClient _client = new(service.Url);

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Theory]
    [InlineData(null, false)]
    [InlineData(AllowOther, false)]
    [InlineData(AllowAssume, true)]
    public async Task Row_1_account_as_principal_needs_the_users_own_policy_too(string? policy, bool allowed)
    {
        var name = $"one-{policy?.Length}";
        await ExpectAsync(allowed, service.AddUser(name, policy), service.AddRole(name, Trust("arn:aws:iam::111122223333:root")), UserArn(name));
    }

    [Fact]
    public async Task Row_2_user_as_principal_needs_no_policy_of_its_own_and_no_other_user_is_meant()
    {
        var (named, other) = (service.AddUser("two-named"), service.AddUser("two-other", AllowAssume));
        var role = service.AddRole("two", Trust(UserArn("two-named")));
        await ExpectAsync(true, named, role, UserArn("two-named"));
        await ExpectAsync(false, other, role, UserArn("two-other"));
    }

    [Fact]
    public async Task Row_3_users_own_deny_counts_against_a_trust_policy_that_names_it()
    {
        var keys = service.AddUser("three", """{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}}""");
        await ExpectAsync(false, keys, service.AddRole("three", Trust(UserArn("three"))), UserArn("three"));
    }

    [Theory]
    [InlineData("user/four", true)]
    [InlineData("root", false)]
    public async Task Row_4_boundary_of_a_user_does_not_cap_a_grant_to_the_user_itself(string principal, bool allowed)
    {
        var boundary = service.AddPolicy("four", AllowOther);
        var keys = service.AddUser("four", AllowAssume, boundary: boundary);
        await ExpectAsync(allowed, keys, service.AddRole($"four-{principal[..4]}", Trust($"arn:aws:iam::111122223333:{principal}")), UserArn("four"));
    }

    [Theory]
    [InlineData(AllowOther, false)]
    [InlineData(AllowAssume, true)]
    [InlineData(null, true)]
    public async Task Row_5_session_policy_caps_a_grant_to_the_role(string? sessionPolicy, bool allowed)
    {
        var name = $"five-{sessionPolicy?.Length}";
        var session = await SessionAsync(name, sessionPolicy);
        await ExpectAsync(allowed, session, service.AddRole($"{name}-target", Trust($"arn:aws:iam::111122223333:role/{name}")), SessionArn(name));
    }

    [Fact]
    public async Task Row_6_session_policy_does_not_cap_a_grant_to_the_session_itself()
    {
        var session = await SessionAsync("six", AllowOther);
        await ExpectAsync(true, session, service.AddRole("six-target", Trust(SessionArn("six"))), SessionArn("six"));
        await ExpectAsync(false, session, service.AddRole("six-other", Trust("arn:aws:sts::111122223333:assumed-role/six/session-2")), SessionArn("six"));
    }

    [Theory]
    [InlineData(AllowAssume, true)]
    [InlineData(null, false)]
    public async Task Row_7_everyone_as_principal_still_needs_the_policy_of_a_user_of_another_account(string? policy, bool allowed)
    {
        var name = $"seven-{policy?.Length}";
        var keys = service.AddUser(name, policy, LiveService.Away);
        await ExpectAsync(allowed, keys, service.AddRole(name, Trust("*")), $"arn:aws:iam::444455556666:user/{name}");
    }

    [Fact]
    public async Task Row_7_everyone_as_principal_is_a_direct_grant_within_the_account() =>
        await ExpectAsync(true, service.AddUser("seven-home"), service.AddRole("seven-home", Trust("*")), UserArn("seven-home"));

    [Theory]
    [InlineData(null, false)]
    [InlineData("wrong", false)]
    [InlineData("right", true)]
    public async Task Row_8_condition_on_the_external_id_is_met_by_that_id_alone(string? externalId, bool allowed)
    {
        var name = $"eight-{externalId}";
        var keys = service.AddUser(name, AllowAssume, LiveService.Away);
        var role = service.AddRole(name, LiveService.Trust("arn:aws:iam::444455556666:root", AssumeOnly, """{"StringEquals":{"sts:ExternalId":"right"}}"""));
        var parameters = ClientFlows.Assume(role);
        if (externalId is not null)
        {
            parameters["ExternalId"] = externalId;
        }

        await ExpectAsync(allowed, keys, role, $"arn:aws:iam::444455556666:user/{name}", parameters);
    }

    [Fact]
    public async Task Row_9_role_does_not_trust_its_own_sessions_unless_it_says_so()
    {
        var session = await SessionAsync("nine", null, LiveService.AllowAll);
        var role = (await service.Store.FindRoleAsync(LiveService.Home.Id, "nine", default))!;
        await ExpectAsync(false, session, role, SessionArn("nine"));
        service.Store.Put(role with { TrustPolicy = PolicyDocument.Parse(Trust("arn:aws:iam::111122223333:role/nine"), PolicyKind.Trust) });
        await ExpectAsync(true, session, role, SessionArn("nine"));
    }

    [Theory]
    [InlineData(3600, true)]
    [InlineData(3601, false)]
    public async Task Row_10_chained_session_lasts_an_hour_at_most_whatever_the_role_says(int seconds, bool allowed)
    {
        var session = await SessionAsync($"ten-{seconds}", null, LiveService.AllowAll);
        var target = service.AddRole($"ten-target-{seconds}", Trust("arn:aws:iam::111122223333:root"), hours: 12);
        var answer = await _client.CallAsync("AssumeRole", session, ClientFlows.Assume(target, seconds));
        if (allowed)
        {
            answer.Keys.Token.Should().NotBeEmpty();
        }
        else
        {
            ClientFlows.Expect(_client, answer, "ValidationError", 400,
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
        }
    }

    [Theory]
    [InlineData(AssumeOnly, false)]
    [InlineData("""["sts:AssumeRole","sts:TagSession"]""", true)]
    public async Task Row_11_tags_take_the_permission_to_tag_the_session(string actions, bool allowed)
    {
        var name = $"eleven-{actions.Length}";
        var role = service.AddRole(name, LiveService.Trust(UserArn(name), actions));
        var parameters = ClientFlows.Assume(role);
        parameters["Tags"] = new JsonArray(new JsonObject { ["Key"] = "k", ["Value"] = "v" });
        await ExpectAsync(allowed, service.AddUser(name), role, UserArn(name), parameters, "sts:TagSession");
    }

    [Theory]
    [InlineData("session-1", false)]
    [InlineData("session-2", true)]
    public async Task Row_12_deny_in_the_trust_policy_wins_where_it_matches(string sessionName, bool allowed)
    {
        var name = $"twelve-{sessionName}";
        var role = service.AddRole(name, $$"""
            { "Version": "2012-10-17", "Statement": [
              { "Effect": "Allow", "Principal": { "AWS": "{{UserArn(name)}}" }, "Action": "sts:AssumeRole" },
              { "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "sts:RoleSessionName": "session-1" } } } ] }
            """);
        var parameters = ClientFlows.Assume(role);
        parameters["RoleSessionName"] = sessionName;
        await ExpectAsync(allowed, service.AddUser(name), role, UserArn(name), parameters);
    }

    [Fact]
    public async Task Row_13_user_that_was_made_again_is_not_the_one_that_the_role_trusts()
    {
        var before = service.AddUser("thirteen");
        var role = service.AddRole("thirteen", Trust(UserArn("thirteen")));
        await ExpectAsync(true, before, role, UserArn("thirteen"));
        service.Store.RemoveUser(LiveService.Home.Id, "thirteen");
        var after = service.AddUser("thirteen", AllowAssume);
        await ExpectAsync(false, after, role, UserArn("thirteen"));
    }

    private static string Trust(string principal) => LiveService.Trust(principal, AssumeOnly);

    private static string UserArn(string name) => $"arn:aws:iam::111122223333:user/{name}";

    private static string SessionArn(string role) => $"arn:aws:sts::111122223333:assumed-role/{role}/session-1";

    /// <summary>A session of a new role, which a new user assumed.</summary>
    private async Task<Keys> SessionAsync(string name, string? sessionPolicy, string? rolePolicy = null)
    {
        var keys = service.AddUser(name);
        var parameters = ClientFlows.Assume(service.AddRole(name, Trust(UserArn(name)), rolePolicy));
        if (sessionPolicy is not null)
        {
            parameters["Policy"] = sessionPolicy;
        }

        return (await _client.CallAsync("AssumeRole", keys, parameters)).Keys;
    }

    private async Task ExpectAsync(bool allowed, Keys keys, Role role, string caller, JsonObject? parameters = null, string action = "sts:AssumeRole")
    {
        var answer = await _client.CallAsync("AssumeRole", keys, parameters ?? ClientFlows.Assume(role));
        if (allowed)
        {
            answer.Keys.Token.Should().NotBeEmpty();
        }
        else
        {
            ClientFlows.Expect(_client, answer, "AccessDenied", 403, ClientFlows.NotAuthorized(caller, action, role.Arn));
        }
    }
}
