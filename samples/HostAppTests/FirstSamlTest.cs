using TokenService;
using TokenService.Testing;
using Xunit;

namespace HostAppTests;

public sealed class FirstSamlTest
{
    [Fact]
    public async Task Alice_of_our_company_may_read_reports()
    {
        using var sts = new TestTokenService();
        var company = sts.AddSamlProvider("https://login.example/saml", name: "corp");
        var corp = company.Describe(sts.Account, "corp");
        var role = sts.AddRole("reports", TestPolicy.Trust(corp, "alice"), TestPolicy.Allow("reports:Read"));

        var credentials = await sts.AssumeRoleAsync(company.IssueResponse("alice", corp, role), role, corp);
        Assert.True(await sts.IsAllowedAsync(credentials, "reports:Read", "arn:aws:reports::111122223333:report/q1"));
        var forged = company.IssueBadResponse(BadSamlResponse.Wrapping1, "alice", corp, role);
        await Assert.ThrowsAsync<StsException>(() => sts.AssumeRoleAsync(forged, role, corp));
    }
}
