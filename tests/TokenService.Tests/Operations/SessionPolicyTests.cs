using System.Collections.Immutable;

namespace TokenService.Tests.Operations;

public sealed class SessionPolicyTests : IDisposable
{
    private const string ReadOnly = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}""";

    private readonly TestHost _host = new();
    private readonly Role _role;

    public SessionPolicyTests()
    {
        _host.AddUser("alice");
        _role = _host.AddRole("r", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"),
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}""");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Session_policy_narrows_the_session_to_what_both_allow()
    {
        var plain = await _host.CallerAsync((await AssumeAsync(Request())).Value.Credentials);
        var narrowed = await _host.CallerAsync((await AssumeAsync(Request() with
        {
            Policy = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:Get*","ec2:*"],"Resource":"*"}}""",
        })).Value.Credentials);
        (await MayAsync(plain, "s3:PutObject"), await MayAsync(plain, "ec2:StartInstances")).Should().Be((true, false));
        (await MayAsync(narrowed, "s3:GetObject"), await MayAsync(narrowed, "s3:PutObject"), await MayAsync(narrowed, "ec2:StartInstances")).Should().Be((true, false, false));
    }

    [Fact]
    public async Task Managed_session_policies_are_resolved_live_and_a_deleted_one_denies()
    {
        var arn = PutPolicy("read", ReadOnly);
        var caller = await _host.CallerAsync((await AssumeAsync(Request() with { PolicyArns = [arn.ToString()] })).Value.Credentials);
        (await MayAsync(caller, "s3:GetObject"), await MayAsync(caller, "s3:PutObject")).Should().Be((true, false));
        _host.Store.RemovePolicy(arn);
        (await MayAsync(caller, "s3:GetObject")).Should().BeFalse();
    }

    [Fact]
    public async Task Inline_and_managed_session_policies_make_one_set()
    {
        var arn = PutPolicy("read", ReadOnly);
        var caller = await _host.CallerAsync((await AssumeAsync(Request() with
        {
            PolicyArns = [arn.ToString()],
            Policy = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}""",
        })).Value.Credentials);
        (await MayAsync(caller, "s3:GetObject"), await MayAsync(caller, "s3:PutObject"), await MayAsync(caller, "s3:DeleteObject")).Should().Be((true, true, false));
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:policy/missing")]
    [InlineData("arn:aws:iam::444455556666:policy/foreign")]
    [InlineData("arn:aws-cn:iam::aws:policy/elsewhere")]
    [InlineData("arn:aws:iam::111122223333:role/not-a-policy")]
    [InlineData("twenty-characters-but-no-arn")]
    public async Task Managed_policy_must_exist_in_the_roles_account_or_be_AWS_own(string arn)
    {
        _host.Store.Put(new Policy("foreign", Arn.Parse("arn:aws:iam::444455556666:policy/foreign"), PolicyDocument.Parse(ReadOnly, PolicyKind.Identity)));
        _host.Store.Put(new Policy("aws", Arn.Parse("arn:aws:iam::aws:policy/ReadOnlyAccess"), PolicyDocument.Parse(ReadOnly, PolicyKind.Identity)));
        var refusal = (await AssumeAsync(Request() with { PolicyArns = [arn] })).Error!;
        (refusal.Code, refusal.Message!.Contains(arn, StringComparison.Ordinal)).Should().Be(("ValidationError", true));
        (await AssumeAsync(Request() with { PolicyArns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] })).IsSuccess.Should().BeTrue();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}""")]
    public async Task Malformed_session_policy_is_refused(string policy) =>
        (await AssumeAsync(Request() with { Policy = policy })).Error!.Code.Should().Be("MalformedPolicyDocument");

    [Theory]
    [InlineData("", "length greater than or equal to 1")]
    [InlineData("{\"Version\":\"‑\"}", "regular expression pattern")]
    public async Task Session_policy_text_has_a_length_and_characters(string policy, string constraint) =>
        (await AssumeAsync(Request() with { Policy = policy })).Error!.Message.Should().Contain(constraint);

    [Theory]
    [InlineData(2048, null)]
    [InlineData(2049, "ValidationError")]
    public async Task Session_policies_have_2048_characters_at_most_the_ARNs_counted_in(int total, string? code)
    {
        var arn = PutPolicy("read", ReadOnly).ToString();
        var policy = Padded(total - arn.Length);
        var result = await AssumeAsync(Request() with { Policy = policy, PolicyArns = [arn] });
        (result.Error?.Code).Should().Be(code);
    }

    [Theory]
    [InlineData(10, null)]
    [InlineData(11, "ValidationError")]
    public async Task Managed_session_policies_are_ten_at_most(int count, string? code)
    {
        var arns = Enumerable.Range(0, count).Select(index => PutPolicy($"p{index}", ReadOnly).ToString()).ToImmutableArray();
        ((await AssumeAsync(Request() with { PolicyArns = arns })).Error?.Code).Should().Be(code);
    }

    [Fact]
    public async Task Packed_size_is_told_in_percent_rounded_up()
    {
        (await AssumeAsync(Request())).Value.PackedPolicySize.Should().BeNull();
        (await AssumeAsync(Request() with { Tags = [new Tag("k", "v")] })).Value.PackedPolicySize.Should().Be(1);
        var some = (await AssumeAsync(Request() with { Policy = ReadOnly })).Value.PackedPolicySize!.Value;
        some.Should().Be((int)Math.Ceiling(100.0 * ReadOnly.Length / 2560));
    }

    [Fact]
    public async Task Token_with_a_policy_of_two_kilobytes_stays_below_2560_characters()
    {
        // Text as policies have it: actions and ARNs that differ.
        var actions = string.Join(',', Enumerable.Range(0, 30).Select(index => $"\"service{index * 7919 % 97}:Describe{index * 104729 % 89}Things\""));
        var resources = string.Join(',', Enumerable.Range(0, 15).Select(index => $"\"arn:aws:s3:::bucket-{index * 7907 % 83}-prod/prefix-{index * 6997 % 101}/*\""));
        var policy = $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":[{{actions}}],"Resource":[{{resources}}]} }""";
        policy = policy.PadRight(2048);
        policy.Length.Should().Be(2048);
        var response = (await AssumeAsync(Request() with { Policy = policy })).Value;
        response.Credentials.SessionToken.Length.Should().BeLessThan(2560);
        (await _host.CallerAsync(response.Credentials)).Session!.InlinePolicy!.Text.Should().Be(policy);
    }

    [Fact]
    public async Task Too_large_a_pack_is_refused_and_the_answer_says_what_takes_how_much()
    {
        var tags = Enumerable.Range(0, 12).Select(index => new Tag($"key{index}", new string((char)('a' + index), 250))).ToImmutableArray();
        var tagsAlone = (await AssumeAsync(Request() with { Tags = tags })).Error!;
        tagsAlone.Code.Should().Be("PackedPolicyTooLarge");
        tagsAlone.Message.Should().StartWith("Packed size of session tags consumes ").And.Contain("the tags 30");
        var both = (await AssumeAsync(Request() with { Tags = tags, Policy = ReadOnly })).Error!;
        both.Message.Should().StartWith("Packed policy consumes ").And.Contain($"the inline policy takes {ReadOnly.Length}");
    }

    private static string Padded(int length) => ReadOnly.Insert(1, new string(' ', length - ReadOnly.Length));

    private Arn PutPolicy(string name, string document)
    {
        var arn = Arn.Parse($"arn:aws:iam::111122223333:policy/{name}");
        _host.Store.Put(new Policy(name, arn, PolicyDocument.Parse(document, PolicyKind.Identity)));
        return arn;
    }

    private AssumeRoleRequest Request() => new() { RoleArn = _role.Arn.ToString(), RoleSessionName = "s1" };

    private async Task<StsResult<AssumeRoleResponse>> AssumeAsync(AssumeRoleRequest request) =>
        await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("alice"), request);

    private async Task<bool> MayAsync(Caller caller, string action) =>
        (await _host.Get<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest { Caller = caller, Action = action, Resource = "arn:aws:s3:::b/k", ResourceAccount = "111122223333" })).IsAllowed;
}
