namespace TokenService.Tests.Identities;

public sealed class StoreChangeTests
{
    private const string DenyS3 = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}""";
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";

    [Fact]
    public async Task A_control_policy_put_later_binds_users_who_sign_with_keys_they_had_before()
    {
        using var host = new TestHost();
        var key = new AccessKey("AKIAIOSFODNN7EXAMPLE", new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
        host.Store.Put(User.Create(host.Home, "alice") with
        {
            AccessKeys = [key],
            InlinePolicies = [new Policy("all", null, PolicyDocument.Parse(AllowAll, PolicyKind.Identity))],
        });
        host.Store.Put(host.Home with
        {
            ServiceControlPolicies = [new Policy("guard", null, PolicyDocument.Parse(DenyS3, PolicyKind.Control))],
        });

        var signed = new RequestSigner(key.Id, key.Secret.Reveal()).Form("Action=GetCallerIdentity&Version=2011-06-15");
        var caller = (await host.Authenticator.AuthenticateAsync(signed, SignatureRules.Sts)).Value.Caller;
        var decision = await host.Get<IAuthorizer>().AuthorizeAsync(
            new AuthorizationRequest { Caller = caller, Action = "s3:GetObject", Resource = "arn:aws:s3:::b/k", ResourceAccount = "111122223333" });

        decision.Outcome.Should().Be(DecisionOutcome.ExplicitDeny);
    }

    [Fact]
    public async Task A_change_of_a_role_that_leaves_its_trust_policy_alone_keeps_its_pins()
    {
        using var host = new TestHost();
        host.AddUser("bob");
        var role = host.AddRole("r", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"sts:AssumeRole"}}""");
        host.Store.RemoveUser(host.Home.Id, "bob");

        // While bob is gone somebody tags the role: the usual read, change, write.
        var stored = (await host.Store.FindRoleAsync(host.Home.Id, "r", default))!;
        host.Store.Put(stored with { Tags = [new Tag("team", "blue")] });
        host.AddUser("bob");

        var result = await host.Issuer.AssumeRoleAsync(
            await host.UserAsync("bob"), new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1" });

        result.IsSuccess.Should().BeFalse("the bob of today is not the bob the policy was stored for");
    }

    [Fact]
    public async Task Nobody_ever_sees_a_role_before_its_principals_are_pinned()
    {
        using var host = new TestHost();
        host.AddUser("bob");
        var trust = PolicyDocument.Parse(
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"sts:AssumeRole"}}""", PolicyKind.Trust);
        var fresh = Role.Create(host.Home, "r", trust);
        host.Store.Put(fresh);
        var (writing, unpinned) = (true, 0);
        var reader = Task.Run(async () =>
        {
            while (Volatile.Read(ref writing))
            {
                unpinned += (await host.Store.FindRoleAsync(host.Home.Id, "r", default))!.PinnedPrincipals.IsEmpty ? 1 : 0;
            }
        });
        for (var round = 0; round < 50_000; round++)
        {
            host.Store.Put(fresh);
        }

        Volatile.Write(ref writing, false);
        await reader;

        unpinned.Should().Be(0);
    }
}
