namespace TokenService.AspNetCore.Tests;

public sealed class ParametersTests
{
    [Theory]
    [InlineData("900", 900)]
    [InlineData("%2B900", 900)]
    [InlineData("0900", 900)]
    [InlineData("-1", -1)]
    [InlineData("2147483647", int.MaxValue)]
    public void Integer_of_32_bits_is_read_with_sign_and_leading_zeros(string text, int value)
    {
        var parameters = QueryParserTests.Read($"D={text}");
        parameters.Integer("D").Should().Be(value);
        parameters.Malformed.Should().BeNull();
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("900.0")]
    [InlineData("9e2")]
    [InlineData("2147483648")]
    [InlineData("%20900")]
    [InlineData("900%20")]
    [InlineData("900%00")]
    [InlineData("%2B")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    [InlineData("%D9%A1")]
    public void What_is_no_integer_is_malformed_input_without_a_message(string text)
    {
        var parameters = QueryParserTests.Read($"D={text}");
        parameters.Integer("D").Should().BeNull();
        parameters.Malformed.Should().Be(StsError.MalformedInput(null));
    }

    [Fact]
    public void Empty_integer_is_malformed_input_that_says_so_and_an_absent_one_is_absent()
    {
        var parameters = QueryParserTests.Read("D=");
        parameters.Integer("E").Should().BeNull();
        parameters.Malformed.Should().BeNull();
        parameters.Integer("D").Should().BeNull();
        parameters.Malformed.Should().Be(StsError.MalformedInput("missing value for decimal type"));
    }

    [Fact]
    public void List_is_read_in_the_order_of_its_numbers_and_gaps_close() =>
        QueryParserTests.Read("K.member.10=c&K.member.2=b&K.member.1=a&K.member.999999999=d").List("K").Should().Equal("a", "b", "c", "d");

    [Theory]
    [InlineData("K.member.0=a")]
    [InlineData("K.member.01=a")]
    [InlineData("K.member.-1=a")]
    [InlineData("K.member.1000000000=a")]
    [InlineData("K.member.99999999999999999999=a")]
    [InlineData("K.member.=a")]
    [InlineData("K.member.1.=a")]
    [InlineData("K.1=a")]
    [InlineData("K=")]
    [InlineData("Kx.member.1=a")]
    public void What_is_no_member_is_not_read_as_one(string form) => QueryParserTests.Read(form).List("K").Should().BeEmpty();

    [Fact]
    public void Structures_keep_the_fields_that_were_sent()
    {
        var tags = QueryParserTests.Read("Tags.member.2.Key=b&Tags.member.1.Key=a&Tags.member.1.Value=").Tags();
        tags.Should().Equal(new Tag("a", ""), new Tag("b", null!));
    }
}
