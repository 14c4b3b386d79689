using System.Text.Json;

namespace TokenService.Tests.Names;

public sealed class SecretTests
{
    private readonly Secret _secret = new("wJalrXUtnFEMI");

    [Fact]
    public void Secret_never_prints()
    {
        _secret.ToString().Should().Be("***");
        $"{_secret}".Should().Be("***");
        JsonSerializer.Serialize(_secret).Should().NotContain("wJalr");
        _secret.GetHashCode().Should().Be(new Secret("another").GetHashCode());
    }

    [Fact]
    public void Secrets_are_equal_by_their_characters()
    {
        _secret.Should().Be(new Secret("wJalrXUtnFEMI"));
        _secret.Should().NotBe(new Secret("wJalrXUtnFEMi"));
        _secret.Reveal().Should().Be("wJalrXUtnFEMI");
    }
}
