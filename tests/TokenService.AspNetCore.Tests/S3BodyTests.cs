using System.Net;
using System.Security.Cryptography;
using System.Text;
using TokenService.Tests;
using TokenService.Tests.Authentication.Payloads;

namespace TokenService.AspNetCore.Tests;

public sealed class S3BodyTests : IAsyncLifetime
{
    private const string Signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    private const string Crc32C = "x-amz-checksum-crc32c";

    private S3Host _host = null!;

    public async Task InitializeAsync() => _host = await S3Host.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("aws-chunked", "", true)]
    [InlineData("aws-chunked,gzip", "gzip", true)]
    [InlineData("gzip, AWS-Chunked", "gzip", false)]
    public async Task Endpoint_reads_the_decoded_body_with_its_length_and_coding(string coding, string seen, bool hasLength)
    {
        var data = RandomNumberGenerator.GetBytes(100_000);
        (string, string)[] headers = [
            ("Host", "b.s3.example"), ("Content-Encoding", coding), ("x-amz-content-sha256", Signed), ("x-amz-decoded-content-length", "100000")];
        var upload = new ChunkedUpload(Signed, "20260102T030405Z", headers);
        var response = await _host.SendAsync(upload.Head, Joined(upload.Body(data.Chunk(65_536))), hasLength);
        (await response.Content.ReadAsStringAsync()).Should().Be($"100000|{seen}|True|arn:aws:iam::111122223333:user/alice");
        _host.Kept.Single().Should().Equal(data);
    }

    [Theory]
    [InlineData(Signed, "SignatureDoesNotMatch", HttpStatusCode.Forbidden)]
    [InlineData(UnsignedTrailer, "BadDigest", HttpStatusCode.BadRequest)]
    public async Task Body_that_was_changed_is_refused_with_S3s_error_and_nothing_is_kept(string mode, string code, HttpStatusCode status)
    {
        var response = await _host.SendAsync(Changed(mode, "/key", out var body), body);
        response.StatusCode.Should().Be(status);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/xml");
        (await response.Content.ReadAsStringAsync()).Should().StartWith("<Error>").And.Contain($"<Code>{code}</Code>");
        _host.Kept.Should().BeEmpty();
    }

    [Fact]
    public async Task Refusal_is_answered_also_where_the_endpoint_swallowed_it()
    {
        var response = await _host.SendAsync(Changed(Signed, "/swallowing", out var body), body);
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).Should().Contain("<Code>SignatureDoesNotMatch</Code>");
    }

    [Fact]
    public async Task Answer_that_has_begun_is_broken_off()
    {
        var act = async () =>
        {
            var response = await _host.SendAsync(Changed(Signed, "/answering", out var body), body);
            await response.Content.ReadAsStringAsync();
        };
        await act.Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task Body_with_its_hash_in_the_head_is_not_kept_in_memory_and_has_no_limit_of_its_own()
    {
        var data = RandomNumberGenerator.GetBytes(1 << 20);
        var head = Plain("PUT", "/key", Convert.ToHexStringLower(SHA256.HashData(data)));
        (await (await _host.SendAsync(head, data)).Content.ReadAsStringAsync()).Should().StartWith("1048576||True|");
        data[^1] ^= 1;
        (await (await _host.SendAsync(head, data)).Content.ReadAsStringAsync()).Should().Contain("<Code>XAmzContentSHA256Mismatch</Code>");
        _host.Kept.Should().HaveCount(1);
    }

    [Fact]
    public async Task Request_that_has_no_body_is_held_against_its_hash_before_the_endpoint_runs()
    {
        var head = Plain("PUT", "/key", Convert.ToHexStringLower(SHA256.HashData([1])));
        (await (await _host.SendAsync(head, [])).Content.ReadAsStringAsync()).Should().Contain("<Code>XAmzContentSHA256Mismatch</Code>");
        _host.Kept.Should().BeEmpty();
        (await (await _host.SendAsync(Plain("PUT", "/key", ChunkedUpload.EmptyHash), [])).Content.ReadAsStringAsync()).Should().StartWith("0||");
    }

    [Fact]
    public async Task Presigned_upload_takes_any_body()
    {
        var signer = new RequestSigner(ChunkedUpload.KeyId, ChunkedUpload.SecretKey) { Service = "s3" };
        var head = signer.Presign("PUT", "/key", "", 60, "UNSIGNED-PAYLOAD", ("Host", "b.s3.example"));
        (await _host.SendAsync(head, [1, 2, 3])).StatusCode.Should().Be(HttpStatusCode.OK);
        _host.Kept.Single().Should().Equal([1, 2, 3]);
    }

    [Fact]
    public async Task Refused_head_is_answered_in_S3s_form()
    {
        var head = new RequestSigner(ChunkedUpload.KeyId, "another") { Service = "s3" }.Sign("PUT", "/key", "", [], ("Host", "b.s3.example"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"));
        var response = await _host.SendAsync(head, [1]);
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).Should().StartWith("<Error>").And.Contain("<Code>SignatureDoesNotMatch</Code>");
    }

    [Theory]
    [InlineData(10, HttpStatusCode.OK, "user/a.txt|a.txt|text/plain|")]
    [InlineData(11, HttpStatusCode.BadRequest, "<Code>EntityTooLarge</Code>")]
    [InlineData(0, HttpStatusCode.BadRequest, "<Code>EntityTooSmall</Code>")]
    public async Task Form_is_read_up_to_its_file_and_the_file_while_it_arrives(int length, HttpStatusCode status, string answer)
    {
        var response = await PostAsync(Form(Field("after", "the file"), new string('x', length)));
        response.StatusCode.Should().Be(status);
        (await response.Content.ReadAsStringAsync()).Should().Contain(answer);
        _host.Kept.Count.Should().Be(status == HttpStatusCode.OK ? 1 : 0);
    }

    [Fact]
    public async Task Form_that_is_cut_off_anywhere_is_refused_and_nothing_is_kept()
    {
        var form = Form("", "0123456789");
        for (var length = 0; length < form.Length - "--boundary--\r\n".Length - 2; length += 7)
        {
            var response = await PostAsync(form[..length]);
            response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        }

        _host.Kept.Should().BeEmpty();
        (await PostAsync(form)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("text/plain", "MalformedPOSTRequest")]
    [InlineData("multipart/form-data", "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=another", "MalformedPOSTRequest")]
    [InlineData("multipart/mixed; boundary=boundary", "MalformedPOSTRequest")]
    public async Task Upload_that_is_no_form_is_refused(string contentType, string code) =>
        (await (await PostAsync(Form("", "0123456789"), contentType)).Content.ReadAsStringAsync()).Should().Be(code);

    [Fact]
    public async Task Form_without_a_file_or_with_too_much_before_it_or_with_broken_text_is_refused()
    {
        (await (await PostAsync("--boundary\r\n" + Field("key", "a") + "--boundary--\r\n")).Content.ReadAsStringAsync()).Should().Be("InvalidArgument");
        (await (await PostAsync("--boundary\r\n" + Field("key", new string('a', 20_480)) + "--boundary--\r\n")).Content.ReadAsStringAsync())
            .Should().Be("MaxPostPreDataLengthExceeded");
        (await (await PostAsync("--boundary\r\n" + Field("key", "\u00ff") + "--boundary--\r\n")).Content.ReadAsStringAsync()).Should().Be("MalformedPOSTRequest");
        (await (await PostAsync("--boundary\r\nContent-Disposition: form-data\r\n\r\na\r\n--boundary--\r\n")).Content.ReadAsStringAsync()).Should().Be("MalformedPOSTRequest");
    }

    [Fact]
    public async Task Form_with_credentials_of_its_request_beside_its_own_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = Content(Form("", "0123456789")) };
        request.Headers.TryAddWithoutValidation("x-amz-security-token", "x");
        (await (await _host.Client.SendAsync(request)).Content.ReadAsStringAsync()).Should().Be("AccessDenied");
    }

    private static SignedRequest Plain(string method, string path, string mode) =>
        new RequestSigner(ChunkedUpload.KeyId, ChunkedUpload.SecretKey) { Service = "s3" }.Sign(method, path, "", [], ("Host", "b.s3.example"), ("x-amz-content-sha256", mode));

    /// <summary>An upload of which a byte in the middle is another than the client meant.</summary>
    private static SignedRequest Changed(string mode, string path, out byte[] body)
    {
        var data = RandomNumberGenerator.GetBytes(100_000);
        var hasTrailer = mode == UnsignedTrailer;
        (string, string)[] headers = [
            ("Host", "b.s3.example"), ("Content-Encoding", "aws-chunked"), ("x-amz-content-sha256", mode), ("x-amz-decoded-content-length", "100000"),
            .. hasTrailer ? [("x-amz-trailer", Crc32C)] : Array.Empty<(string, string)>()];
        var upload = new ChunkedUpload(mode, "20260102T030405Z", headers, path);
        body = Joined(upload.Body(data.Chunk(65_536), hasTrailer ? Crc32C : null, ChunkedUpload.Crc32C(data)));
        body[50_000] ^= 1;
        return upload.Head;
    }

    private static byte[] Joined(IEnumerable<byte[]> parts) => parts.SelectMany(part => part).ToArray();

    private static string Field(string name, string value) => $"Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";

    private static string Form(string after, string file)
    {
        var policy = Convert.ToBase64String(Encoding.UTF8.GetBytes("""
            {"expiration":"2026-01-02T04:00:00Z","conditions":[{"bucket":"photos"},["starts-with","$key","user/"],["content-length-range",1,10],
             {"x-amz-algorithm":"AWS4-HMAC-SHA256"},["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]]}
            """));
        var key = Encoding.UTF8.GetBytes("AWS4" + ChunkedUpload.SecretKey);
        foreach (var part in (string[])["20260102", "us-east-1", "s3", "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        string[] fields = [
            Field("key", "user/${filename}"), Field("policy", policy), Field("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            Field("X-Amz-Credential", $"{ChunkedUpload.KeyId}/20260102/us-east-1/s3/aws4_request"), Field("X-Amz-Date", "20260102T030405Z"),
            Field("X-Amz-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(policy)))),
            $"Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\n{file}\r\n",
            .. after.Length == 0 ? [] : new[] { after }];
        return string.Concat(fields.Select(field => "--boundary\r\n" + field)) + "--boundary--\r\n";
    }

    private static ByteArrayContent Content(string form, string contentType = "multipart/form-data; boundary=boundary")
    {
        var content = new ByteArrayContent(Encoding.Latin1.GetBytes(form));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return content;
    }

    private async Task<HttpResponseMessage> PostAsync(string form, string contentType = "multipart/form-data; boundary=boundary") =>
        await _host.Client.PostAsync("/", Content(form, contentType));
}
