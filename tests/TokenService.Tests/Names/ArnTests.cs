namespace TokenService.Tests.Names;

public sealed class ArnTests
{
    [Theory]
    [InlineData("arn:aws:iam::111122223333:role/ci/deploy", "aws", "iam", "", "111122223333", "role/ci/deploy")]
    [InlineData("arn:aws-cn:s3:::bucket/a:b", "aws-cn", "s3", "", "", "bucket/a:b")]
    [InlineData("arn:my-cloud:ec2:eu-west-1:111122223333:instance/i", "my-cloud", "ec2", "eu-west-1", "111122223333", "instance/i")]
    public void Six_parts_are_read(string text, string partition, string service, string region, string account, string resource)
    {
        var arn = Arn.Parse(text);
        (arn.Partition, arn.Service, arn.Region, arn.Account, arn.Resource).Should().Be((partition, service, region, account, resource));
        arn.ToString().Should().Be(text);
        arn.Should().Be(Arn.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("arn:aws:iam::111122223333")]
    [InlineData("arn:aws:iam::111122223333:")]
    [InlineData("arn::iam::111122223333:role/x")]
    [InlineData("arn:aws:::111122223333:role/x")]
    [InlineData("ARN:aws:iam::111122223333:role/x")]
    [InlineData("arn:aws:i am::111122223333:role/x")]
    [InlineData("arn:aws:iam::111122223333:role/x\n")]
    [InlineData(null)]
    public void What_is_no_ARN_is_refused(string? text) => Arn.TryParse(text, out _).Should().BeFalse();

    [Theory]
    [InlineData(Arn.MaxLength, true)]
    [InlineData(Arn.MaxLength + 1, false)]
    public void Length_is_bounded(int length, bool valid) =>
        Arn.TryParse("arn:aws:s3:::".PadRight(length, 'x'), out _).Should().Be(valid);

    [Fact]
    public void Assumed_role_ARN_has_no_path() =>
        Arn.AssumedRole("aws", "111122223333", "deploy", "ci").ToString().Should().Be("arn:aws:sts::111122223333:assumed-role/deploy/ci");
}
