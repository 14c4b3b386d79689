using System.Globalization;

namespace TokenService.Tests.Operations;

public sealed class GetFederationTokenTests : IDisposable
{
    private const string Broad = """
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:GetFederationToken","sts:TagSession","s3:*"],"Resource":"*"},
        {"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}]}
        """;

    private const string ReadOnly = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:Get*","s3:DeleteBucket","ec2:*"],"Resource":"*"}}""";

    private readonly TestHost _host = new();
    private TemporaryCredentials? _credentials;

    public GetFederationTokenTests() => _host.AddUser("alice", Broad);

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Federated_user_has_a_name_of_its_own_in_the_users_account()
    {
        var response = (await GetAsync(Request() with { Policy = ReadOnly })).Value;
        (response.FederatedUser.Arn.ToString(), response.FederatedUser.FederatedUserId)
            .Should().Be(("arn:aws:sts::111122223333:federated-user/carol", "111122223333:carol"));
        var caller = await _host.CallerAsync(response.Credentials);
        caller.Kind.Should().Be(CallerKind.FederatedUser);
        var identity = (await _host.Issuer.GetCallerIdentityAsync(caller)).Value;
        (identity.Account, identity.Arn, identity.UserId).Should().Be(("111122223333", response.FederatedUser.Arn, "111122223333:carol"));
        caller.PrincipalArn.Should().Be(response.FederatedUser.Arn);
        caller.Session!.ChainId.Should().Be(caller.Session.Id);
    }

    [Fact]
    public async Task Permissions_are_what_both_the_user_and_the_session_policy_allow()
    {
        var caller = await CallerAsync(Request() with { Policy = ReadOnly });
        (await _host.MayAsync(caller, "s3:GetObject")).Should().BeTrue();
        (await _host.MayAsync(caller, "s3:PutObject")).Should().BeFalse("the session policy is silent");
        (await _host.MayAsync(caller, "ec2:StartInstances")).Should().BeFalse("the user is not allowed");
        (await _host.MayAsync(caller, "s3:DeleteBucket")).Should().BeFalse("the user is denied");
    }

    [Fact]
    public async Task Permissions_end_at_the_users_boundary()
    {
        var boundary = Arn.Parse("arn:aws:iam::111122223333:policy/boundary");
        _host.Store.Put(new Policy("boundary", boundary, PolicyDocument.Parse(GetSessionTokenTests.Allow("s3:GetBucket*"), PolicyKind.Identity)));
        var caller = await CallerAsync(Request() with { Policy = ReadOnly });
        _host.Store.Put(caller.User! with { PermissionsBoundary = boundary });
        caller = await _host.CallerAsync(_credentials!);
        (await _host.MayAsync(caller, "s3:GetBucketAcl")).Should().BeTrue();
        (await _host.MayAsync(caller, "s3:GetObject")).Should().BeFalse();
    }

    [Fact]
    public async Task Permissions_are_the_users_of_now()
    {
        var caller = await CallerAsync(Request() with { Policy = ReadOnly });
        _host.Store.Put(caller.User! with { InlinePolicies = [] });
        (await _host.MayAsync(await _host.CallerAsync(_credentials!), "s3:GetObject")).Should().BeFalse();
    }

    [Fact]
    public async Task Without_a_policy_it_may_do_nothing()
    {
        var response = (await GetAsync(Request())).Value;
        response.PackedPolicySize.Should().Be(0);
        (await _host.MayAsync(await _host.CallerAsync(response.Credentials), "s3:GetObject")).Should().BeFalse();
    }

    [Theory]
    [InlineData("arn:aws:sts::111122223333:federated-user/carol", true, true)]
    [InlineData("arn:aws:sts::111122223333:federated-user/Carol", false, false)]
    [InlineData("arn:aws:sts::444455556666:federated-user/carol", false, false)]
    [InlineData("arn:aws:iam::111122223333:user/erin", false, true)]
    [InlineData("111122223333", false, false)]
    public async Task Resource_lets_the_federated_user_in_by_its_own_name_and_the_users_name_spares_the_users_policies_alone(
        string principal, bool withoutPolicy, bool withPolicy)
    {
        _host.AddUser("erin", GetSessionTokenTests.Allow("sts:GetFederationToken"));
        var policy = PolicyDocument.Parse(
            $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"{{principal}}"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"} }""",
            PolicyKind.Resource);
        (await _host.MayAsync(await CallerAsync(Request(), "erin"), "s3:GetObject", "arn:aws:s3:::b/k", policy)).Should().Be(withoutPolicy);
        var narrowed = await CallerAsync(Request() with { Policy = ReadOnly }, "erin");
        (await _host.MayAsync(narrowed, "s3:GetObject", "arn:aws:s3:::b/k", policy)).Should().Be(withPolicy);
    }

    [Fact]
    public async Task Inline_and_managed_session_policies_make_one_set()
    {
        var managed = Arn.Parse("arn:aws:iam::111122223333:policy/put");
        _host.Store.Put(new Policy("put", managed, PolicyDocument.Parse(GetSessionTokenTests.Allow("s3:PutObject"), PolicyKind.Identity)));
        var caller = await CallerAsync(Request() with { Policy = ReadOnly, PolicyArns = [managed.ToString()] });
        (await _host.MayAsync(caller, "s3:GetObject")).Should().BeTrue();
        (await _host.MayAsync(caller, "s3:PutObject")).Should().BeTrue();
        _host.Store.RemovePolicy(managed);
        (await _host.MayAsync(await _host.CallerAsync(_credentials!), "s3:GetObject")).Should().BeFalse("what the policy that is gone denied, nobody knows");
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:policy/missing")]
    [InlineData("arn:aws:iam::444455556666:policy/theirs")]
    [InlineData("arn:aws:iam::111122223333:role/no-policy")]
    public async Task Managed_policy_must_exist_in_the_users_account_or_be_AWS_own(string arn)
    {
        var theirs = Arn.Parse("arn:aws:iam::444455556666:policy/theirs");
        _host.Store.Put(new Policy("theirs", theirs, PolicyDocument.Parse(ReadOnly, PolicyKind.Identity)));
        var refusal = (await GetAsync(Request() with { PolicyArns = [arn] })).Error!;
        refusal.Code.Should().Be("ValidationError");
        refusal.Message.Should().Contain(arn);
    }

    [Fact]
    public async Task It_takes_a_permission_on_the_federated_user()
    {
        _host.AddUser("dave");
        _host.AddUser("erin", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"arn:aws:sts::111122223333:federated-user/c*"}}""");
        (await GetAsync(Request(), "dave")).Error.Should().Be(StsError.AccessDenied(
            "User: arn:aws:iam::111122223333:user/dave is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::111122223333:federated-user/carol"));
        (await GetAsync(Request(), "erin")).IsSuccess.Should().BeTrue();
        (await GetAsync(Request() with { Name = "other" }, "erin")).Error!.Code.Should().Be("AccessDenied");
    }

    [Fact]
    public async Task Passing_tags_takes_a_permission_of_its_own()
    {
        _host.AddUser("erin", GetSessionTokenTests.Allow("sts:GetFederationToken"));
        (await GetAsync(Request() with { Tags = [new Tag("k", "v")] }, "erin")).Error.Should().Be(StsError.AccessDenied(
            "User: arn:aws:iam::111122223333:user/erin is not authorized to perform: sts:TagSession on resource: arn:aws:sts::111122223333:federated-user/carol"));
        (await GetAsync(Request(), "erin")).IsSuccess.Should().BeTrue();
    }

    [Theory, InlineData("red", true), InlineData("blue", false)]
    public async Task Policies_see_the_tags_that_are_passed(string value, bool allowed)
    {
        _host.AddUser("erin", GetSessionTokenTests.Allow("sts:*", """  "StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":"team"}  """));
        (await GetAsync(Request() with { Tags = [new Tag("team", value)] }, "erin")).IsSuccess.Should().Be(allowed);
    }

    [Fact]
    public async Task Tags_lie_over_the_users_and_are_never_transitive()
    {
        _host.Store.Put(_host.AddUser("erin", Broad) with { Tags = [new Tag("Team", "red"), new Tag("floor", "3")] });
        var response = (await GetAsync(Request() with { Policy = GetSessionTokenTests.Allow("s3:GetObject", """  "StringEquals":{"aws:PrincipalTag/team":"blue","aws:PrincipalTag/floor":"3"}  """), Tags = [new Tag("team", "blue")] }, "erin")).Value;
        var caller = await _host.CallerAsync(response.Credentials);
        caller.Session!.Tags.Should().Equal(new SessionTag("team", "blue", IsTransitive: false));
        (await _host.MayAsync(caller, "s3:GetObject")).Should().BeTrue();
    }

    [Theory]
    [InlineData("k", "K", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")]
    [InlineData("a", "aws:b", "Tag keys and values beginning with aws: are reserved.")]
    public async Task Tag_keys_are_distinct_and_not_reserved(string first, string second, string message) =>
        (await GetAsync(Request() with { Tags = [new Tag(first, "1"), new Tag(second, "2")] })).Error.Should().Be(StsError.InvalidParameterValue(message));

    [Theory]
    [InlineData("aws:PrincipalType", "FederatedUser")]
    [InlineData("aws:userid", "111122223333:carol")]
    [InlineData("aws:PrincipalArn", "arn:aws:sts::111122223333:federated-user/carol")]
    public async Task Policies_see_a_federated_user(string key, string value) =>
        (await _host.MayAsync(
            await CallerAsync(Request() with { Policy = GetSessionTokenTests.Allow("s3:GetObject", $$"""  "StringEquals":{"{{key}}":"{{value}}"},"Null":{"aws:username":"true","aws:MultiFactorAuthPresent":"true"}  """) }),
            "s3:GetObject")).Should().BeTrue();

    [Theory]
    [InlineData(null, 43_200, 3600)]
    [InlineData(900, 900, 900)]
    [InlineData(129_600, 129_600, 3600)]
    public async Task Roots_federated_user_lasts_an_hour_at_most_and_a_users_as_long_as_was_asked(int? asked, int users, int roots)
    {
        var request = Request() with { DurationSeconds = asked };
        (await GetAsync(request)).Value.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromSeconds(users));
        (await _host.Issuer.GetFederationTokenAsync(await _host.RootAsync(), request)).Value.Credentials.Expiration
            .Should().Be(TestHost.Start + Duration.FromSeconds(roots));
    }

    [Fact]
    public async Task Roots_federated_user_may_do_what_the_session_policy_says_within_the_account()
    {
        var root = await _host.RootAsync();
        var response = (await _host.Issuer.GetFederationTokenAsync(root, Request() with { Policy = ReadOnly })).Value;
        var caller = await _host.CallerAsync(response.Credentials);
        (caller.Kind, caller.User).Should().Be((CallerKind.FederatedUser, null));
        (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::b/k")).Should().BeTrue();
        (await _host.MayAsync(caller, "s3:PutObject", "arn:aws:s3:::b/k")).Should().BeFalse();
        (await _host.MayAsync(caller, "ec2:StartInstances", "arn:aws:ec2:eu-west-1:444455556666:instance/i")).Should().BeFalse("that is another account's");
        var bare = await _host.CallerAsync((await _host.Issuer.GetFederationTokenAsync(root, Request())).Value.Credentials);
        (await _host.MayAsync(bare, "s3:GetObject", "arn:aws:s3:::b/k")).Should().BeFalse();
    }

    [Theory]
    [InlineData("c", "greater than or equal to 2")]
    [InlineData("ca", null)]
    [InlineData("abcdefghijklmnopqrstuvwxyz012345", null)]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456", "less than or equal to 32")]
    [InlineData("a+=,.@-_Z", null)]
    [InlineData("a b", @"pattern: [\w+=,.@-]*")]
    [InlineData("a/b", @"pattern: [\w+=,.@-]*")]
    [InlineData("a:b", @"pattern: [\w+=,.@-]*")]
    [InlineData("caröl", @"pattern: [\w+=,.@-]*")]
    [InlineData(null, "Value null at 'name' failed to satisfy constraint: Member must not be null")]
    public async Task Name_is_2_to_32_characters_of_those_that_names_have(string? name, string? constraint)
    {
        var result = await GetAsync(Request() with { Name = name });
        (result.Error?.Code).Should().Be(constraint is null ? null : "ValidationError");
        if (constraint is not null)
        {
            result.Error!.Message.Should().Contain(constraint);
        }
    }

    [Theory]
    [InlineData(899)]
    [InlineData(129_601)]
    public async Task Duration_outside_the_model_is_refused(int seconds) =>
        (await GetAsync(Request() with { DurationSeconds = seconds })).Error!.Message.Should()
            .Contain($"Value '{seconds.ToString(CultureInfo.InvariantCulture)}' at 'durationSeconds'");

    [Theory]
    [InlineData(2048, null)]
    [InlineData(2049, "at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048")]
    public async Task Policy_has_2048_characters_at_most(int length, string? constraint)
    {
        var result = await GetAsync(Request() with { Policy = ReadOnly.PadRight(length) });
        result.IsSuccess.Should().Be(constraint is null);
        if (constraint is not null)
        {
            result.Error!.Message.Should().Contain(constraint);
        }
    }

    [Fact]
    public async Task Malformed_policy_is_refused_and_an_empty_one_is_too_short()
    {
        (await GetAsync(Request() with { Policy = "{}" })).Error!.Code.Should().Be("MalformedPolicyDocument");
        (await GetAsync(Request() with { Policy = "" })).Error!.Message.Should().Contain("Member must have length greater than or equal to 1");
    }

    [Fact]
    public async Task Packed_size_is_told_and_too_large_a_pack_refused()
    {
        (await GetAsync(Request() with { Policy = ReadOnly })).Value.PackedPolicySize.Should().BeInRange(1, 10);
        var tags = Enumerable.Range(0, 50).Select(index => new Tag($"{index}-{new string('k', 100)}", "v"));
        (await GetAsync(Request() with { Tags = [.. tags] })).Error!.Code.Should().Be("PackedPolicyTooLarge");
    }

    [Fact]
    public async Task Token_is_padded_on_demand()
    {
        (await GetAsync(Request() with { MinimumSessionTokenSize = 4096 })).Value.SessionTokenSize.Should().BeGreaterThanOrEqualTo(4096);
        (await GetAsync(Request() with { MinimumSessionTokenSize = 4097 })).Error!.Code.Should().Be("ValidationError");
    }

    [Fact]
    public async Task Issue_and_refusal_are_told_to_the_log()
    {
        await GetAsync(Request());
        _host.AddUser("dave");
        await GetAsync(Request(), "dave");
        var log = string.Join('\n', _host.Log.Entries.Select(entry => entry.Text));
        log.Should().Contain("as arn:aws:sts::111122223333:federated-user/carol (")
            .And.Contain("Refused GetFederationToken on carol to arn:aws:iam::111122223333:user/dave: AccessDenied");
    }

    private static GetFederationTokenRequest Request() => new() { Name = "carol" };

    private async Task<StsResult<GetFederationTokenResponse>> GetAsync(GetFederationTokenRequest request, string user = "alice") =>
        await _host.Issuer.GetFederationTokenAsync(await _host.UserAsync(user), request);

    private async Task<Caller> CallerAsync(GetFederationTokenRequest request, string user = "alice") =>
        await _host.CallerAsync(_credentials = (await GetAsync(request, user)).Value.Credentials);
}
