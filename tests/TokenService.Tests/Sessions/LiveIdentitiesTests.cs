namespace TokenService.Tests.Sessions;

/// <summary>What is kept of a session's caller never outlives what the store has now.</summary>
public sealed class LiveIdentitiesTests : IDisposable
{
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";

    private readonly TestHost _host = new();

    public LiveIdentitiesTests()
    {
        _host.AddUser("alice", AllowAll);
        _host.AddRole("r", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}""", AllowAll);
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Caller_of_a_session_is_made_anew_when_its_role_or_account_changed()
    {
        var credentials = await AssumeAsync();
        var first = await _host.CallerAsync(credentials);
        (await _host.CallerAsync(credentials)).Should().BeSameAs(first, "nothing changed");

        _host.Store.Put(first.Role! with { Tags = [new Tag("team", "blue")], InlinePolicies = [] });
        var second = await _host.CallerAsync(credentials);
        second.Role!.Tags.Single().Value.Should().Be("blue");
        (await _host.MayAsync(second, "s3:GetObject")).Should().BeFalse("the role lost its policy");

        _host.Store.Put(_host.Home with { OrganizationId = "o-a1b2c3d4e5" });
        (await _host.CallerAsync(credentials)).Account.OrganizationId.Should().Be("o-a1b2c3d4e5");
    }

    [Fact]
    public async Task Sessions_of_one_role_have_callers_of_their_own()
    {
        var (one, two) = (await _host.CallerAsync(await AssumeAsync("one")), await _host.CallerAsync(await AssumeAsync("two")));
        (one.Session!.Name, two.Session!.Name).Should().Be(("one", "two"));
        (one.Arn, two.AccessKeyId).Should().NotBe((two.Arn, one.AccessKeyId));
    }

    private async Task<TemporaryCredentials> AssumeAsync(string name = "s1")
    {
        return (await _host.Issuer.AssumeRoleAsync(
            await _host.UserAsync("alice"), new AssumeRoleRequest { RoleArn = "arn:aws:iam::111122223333:role/r", RoleSessionName = name })).Value.Credentials;
    }
}
