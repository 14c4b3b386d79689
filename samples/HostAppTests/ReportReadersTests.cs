using TokenService;
using TokenService.Testing;
using WebApp;
using Xunit;

namespace HostAppTests;

/// <summary>The identities of the sample <c>WebApp</c> as they are: who of its provider may do what, and who may not.</summary>
public sealed class ReportReadersTests : IDisposable
{
    private readonly TestTokenService _sts = new();
    private readonly FakeOpenIdProvider _provider;
    private readonly Identities _app;

    public ReportReadersTests()
    {
        _provider = _sts.AddOpenIdProvider("https://login.example", Identities.ClientId);
        _app = Identities.Create(_provider.Issuer);
        _app.PutInto(_sts.Store);
    }

    public static TheoryData<BadToken> EveryFlaw => [.. Enum.GetValues<BadToken>()];

    public void Dispose() => _sts.Dispose();

    [Fact]
    public async Task Alice_reads_the_reports_of_quarters_and_no_others()
    {
        var credentials = await _sts.AssumeRoleAsync(_provider.IssueToken("alice"), _app.Readers);
        Assert.True(await _sts.IsAllowedAsync(credentials, "reports:Read", Reports.ArnOf("q1")));
        Assert.False(await _sts.IsAllowedAsync(credentials, "reports:Read", Reports.ArnOf("salaries")));
        Assert.False(await _sts.IsAllowedAsync(credentials, "reports:Delete", Reports.ArnOf("q1")));
    }

    [Fact]
    public async Task Nobody_else_becomes_a_reader()
    {
        var refused = await Assert.ThrowsAsync<StsException>(() => _sts.AssumeRoleAsync(_provider.IssueToken("mallory"), _app.Readers));
        Assert.Equal("AccessDenied", refused.Error.Code);
    }

    [Theory, MemberData(nameof(EveryFlaw))]
    public async Task Bad_token_makes_nobody_a_reader(BadToken flaw) =>
        await Assert.ThrowsAsync<StsException>(() => _sts.AssumeRoleAsync(_provider.IssueBadToken(flaw, "alice"), _app.Readers));

    [Fact]
    public async Task Reader_is_asked_to_sign_in_again_after_an_hour()
    {
        var credentials = await _sts.AssumeRoleAsync(_provider.IssueToken("alice"), _app.Readers);
        _sts.Clock.AdvanceHours(1);
        var refused = await Assert.ThrowsAsync<StsException>(() => _sts.CallerAsync(credentials));
        Assert.Equal("ExpiredToken", refused.Error.Code);
    }

    [Fact]
    public async Task Keys_of_the_provider_rotate_and_nobody_notices()
    {
        var before = _provider.IssueToken("alice");
        await _sts.AssumeRoleAsync(before, _app.Readers);
        _provider.RotateKeys();
        await _sts.AssumeRoleAsync(_provider.IssueToken("alice"), _app.Readers);
        await _sts.AssumeRoleAsync(before, _app.Readers);
    }
}
