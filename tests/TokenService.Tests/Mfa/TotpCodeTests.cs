namespace TokenService.Tests.Mfa;

public sealed class TotpCodeTests
{
    /// <summary>The secrets of RFC 6238, appendix B: the same digits again and again, to the length of the hash.</summary>
    private static byte[] SecretOf(TotpAlgorithm algorithm) =>
        [.. Enumerable.Range(0, algorithm switch { TotpAlgorithm.Sha1 => 20, TotpAlgorithm.Sha256 => 32, _ => 64 }).Select(index => (byte)('0' + ((index + 1) % 10)))];

    [Theory]
    [InlineData(59, "94287082", "46119246", "90693936")]
    [InlineData(1111111109, "07081804", "68084774", "25091201")]
    [InlineData(1111111111, "14050471", "67062674", "99943326")]
    [InlineData(1234567890, "89005924", "91819424", "93441116")]
    [InlineData(2000000000, "69279037", "90698825", "38618901")]
    [InlineData(20000000000, "65353130", "77737706", "47863826")]
    public void Codes_are_those_of_RFC_6238(long seconds, string sha1, string sha256, string sha512)
    {
        foreach (var (algorithm, code) in new[] { (TotpAlgorithm.Sha1, sha1), (TotpAlgorithm.Sha256, sha256), (TotpAlgorithm.Sha512, sha512) })
        {
            var parameters = TotpParameters.Default with { Algorithm = algorithm, Digits = 8 };
            var now = Instant.FromUnixTimeSeconds(seconds);
            TotpCode.Compute(SecretOf(algorithm), parameters, now).Should().Be(code);
            TotpCode.Match(SecretOf(algorithm), parameters, code, now).Should().Be(seconds / 30 * 30);
            TotpCode.Compute(SecretOf(algorithm), parameters with { Digits = 6 }, now).Should().Be(code[2..]);
        }
    }

    /// <summary>Reference 14, vector 9.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1234567890, "005924")]
    public void Codes_of_six_digits_keep_their_leading_zeros(long seconds, string code) =>
        TotpCode.Compute(SecretOf(TotpAlgorithm.Sha1), TotpParameters.Default, Instant.FromUnixTimeSeconds(seconds)).Should().Be(code);

    [Theory]
    [InlineData(-31, false)]
    [InlineData(-30, true)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(29, true)]
    [InlineData(30, true)]
    [InlineData(59, true)]
    [InlineData(60, false)]
    public void Code_counts_in_its_step_and_one_either_side(int seconds, bool counts)
    {
        // The code of the step that begins at 1,111,111,110.
        const long step = 1111111110;
        TotpCode.Match(SecretOf(TotpAlgorithm.Sha1), TotpParameters.Default, "050471", Instant.FromUnixTimeSeconds(step + seconds))
            .Should().Be(counts ? step : null);
    }

    [Theory]
    [InlineData("05047")]
    [InlineData("0504710")]
    [InlineData("14050471")]
    [InlineData("")]
    [InlineData(" 50471")]
    [InlineData("٠٥٠٤٧١")]
    public void Code_is_compared_whole(string code) =>
        TotpCode.Match(SecretOf(TotpAlgorithm.Sha1), TotpParameters.Default, code, Instant.FromUnixTimeSeconds(1111111110)).Should().BeNull();

    [Fact]
    public void Step_has_the_length_that_the_device_has()
    {
        var minute = TotpParameters.Default with { Step = Duration.FromMinutes(1) };
        var code = TotpCode.Compute(SecretOf(TotpAlgorithm.Sha1), minute, Instant.FromUnixTimeSeconds(118));
        code.Should().Be("287082", "the second step of a minute is that of thirty seconds");
        TotpCode.Match(SecretOf(TotpAlgorithm.Sha1), minute, code, Instant.FromUnixTimeSeconds(179)).Should().Be(60);
        TotpCode.Match(SecretOf(TotpAlgorithm.Sha1), minute, code, Instant.FromUnixTimeSeconds(180)).Should().BeNull();
    }

    [Fact]
    public void First_step_of_all_has_none_before_it() =>
        TotpCode.Match(SecretOf(TotpAlgorithm.Sha1), TotpParameters.Default, "755224", Instant.FromUnixTimeSeconds(0)).Should().Be(0);
}
