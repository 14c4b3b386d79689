using System.Collections.Immutable;

namespace TokenService.Tests.Operations;

public sealed class SessionTagTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly Role _first;
    private readonly Role _second;

    public SessionTagTests()
    {
        _host.AddUser("alice");
        _first = _host.AddRole("first", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"));
        _second = _host.AddRole("second", AssumeRoleTests.Trust("arn:aws:iam::111122223333:role/first"));
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Passing_tags_takes_a_permission_of_its_own()
    {
        var role = _host.AddRole("plain", OnlyAssumeRole("arn:aws:iam::111122223333:user/alice"));
        var result = await AssumeAsync(await _host.UserAsync("alice"), role, [new Tag("k", "v")]);
        result.Error.Should().Be(StsError.AccessDenied(
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: sts:TagSession on resource: arn:aws:iam::111122223333:role/plain"));
        (await AssumeAsync(await _host.UserAsync("alice"), role, [])).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Setting_a_source_identity_takes_a_permission_of_its_own()
    {
        var role = _host.AddRole("plain", OnlyAssumeRole("arn:aws:iam::111122223333:user/alice"));
        var request = new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", SourceIdentity = "alice" };
        (await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("alice"), request)).Error!.Message.Should().Contain("sts:SetSourceIdentity");
    }

    [Theory]
    [InlineData("Team", "team", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")]
    [InlineData("aws:x", "y", "Tag keys and values beginning with aws: are reserved.")]
    public async Task Keys_are_distinct_and_not_reserved(string one, string two, string message) =>
        (await AssumeAsync(await _host.UserAsync("alice"), _first, [new Tag(one, "1"), new Tag(two, "2")])).Error.Should().Be(StsError.InvalidParameterValue(message));

    [Fact]
    public async Task Transitive_key_must_be_passed() =>
        (await AssumeAsync(await _host.UserAsync("alice"), _first, [new Tag("a", "1")], "b")).Error
            .Should().Be(StsError.InvalidParameterValue("The specified transitive tag key must be included in the requested tags."));

    [Fact]
    public async Task Transitive_tags_ride_on_and_others_do_not()
    {
        var first = await CallerAsync(await _host.UserAsync("alice"), _first, [new Tag("Team", "blue"), new Tag("job", "7")], "TEAM");
        var second = await CallerAsync(first, _second, [new Tag("step", "2")]);
        second.Session!.Tags.Should().BeEquivalentTo([new SessionTag("Team", "blue", true), new SessionTag("step", "2", false)]);
    }

    [Fact]
    public async Task Inherited_transitive_tag_cannot_be_set_again()
    {
        var first = await CallerAsync(await _host.UserAsync("alice"), _first, [new Tag("Team", "blue")], "Team");
        (await AssumeAsync(first, _second, [new Tag("team", "red")])).Error.Should().Be(StsError.InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."));
    }

    [Fact]
    public async Task Inherited_transitive_tags_count_as_passing_tags()
    {
        var silent = _host.AddRole("silent", OnlyAssumeRole("arn:aws:iam::111122223333:role/first"));
        var tagged = await CallerAsync(await _host.UserAsync("alice"), _first, [new Tag("Team", "blue")], "Team");
        (await AssumeAsync(tagged, silent, [])).Error!.Message.Should().Contain("sts:TagSession");
        var untagged = await CallerAsync(await _host.UserAsync("alice"), _first, [new Tag("Team", "blue")]);
        (await AssumeAsync(untagged, silent, [])).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Trust_policy_sees_the_tags_that_are_passed()
    {
        var role = _host.AddRole("tagged", """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},"Action":["sts:AssumeRole","sts:TagSession"],
            "Condition":{"StringEquals":{"aws:RequestTag/team":"blue"},"ForAllValues:StringEquals":{"aws:TagKeys":["Team"],"sts:TransitiveTagKeys":["Team"]}}}}
            """);
        (await AssumeAsync(await _host.UserAsync("alice"), role, [new Tag("Team", "blue")], "Team")).IsSuccess.Should().BeTrue();
        (await AssumeAsync(await _host.UserAsync("alice"), role, [new Tag("Team", "red")])).IsSuccess.Should().BeFalse();
        (await AssumeAsync(await _host.UserAsync("alice"), role, [new Tag("Team", "blue"), new Tag("more", "x")])).IsSuccess.Should().BeFalse();
        (await AssumeAsync(await _host.UserAsync("alice"), role, [])).IsSuccess.Should().BeFalse();
    }

    [Fact]
    public async Task Source_identity_is_inherited_and_cannot_change()
    {
        var alice = await _host.UserAsync("alice");
        var request = new AssumeRoleRequest { RoleArn = _first.Arn.ToString(), RoleSessionName = "s1", SourceIdentity = "alice.smith" };
        var first = await _host.CallerAsync((await _host.Issuer.AssumeRoleAsync(alice, request)).Value.Credentials);
        var next = new AssumeRoleRequest { RoleArn = _second.Arn.ToString(), RoleSessionName = "s2" };
        (await _host.Issuer.AssumeRoleAsync(first, next)).Value.SourceIdentity.Should().Be("alice.smith");
        (await _host.Issuer.AssumeRoleAsync(first, next with { SourceIdentity = "alice.smith" })).Value.SourceIdentity.Should().Be("alice.smith");
        (await _host.Issuer.AssumeRoleAsync(first, next with { SourceIdentity = "bob" })).Error
            .Should().Be(StsError.ValidationError("The source identity is already set for this assume role session"));
        var silent = _host.AddRole("silent", OnlyAssumeRole("arn:aws:iam::111122223333:role/first"));
        (await _host.Issuer.AssumeRoleAsync(first, next with { RoleArn = silent.Arn.ToString() })).Error!.Message.Should().Contain("sts:SetSourceIdentity");
    }

    [Theory]
    [InlineData(50, 128, 0, null)]
    [InlineData(51, 1, 0, "tags")]
    [InlineData(1, 0, 0, "tags.1.member.key")]
    [InlineData(1, 129, 0, "tags.1.member.key")]
    [InlineData(1, 1, 256, null)]
    [InlineData(1, 1, 257, "tags.1.member.value")]
    public async Task Number_and_lengths_of_tags_are_bounded(int count, int keyLength, int valueLength, string? member)
    {
        var tags = Enumerable.Range(0, count)
            .Select(index => new Tag(keyLength < 4 ? new string('k', keyLength) : $"{index:D4}".PadRight(keyLength, 'k'), new string('v', valueLength))).ToImmutableArray();
        var result = await AssumeAsync(await _host.UserAsync("alice"), _first, tags);
        if (member is not null)
        {
            result.Error!.Code.Should().Be("ValidationError");
            result.Error.Message.Should().Contain($"at '{member}'");
        }
        else
        {
            // Fifty keys of the greatest length are well-formed, and too much for a token.
            (result.Error?.Code).Should().Be(count == 50 ? "PackedPolicyTooLarge" : null);
        }
    }

    [Theory]
    [InlineData("Ünïcödé ключ 鍵", true)]
    [InlineData("a_.:/=+-@ 1", true)]
    [InlineData("a*", false)]
    [InlineData("a\n", false)]
    [InlineData("🔑", false)]
    public async Task Tag_text_is_letters_separators_digits_and_a_few_signs(string text, bool valid) =>
        (await AssumeAsync(await _host.UserAsync("alice"), _first, [new Tag(text, text)])).IsSuccess.Should().Be(valid);

    private static string OnlyAssumeRole(string principal) =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"{{principal}}"},"Action":"sts:AssumeRole"} }""";

    private async Task<StsResult<AssumeRoleResponse>> AssumeAsync(Caller caller, Role role, ImmutableArray<Tag> tags, params ImmutableArray<string> transitive) =>
        await _host.Issuer.AssumeRoleAsync(
            caller, new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", Tags = tags, TransitiveTagKeys = transitive });

    private async Task<Caller> CallerAsync(Caller caller, Role role, ImmutableArray<Tag> tags, params ImmutableArray<string> transitive) =>
        await _host.CallerAsync((await AssumeAsync(caller, role, tags, transitive)).Value.Credentials);
}
