namespace TokenService.Tests.Operations;

public sealed class AssumeRootTests : IDisposable
{
    private const string Unlock = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";

    private const string Denied =
        "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::444455556666:root";

    private readonly TestHost _host = new();

    public AssumeRootTests()
    {
        _host.Store.Put(_host.Home with { OrganizationId = "o-a", ManagesMemberRoots = true });
        _host.Store.Put(_host.Away with { OrganizationId = "o-a" });
        _host.AddUser("alice", GetSessionTokenTests.Allow("sts:AssumeRoot"));
    }

    public void Dispose() => _host.Dispose();

    [Theory, InlineData("444455556666"), InlineData("arn:aws:iam::444455556666:root")]
    public async Task Session_is_the_members_root_for_a_quarter_of_an_hour(string target)
    {
        var response = (await AssumeAsync(Request() with { TargetPrincipal = target })).Value;
        response.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromSeconds(900));
        response.SourceIdentity.Should().BeNull();
        AccessKeyId.TryGetAccount(response.Credentials.AccessKeyId, out var account).Should().BeTrue();
        account.Should().Be("444455556666");
        var caller = await _host.CallerAsync(response.Credentials);
        var identity = (await _host.Issuer.GetCallerIdentityAsync(caller)).Value;
        (caller.Kind, identity.Account, identity.Arn.ToString(), identity.UserId)
            .Should().Be((CallerKind.AssumedRoot, "444455556666", "arn:aws:iam::444455556666:root", "444455556666"));
        caller.Session!.TaskPolicy!.ToString().Should().Be(Unlock);
    }

    [Theory]
    [InlineData("S3UnlockBucketPolicy", "s3:DeleteBucketPolicy", "arn:aws:s3:::b", true)]
    [InlineData("S3UnlockBucketPolicy", "s3:GetObject", "arn:aws:s3:::b/k", false)]
    [InlineData("S3UnlockBucketPolicy", "sqs:SetQueueAttributes", "arn:aws:sqs:eu-west-1:444455556666:q", false)]
    [InlineData("SQSUnlockQueuePolicy", "sqs:SetQueueAttributes", "arn:aws:sqs:eu-west-1:444455556666:q", true)]
    [InlineData("SQSUnlockQueuePolicy", "sqs:SetQueueAttributes", "arn:aws:sqs:eu-west-1:111122223333:q", false)]
    [InlineData("SQSUnlockQueuePolicy", "sqs:DeleteQueue", "arn:aws:sqs:eu-west-1:444455556666:q", false)]
    [InlineData("IAMAuditRootUserCredentials", "iam:ListAccessKeys", "arn:aws:iam::444455556666:root", true)]
    [InlineData("IAMAuditRootUserCredentials", "iam:ListAccessKeys", "arn:aws:iam::444455556666:user/bob", false)]
    [InlineData("IAMAuditRootUserCredentials", "iam:DeleteAccessKey", "arn:aws:iam::444455556666:root", false)]
    [InlineData("IAMDeleteRootUserCredentials", "iam:DeleteAccessKey", "arn:aws:iam::444455556666:root", true)]
    [InlineData("IAMDeleteRootUserCredentials", "iam:DeleteVirtualMFADevice", "arn:aws:iam::444455556666:root", true)]
    [InlineData("IAMDeleteRootUserCredentials", "iam:DeleteVirtualMFADevice", "arn:aws:iam::444455556666:mfa/bob", false)]
    [InlineData("IAMDeleteRootUserCredentials", "iam:GetAccountSummary", "*", false)]
    [InlineData("IAMAuditRootUserCredentials", "iam:GetAccountSummary", "*", true)]
    [InlineData("IAMDeleteRootUserCredentials", "iam:CreateLoginProfile", "arn:aws:iam::444455556666:root", false)]
    [InlineData("IAMCreateRootUserPassword", "iam:CreateLoginProfile", "arn:aws:iam::444455556666:root", true)]
    [InlineData("IAMCreateRootUserPassword", "iam:ListAccessKeys", "arn:aws:iam::444455556666:root", false)]
    public async Task Session_may_do_what_belongs_to_its_task_and_no_more(string task, string action, string resource, bool allowed)
    {
        var response = (await AssumeAsync(Request() with { TaskPolicyArn = $"arn:aws:iam::aws:policy/root-task/{task}" })).Value;
        (await _host.MayAsync(await _host.CallerAsync(response.Credentials), action, resource)).Should().Be(allowed);
    }

    [Fact]
    public async Task Resource_that_names_the_root_does_not_widen_the_task()
    {
        var caller = await _host.CallerAsync((await AssumeAsync(Request())).Value.Credentials);
        var policy = PolicyDocument.Parse(
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}}""",
            PolicyKind.Resource);
        (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::b/k", policy)).Should().BeFalse();
    }

    [Theory, InlineData("sqs:SetQueueAttributes", true), InlineData("sqs:GetQueueAttributes", false)]
    public async Task Queue_of_another_account_is_not_read_also_where_it_lets_the_root_in(string action, bool allowed)
    {
        var request = Request() with { TaskPolicyArn = "arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy" };
        var caller = await _host.CallerAsync((await AssumeAsync(request)).Value.Credentials);
        var policy = PolicyDocument.Parse(
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sqs:*","Resource":"*"}}""",
            PolicyKind.Resource);
        (await _host.MayAsync(caller, action, "arn:aws:sqs:eu-west-1:111122223333:q", policy)).Should().Be(allowed);
        (await _host.MayAsync(caller, action, "arn:aws:sqs:eu-west-1:444455556666:q", policy)).Should().BeTrue();
    }

    [Fact]
    public async Task Account_that_does_not_manage_roots_or_the_account_in_question_is_refused_as_one_that_is_not_there()
    {
        var here = _host.Home with { OrganizationId = "o-a", ManagesMemberRoots = true };
        var there = _host.Away with { OrganizationId = "o-a" };
        (Account Manager, Account Member)[] refused =
        [
            (here with { ManagesMemberRoots = false }, there),
            (here with { OrganizationId = null }, there with { OrganizationId = null }),
            (here, there with { OrganizationId = "o-b" }),
            (here, there with { OrganizationId = null }),
            (here, there with { ManagesMemberRoots = true }),
        ];
        foreach (var (manager, member) in refused)
        {
            _host.Store.Put(manager);
            _host.Store.Put(member);
            (await AssumeAsync(Request())).Error.Should().Be(StsError.AccessDenied(Denied));
        }

        _host.Store.Put(here);
        _host.Store.Put(there);
        (await AssumeAsync(Request() with { TargetPrincipal = "111122223333" })).Error!.Code.Should().Be("AccessDenied", "nobody assumes its own root");
        (await AssumeAsync(Request() with { TargetPrincipal = "999999999999" })).Error.Should()
            .Be(StsError.AccessDenied(Denied.Replace("444455556666", "999999999999", StringComparison.Ordinal)));
        (await AssumeAsync(Request() with { TargetPrincipal = "arn:aws-cn:iam::444455556666:root" })).Error!.Code.Should().Be("AccessDenied");
        (await AssumeAsync(Request())).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task It_takes_a_permission_on_the_root()
    {
        _host.AddUser("alice");
        (await AssumeAsync(Request())).Error.Should().Be(StsError.AccessDenied(Denied));
        _host.AddUser("alice", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"arn:aws:iam::444455556666:root"}}""");
        (await AssumeAsync(Request())).IsSuccess.Should().BeTrue();
        _host.AddUser("alice", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"arn:aws:iam::777788889999:root"}}""");
        (await AssumeAsync(Request())).Error.Should().Be(StsError.AccessDenied(Denied));
    }

    [Theory, InlineData(Unlock, true), InlineData("arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy", false)]
    public async Task Policies_see_the_task(string asked, bool allowed)
    {
        _host.AddUser("alice", GetSessionTokenTests.Allow("sts:AssumeRoot", $$"""  "ArnEquals":{"sts:TaskPolicyArn":"{{Unlock}}"}  """));
        (await AssumeAsync(Request() with { TaskPolicyArn = asked })).IsSuccess.Should().Be(allowed);
    }

    [Theory]
    [InlineData("arn:aws:iam::aws:policy/root-task/Other")]
    [InlineData("arn:aws:iam::aws:policy/root-task/s3unlockbucketpolicy")]
    [InlineData("arn:aws:iam::111122223333:policy/root-task/S3UnlockBucketPolicy")]
    [InlineData("arn:aws-cn:iam::aws:policy/root-task/S3UnlockBucketPolicy")]
    [InlineData("not-an-arn-but-twenty-long")]
    public async Task Task_is_one_of_those_that_are_built_in(string task) =>
        (await AssumeAsync(Request() with { TaskPolicyArn = task })).Error.Should().Be(StsError.ValidationError($"{task} is not the policy of a task."));

    [Theory]
    [InlineData("44445555666x")]
    [InlineData("4444555566667")]
    [InlineData("arn:aws:iam::444455556666:user/root")]
    [InlineData("arn:aws:sts::444455556666:root")]
    public async Task Target_is_an_account_or_its_root(string target) =>
        (await AssumeAsync(Request() with { TargetPrincipal = target })).Error.Should().Be(StsError.ValidationError($"{target} is invalid"));

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(900, true)]
    [InlineData(901, false)]
    public async Task Duration_is_a_quarter_of_an_hour_at_most(int seconds, bool granted) =>
        ((await AssumeAsync(Request() with { DurationSeconds = seconds })).Error?.Code).Should().Be(granted ? null : "ValidationError");

    [Fact]
    public async Task What_is_missing_or_too_long_is_told_together()
    {
        (await AssumeAsync(new AssumeRootRequest { TargetPrincipal = null, TaskPolicyArn = null })).Error!.Message.Should().StartWith("2 validation errors detected: ");
        (await AssumeAsync(Request() with { TargetPrincipal = "44445555666" })).Error!.Message.Should().Contain("greater than or equal to 12");
        (await AssumeAsync(Request() with { TargetPrincipal = new string('1', 2049) })).Error!.Message.Should().Contain("less than or equal to 2048");
    }

    [Fact]
    public async Task Source_identity_of_the_calling_session_goes_on()
    {
        var role = _host.AddRole("r", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"), GetSessionTokenTests.Allow("sts:AssumeRoot"));
        var assumed = await _host.Issuer.AssumeRoleAsync(
            await _host.UserAsync("alice"),
            new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", SourceIdentity = "alice@work" });
        var calling = await _host.CallerAsync(assumed.Value.Credentials);
        var response = (await _host.Issuer.AssumeRootAsync(calling, Request())).Value;
        response.SourceIdentity.Should().Be("alice@work");
        var session = (await _host.CallerAsync(response.Credentials)).Session!;
        (session.SourceIdentity, session.ChainId, session.ChainDepth).Should().Be(("alice@work", calling.Session!.ChainId, 1));
    }

    private static AssumeRootRequest Request() => new() { TargetPrincipal = "444455556666", TaskPolicyArn = Unlock };

    private async Task<StsResult<AssumeRootResponse>> AssumeAsync(AssumeRootRequest request) =>
        await _host.Issuer.AssumeRootAsync(await _host.UserAsync("alice"), request);
}
