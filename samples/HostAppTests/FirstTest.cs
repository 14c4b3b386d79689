using TokenService.Testing;
using Xunit;

namespace HostAppTests;

public sealed class FirstTest
{
    [Fact]
    public async Task Alice_of_our_provider_may_read_reports()
    {
        using var sts = new TestTokenService();
        var provider = sts.AddOpenIdProvider("https://login.example", clientId: "reports-page");
        var trust = TestPolicy.Trust(provider.Describe(sts.Account), "alice");
        var role = sts.AddRole("reports", trust, TestPolicy.Allow("reports:Read"));

        var credentials = await sts.AssumeRoleAsync(provider.IssueToken("alice"), role);
        Assert.True(await sts.IsAllowedAsync(credentials, "reports:Read", "arn:aws:reports::111122223333:report/q1"));
        Assert.False(await sts.IsAllowedAsync(credentials, "reports:Delete", "arn:aws:reports::111122223333:report/q1"));
    }
}
