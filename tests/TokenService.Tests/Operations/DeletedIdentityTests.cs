namespace TokenService.Tests.Operations;

/// <summary>A session ends with the identity that it stands on.</summary>
public sealed class DeletedIdentityTests : IDisposable
{
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";

    private readonly TestHost _host = new();

    public DeletedIdentityTests() => _host.AddUser("alice", AllowAll);

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Deleted_user_ends_its_sessions_and_a_namesake_does_not_revive_them()
    {
        var alice = await _host.UserAsync("alice");
        var sessions = await SessionsAsync(alice);
        foreach (var session in sessions)
        {
            (await _host.RefusalAsync(session)).Should().BeNull();
        }

        _host.Store.RemoveUser("111122223333", "alice");
        foreach (var session in sessions)
        {
            (await _host.RefusalAsync(session)).Should().Be("InvalidClientTokenId");
        }

        _host.AddUser("alice", AllowAll);
        foreach (var session in sessions)
        {
            (await _host.RefusalAsync(session)).Should().Be("InvalidClientTokenId");
        }

        _host.Store.Put(alice.User!);
        foreach (var session in sessions)
        {
            (await _host.RefusalAsync(session)).Should().BeNull("it is the very user again");
        }
    }

    [Fact]
    public async Task Deleted_user_does_not_end_the_sessions_of_roles_that_it_assumed()
    {
        // Reference 13: each hop stands on its own role.
        _host.AddRole("r", AssumeRoleTests.Trust("arn:aws:iam::111122223333:user/alice"));
        var caller = await _host.CallerAsync((await _host.Issuer.GetSessionTokenAsync(await _host.UserAsync("alice"), new GetSessionTokenRequest())).Value.Credentials);
        var assumed = await _host.Issuer.AssumeRoleAsync(caller, new AssumeRoleRequest { RoleArn = "arn:aws:iam::111122223333:role/r", RoleSessionName = "s1" });
        _host.Store.RemoveUser("111122223333", "alice");
        (await _host.RefusalAsync(assumed.Value.Credentials)).Should().BeNull();
    }

    [Fact]
    public async Task User_whose_key_is_gone_keeps_its_sessions()
    {
        var key = new AccessKey("AKIARTX3GSDSQAAAAAAA", new Secret("a-secret-of-forty-characters-for-the-test"));
        var user = (await _host.UserAsync("alice")).User! with { AccessKeys = [key] };
        _host.Store.Put(user);
        var caller = (await _host.Callers.FromCredentialsAsync(key.Id, key.Secret, null)).Value;
        var sessions = await SessionsAsync(caller);
        _host.Store.Put(user with { AccessKeys = [] });
        foreach (var session in sessions)
        {
            (await _host.CallerAsync(session)).Session!.IssuingAccessKeyId.Should().Be(key.Id);
        }
    }

    [Fact]
    public async Task Sessions_of_a_root_are_those_of_its_account_and_of_no_user()
    {
        foreach (var session in await SessionsAsync(await _host.RootAsync()))
        {
            var caller = await _host.CallerAsync(session);
            (caller.User, caller.Account.Id, caller.Session!.PrincipalId).Should().Be((null, "111122223333", "111122223333"));
        }
    }

    private async Task<TemporaryCredentials[]> SessionsAsync(Caller caller) =>
    [
        (await _host.Issuer.GetSessionTokenAsync(caller, new GetSessionTokenRequest())).Value.Credentials,
        (await _host.Issuer.GetFederationTokenAsync(caller, new GetFederationTokenRequest { Name = "carol", Policy = AllowAll })).Value.Credentials,
    ];
}
