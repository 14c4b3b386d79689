namespace TokenService.Tests.Names;

public sealed class AccessKeyIdTests
{
    [Theory]
    [InlineData("ASIAY34FZKBOKMUTVV7A", "609629065308")]
    [InlineData("ASIAQNZGKIQY56JQ7WML", "029608264753")]
    [InlineData("AKIASP2TPHJSQH3FJXYZ", "171436882533")]
    [InlineData("ASIAQAAAAAAAGMKEM7X5", "000000000000")]
    [InlineData("AIDAZG2XYEL6VOGQ3VJ2H", "633154839293")]
    [InlineData("AROAYPXOM67G7A6BYFKN4", "583541782477")]
    public void Account_is_read_from_ids_as_AWS_writes_them(string id, string account)
    {
        AccessKeyId.TryGetAccount(id, out var read).Should().BeTrue();
        read.Should().Be(account);
    }

    [Theory]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    [InlineData("AKIA")]
    [InlineData("ASIAY34FZKBOKMUTVV7")]
    [InlineData("ASIAY34FZKBOKMUTVV71")]
    [InlineData("ASIA7777777777777777")]
    [InlineData(null)]
    public void Account_is_not_read_from_old_ids_nor_from_what_is_no_id(string? id) =>
        AccessKeyId.TryGetAccount(id, out _).Should().BeFalse();

    [Theory]
    [InlineData("123456789012", "ASIARZPUZDIK")]
    [InlineData("111122223333", "ASIARTX3GSDS")]
    public void Minted_id_has_the_stem_of_its_account(string account, string stem)
    {
        var id = AccessKeyId.Create(AccessKeyId.TemporaryPrefix, ulong.Parse(account, null), [1, 2, 3, 4, 5]);
        id.Should().HaveLength(20).And.StartWith(stem);
        AccessKeyId.TryGetAccount(id, out var read).Should().BeTrue();
        read.Should().Be(account);
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(16, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void Length_is_bounded_on_both_sides(int length, bool valid) => AccessKeyId.IsValid(new string('A', length)).Should().Be(valid);

    [Fact]
    public void Unique_id_carries_the_account_and_derivation_ignores_letter_case()
    {
        UniqueId.Create(UniqueId.RolePrefix, "583541782477").Should().MatchRegex("^AROA[A-Z2-7]{17}$");
        UniqueId.Derive(UniqueId.UserPrefix, "583541782477", "Alice").Should().Be(UniqueId.Derive(UniqueId.UserPrefix, "583541782477", "alice"));
        UniqueId.Derive(UniqueId.UserPrefix, "583541782477", "alice").Should().NotBe(UniqueId.Derive(UniqueId.RolePrefix, "583541782477", "alice"));
        AccessKeyId.TryGetAccount(UniqueId.Create(UniqueId.RolePrefix, "583541782477"), out var account).Should().BeTrue();
        account.Should().Be("583541782477");
    }
}
