namespace TokenService.Tests.Names;

public sealed class UniqueIdTests
{
    [Theory]
    [InlineData("AROARTX3GSDSQAAAAAAAA", true)]
    [InlineData("AROA456789012345", true)]
    [InlineData("AROA45678901234", false)]
    [InlineData("AIDARTX3GSDSQAAAAAAAA", false)]
    [InlineData("aroaRTX3GSDSQAAAAAAAA", false)]
    [InlineData("AROARTX3GSDSQ-AAAAAAA", false)]
    [InlineData("AROARTX3GSDSQÄAAAAAAA", false)]
    [InlineData("", false)]
    public void Id_of_a_role_has_its_prefix_and_16_to_128_word_characters(string text, bool isValid) =>
        UniqueId.IsValid(text, UniqueId.RolePrefix).Should().Be(isValid);

    [Theory, InlineData(128, true), InlineData(129, false)]
    public void Id_has_128_characters_at_most(int length, bool isValid) =>
        UniqueId.IsValid(UniqueId.UserPrefix + new string('A', length - 4), UniqueId.UserPrefix).Should().Be(isValid);

    [Fact]
    public void Ids_that_are_made_here_are_valid()
    {
        UniqueId.IsValid(UniqueId.Create(UniqueId.UserPrefix, "111122223333"), UniqueId.UserPrefix).Should().BeTrue();
        UniqueId.IsValid(UniqueId.Derive(UniqueId.RolePrefix, "111122223333", "r"), UniqueId.RolePrefix).Should().BeTrue();
    }
}
