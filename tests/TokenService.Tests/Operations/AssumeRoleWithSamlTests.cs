using TokenService.Testing;
using TokenService.Tests.Federation.Saml;

namespace TokenService.Tests.Operations;

/// <summary>Reference 3.3, 5, 6.6, 6.7 and 8: from a response to a session, and what the session is.</summary>
public sealed class AssumeRoleWithSamlTests : IDisposable
{
    private const string AllowAll = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
    private const string NotAuthorized = "Not authorized to perform sts:AssumeRoleWithSAML";

    private readonly TestHost _host = TestHost.WithSaml();

    public AssumeRoleWithSamlTests() => _host.Store.Put(IdentityProvider.Trusted.Register(_host.Home));

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Response_of_a_trusted_provider_gives_a_session_of_the_role()
    {
        var role = AddRole();
        var response = (await AssumeAsync()).Value;
        (response.Subject, response.SubjectType, response.Issuer, response.Audience, response.PackedPolicySize, response.SourceIdentity)
            .Should().Be(("alice@idp.example", "persistent", IdentityProvider.EntityId, Responses.Recipient, null, null));
        response.AssumedRoleUser.AssumedRoleId.Should().Be($"{role.Id}:alice");
        response.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromHours(1));
        var caller = await _host.CallerAsync(response.Credentials);
        caller.Arn.ToString().Should().Be("arn:aws:sts::111122223333:assumed-role/Reader/alice");
        var session = caller.Session!;
        (session.FederatedProvider, session.FederatedIssuer, session.FederatedSubject, session.IssuingAccessKeyId, session.ChainDepth)
            .Should().Be((Responses.Provider, IdentityProvider.EntityId, "alice@idp.example", null, 0));
        _host.Log.Entries.Should().ContainSingle(entry => entry.Id.Id == 1000).Which.Text.Should().Contain(Responses.Provider).And.Contain("alice@idp.example");
    }

    [Theory]
    [InlineData(Responses.Provider, "sts:AssumeRoleWithSAML", null)]
    [InlineData(Responses.Provider, "sts:AssumeRole", NotAuthorized)]
    [InlineData(Responses.Provider, "sts:AssumeRoleWithWebIdentity", NotAuthorized)]
    [InlineData("arn:aws:iam::111122223333:saml-provider/other", "sts:AssumeRoleWithSAML", NotAuthorized)]
    [InlineData("arn:aws:iam::444455556666:saml-provider/corp", "sts:AssumeRoleWithSAML", NotAuthorized)]
    public async Task Trust_policy_names_the_provider_and_the_operation(string principal, string action, string? refusal)
    {
        AddRole(principal: principal, actions: action);
        (await AssumeAsync()).Error?.Message.Should().Be(refusal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Missing_role_and_distrusting_role_are_indistinguishable(bool exists)
    {
        if (exists)
        {
            AddRole(condition: """{"StringEquals":{"saml:sub":"somebody-else"}}""");
        }

        var error = (await AssumeAsync()).Error!;
        (error.Code, error.HttpStatus, error.Message).Should().Be(("AccessDenied", 403, NotAuthorized));
    }

    [Theory]
    [InlineData("saml:aud", Responses.Recipient, true)]
    [InlineData("SAML:aud", Responses.Recipient, true)]
    [InlineData("saml:aud", "urn:amazon:webservices", false)]
    [InlineData("saml:iss", IdentityProvider.EntityId, true)]
    [InlineData("saml:sub", "alice@idp.example", true)]
    [InlineData("saml:sub", "ALICE@idp.example", false)]
    [InlineData("saml:sub_type", "persistent", true)]
    [InlineData("saml:doc", "111122223333/corp", true)]
    [InlineData("saml:edupersonaffiliation", "staff", true)]
    [InlineData("saml:edupersonaffiliation", "member", true)]
    [InlineData("sts:RoleSessionName", "alice", true)]
    [InlineData("aws:PrincipalAccount", "anonymous", true)]
    [InlineData("saml:RoleSessionName", "alice", false)]
    public async Task Trust_policy_sees_the_assertion_as_condition_keys(string key, string value, bool allows)
    {
        AddRole(condition: $$"""{"ForAnyValue:StringEquals":{"{{key}}":"{{value}}"} }""");
        var response = Responses.Good() with
        {
            Attributes = [.. Responses.Good().Attributes, new("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", ["staff", "member"])],
        };
        (await AssumeAsync(response)).IsSuccess.Should().Be(allows);
    }

    [Fact]
    public async Task Later_requests_carry_subject_its_type_and_qualifier_and_nothing_else_of_the_assertion()
    {
        AddRole();
        var response = Responses.Good() with { Attributes = [.. Responses.Good().Attributes, new("urn:oid:2.5.4.3", ["Alice"])] };
        var answer = (await AssumeAsync(response)).Value;
        var caller = await _host.CallerAsync(answer.Credentials);
        foreach (var (key, value, has) in new[]
        {
            ("saml:sub", "alice@idp.example", true), ("saml:sub_type", "persistent", true), ("saml:namequalifier", answer.NameQualifier, true),
            ("saml:aud", Responses.Recipient, false), ("saml:iss", IdentityProvider.EntityId, false), ("saml:cn", "Alice", false), ("saml:doc", "111122223333/corp", false),
            ("aws:MultiFactorAuthPresent", "false", false),
        })
        {
            var resource = PolicyDocument.Parse($$"""
                {"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"{{key}}":"{{value}}"} } } }
                """, PolicyKind.Resource);
            (await _host.MayAsync(caller, "s3:GetObject", "arn:aws:s3:::bucket/key", resource)).Should().Be(!has, key);
        }
    }

    [Fact]
    public async Task Tags_and_source_identity_of_the_assertion_take_permissions_of_their_own_and_reach_the_session()
    {
        SamlResponse Tagged() => Responses.Good().With("PrincipalTag:Team", "blue").With("PrincipalTag:Cost", "42").With("TransitiveTagKeys", "team").With("SourceIdentity", "alice.s");
        foreach (var actions in new[] { "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithSAML\",\"sts:TagSession", "sts:AssumeRoleWithSAML\",\"sts:SetSourceIdentity" })
        {
            AddRole(actions: actions);
            (await AssumeAsync(Tagged())).Error!.Message.Should().Be(NotAuthorized);
        }

        AddRole(
            actions: "sts:AssumeRoleWithSAML\",\"sts:TagSession\",\"sts:SetSourceIdentity",
            condition: """{"StringEquals":{"aws:RequestTag/team":"blue","sts:SourceIdentity":"alice.s"},"ForAllValues:StringEquals":{"aws:TagKeys":["Team","Cost"],"sts:TransitiveTagKeys":["team"]}}""");
        var response = (await AssumeAsync(Tagged())).Value;
        response.SourceIdentity.Should().Be("alice.s");
        response.PackedPolicySize.Should().BePositive();
        var session = (await _host.CallerAsync(response.Credentials)).Session!;
        session.Tags.Should().BeEquivalentTo([new SessionTag("Team", "blue", true), new SessionTag("Cost", "42", false)]);
        session.SourceIdentity.Should().Be("alice.s");
    }

    [Theory]
    [InlineData(null, null, 3600)]
    [InlineData(900, null, 900)]
    [InlineData(null, 900, 900)]
    [InlineData(null, 7200, 3600)]
    [InlineData(7200, 3600, 3600)]
    [InlineData(7200, 43200, 7200)]
    public async Task Session_lasts_as_long_as_asked_and_SessionDuration_only_shortens_it(int? asked, int? attribute, int seconds)
    {
        AddRole(maxHours: 2);
        var response = attribute is { } value ? Responses.Good().With("SessionDuration", $"{value}") : Responses.Good();
        (await AssumeAsync(response, request => request with { DurationSeconds = asked })).Value.Credentials.Expiration
            .Should().Be(TestHost.Start + Duration.FromSeconds(seconds));
    }

    [Fact]
    public async Task Duration_is_bounded_by_the_model_and_by_the_role()
    {
        AddRole(maxHours: 2);
        async Task<string?> CodeAsync(int seconds) => (await AssumeAsync(Responses.Good(), request => request with { DurationSeconds = seconds })).Error?.Code;
        (await CodeAsync(7200)).Should().BeNull();
        (await CodeAsync(7201)).Should().Be("ValidationError");
        (await CodeAsync(899)).Should().Be("ValidationError");
        (await CodeAsync(43201)).Should().Be("ValidationError");
    }

    [Theory]
    [InlineData(1500, 1)]
    [InlineData(7_200_000, 3600)]
    public async Task Session_at_the_provider_ends_the_session_here_also_before_900_seconds(int endsInMilliseconds, int seconds)
    {
        AddRole();
        var end = TestHost.Start + Duration.FromMilliseconds(endsInMilliseconds);
        var response = Responses.Good() with { Authentication = SamlResponse.Authenticated(TestHost.Start, end) };
        (await AssumeAsync(response)).Value.Credentials.Expiration.Should().Be(TestHost.Start + Duration.FromSeconds(seconds));
    }

    [Fact]
    public async Task Session_at_the_provider_that_only_the_tolerance_keeps_alive_gives_no_credentials()
    {
        AddRole();
        var response = Responses.Good() with { Authentication = SamlResponse.Authenticated(TestHost.Start - Duration.FromHours(1), TestHost.Start - Duration.FromSeconds(10)) };
        (await AssumeAsync(response)).Error!.Code.Should().Be("ExpiredTokenException");
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:role/staff/Reader", "arn:aws:iam::111122223333:saml-provider/other", "InvalidIdentityToken", "Specified provider doesn't exist.")]
    [InlineData("arn:aws:iam::111122223333:role/staff/Reader", "arn:aws:iam::444455556666:saml-provider/corp", "InvalidIdentityToken", "Specified provider doesn't exist.")]
    [InlineData("arn:aws:iam::111122223333:role/staff/Reader", "arn:aws:iam::111122223333:saml-provider/CORP", "InvalidIdentityToken", "Specified provider doesn't exist.")]
    [InlineData("arn:aws:iam::111122223333:role/staff/Reader", "arn:aws:iam::111122223333:role/staff/Reader", "InvalidIdentityToken", "Specified provider doesn't exist.")]
    [InlineData("arn:aws:iam::111122223333:role/staff/Writer", Responses.Provider, "AccessDenied", NotAuthorized)]
    [InlineData("arn:aws:iam::111122223333:role/Reader", Responses.Provider, "AccessDenied", NotAuthorized)]
    [InlineData("arn:aws:iam::111122223333:user/staff/Reader", Responses.Provider, "ValidationError", "Request ARN is invalid")]
    public async Task Role_and_provider_are_those_that_the_assertion_gives_together(string role, string provider, string code, string message)
    {
        AddRole();
        _host.AddRole("Writer", Trust(Responses.Provider, "sts:AssumeRoleWithSAML", "{}"), path: "/staff/");
        var error = (await AssumeAsync(Responses.Good(), request => request with { RoleArn = role, PrincipalArn = provider })).Error!;
        (error.Code, error.Message).Should().Be((code, message));
    }

    [Fact]
    public async Task Role_that_is_given_with_another_provider_or_not_at_all_is_denied()
    {
        AddRole();
        (await AssumeAsync(Responses.Good().Without("Role"))).Error!.Message.Should().Be(NotAuthorized);
        (await AssumeAsync(Responses.Good().Without("Role").With("Role", $"{Responses.Role},{Responses.Provider}2"))).Error!.Message.Should().Be(NotAuthorized);
        (await AssumeAsync(Responses.Good().Without("Role").With("Role", "arn:aws:iam::111122223333:role/Other," + Responses.Provider, $"{Responses.Provider},{Responses.Role}"))).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Role_of_the_sign_in_portal_is_denied()
    {
        const string Reserved = "arn:aws:iam::111122223333:role/staff/AWSReservedSSO_Reader_0123456789abcdef";
        _host.AddRole("AWSReservedSSO_Reader_0123456789abcdef", Trust(Responses.Provider, "sts:AssumeRoleWithSAML", "{}"), path: "/staff/");
        var response = Responses.Good().Without("Role").With("Role", $"{Reserved},{Responses.Provider}");
        (await AssumeAsync(response, request => request with { RoleArn = Reserved })).Error!.Message.Should().Be(NotAuthorized);
    }

    /// <summary>What a provider says of its user is bounded by the room in the token, and a name without end is an error of the field.</summary>
    [Theory]
    [InlineData(256, null)]
    [InlineData(16_384, "PackedPolicyTooLarge")]
    public async Task Name_of_the_subject_finds_room_in_the_token_or_is_refused(int length, string? code)
    {
        AddRole();
        (await AssumeAsync(Responses.Good() with { Subject = $"<saml:NameID>{new string('\u20AC', length)}</saml:NameID>" })).Error?.Code.Should().Be(code);
    }

    [Fact]
    public async Task Assertion_gives_one_session()
    {
        AddRole();
        var assertion = IdentityProvider.Trusted.Sign(Responses.Good());
        (await AssumeAsync(assertion)).IsSuccess.Should().BeTrue();
        (await AssumeAsync(assertion)).Error!.Code.Should().Be("InvalidIdentityToken");
    }

    [Fact]
    public async Task Session_policies_narrow_the_session()
    {
        AddRole();
        var response = await AssumeAsync(Responses.Good(), request => request with { Policy = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}""" });
        var caller = await _host.CallerAsync(response.Value.Credentials);
        (await _host.MayAsync(caller, "s3:GetObject")).Should().BeTrue();
        (await _host.MayAsync(caller, "s3:PutObject")).Should().BeFalse();
        (await AssumeAsync(Responses.Good(), request => request with { Policy = "{" })).Error!.Code.Should().Be("MalformedPolicyDocument");
        (await AssumeAsync(Responses.Good(), request => request with { Policy = new string(' ', 2049) })).Error!.Code.Should().Be("ValidationError");
    }

    [Fact]
    public async Task Broken_parameters_are_validation_errors_and_the_assertion_is_not_repeated()
    {
        var error = (await _host.Issuer.AssumeRoleWithSamlAsync(new AssumeRoleWithSamlRequest { RoleArn = null, PrincipalArn = "p", SamlAssertion = null, DurationSeconds = 1 })).Error!;
        error.Code.Should().Be("ValidationError");
        error.Message.Should().Contain("'roleArn'").And.Contain("'principalArn'").And.Contain("'sAMLAssertion'").And.Contain("'durationSeconds'");
        foreach (var assertion in new[] { "", "AAA", "not base64!", new string('A', 100_004) })
        {
            var refused = (await AssumeAsync(assertion)).Error!;
            (refused.Code, refused.Message).Should().Be(("InvalidIdentityToken", "The SAML response that was passed is not valid."));
        }
    }

    [Fact]
    public async Task Operation_is_not_offered_by_a_host_that_did_not_add_it()
    {
        using var host = new TestHost();
        var error = (await host.Issuer.AssumeRoleWithSamlAsync(Request("AAAA"))).Error!;
        (error.Code, error.Message).Should().Be(("InvalidAction", "Could not find operation AssumeRoleWithSAML for version 2011-06-15"));
    }

    [Fact]
    public async Task Sessions_of_a_subject_are_ended_by_its_issuer_and_name()
    {
        AddRole();
        var mine = (await AssumeAsync()).Value.Credentials;
        var others = (await AssumeAsync(Responses.Good() with { Subject = "<saml:NameID>bob</saml:NameID>" })).Value.Credentials;
        await _host.Get<Revoker>().RevokeAsync(RevocationTarget.FederatedSubject(IdentityProvider.EntityId, "alice@idp.example"));
        (await _host.RefusalAsync(mine)).Should().Be("InvalidClientTokenId");
        (await _host.RefusalAsync(others)).Should().BeNull();
    }

    [Fact]
    public void Request_prints_no_assertion() => Request("PHNlY3JldC8+").ToString().Should().NotContain("PHNlY3JldC8+");

    private static string Trust(string principal, string actions, string condition) =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"{{principal}}"},"Action":["{{actions}}"],"Condition":{{condition}} } }""";

    private static AssumeRoleWithSamlRequest Request(string assertion) => new() { RoleArn = Responses.Role, PrincipalArn = Responses.Provider, SamlAssertion = assertion };

    private Role AddRole(string principal = Responses.Provider, string actions = "sts:AssumeRoleWithSAML", string condition = "{}", int maxHours = 1)
    {
        var role = _host.AddRole("Reader", Trust(principal, actions, condition), AllowAll, path: "/staff/") with { MaxSessionDuration = Duration.FromHours(maxHours) };
        _host.Store.Put(role);
        return role;
    }

    private Task<StsResult<AssumeRoleWithSamlResponse>> AssumeAsync(SamlResponse? response = null, Func<AssumeRoleWithSamlRequest, AssumeRoleWithSamlRequest>? change = null) =>
        AssumeAsync(IdentityProvider.Trusted.Sign(response ?? Responses.Good()), change);

    private async Task<StsResult<AssumeRoleWithSamlResponse>> AssumeAsync(string assertion, Func<AssumeRoleWithSamlRequest, AssumeRoleWithSamlRequest>? change = null) =>
        await _host.Issuer.AssumeRoleWithSamlAsync(change is null ? Request(assertion) : change(Request(assertion)));
}
