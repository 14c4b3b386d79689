using Microsoft.Extensions.Options;

namespace TokenService.Tests.Federation;

public sealed class OidcOptionsTests
{
    public static TheoryData<Action<OidcOptions>, string?> Settings => new()
    {
        { options => options.UnknownKeyInterval = TimeSpan.FromSeconds(1), null },
        { options => options.UnknownKeyInterval = TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1), "Oidc.UnknownKeyInterval is 00:00:00.9999999; it is one second to one hour." },
        { options => options.UnknownKeyInterval = TimeSpan.FromHours(1), null },
        { options => options.UnknownKeyInterval = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1), "Oidc.UnknownKeyInterval is 01:00:00.0000001; it is one second to one hour." },
        { options => options.StaleKeyLifetime = TimeSpan.Zero, null },
        { options => options.StaleKeyLifetime = TimeSpan.FromTicks(-1), "Oidc.StaleKeyLifetime is -00:00:00.0000001; it is none to seven days." },
        { options => options.StaleKeyLifetime = TimeSpan.FromDays(7), null },
        { options => options.StaleKeyLifetime = TimeSpan.FromDays(7) + TimeSpan.FromTicks(1), "Oidc.StaleKeyLifetime is 7.00:00:00.0000001; it is none to seven days." },
        { options => options.FetchTimeout = TimeSpan.FromMilliseconds(100), null },
        { options => options.FetchTimeout = TimeSpan.FromMilliseconds(100) - TimeSpan.FromTicks(1), "Oidc.FetchTimeout is 00:00:00.0999999; it is a tenth of a second to thirty seconds." },
        { options => options.FetchTimeout = TimeSpan.FromSeconds(30), null },
        { options => options.FetchTimeout = TimeSpan.FromSeconds(30) + TimeSpan.FromTicks(1), "Oidc.FetchTimeout is 00:00:30.0000001; it is a tenth of a second to thirty seconds." },
    };

    [Theory, MemberData(nameof(Settings))]
    public void Each_option_is_refused_beyond_its_edge_and_named(Action<OidcOptions> set, string? fault)
    {
        using var host = new TestHost(options => set(options.Oidc));
        var reading = () => host.Get<IOptions<TemporaryCredentialsOptions>>().Value;
        if (fault is null)
        {
            reading.Should().NotThrow();
        }
        else
        {
            reading.Should().Throw<OptionsValidationException>().Which.Failures.Should().Equal(fault);
        }
    }

    [Fact]
    public void Faults_are_told_together()
    {
        var options = new OidcOptions { UnknownKeyInterval = TimeSpan.Zero, StaleKeyLifetime = TimeSpan.MaxValue, FetchTimeout = TimeSpan.MinValue };
        options.Faults().Should().HaveCount(3);
        new OidcOptions().Faults().Should().BeEmpty();
    }
}
