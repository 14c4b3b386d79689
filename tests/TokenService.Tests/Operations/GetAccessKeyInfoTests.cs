using System.Reflection;

namespace TokenService.Tests.Operations;

public sealed class GetAccessKeyInfoTests : IDisposable
{
    private const string OldKey = "AKIAIOSFODNN7EXAMPLE";

    private readonly TestHost _host = new();

    public GetAccessKeyInfoTests() => _host.AddUser("alice", Policy("Allow"));

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("ASIAY34FZKBOKMUTVV7A", "609629065308")]
    [InlineData("ASIAQNZGKIQY56JQ7WML", "029608264753")]
    [InlineData("AKIASP2TPHJSQH3FJXYZ", "171436882533")]
    [InlineData("ASIAQAAAAAAAGMKEM7X5", "000000000000")]
    public async Task Account_is_read_from_the_id_whether_there_is_such_a_key_or_not(string id, string account) =>
        (await AskAsync("alice", id)).Value.Account.Should().Be(account);

    [Theory, InlineData(true), InlineData(false)]
    public async Task Old_id_is_looked_up_and_so_is_one_whose_letters_spell_another_account(bool isActive)
    {
        _host.Store.Put(User.Create(_host.Away, "old") with
        {
            AccessKeys = [new AccessKey(OldKey, new Secret("s")) { IsActive = isActive }, new AccessKey("AKIASP2TPHJSQH3FJXYZ", new Secret("s"))],
        });
        (await AskAsync("alice", OldKey)).Value.Account.Should().Be(_host.Away.Id);
        (await AskAsync("alice", "AKIASP2TPHJSQH3FJXYZ")).Value.Account.Should().Be(_host.Away.Id, "the store knows better than the id");
    }

    [Theory]
    [InlineData(OldKey)]
    [InlineData("ASIAIOSFODNN7EXAMPLE")]
    [InlineData("AIDAZG2XYEL6VOGQ3VJ2H")]
    [InlineData("AROAYPXOM67G7A6BYFKN")]
    [InlineData("AKIASP2TPHJSQH3FJXYZZ")]
    [InlineData("AKIASP2TPHJSQH3FJXY")]
    [InlineData("akiasp2tphjsqh3fjxyz")]
    [InlineData("AKIA7777777777777777")]
    public async Task Id_that_carries_no_account_and_that_nobody_knows_is_a_validation_error(string id)
    {
        var error = (await AskAsync("alice", id)).Error!;
        (error.Code, error.HttpStatus, error.Message).Should()
            .Be(("ValidationError", 400, $"Value '{id}' at 'accessKeyId' carries no account, and no key with this id is known."));
    }

    [Theory]
    [InlineData(15, "greater than or equal to 16")]
    [InlineData(16, "carries no account")]
    [InlineData(128, "carries no account")]
    [InlineData(129, "less than or equal to 128")]
    public async Task Id_has_its_length_at_the_edge_and_not_one_past(int length, string told)
    {
        var error = (await AskAsync("alice", new string('A', length))).Error!;
        error.Code.Should().Be("ValidationError");
        error.Message.Should().Contain(told).And.Contain("'accessKeyId'");
    }

    [Theory]
    [InlineData(null, "1 validation error detected: Value null at 'accessKeyId' failed to satisfy constraint: Member must not be null")]
    [InlineData("AKIA-P2TPHJSQH3FJXYZ", @"1 validation error detected: Value 'AKIA-P2TPHJSQH3FJXYZ' at 'accessKeyId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]*")]
    [InlineData("AKIAéP2TPHJSQH3FJXYZ", @"1 validation error detected: Value 'AKIAéP2TPHJSQH3FJXYZ' at 'accessKeyId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]*")]
    public async Task Broken_id_is_told_in_the_services_wording(string? id, string message) =>
        (await AskAsync("alice", id)).Error!.Message.Should().Be(message);

    [Theory, InlineData(null), InlineData("Deny")]
    public async Task Caller_without_the_permission_learns_nothing_of_the_id(string? effect)
    {
        _host.AddUser("bob", effect is null ? null : Policy(effect));
        foreach (var id in new[] { "ASIAY34FZKBOKMUTVV7A", OldKey })
        {
            var error = (await AskAsync("bob", id)).Error!;
            (error.Code, error.HttpStatus, error.Message).Should().Be(
                ("AccessDenied", 403, "User: arn:aws:iam::111122223333:user/bob is not authorized to perform: sts:GetAccessKeyInfo"));
        }

        _host.Log.Entries.Last().Text.Should().Contain("GetAccessKeyInfo").And.Contain(effect is null ? "no identity-based policy allows" : "denies");
    }

    [Fact]
    public async Task Parameters_are_checked_before_permission()
    {
        _host.AddUser("bob");
        (await AskAsync("bob", "x")).Error!.Code.Should().Be("ValidationError");
    }

    [Fact]
    public async Task Conditions_see_what_the_transport_knows()
    {
        _host.AddUser("bob", """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:GetAccessKeyInfo","Resource":"*",
            "Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}}
            """);
        var bob = await _host.UserAsync("bob");
        var request = new GetAccessKeyInfoRequest { AccessKeyId = "ASIAY34FZKBOKMUTVV7A" };
        (await _host.Issuer.GetAccessKeyInfoAsync(bob, request)).IsSuccess.Should().BeFalse();
        (await _host.Issuer.GetAccessKeyInfoAsync(bob, request, new RequestEnvironment { RequestedRegion = "eu-west-1" })).IsSuccess.Should().BeTrue();
    }

    [Theory]
    [InlineData(CallerKind.User, true)]
    [InlineData(CallerKind.Root, true)]
    [InlineData(CallerKind.RoleSession, true)]
    [InlineData(CallerKind.UserSession, false)]
    [InlineData(CallerKind.RootSession, false)]
    [InlineData(CallerKind.FederatedUser, false)]
    [InlineData(CallerKind.AssumedRoot, false)]
    public async Task Kinds_of_caller_are_those_of_the_matrix(CallerKind kind, bool may)
    {
        var caller = await CallerKinds.MakeAsync(_host, kind, Policy("Allow"));
        var result = await _host.Issuer.GetAccessKeyInfoAsync(caller, new GetAccessKeyInfoRequest { AccessKeyId = "ASIAY34FZKBOKMUTVV7A" });
        result.IsSuccess.Should().Be(may);
        if (!may)
        {
            result.Error.Should().Be(StsError.AccessDenied($"User: {caller.Arn} is not authorized to perform: sts:GetAccessKeyInfo"));
        }
    }

    private static string Policy(string effect) =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"{{effect}}","Action":"sts:GetAccessKeyInfo","Resource":"*"} }""";

    private async Task<StsResult<GetAccessKeyInfoResponse>> AskAsync(string user, string? id) =>
        await _host.Issuer.GetAccessKeyInfoAsync(await _host.UserAsync(user), new GetAccessKeyInfoRequest { AccessKeyId = id });
}

/// <summary>A caller of each kind; the user and the role have the policy. Kinds that no operation gives yet are put together by hand.</summary>
internal static class CallerKinds
{
    private const string Trust = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}""";

    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";

    internal static async Task<Caller> MakeAsync(TestHost host, CallerKind kind, string policy)
    {
        host.AddUser("kinds", policy);
        host.AddUser("starter", AllowAll);
        var user = await host.UserAsync("kinds");
        var root = (await host.Callers.ForRootAsync(host.Home.Id)).Value;
        var role = host.AddRole("kinds", Trust, policy);
        var request = new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1" };
        var session = await host.CallerAsync((await host.Issuer.AssumeRoleAsync(await host.UserAsync("starter"), request)).Value.Credentials);
        return kind switch
        {
            CallerKind.User => user,
            CallerKind.Root => root,
            CallerKind.RoleSession => session,
            CallerKind.UserSession or CallerKind.FederatedUser => Make(kind, host.Home, user.User, session.Session),
            _ => Make(kind, host.Home, null, session.Session),
        };
    }

    private static Caller Make(CallerKind kind, Account account, User? user, Session? session) =>
        (Caller)typeof(Caller).GetConstructors(BindingFlags.NonPublic | BindingFlags.Instance).Single()
            .Invoke([kind, account, session?.AccessKeyId, user, null, session]);
}
