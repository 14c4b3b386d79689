using System.Text;
using System.Text.Json;

namespace TokenService.Tests.Operations;

/// <summary>What an encoded message tells of a denial.</summary>
public sealed class AuthorizationMessagesTests : IDisposable
{
    private const string Instance = "arn:aws:ec2:us-east-1:111122223333:instance/i-1";

    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Explicit_deny_tells_the_statement_and_the_request()
    {
        var user = _host.AddUser("alice", Document(
            """{"Effect":"Allow","Action":"*","Resource":"*"}""",
            """
            {"Sid":"DenyX","Effect":"Deny","Action":["ec2:RunInstances","ec2:Stop*"],"Resource":"*","Condition":{
            "StringEquals":{"aws:RequestedRegion":["us-east-1","us-west-2"]},"Bool":{"aws:SecureTransport":false}}}
            """));
        var text = await TellAsync("alice", environment: new RequestEnvironment { RequestedRegion = "us-east-1", SecureTransport = false });
        text.Should().Be(Compact(
            $$$$"""
            {"allowed":false,"explicitDeny":true,
             "matchedStatements":{"items":[{"statementId":"DenyX","effect":"DENY",
               "principals":{"items":[{"value":"{{{{user.Id}}}}"}]},"principalGroups":{"items":[]},
               "actions":{"items":[{"value":"ec2:RunInstances"},{"value":"ec2:Stop*"}]},
               "resources":{"items":[{"value":"*"}]},
               "conditions":{"items":[{"key":"aws:RequestedRegion","values":{"items":[{"value":"us-east-1"},{"value":"us-west-2"}]}},
                                      {"key":"aws:SecureTransport","values":{"items":[{"value":"false"}]}}]}}]},
             "failures":{"items":[]},
             "context":{"principal":{"id":"{{{{user.Id}}}}","name":"alice","arn":"arn:aws:iam::111122223333:user/alice"},
               "action":"ec2:RunInstances","resource":"{{{{Instance}}}}",
               "conditions":{"items":[{"key":"aws:RequestedRegion","values":{"items":[{"value":"us-east-1"}]}},
                                      {"key":"aws:SecureTransport","values":{"items":[{"value":"false"}]}}]}}}
            """));
    }

    [Fact]
    public async Task Implicit_deny_matches_no_statement_and_tells_what_stood_in_the_way()
    {
        var user = _host.AddUser("alice", Document(
            """{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}""",
            """{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}""",
            """{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"AWS:requestedregion":"eu-west-2"}}}"""));
        (await TellAsync("alice", environment: new RequestEnvironment { RequestedRegion = "us-east-1" })).Should().Be(Compact(
            $$$$"""
            {"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]},"failures":{"items":[]},
             "context":{"principal":{"id":"{{{{user.Id}}}}","name":"alice","arn":"arn:aws:iam::111122223333:user/alice"},
               "action":"ec2:RunInstances","resource":"{{{{Instance}}}}",
               "conditions":{"items":[{"key":"aws:RequestedRegion","values":{"items":[{"value":"us-east-1"}]}},
                                      {"key":"aws:MultiFactorAuthPresent","values":{"items":[]}}]}}}
            """));
    }

    [Fact]
    public async Task Session_of_a_role_has_no_name_and_its_policy_hangs_on_the_role()
    {
        var caller = await CallerKinds.MakeAsync(
            _host, CallerKind.RoleSession, Document("""{"Sid":"No","Effect":"Deny","NotAction":"s3:*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::c"]}"""));
        using var json = JsonDocument.Parse(await TellAsync(caller));
        var principal = json.RootElement.GetProperty("context").GetProperty("principal");
        principal.EnumerateObject().Select(member => member.Name).Should().Equal("id", "arn");
        principal.GetProperty("id").GetString().Should().Be($"{caller.Role!.Id}:s1");
        principal.GetProperty("arn").GetString().Should().Be("arn:aws:sts::111122223333:assumed-role/kinds/s1");
        var statement = json.RootElement.GetProperty("matchedStatements").GetProperty("items")[0];
        Items(statement, "principals").Should().Equal(caller.Role.Id);
        Items(statement, "actions").Should().BeEmpty();
        Items(statement, "notActions").Should().Equal("s3:*");
        Items(statement, "resources").Should().BeEmpty();
        Items(statement, "notResources").Should().Equal("arn:aws:s3:::b", "arn:aws:s3:::c");
    }

    [Theory, InlineData("111122223333", true), InlineData("444455556666", false)]
    public async Task Policy_of_a_resource_is_told_to_the_account_that_owns_it_alone(string owner, bool told)
    {
        _host.AddUser("alice", Document("""{"Effect":"Allow","Action":"*","Resource":"*"}"""));
        var decision = await _host.Get<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest
        {
            Caller = await _host.UserAsync("alice"),
            Action = "s3:GetObject",
            Resource = "arn:aws:s3:::b/k",
            ResourceAccount = owner,
            ResourcePolicy = PolicyDocument.Parse(
                Document("""
                    {"Sid":"Secret","Effect":"Deny","Principal":{"AWS":["444455556666","arn:aws:iam::111122223333:user/alice"],"Service":"ec2.amazonaws.com"},
                    "Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-secret"}}}
                    """),
                PolicyKind.Resource),
        });
        decision.Outcome.Should().Be(DecisionOutcome.ExplicitDeny);
        var text = Decode(decision);
        text.Contains("Secret", StringComparison.OrdinalIgnoreCase).Should().Be(told);
        text.Contains("SourceVpc", StringComparison.Ordinal).Should().Be(told);
        using var json = JsonDocument.Parse(text);
        json.RootElement.GetProperty("explicitDeny").GetBoolean().Should().Be(told);
        if (told)
        {
            Items(json.RootElement.GetProperty("matchedStatements").GetProperty("items")[0], "principals")
                .Should().Equal("444455556666", "arn:aws:iam::111122223333:user/alice", "ec2.amazonaws.com");
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Trust_policy_of_another_account_is_not_told_and_ones_own_is(bool isOwn)
    {
        _host.AddUser("alice", Document("""{"Effect":"Allow","Action":"*","Resource":"*"}"""));
        var role = _host.AddRole(
            "r",
            Document("""{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"told-nobody"}}}"""),
            account: isOwn ? _host.Home : _host.Away);
        var decision = await _host.Get<ITrustPolicyEvaluator>().EvaluateAsync(new TrustRequest
        {
            Caller = await _host.UserAsync("alice"),
            Role = role,
            Actions = ["sts:AssumeRole"],
            RoleSessionName = "s1",
            ExternalId = "guess",
        });
        var text = Decode(decision);
        text.Should().Contain("\"action\":\"sts:AssumeRole\"").And.Contain(role.Arn.ToString()).And.NotContain("told-nobody");
        text.Contains("sts:ExternalId", StringComparison.Ordinal).Should().Be(isOwn);
    }

    [Fact]
    public async Task Control_policy_of_the_callers_account_is_told()
    {
        _host.Store.Put(_host.Home with
        {
            ServiceControlPolicies = [new Policy("scp", null, PolicyDocument.Parse(Document("""{"Sid":"Org","Effect":"Deny","Action":"ec2:*","Resource":"*"}"""), PolicyKind.Control))],
        });
        _host.AddUser("alice");
        using var json = JsonDocument.Parse(await TellAsync("alice"));
        var statement = json.RootElement.GetProperty("matchedStatements").GetProperty("items")[0];
        statement.GetProperty("statementId").GetString().Should().Be("Org");
        Items(statement, "principals").Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_allowed_has_no_message_nor_has_a_caller_without_an_account()
    {
        _host.AddUser("alice", Document("""{"Effect":"Allow","Action":"*","Resource":"*"}"""));
        var allowed = await DecideAsync(await _host.UserAsync("alice"), Instance, null);
        _host.Get<AuthorizationMessages>().TryEncode(allowed, out var message).Should().BeFalse();
        message.Should().BeNull();

        var anonymous = Authorization.Deciding.Decide(default, RequestPrincipal.Anonymous);
        anonymous.IsAllowed.Should().BeFalse();
        _host.Get<AuthorizationMessages>().TryEncode(anonymous, out _).Should().BeFalse();
    }

    [Fact]
    public async Task Values_are_those_of_the_time_of_the_decision()
    {
        _host.AddUser("alice", Document("""{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}}"""));
        var decision = await DecideAsync(await _host.UserAsync("alice"), Instance, null);
        _host.Clock.Advance(Duration.FromMinutes(5));
        (Decode(decision)).Should().Contain("""{"key":"aws:CurrentTime","values":{"items":[{"value":"2026-01-02T03:04:05Z"}]}}""");
    }

    [Theory]
    [InlineData("<&>\"'\u0000\r\n")]
    [InlineData("é😀\uFFFF")]
    public async Task Hostile_text_comes_back_as_it_was_and_the_message_is_ASCII(string hostile)
    {
        _host.AddUser("alice");
        var text = Decode(await DecideAsync(await _host.UserAsync("alice"), hostile, null));
        text.Should().MatchRegex("^[ -~]+$");
        using var json = JsonDocument.Parse(text);
        json.RootElement.GetProperty("context").GetProperty("resource").GetString().Should().Be(hostile);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_does_not_break_it()
    {
        var environment = new RequestEnvironment { UserAgent = "a\uD800" };
        _host.AddUser("alice", Document("""{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"aws:UserAgent":"false"}}}"""));
        var text = Decode(await DecideAsync(await _host.UserAsync("alice"), "a\uDC00", environment));
        using var json = JsonDocument.Parse(text);
        json.RootElement.GetProperty("context").GetProperty("resource").GetString().Should().Be("a\uFFFD");
    }

    /// <summary>The details go in this order, and what remains is whole; one member for each text that is too long.</summary>
    [Theory]
    [InlineData("nothing")]
    [InlineData("Condition", "conditions")]
    [InlineData("Resource", "conditions", "resources")]
    [InlineData("Action", "conditions", "resources", "principals", "principalGroups", "actions")]
    [InlineData("Sid", "matchedStatements", "context.conditions")]
    [InlineData("request", "matchedStatements", "context.conditions", "context.resource")]
    public async Task Too_much_to_tell_loses_whole_members_in_order(string what, params string[] gone)
    {
        var longText = new string('x', 8_000);
        string Of(string element, string value) => what == element ? longText : value;
        var policy = Document(
            $$"""
            {"Sid":"{{Of("Sid", "S")}}","Effect":"Deny","Action":["ec2:*","ec2:{{Of("Action", "a")}}"],"Resource":["*","arn:aws:ec2:::{{Of("Resource", "r")}}"],
            "Condition":{"StringNotEquals":{"aws:UserAgent":"{{Of("Condition", "c")}}"} } }
            """);
        _host.Store.Put(User.Create(_host.Home, "alice") with
        {
            InlinePolicies = [new Policy("inline", null, PolicyDocument.Parse(policy, PolicyKind.Identity))],
        });
        var decision = await DecideAsync(
            await _host.UserAsync("alice"), what == "request" ? longText : Instance, new RequestEnvironment { UserAgent = "agent/1" });
        decision.Outcome.Should().Be(DecisionOutcome.ExplicitDeny);
        using var json = JsonDocument.Parse(Decode(decision));
        json.RootElement.GetProperty("explicitDeny").GetBoolean().Should().BeTrue();

        string[] whole =
        [
            "statementId", "effect", "principals", "principalGroups", "actions", "resources", "conditions",
            "context.principal", "context.action", "context.resource", "context.conditions",
        ];
        var context = json.RootElement.GetProperty("context").EnumerateObject().Select(member => $"context.{member.Name}");
        var statement = json.RootElement.TryGetProperty("matchedStatements", out var matched)
            ? matched.GetProperty("items")[0].EnumerateObject().Select(member => member.Name)
            : [];
        statement.Concat(context).Should().Equal(
            whole.Where(name => !gone.Contains(name, StringComparer.Ordinal)
                && (name.StartsWith("context.", StringComparison.Ordinal) || !gone.Contains("matchedStatements", StringComparer.Ordinal))));
    }

    [Fact]
    public async Task Message_is_as_long_as_clients_bear_at_the_edge_and_loses_a_member_one_byte_past_it()
    {
        _host.AddUser("alice");
        var alice = await _host.UserAsync("alice");
        var rest = Encoding.UTF8.GetByteCount(Decode(await DecideAsync(alice, "", null)));
        foreach (var (past, has) in new[] { (0, true), (1, false) })
        {
            var decision = await DecideAsync(alice, new string('r', AuthorizationMessageSealer.MaxDocumentBytes - rest + past), null);
            _host.Get<AuthorizationMessages>().TryEncode(decision, out var message).Should().BeTrue();
            message!.Length.Should().BeLessThanOrEqualTo(10_240);
            (message.Length == 10_240).Should().Be(has);
            using var json = JsonDocument.Parse(Decode(decision));
            json.RootElement.GetProperty("context").TryGetProperty("conditions", out _).Should().Be(has);
        }
    }

    [Fact]
    public async Task Even_a_caller_whose_id_is_too_long_has_a_message()
    {
        _host.Store.Put(new User(Arn.Parse("arn:aws:iam::111122223333:user/alice"), new string('I', 9_000)));
        var decision = await DecideAsync(await _host.UserAsync("alice"), new string('r', 9_000), null);
        (Decode(decision)).Should().Be("""{"allowed":false,"explicitDeny":false,"failures":{"items":[]},"context":{}}""");
    }

    [Fact]
    public async Task Random_policies_and_requests_make_messages_that_decode_to_JSON()
    {
        var random = new Random(20260103);
        _host.AddUser("alice");
        var alice = await _host.UserAsync("alice");
        for (var round = 0; round < 300; round++)
        {
            var values = string.Join(',', Enumerable.Range(0, random.Next(1, 200)).Select(index => JsonSerializer.Serialize(Text(index + 1))));
            var policy = $$$$"""{"Statement":[{"Effect":"Deny","Action":["*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:UserAgent":[{{{{values}}}}]}}}]}""";
            if (!PolicyDocument.TryParse(policy, PolicyKind.Identity, 131_072, out var document, out var error))
            {
                error.Code.Should().Be("MalformedPolicyDocument");
                continue;
            }

            _host.Store.Put(alice.User! with { InlinePolicies = [new Policy("p", null, document)] });
            var decision = await DecideAsync(await _host.UserAsync("alice"), Text(random.Next(0, 9_000)), new RequestEnvironment { UserAgent = Text(40) });
            using var json = JsonDocument.Parse(Decode(decision));
            json.RootElement.GetProperty("allowed").GetBoolean().Should().BeFalse("round {0}", round);
        }

        string Text(int length) => new(Enumerable.Range(0, length).Select(_ => (char)random.Next(1, random.Next(2) == 0 ? 128 : 0x10000)).ToArray());
    }

    private static string Document(params string[] statements) => $$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}]}""";

    private static string Compact(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);

    private static IEnumerable<string?> Items(JsonElement of, string name) =>
        of.GetProperty(name).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("value").GetString());

    private async Task<string> TellAsync(string user, RequestEnvironment? environment = null) => await TellAsync(await _host.UserAsync(user), environment);

    private async Task<string> TellAsync(Caller caller, RequestEnvironment? environment = null) =>
        Decode(await DecideAsync(caller, Instance, environment));

    private ValueTask<Decision> DecideAsync(Caller caller, string resource, RequestEnvironment? environment) =>
        _host.Get<IAuthorizer>().AuthorizeAsync(
            new AuthorizationRequest { Caller = caller, Action = "ec2:RunInstances", Resource = resource, ResourceAccount = "111122223333", Environment = environment });

    private string Decode(Decision decision)
    {
        _host.Get<AuthorizationMessages>().TryEncode(decision, out var message).Should().BeTrue();
        message!.Length.Should().BeLessThanOrEqualTo(10_240);
        _host.Get<AuthorizationMessageSealer>().TryOpen(message, _host.Home.Id, _host.Clock.GetCurrentInstant(), out var document).Should().BeTrue();
        return document!;
    }
}
