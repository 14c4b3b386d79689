using System.Text;

namespace TokenService.AspNetCore.Tests;

public sealed class QueryParserTests
{
    [Theory]
    [InlineData("Action=A&Version=1", "Action", "A")]
    [InlineData("Policy=a+b", "Policy", "a b")]
    [InlineData("Policy=a%2Bb%20c", "Policy", "a+b c")]
    [InlineData("a%2Eb=1", "a.b", "1")]
    [InlineData("x=%c3%A9", "x", "é")]
    [InlineData("&&x=1&", "x", "1")]
    [InlineData("x", "x", "")]
    [InlineData("x=1=2", "x", "1=2")]
    public void Form_is_decoded_and_a_plus_sign_is_a_space(string form, string name, string value) =>
        Read(form).Text(name).Should().Be(value);

    [Fact]
    public void First_of_two_values_counts() => Read("x=1&x=2").Text("x").Should().Be("1");

    [Theory]
    [InlineData("x=%")]
    [InlineData("x=%4")]
    [InlineData("x=%4g")]
    [InlineData("%zz=1")]
    [InlineData("x=1%")]
    [InlineData("x=%+4")]
    public void Broken_escape_is_refused(string form) => Reading(form, out _).Should().Be(QueryReading.Broken);

    [Theory]
    [InlineData("x=%ff")]
    [InlineData("x=%c3")]
    [InlineData("x=%ed%a0%80")]
    public void What_is_no_UTF8_is_refused_and_not_replaced(string form) => Reading(form, out _).Should().Be(QueryReading.Broken);

    [Theory]
    [InlineData(Parameters.MaxCount, QueryReading.Complete)]
    [InlineData(Parameters.MaxCount + 1, QueryReading.TooMany)]
    internal void Number_of_parameters_is_bounded_repeated_ones_counted(int count, QueryReading reading)
    {
        Reading(string.Join('&', Enumerable.Range(0, count).Select(index => $"p{index}=1")), out _).Should().Be(reading);
        Reading(string.Join('&', Enumerable.Repeat("p=1", count)), out _).Should().Be(reading);
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var source = new Random(20260102);
        var alphabet = "%&=+.0A1member.Tags\u00ff\u0000"u8.ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[source.Next(0, 80)];
            source.NextBytes(bytes);
            for (var index = 0; round % 2 == 0 && index < bytes.Length; index++)
            {
                bytes[index] = alphabet[bytes[index] % alphabet.Length];
            }

            var parameters = new Parameters();
            QueryParser.Read(bytes, parameters);
            foreach (var operation in ServiceModel.OperationNames)
            {
                ServiceModel.Check(operation, parameters);
            }

            parameters.Structures("Tags").Should().HaveCountLessThanOrEqualTo(80);
            parameters.Integer("A");
        }
    }

    internal static Parameters Read(string form)
    {
        Reading(form, out var parameters).Should().Be(QueryReading.Complete);
        return parameters;
    }

    private static QueryReading Reading(string form, out Parameters parameters) =>
        QueryParser.Read(Encoding.UTF8.GetBytes(form), parameters = new Parameters());
}
