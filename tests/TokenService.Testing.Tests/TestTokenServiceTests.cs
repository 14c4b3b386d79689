using Microsoft.Extensions.DependencyInjection;

namespace TokenService.Testing.Tests;

/// <summary>The service in memory: what tests build in a line each, and that nothing of it is softer than the real one.</summary>
public sealed class TestTokenServiceTests : IDisposable
{
    private const string Report = "arn:aws:reports::111122223333:report/q1";

    private readonly TestTokenService _service = new();

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task User_whom_a_role_trusts_gets_its_credentials_and_nobody_else_does()
    {
        var alice = _service.AddUser("alice");
        var role = _service.AddRole("reports", TestPolicy.Trust(alice), TestPolicy.Allow("reports:Read"));
        var credentials = await _service.AssumeRoleAsync(alice, role);
        (await _service.IsAllowedAsync(credentials, "reports:Read", Report)).Should().BeTrue();
        (await _service.IsAllowedAsync(credentials, "reports:Delete", Report)).Should().BeFalse();
        (await _service.CallerAsync(credentials)).Arn.ToString().Should().Be("arn:aws:sts::111122223333:assumed-role/reports/test");
        await _service.Awaiting(service => service.AssumeRoleAsync(_service.AddUser("bob"), role)).Should().ThrowAsync<StsException>();
    }

    [Fact]
    public async Task Subject_whom_a_role_trusts_gets_its_credentials_and_nobody_else_does()
    {
        var provider = _service.AddOpenIdProvider();
        var role = _service.AddRole("reports", TestPolicy.Trust(provider.Describe(_service.Account), "alice"));
        (await _service.CallerAsync(await _service.AssumeRoleAsync(provider.IssueToken("alice"), role))).Kind.Should().Be(CallerKind.RoleSession);
        (await _service.Awaiting(service => service.AssumeRoleAsync(provider.IssueToken("mallory"), role)).Should().ThrowAsync<StsException>())
            .Which.Error.Code.Should().Be("AccessDenied");
        using var other = new FakeOpenIdProvider(_service.Clock, "https://other.example");
        (await _service.Awaiting(service => service.AssumeRoleAsync(other.IssueToken("alice"), role)).Should().ThrowAsync<StsException>())
            .Which.Error.Code.Should().Be("InvalidIdentityToken");
    }

    [Fact]
    public async Task Credentials_end_by_the_clock_of_the_test()
    {
        var alice = _service.AddUser("alice");
        var credentials = await _service.AssumeRoleAsync(alice, _service.AddRole("reports", TestPolicy.Trust(alice)));
        _service.Clock.Advance(Duration.FromHours(1) - Duration.FromSeconds(1));
        (await _service.CallerAsync(credentials)).Should().NotBeNull();
        _service.Clock.Advance(Duration.FromSeconds(1));
        (await _service.Awaiting(service => service.CallerAsync(credentials)).Should().ThrowAsync<StsException>()).Which.Error.Code.Should().Be("ExpiredToken");
    }

    [Fact]
    public async Task Key_of_a_user_is_known_and_another_secret_is_not()
    {
        var key = _service.AddUser("alice", TestPolicy.Allow("reports:Read", "reports:List")).AccessKeys.Single();
        (await _service.Callers.FromCredentialsAsync(key.Id, key.Secret, null)).Value.Arn.ToString().Should().EndWith("user/alice");
        (await _service.Callers.FromCredentialsAsync(key.Id, new Secret("other"), null)).Error!.Code.Should().Be("InvalidClientTokenId");
    }

    [Fact]
    public async Task Provider_that_nobody_fakes_is_out_of_reach()
    {
        using var unreachable = new FakeOpenIdProvider(_service.Clock, "https://accounts.google.com");
        _service.Store.Put(unreachable.Describe(_service.Account));
        (await _service.Services.GetRequiredService<IOidcValidator>().ValidateAsync(_service.Account.Id, unreachable.IssueToken()))
            .Error!.Code.Should().Be("IDPCommunicationError");
    }

    [Fact]
    public async Task Parts_and_options_of_the_host_count()
    {
        var store = new InMemoryIdentityStore();
        using var service = new TestTokenService(options => options.PackedPolicyBudget = 1, services => services.AddSingleton(store));
        service.Store.Should().BeSameAs(store);
        await service.Awaiting(each => Task.FromResult(each.Issuer)).Should().ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>();
    }
}
