namespace TokenService.Tests.Guards;

public sealed class GuardKeyTests
{
    [Fact]
    public void Key_is_short_and_plain_however_long_and_odd_its_parts_are()
    {
        var key = GuardKey.Create(new string('k', 32), new string('\n', 1_000_000), "\ud800", "");
        key.Text.Should().HaveLength(GuardKey.MaxLength).And.MatchRegex("^k{32}:[A-Za-z0-9_-]{43}$");
        key.ToString().Should().Be(key.Text);
    }

    [Fact]
    public void Key_is_the_same_for_the_same_parts_on_every_node()
    {
        GuardKey.Create("mfa-code", "111122223333", "GAHT12345678").Should().Be(GuardKey.Create("mfa-code", "111122223333", "GAHT12345678"));

        // A changed digest would let a code be used on both sides of an upgrade.
        GuardKey.Create("mfa-code", "a", "b").Text.Should().Be("mfa-code:" + Digest("a", "b"));
    }

    [Theory]
    [InlineData("mfa-user", "a", "b")]
    [InlineData("mfa-code", "ab", "")]
    [InlineData("mfa-code", "", "ab")]
    [InlineData("mfa-code", "b", "a")]
    [InlineData("mfa-code", "A", "b")]
    public void Key_is_another_for_another_kind_and_for_parts_that_are_cut_elsewhere(string kind, string first, string second) =>
        GuardKey.Create(kind, first, second).Should().NotBe(GuardKey.Create("mfa-code", "a", "b"));

    [Fact]
    public void Broken_surrogates_are_told_apart() => GuardKey.Create("jti", "\ud800").Should().NotBe(GuardKey.Create("jti", "\ud801"));

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("with:colon")]
    [InlineData("with blank")]
    [InlineData("a-name-of-thirty-three-characters")]
    public void Kind_that_is_none_is_refused(string kind) => FluentActions.Invoking(() => GuardKey.Create(kind, "a")).Should().Throw<ArgumentException>();

    [Fact]
    public void Key_is_about_something() => FluentActions.Invoking(() => GuardKey.Create("jti")).Should().Throw<ArgumentException>();

    private static string Digest(params string[] parts)
    {
        using var bytes = new MemoryStream();
        foreach (var part in parts)
        {
            bytes.Write(BitConverter.GetBytes(part.Length));
            bytes.Write(System.Text.Encoding.Unicode.GetBytes(part));
        }

        return System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(bytes.ToArray()));
    }
}
