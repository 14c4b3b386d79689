using System.Collections.Immutable;
using System.Net;

namespace TokenService.Tests.Authorization;

public sealed class AuthorizerTests : IDisposable
{
    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Further_keys_are_found_whatever_their_letter_case_even_in_a_dictionary_that_minds_it()
    {
        var decision = await DecideAsync(
            """{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:sourceVpc":"vpc-evil"}}}""",
            new RequestEnvironment { Keys = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("aws:SourceVpc", ["vpc-evil"]) });

        decision.Outcome.Should().Be(DecisionOutcome.ExplicitDeny);
    }

    [Fact]
    public async Task A_link_local_address_with_its_scope_is_the_address()
    {
        // What Kestrel gives as RemoteIpAddress for a link-local client.
        var decision = await DecideAsync(
            """{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"fe80::/10"}}}""",
            new RequestEnvironment { SourceIp = IPAddress.Parse("fe80::1%3") });

        decision.Outcome.Should().Be(DecisionOutcome.ExplicitDeny);
    }

    [Fact]
    public async Task An_empty_resource_account_is_no_way_around_the_one_in_the_ARN()
    {
        _host.AddUser("alice", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""");

        var decision = await _host.Get<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest
        {
            Caller = await _host.UserAsync("alice"),
            Action = "sqs:SendMessage",
            Resource = "arn:aws:sqs:us-east-1:444455556666:orders",
            ResourceAccount = "",
        });

        decision.IsAllowed.Should().BeFalse("no resource policy of the other account allows");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Nobody_is_taken_for_the_owner_of_a_resource_whose_ARN_names_no_account(string? owner)
    {
        _host.AddUser("alice", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""");
        var request = new AuthorizationRequest { Caller = await _host.UserAsync("alice"), Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*", ResourceAccount = owner };
        await _host.Get<IAuthorizer>().Awaiting(authorizer => authorizer.AuthorizeAsync(request).AsTask()).Should().ThrowAsync<ArgumentException>();
        (await _host.Get<IAuthorizer>().AuthorizeAsync(request with { Resource = "*" })).IsAllowed.Should().BeTrue();
        (await _host.Get<IAuthorizer>().AuthorizeAsync(request with { ResourceAccount = "111122223333" })).IsAllowed.Should().BeTrue();
        (await _host.Get<IAuthorizer>().AuthorizeAsync(request with { ResourceAccount = "444455556666" })).IsAllowed.Should().BeFalse();
    }

    [Fact]
    public async Task A_resource_control_policy_is_called_one()
    {
        _host.Store.Put(_host.Away with
        {
            ResourceControlPolicies = [new Policy("rcp", null, PolicyDocument.Parse(
                """{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}""", PolicyKind.Control))],
        });
        _host.AddUser("alice", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""");

        var decision = await _host.Get<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest
        {
            Caller = await _host.UserAsync("alice"),
            Action = "s3:GetObject",
            Resource = "arn:aws:s3:::b/k",
            ResourceAccount = _host.Away.Id,
        });

        decision.MessageSuffix.Should().Be(" with an explicit deny in a resource control policy");
    }

    [Theory]
    [InlineData("aws:ResourceTag/team")]
    [InlineData("aws:RequestTag/team")]
    [InlineData("aws:TagKeys")]
    public async Task Tags_that_were_never_set_are_none(string key)
    {
        _host.AddUser("alice", $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"{{key}}":"true"} } } }""");
        var caller = await _host.UserAsync("alice");

        var act = async () => (await _host.Get<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest
        {
            Caller = caller,
            Action = "s3:GetObject",
            Resource = "arn:aws:s3:::b/k",
            ResourceAccount = "111122223333",
            ResourceTags = default,
            RequestTags = default,
        })).IsAllowed;

        (await act.Should().NotThrowAsync()).Which.Should().BeTrue();
    }

    [Theory]
    [InlineData("ArnEquals", true)]
    [InlineData("ArnLike", true)]
    [InlineData("ArnNotEquals", false)]
    [InlineData("ArnNotLike", false)]
    public void A_variable_may_put_a_whole_ARN_into_a_condition(string name, bool expected) =>
        Deciding.Holds(
            Deciding.Operator(name, "aws:SourceArn", "${aws:PrincipalTag/owner}"),
            ("aws:SourceArn", ["arn:aws:s3:::b"]), ("aws:PrincipalTag/owner", ["arn:aws:s3:::b"])).Should().Be(expected);

    [Theory]
    [InlineData("aws:PrincipalArn")]
    [InlineData("aws:PrincipalAccount")]
    [InlineData("aws:PrincipalOrgID")]
    [InlineData("aws:PrincipalOrgPaths")]
    [InlineData("aws:PrincipalTag/team")]
    [InlineData("aws:PrincipalType")]
    [InlineData("aws:PrincipalIsAWSService")]
    [InlineData("aws:PrincipalServiceName")]
    [InlineData("aws:userid")]
    [InlineData("aws:username")]
    [InlineData("aws:SourceIdentity")]
    [InlineData("aws:FederatedProvider")]
    [InlineData("aws:TokenIssueTime")]
    [InlineData("aws:AssumedRoot")]
    [InlineData("aws:MultiFactorAuthPresent")]
    [InlineData("aws:MultiFactorAuthAge")]
    [InlineData("aws:ViaAWSService")]
    [InlineData("aws:ResourceAccount")]
    [InlineData("aws:ResourceTag/team")]
    [InlineData("aws:RequestTag/team")]
    [InlineData("aws:TagKeys")]
    [InlineData("aws:CurrentTime")]
    [InlineData("aws:EpochTime")]
    [InlineData("sts:ExternalId")]
    [InlineData("saml:sub")]
    public async Task Keys_that_the_service_fills_are_never_taken_from_the_request(string key)
    {
        foreach (var spelling in new[] { key, key.ToUpperInvariant() })
        {
            var environment = new RequestEnvironment { Keys = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(spelling, ["forged"]) };
            (await DecideAsync(
                $$"""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"{{key}}":"forged"} } }""", environment)).IsAllowed.Should().BeFalse();
        }
    }

    [Fact]
    public async Task Caller_that_a_host_kept_may_do_nothing_once_its_session_is_over()
    {
        _host.AddUser("alice", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""");
        var alice = await _host.UserAsync("alice");
        var kept = await _host.CallerAsync((await _host.Issuer.GetSessionTokenAsync(alice, new GetSessionTokenRequest { DurationSeconds = 900 })).Value.Credentials);
        var resources = PolicyDocument.Parse(
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}""", PolicyKind.Resource);
        _host.Clock.Advance(Duration.FromSeconds(899));
        (await _host.MayAsync(kept, "s3:GetObject", "arn:aws:s3:::b/k", resources)).Should().BeTrue();
        _host.Clock.Advance(Duration.FromSeconds(1));
        (await _host.MayAsync(kept, "s3:GetObject", "arn:aws:s3:::b/k", resources)).Should().BeFalse();
        (await _host.MayAsync(alice, "s3:GetObject", "arn:aws:s3:::b/k", resources)).Should().BeTrue("a long-term key has no end");
        var decision = await _host.Get<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest { Caller = kept, Action = "s3:GetObject", Resource = "*" });
        (decision.Outcome, decision.Reasons.Single().Cause, decision.MessageSuffix, decision.ToString()).Should().Be(
            (DecisionOutcome.ImplicitDeny, DenialCause.SessionEnded, " because the session is over", $"ImplicitDeny{Environment.NewLine}the caller's session is over"));
    }

    private async Task<Decision> DecideAsync(string statements, RequestEnvironment environment)
    {
        _host.AddUser("alice", $$"""{"Version":"2012-10-17","Statement":[{{statements}}]}""");
        return await _host.Get<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest
        {
            Caller = await _host.UserAsync("alice"),
            Action = "s3:GetObject",
            Resource = "arn:aws:s3:::b/k",
            ResourceAccount = "111122223333",
            Environment = environment,
        });
    }
}
