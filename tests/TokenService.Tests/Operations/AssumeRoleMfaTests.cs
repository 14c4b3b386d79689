using TokenService.Tests.Mfa;

namespace TokenService.Tests.Operations;

public sealed class AssumeRoleMfaTests : IDisposable
{
    private readonly MfaBench _bench = new();

    private TestHost Host => _bench.Host;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Right_code_meets_a_trust_policy_that_asks_for_a_second_factor_and_its_age()
    {
        var role = AddRole("""  "Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThanEquals":{"aws:MultiFactorAuthAge":"0"}  """);
        (await AssumeAsync(role, null)).Error!.Message.Should().Contain("is not authorized to perform: sts:AssumeRole");
        (await AssumeAsync(role, _bench.Wrong())).Error!.Message.Should().Be(MfaBench.WrongCode);
        var credentials = (await AssumeAsync(role, _bench.Code())).Value.Credentials;

        // Reference 6.8: a second factor is not inherited through a role.
        (await Host.CallerAsync(credentials)).Session!.MfaAuthenticatedAt.Should().BeNull();
    }

    [Theory, InlineData("BoolIfExists", true), InlineData("Bool", false)]
    public async Task Long_term_key_without_a_code_says_neither_yes_nor_no(string condition, bool allowed) =>
        (await AssumeAsync(AddRole($$"""  "{{condition}}":{"aws:MultiFactorAuthPresent":"false"}  """), null)).IsSuccess.Should().Be(allowed);

    [Fact]
    public async Task Code_that_is_given_is_checked_also_where_no_policy_asks_for_it()
    {
        var role = AddRole("");
        (await AssumeAsync(role, _bench.Wrong())).Error!.Message.Should().Be(MfaBench.WrongCode);
        (await AssumeAsync(role, _bench.Code(), MfaBench.UnknownSerial)).Error!.Message.Should().Be(MfaBench.UnknownDevice);
        (await AssumeAsync(role, null)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Right_code_is_used_up_also_where_a_later_step_refuses()
    {
        var distrusting = AddRole("""  "StringEquals":{"sts:ExternalId":"other"}  """);
        var code = _bench.Code();
        (await AssumeAsync(distrusting, code)).Error!.Message.Should().Contain("not authorized");
        (await AssumeAsync(AddRole(""), code)).Error!.Message.Should().Be(MfaBench.WrongCode);
    }

    [Fact]
    public async Task Code_is_not_used_up_by_a_request_with_a_broken_parameter()
    {
        var role = AddRole("");
        var code = _bench.Code();
        var broken = await Host.Issuer.AssumeRoleAsync(await Host.UserAsync("alice"), Request(role.Arn.ToString(), code) with { RoleSessionName = "x" });
        broken.Error!.Code.Should().Be("ValidationError");
        (await AssumeAsync(role, code)).IsSuccess.Should().BeTrue();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Missing_role_and_distrusting_role_answer_a_code_alike(bool exists)
    {
        if (exists)
        {
            AddRole("""  "StringEquals":{"sts:ExternalId":"other"}  """);
        }

        var arn = "arn:aws:iam::111122223333:role/r";
        var caller = await Host.UserAsync("alice");
        var code = _bench.Code();
        (await Host.Issuer.AssumeRoleAsync(caller, Request(arn, _bench.Wrong()))).Error!.Message.Should().Be(MfaBench.WrongCode);
        (await Host.Issuer.AssumeRoleAsync(caller, Request(arn, code) with { SerialNumber = MfaBench.UnknownSerial })).Error!.Message
            .Should().Be(MfaBench.UnknownDevice);
        (await Host.Issuer.AssumeRoleAsync(caller, Request(arn, code))).Error!.Message
            .Should().Be($"User: arn:aws:iam::111122223333:user/alice is not authorized to perform: sts:AssumeRole on resource: {arn}");
        (await Host.Issuer.AssumeRoleAsync(caller, Request(arn, code))).Error!.Message.Should().Be(MfaBench.WrongCode);
    }

    [Fact]
    public async Task Session_of_a_role_has_no_device()
    {
        var role = AddRole("");
        var second = Host.AddRole("second", AssumeRoleTests.Trust(role.Arn.ToString()));
        var caller = await Host.CallerAsync((await AssumeAsync(role, null)).Value.Credentials);
        (await Host.Issuer.AssumeRoleAsync(caller, Request(second.Arn.ToString(), _bench.Code()))).Error!.Message.Should().Be(MfaBench.UnknownDevice);
        (await AssumeAsync(role, _bench.Code())).IsSuccess.Should().BeTrue("the code was not used up by somebody who cannot have it");
    }

    [Fact]
    public async Task Log_of_the_operation_has_no_code()
    {
        var role = AddRole("");
        var codes = new[] { _bench.Wrong(), _bench.Code(), _bench.Code() };
        foreach (var code in codes)
        {
            await AssumeAsync(role, code);
        }

        var log = string.Join('\n', Host.Log.Entries.Select(entry => entry.Text));
        codes.Should().AllSatisfy(code => log.Should().NotContain(code));
    }

    private static AssumeRoleRequest Request(string role, string? code, string serial = MfaBench.AlicesSerial) =>
        new() { RoleArn = role, RoleSessionName = "build-7", SerialNumber = code is null ? null : serial, TokenCode = code };

    private Role AddRole(string condition) => Host.AddRole("r", $$$"""
        {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},
        "Action":"sts:AssumeRole","Condition":{ {{{condition}}} } } }
        """);

    private async Task<StsResult<AssumeRoleResponse>> AssumeAsync(Role role, string? code, string serial = MfaBench.AlicesSerial) =>
        await Host.Issuer.AssumeRoleAsync(await Host.UserAsync("alice"), Request(role.Arn.ToString(), code, serial));
}
