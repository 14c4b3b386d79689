using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace TokenService.Conformance;

/// <summary>Unmodified S3 clients, with the credentials of a role session, in the modes in which they send bodies.</summary>
public sealed class S3ClientTests(S3Service service) : IClassFixture<S3Service>
{
    private const string Caller = "arn:aws:sts::111122223333:assumed-role/uploader/s3-client";

    private static readonly byte[] Streamed = [.. Enumerable.Repeat("streamed "u8.ToArray(), 30_000).SelectMany(bytes => bytes).Take(200_000)];

    [Theory]
    [InlineData("buffer", "js/buffer", null)]
    [InlineData("stream", "js/stream + é", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")]
    [InlineData("presign", "js/presigned", "")]
    [InlineData("v4a", "js/v4a", null)]
    public async Task SDK_for_JavaScript_uploads(string operation, string key, string? mode)
    {
        await RunAsync(operation, key);
        var kept = service.Kept[$"photos/{key}"];
        kept.Data.Should().Equal(Streamed);
        kept.Caller.Should().Be(Caller);
        if (mode is not null)
        {
            kept.Mode.Should().Be(mode);
        }
    }

    [Fact]
    public async Task SDK_for_JavaScript_makes_forms_that_are_accepted()
    {
        await RunAsync("post", "js/form/");
        service.Kept["photos/js/form/upload.txt"].Data.Should().Equal(Streamed);
        service.Kept["photos/js/form/upload.txt"].Caller.Should().Be(Caller);
    }

    [Theory]
    [InlineData("net/trailer", true, true, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")]
    [InlineData("net/chunked", true, false, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")]
    [InlineData("net/whole", false, false, null)]
    public async Task SDK_for_NET_uploads(string key, bool chunked, bool withChecksum, string? mode)
    {
        using var client = Client(withChecksum);
        await client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = S3Service.Bucket,
            Key = key,
            InputStream = new MemoryStream(Streamed),
            UseChunkEncoding = chunked,
        });
        var kept = service.Kept[$"photos/{key}"];
        kept.Data.Should().Equal(Streamed);
        kept.Caller.Should().Be(Caller);
        if (mode is not null)
        {
            kept.Mode.Should().Be(mode);
        }

        using var answer = await client.GetObjectAsync(S3Service.Bucket, key);
        var read = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(read);
        read.ToArray().Should().Equal(Streamed);
    }

    [Fact]
    public async Task SDK_for_NET_reads_the_error_of_a_refused_request()
    {
        using var client = new AmazonS3Client(
            new SessionAWSCredentials(service.Session.Id, "another secret", service.Session.Token), Config(withChecksum: false));
        var act = async () => await client.PutObjectAsync(new PutObjectRequest { BucketName = S3Service.Bucket, Key = "net/refused", ContentBody = "x" });
        (await act.Should().ThrowAsync<AmazonS3Exception>()).Which.ErrorCode.Should().Be("SignatureDoesNotMatch");
        service.Kept.Should().NotContainKey("photos/net/refused");
    }

    private AmazonS3Client Client(bool withChecksum) =>
        new(new SessionAWSCredentials(service.Session.Id, service.Session.Secret, service.Session.Token), Config(withChecksum));

    private AmazonS3Config Config(bool withChecksum) => new()
    {
        ServiceURL = service.Url.GetLeftPart(UriPartial.Authority),
        AuthenticationRegion = "us-east-1",
        ForcePathStyle = true,
        MaxErrorRetry = 0,
        RequestChecksumCalculation = withChecksum ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED,
    };

    private async Task RunAsync(string operation, string key)
    {
        var script = Repository.PathOf("tests", "TokenService.Conformance", "Clients", "s3.mjs");
        await using var process = ChildProcess.Start(
            "node", [script, service.Url.GetLeftPart(UriPartial.Authority), operation, key, service.Session.Id, service.Session.Secret, service.Session.Token!]);
        (await process.WaitForLineAsync(line => line.StartsWith('{'))).Should().Be("""{"result":"done"}""");
    }
}
