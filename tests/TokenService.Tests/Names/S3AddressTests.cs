namespace TokenService.Tests.Names;

public sealed class S3AddressTests
{
    private static readonly string[] Hosts = ["s3.example", "s3.eu-west-1.s3.example", "localhost:9000", "[::1]", "127.0.0.1"];

    [Theory]
    [InlineData("s3.example", "/", null, null)]
    [InlineData("s3.example", "", null, null)]
    [InlineData("s3.example", "/photos", "photos", null)]
    [InlineData("s3.example", "/photos/", "photos", null)]
    [InlineData("s3.example", "/photos/a/b.jpg", "photos", "a/b.jpg")]
    [InlineData("s3.example:443", "/photos/a", "photos", "a")]
    [InlineData("S3.Example", "/photos/a", "photos", "a")]
    [InlineData("localhost:8080", "/photos/a", "photos", "a")]
    [InlineData("[::1]:9000", "/photos/a", "photos", "a")]
    [InlineData("[::1]", "/photos/a", "photos", "a")]
    [InlineData("127.0.0.1:9000", "/photos/a", "photos", "a")]
    [InlineData("s3.example", "/photos//a//", "photos", "/a//")]
    [InlineData("s3.example", "/photos/../x", "photos", "../x")]
    [InlineData("s3.example", "/photos%2Fa%2fb", "photos", "a/b")]
    [InlineData("s3.example", "/photos/a%2520b+c", "photos", "a%20b+c")]
    [InlineData("s3.example", "/photos/%E1%88%B4", "photos", "ሴ")]
    [InlineData("s3.example", "/photos/ሴ", "photos", "ሴ")]
    public void Bucket_in_the_path_is_its_first_segment_once_the_path_is_decoded(string host, string path, string? bucket, string? key)
    {
        var address = S3Address.Parse(host, path, Hosts).Value;
        (address.Bucket, address.Key, address.IsVirtualHosted).Should().Be((bucket, key, false));
    }

    [Theory]
    [InlineData("photos.s3.example", "/", "photos", null)]
    [InlineData("photos.s3.example", "/photos/a", "photos", "photos/a")]
    [InlineData("my.photos.s3.example:8443", "/a", "my.photos", "a")]
    [InlineData("Photos.S3.example", "/a", "photos", "a")]
    [InlineData("photos.localhost:9000", "//a", "photos", "/a")]
    public void Bucket_in_the_host_is_what_stands_before_the_service(string host, string path, string bucket, string? key)
    {
        var address = S3Address.Parse(host, path, Hosts).Value;
        (address.Bucket, address.Key, address.IsVirtualHosted).Should().Be((bucket, key, true));
    }

    [Fact]
    public void Longest_of_the_services_names_counts()
    {
        S3Address.Parse("photos.s3.eu-west-1.s3.example", "/a", Hosts).Value.Bucket.Should().Be("photos");
        S3Address.Parse("s3.eu-west-1.s3.example", "/photos/a", Hosts).Value.Bucket.Should().Be("photos");
    }

    [Theory]
    [InlineData("example", "/photos", "InvalidRequest")]
    [InlineData("", "/photos", "InvalidRequest")]
    [InlineData("evils3.example", "/photos", "InvalidRequest")]
    [InlineData("s3.example.evil", "/photos", "InvalidRequest")]
    [InlineData("s3.example.", "/photos", "InvalidRequest")]
    [InlineData("photos@s3.example", "/a", "InvalidRequest")]
    [InlineData(".s3.example", "/a", "InvalidBucketName")]
    [InlineData("a/b.s3.example", "/a", "InvalidBucketName")]
    [InlineData("s3.example", "//photos/a", "InvalidBucketName")]
    [InlineData("s3.example", "/%2Fphotos/a", "InvalidBucketName")]
    [InlineData("s3.example", "/Photos/a", "InvalidBucketName")]
    [InlineData("s3.example", "/../etc", "InvalidBucketName")]
    [InlineData("s3.example", "/.../etc", "InvalidBucketName")]
    [InlineData("s3.example", "/a..b/etc", "InvalidBucketName")]
    [InlineData("s3.example", "/-ab/etc", "InvalidBucketName")]
    [InlineData("s3.example", "/10.0.0.1/etc", "InvalidBucketName")]
    [InlineData("s3.example", "/photos\\a", "InvalidBucketName")]
    [InlineData("s3.example", "photos", "InvalidURI")]
    [InlineData("s3.example", "*", "InvalidURI")]
    [InlineData("s3.example", "/photos/%", "InvalidURI")]
    [InlineData("s3.example", "/photos/%4", "InvalidURI")]
    [InlineData("s3.example", "/photos/%zz", "InvalidURI")]
    [InlineData("s3.example", "/photos/%ff", "InvalidURI")]
    [InlineData("s3.example", "/photos/%c0%af", "InvalidURI")]
    [InlineData("s3.example", "/photos/a%00b", "InvalidURI")]
    public void Hostile_address_is_refused(string host, string path, string code) => S3Address.Parse(host, path, Hosts).Error!.Code.Should().Be(code);

    [Fact]
    public void Half_a_character_is_no_part_of_a_key() => S3Address.Parse("s3.example", "/photos/\ud800", Hosts).Error!.Code.Should().Be("InvalidURI");

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void Bucket_has_3_to_63_characters(int length, bool isGood) =>
        S3Address.Parse("s3.example", $"/{new string('a', length)}/k", Hosts).IsSuccess.Should().Be(isGood);

    [Theory]
    [InlineData(1024, null)]
    [InlineData(1025, "KeyTooLongError")]
    [InlineData(100_000, "KeyTooLongError")]
    public void Key_has_1024_bytes_at_most(int length, string? code) =>
        S3Address.Parse("s3.example", $"/photos/{new string('a', length)}", Hosts).Error?.Code.Should().Be(code);

    [Fact]
    public void Key_of_1024_bytes_may_be_escaped_byte_for_byte() =>
        S3Address.Parse("s3.example", "/photos/" + string.Concat(Enumerable.Repeat("%41", 1024)), Hosts).Value.Key.Should().Be(new string('A', 1024));

    [Theory]
    [InlineData("/", "*")]
    [InlineData("/photos", "arn:aws:s3:::photos")]
    [InlineData("/photos/a/b", "arn:aws:s3:::photos/a/b")]
    public void Resource_is_what_policies_call_it(string path, string resource) =>
        S3Address.Parse("s3.example", path, Hosts).Value.ToResource().Should().Be(resource);
}
