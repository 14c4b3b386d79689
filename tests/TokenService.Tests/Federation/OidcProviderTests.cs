namespace TokenService.Tests.Federation;

public sealed class OidcProviderTests
{
    private static readonly Account Home = new("111122223333");

    [Theory]
    [InlineData("https://issuer.example", "issuer.example")]
    [InlineData("https://issuer.example/", "issuer.example/")]
    [InlineData("https://issuer.example:8443/Realm", "issuer.example:8443/Realm")]
    [InlineData("https://keycloak/realms/a", "keycloak/realms/a")]
    [InlineData("https://localhost", "localhost")]
    public void ARN_is_the_issuer_to_the_letter_without_its_scheme(string issuer, string resource) =>
        new OidcProvider(Home, issuer, ["app"]).Arn.ToString().Should().Be($"arn:aws:iam::111122223333:oidc-provider/{resource}");

    [Theory]
    [InlineData("http://issuer.example")]
    [InlineData("http://127.0.0.1:9000")]
    [InlineData("ftp://issuer.example")]
    [InlineData("issuer.example")]
    [InlineData("https://user@issuer.example")]
    [InlineData("https://issuer.example?a=b")]
    [InlineData("https://issuer.example#a")]
    [InlineData("https://issuer.example/*")]
    [InlineData("HTTPS://issuer.example")]
    [InlineData("https://aws")]
    [InlineData("https://STS")]
    [InlineData("https://s3")]
    [InlineData("https://login.microsoftonline.com/common/v2.0")]
    [InlineData("https://login.microsoftonline.com/organizations/v2.0")]
    public void Issuer_that_can_be_none_is_refused(string issuer) =>
        FluentActions.Invoking(() => new OidcProvider(Home, issuer, ["app"])).Should().Throw<ArgumentException>();

    [Fact]
    public void Plain_http_is_for_loopback_addresses_and_only_where_it_is_asked_for()
    {
        new OidcProvider(Home, "http://127.0.0.1:9000", ["app"], allowPlainHttp: true).AllowsPlainHttp.Should().BeTrue();
        FluentActions.Invoking(() => new OidcProvider(Home, "http://issuer.example", ["app"], allowPlainHttp: true)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new OidcProvider(Home, "https://issuer.example", ["app"]) { JwksUri = new Uri("http://127.0.0.1/keys") })
            .Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("none")]
    [InlineData("EdDSA")]
    public void Algorithm_that_is_never_accepted_cannot_be_listed(string algorithm) =>
        FluentActions.Invoking(() => new OidcProvider(Home, "https://issuer.example", ["app"]) { Algorithms = [algorithm] }).Should().Throw<ArgumentException>();

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(366 * 86_400, true)]
    [InlineData((366 * 86_400) + 1, false)]
    public void Maximum_age_is_one_second_to_366_days(int seconds, bool isOne)
    {
        var making = () => new OidcProvider(Home, "https://issuer.example", ["app"]) { MaxAge = Duration.FromSeconds(seconds) };
        if (isOne)
        {
            making().MaxAge.Should().Be(Duration.FromSeconds(seconds));
        }
        else
        {
            making.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*one second to 366 days*");
        }
    }

    [Fact]
    public void Maximum_age_may_be_absent_and_is_no_fraction_of_a_second_nor_eternal()
    {
        new OidcProvider(Home, "https://issuer.example", ["app"]).MaxAge.Should().BeNull();
        foreach (var age in new[] { Duration.FromTicks(1), Duration.FromSeconds(1) - Duration.FromTicks(1), Duration.MaxValue, Duration.MinValue })
        {
            FluentActions.Invoking(() => new OidcProvider(Home, "https://issuer.example", ["app"]) { MaxAge = age }).Should().Throw<ArgumentOutOfRangeException>();
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void Clock_tolerance_is_none_to_five_minutes(int seconds, bool isOne)
    {
        var making = () => new OidcProvider(Home, "https://issuer.example", ["app"]) { ClockTolerance = Duration.FromSeconds(seconds) };
        if (isOne)
        {
            making().ClockTolerance.Should().Be(Duration.FromSeconds(seconds));
        }
        else
        {
            making.Should().Throw<ArgumentOutOfRangeException>();
        }
    }

    [Theory]
    [InlineData("https://accounts.google.com", "Google")]
    [InlineData("https://limited.facebook.com", "Facebook Login")]
    [InlineData("https://www.amazon.com", "Login with Amazon")]
    [InlineData("https://cognito-identity.amazonaws.com", "Amazon Cognito identity pools")]
    [InlineData("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a1", "Amazon Cognito user pools")]
    [InlineData("https://login.microsoftonline.com/0b1c/v2.0", "Microsoft Entra ID")]
    [InlineData("https://sts.windows.net/0b1c/", "Microsoft Entra ID")]
    [InlineData("https://token.actions.githubusercontent.com", "GitHub Actions")]
    [InlineData("https://gitlab.com", "GitLab")]
    [InlineData("https://oidc.eks.us-east-1.amazonaws.com/id/ABC", "Kubernetes service accounts")]
    [InlineData("https://cognito-idp.a.b.amazonaws.com/x", "OpenID Connect")]
    [InlineData("https://cognito-idp.eu-west-1.amazonaws.com/a/b", "OpenID Connect")]
    [InlineData("https://gitlab.com/", "OpenID Connect")]
    public void Known_issuer_has_its_description_by_itself(string issuer, string name) =>
        new OidcProvider(Home, issuer, ["app"]).Description.Name.Should().Be(name);

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("172.31.255.255", true)]
    [InlineData("172.32.0.0", false)]
    [InlineData("8.8.8.8", false)]
    [InlineData("::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("64:ff9b::a9fe:a9fe", true)]
    [InlineData("2002:7f00:1::", true)]
    [InlineData("64:ff9b:1::a9fe:a9fe", true)]
    [InlineData("2001:0:1:2:3:4:5:6", true)]
    [InlineData("2001:200::1", false)]
    [InlineData("3fff::1", true)]
    [InlineData("5f00::1", true)]
    [InlineData("168.63.129.16", true)]
    [InlineData("168.63.129.17", false)]
    [InlineData("2606:4700::1", false)]
    public void Private_address_is_told_in_every_spelling(string address, bool isPrivate) =>
        PrivateAddresses.Contain(System.Net.IPAddress.Parse(address)).Should().Be(isPrivate);
}
