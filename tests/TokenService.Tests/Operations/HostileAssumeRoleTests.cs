using System.Collections.Immutable;

namespace TokenService.Tests.Operations;

public sealed class HostileAssumeRoleTests : IDisposable
{
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("""{"AWS":"111122223333"}""")]
    [InlineData("""{"AWS":"arn:aws:iam::111122223333:user/alice"}""")]
    [InlineData("\"*\"")]
    public async Task Trust_never_crosses_partitions(string principal)
    {
        var china = new Account("777788889999", "aws-cn");
        _host.Store.Put(china);
        _host.AddUser("alice", AllowAll);
        var role = _host.AddRole(
            "r", $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{{principal}},"Action":"sts:AssumeRole"} }""", account: china);

        var result = await _host.Issuer.AssumeRoleAsync(
            await _host.UserAsync("alice"), new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1" });

        result.Error.Should().NotBeNull();
        result.Error!.Code.Should().BeOneOf("AccessDenied", "ValidationError");
    }

    [Theory]
    [InlineData("aws:RequestTag/team")]
    [InlineData("aws:TagKeys")]
    public async Task A_request_whose_tags_were_never_set_is_answered_and_not_thrown(string key)
    {
        _host.AddUser("alice");
        var role = _host.AddRole(
            "r",
            $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{"Null":{"{{key}}":"true"} } } }""");
        var caller = await _host.UserAsync("alice");

        var act = async () => await _host.Issuer.AssumeRoleAsync(
            caller, new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", Tags = default });

        await act.Should().NotThrowAsync();
    }

    [Fact]
    public async Task A_null_beyond_the_tenth_policy_ARN_is_refused_and_not_thrown()
    {
        _host.AddUser("alice");
        var role = _host.AddRole("r", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}""");
        var caller = await _host.UserAsync("alice");
        ImmutableArray<string> arns = [.. Enumerable.Repeat("arn:aws:iam::aws:policy/ReadOnlyAccess", 10), null!];

        var act = async () => (await _host.Issuer.AssumeRoleAsync(
            caller, new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", PolicyArns = arns })).Error?.Code;

        (await act.Should().NotThrowAsync()).Which.Should().Be("ValidationError");
    }

    [Fact]
    public async Task A_session_of_AssumeRole_knows_it_has_no_second_factor_although_its_chain_began_with_a_federated_one()
    {
        // Reference 6.8: an AssumeRole session has aws:MultiFactorAuthPresent = false, present.
        var trust = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}""";
        var first = _host.AddRole("first", trust);
        var second = _host.AddRole(
            "second", trust,
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}}}""");
        var secret = new Secret(Convert.ToBase64String(new byte[30]));
        var federated = new Session(secret)
        {
            Kind = SessionKind.Role,
            AccessKeyId = "ASIAAAAAAAAAAAAAAAAA",
            Id = 1,
            ChainId = 1,
            Account = _host.Home.Id,
            Partition = "aws",
            PrincipalPath = "/",
            PrincipalName = "first",
            PrincipalId = first.Id,
            Name = "federated",
            IssuedAt = TestHost.Start,
            ExpiresAt = TestHost.Start + Duration.FromHours(1),
            FederatedProvider = "arn:aws:iam::111122223333:saml-provider/idp",
            FederatedIssuer = "https://idp.example",
            FederatedSubject = "somebody",
        };
        var token = _host.Get<TokenSealer>().Seal(federated, null, 0);
        var caller = (await _host.Callers.FromCredentialsAsync(federated.AccessKeyId, secret, token)).Value;
        var chained = await _host.CallerAsync((await _host.Issuer.AssumeRoleAsync(
            caller, new AssumeRoleRequest { RoleArn = second.Arn.ToString(), RoleSessionName = "s1" })).Value.Credentials);

        var decision = await _host.Get<IAuthorizer>().AuthorizeAsync(
            new AuthorizationRequest { Caller = chained, Action = "s3:GetObject", Resource = "arn:aws:s3:::b/k", ResourceAccount = "111122223333" });

        decision.IsAllowed.Should().BeFalse();
    }

    [Fact]
    public async Task A_token_within_the_packed_budget_is_within_what_clients_bear()
    {
        // Reference 6.5: the budget is what it is so that a whole token stays under 4,096 characters.
        _host.AddUser("alice");
        var role = _host.AddRole(
            new string('r', 64),
            """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}""",
            path: "/" + new string('p', 510) + "/");

        var result = await _host.Issuer.AssumeRoleAsync(await _host.UserAsync("alice"), new AssumeRoleRequest
        {
            RoleArn = role.Arn.ToString(),
            RoleSessionName = new string('s', 64),
            SourceIdentity = new string('i', 64),
            Tags = [.. Enumerable.Range(0, 10).Select(index => new Tag($"tag-{index}", new string('v', 246)))],
        });

        if (result.TryGetValue(out var response, out var error))
        {
            response.SessionTokenSize.Should().BeLessThanOrEqualTo(TemporaryCredentials.MaxSessionTokenSize);
        }
        else
        {
            error.Code.Should().Be("PackedPolicyTooLarge");
        }
    }

    [Fact]
    public async Task A_refused_role_ARN_starts_no_line_of_its_own_in_the_log()
    {
        _host.AddUser("alice");
        await _host.Issuer.AssumeRoleAsync(
            await _host.UserAsync("alice"),
            new AssumeRoleRequest { RoleArn = "arn:aws:iam::111122223333:role/x\r\nIssued ASIAFORGED to root", RoleSessionName = "s1" });

        _host.Log.Entries.Should().OnlyContain(entry => !entry.Text.Contains('\n'));
    }

    [Fact]
    public void A_context_assertion_is_not_printed() =>
        new ProvidedContext("arn:aws:iam::aws:contextProvider/IdentityCenter", "assertion-of-somebody").ToString()
            .Should().NotContain("assertion-of-somebody");
}
