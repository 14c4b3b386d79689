using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TokenService.Tests.Authentication.Payloads;

public sealed class PayloadTests : IDisposable
{
    private const string Signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private const string SignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    private const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    private const string Asymmetric = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD";
    private const string AsymmetricTrailer = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER";
    private const string Crc32C = "x-amz-checksum-crc32c";

    private static readonly SignatureRules S3 = new() { Service = "s3", IsS3 = true, Regions = ["us-east-1"] };

    private readonly TestHost _host = new();

    public PayloadTests() =>
        _host.Store.Put(User.Create(_host.Home, "alice") with { AccessKeys = [new AccessKey(ChunkedUpload.KeyId, new Secret(ChunkedUpload.SecretKey))] });

    public static TheoryData<string> ChunkedModes => [Signed, SignedTrailer, UnsignedTrailer, Asymmetric, AsymmetricTrailer];

    public void Dispose() => _host.Dispose();

    /// <summary>Source: S3 API Reference, "Transferring Payload in Multiple Chunks": 66,560 letters in two chunks; reference 14, cases 3 and 4.</summary>
    [Theory]
    [InlineData(Signed, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9")]
    [InlineData(SignedTrailer, "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e", "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435")]
    public async Task Chunked_examples_of_the_documentation_have_their_published_signatures_and_are_read(string mode, string seed, params string[] signatures)
    {
        _host.Clock.Reset(Instant.FromUtc(2013, 5, 24, 0, 0));
        var hasTrailer = mode == SignedTrailer;
        (string, string)[] headers = [
            ("Host", "s3.amazonaws.com"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"), ("Content-Encoding", "aws-chunked"),
            ("x-amz-content-sha256", mode), ("x-amz-decoded-content-length", "66560"),
            hasTrailer ? ("x-amz-trailer", Crc32C) : ("Content-Length", "66824")];
        var upload = new ChunkedUpload(mode, "20130524T000000Z", headers, "/examplebucket/chunkObject.txt");
        var data = Filled(66_560, (byte)'a');
        var body = upload.Body([data[..65_536], data[65_536..]], hasTrailer ? Crc32C : null, "sOO8/Q==");
        upload.Seed.Should().Be(seed);
        body.Select(ChunkedUpload.SignatureOf).Should().Equal(signatures);
        var read = await ReadAsync(upload.Head, Joined(body));
        read.Error.Should().BeNull();
        read.Data.Should().Equal(data);
    }

    [Theory, MemberData(nameof(ChunkedModes))]
    public async Task Chunked_body_is_read_decoded_however_the_network_cuts_it(string mode)
    {
        foreach (var piece in new[] { 1, 7, 4096, int.MaxValue })
        {
            var data = RandomNumberGenerator.GetBytes(20_000);
            var upload = Upload(mode, data.Length);
            var wire = Joined(Body(upload, mode, data));
            var read = await ReadAsync(upload.Head, wire, piece);
            read.Error.Should().BeNull();
            read.Data.Should().Equal(data);
            read.Payload!.IsComplete.Should().BeTrue();
            read.Payload.Length.Should().Be(data.Length);
            read.Payload.IsChunked.Should().BeTrue();
        }
    }

    [Theory, MemberData(nameof(ChunkedModes))]
    public async Task Empty_body_is_read_in_every_chunked_mode_and_checked_by_its_first_read(string mode)
    {
        var upload = Upload(mode, 0);
        (await ReadAsync(upload.Head, Joined(Body(upload, mode, [])))).Error.Should().BeNull();
        var other = Upload(mode, 0);
        (await ReadAsync(other.Head, [])).Error.Should().Be("IncompleteBody");
    }

    /// <summary>Every byte of a body matters: of the chunks' heads, their bytes, line ends, the trailer and its signature.</summary>
    [Theory, MemberData(nameof(ChunkedModes))]
    public async Task Body_with_any_byte_changed_is_refused_and_its_last_byte_is_never_handed_out(string mode)
    {
        var data = RandomNumberGenerator.GetBytes(MinChunk + 40);
        var upload = Upload(mode, data.Length);
        var wire = Joined(Body(upload, mode, data));
        var positions = Enumerable.Range(0, wire.Length).Where(index => index < 200 || index > wire.Length - 420 || index % 997 == 0);
        foreach (var position in positions)
        {
            var changed = wire.ToArray();
            changed[position] ^= 0x04;
            if (IsSameMeaning(wire[position], changed[position]))
            {
                continue;
            }

            var read = await ReadAsync(upload.Head, changed);
            read.Error.Should().BeOneOf(
                ["SignatureDoesNotMatch", "IncompleteBody", "InvalidChunkSizeError", "MalformedTrailerError", "BadDigest", "InvalidRequest"], "byte {0} was changed", position);
            read.Data.Length.Should().BeLessThan(data.Length);
            read.Payload!.IsComplete.Should().BeFalse();
            read.Payload.Refusal!.Code.Should().Be(read.Error);
        }
    }

    [Theory, MemberData(nameof(ChunkedModes))]
    public async Task Body_that_is_cut_off_anywhere_or_goes_on_is_refused(string mode)
    {
        var data = RandomNumberGenerator.GetBytes(MinChunk + 40);
        var upload = Upload(mode, data.Length);
        var wire = Joined(Body(upload, mode, data));
        for (var length = 0; length < wire.Length; length = length is > 200 and < MinChunk ? length + 991 : length + 1)
        {
            (await ReadAsync(upload.Head, wire[..length])).Error.Should().BeOneOf("IncompleteBody", "MalformedTrailerError");
        }

        (await ReadAsync(upload.Head, [.. wire, 0])).Error.Should().Be("IncompleteBody");
        (await ReadAsync(upload.Head, [.. wire, .. wire])).Error.Should().Be("IncompleteBody");
    }

    [Theory]
    [InlineData("missing", "IncompleteBody")]
    [InlineData("doubled", "SignatureDoesNotMatch")]
    [InlineData("exchanged", "SignatureDoesNotMatch")]
    [InlineData("of another upload", "SignatureDoesNotMatch")]
    [InlineData("last one first", "IncompleteBody")]
    public async Task Chunk_that_is_elsewhere_breaks_the_chain(string fault, string code)
    {
        var data = RandomNumberGenerator.GetBytes(3 * MinChunk);
        byte[][] chunks = [data[..MinChunk], data[MinChunk..(2 * MinChunk)], data[(2 * MinChunk)..]];
        var upload = Upload(Signed, data.Length);
        var body = upload.Body(chunks);
        switch (fault)
        {
            case "missing":
                body.RemoveAt(2);
                break;
            case "doubled":
                body[1] = body[0];
                break;
            case "exchanged":
                (body[0], body[1]) = (body[1], body[0]);
                break;
            case "of another upload":
                body[1] = new ChunkedUpload(Signed, data.Length, null, ("x-amz-meta-a", "b")).Body(chunks)[1];
                break;
            default:
                body.Insert(0, body[^1]);
                break;
        }

        (await ReadAsync(upload.Head, Joined(body))).Error.Should().Be(code);
    }

    [Theory]
    [InlineData(MinChunk, null)]
    [InlineData(MinChunk - 1, "InvalidChunkSizeError")]
    public async Task Only_the_last_chunk_may_have_less_than_8192_bytes(int first, string? code)
    {
        var data = RandomNumberGenerator.GetBytes(first + 1);
        var upload = Upload(Signed, data.Length);
        (await ReadAsync(upload.Head, Joined(upload.Body([data[..first], data[first..]])))).Error.Should().Be(code);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Chunks_have_exactly_the_decoded_length_that_was_stated(int difference)
    {
        var data = RandomNumberGenerator.GetBytes(MinChunk);
        var upload = Upload(Signed, data.Length + difference);
        (await ReadAsync(upload.Head, Joined(upload.Body([data])))).Error.Should().BeOneOf("IncompleteBody", "InvalidChunkSizeError");
    }

    [Theory]
    [InlineData("5;chunk-signature=x\r\nhello\r\n0\r\n")]
    [InlineData("5 \r\nhello\r\n0\r\n")]
    [InlineData("+5\r\nhello\r\n0\r\n")]
    [InlineData("0x5\r\nhello\r\n0\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n")]
    [InlineData("\r\nhello\r\n0\r\n")]
    [InlineData("5\nhello\r\n0\r\n")]
    [InlineData("5\rhello\r\n0\r\n")]
    [InlineData("5\r\nhello0\r\n")]
    [InlineData("5\r\nhello\n0\r\n")]
    [InlineData("00000000000000005\r\nhello\r\n0\r\n")]
    [InlineData("8000000000000000\r\nhello\r\n0\r\n")]
    [InlineData("ffffffffffffffff\r\nhello\r\n0\r\n")]
    [InlineData("6\r\nhello\r\n0\r\n")]
    [InlineData("5\r\nhello\r\n1\r\nx\r\n0\r\n")]
    public async Task Chunk_that_is_not_laid_out_as_it_has_to_be_is_refused(string chunks)
    {
        var upload = Upload(UnsignedTrailer, 5);
        var trailer = $"{Crc32C}:{ChunkedUpload.Crc32C("hello"u8.ToArray())}\r\n\r\n";
        (await ReadAsync(upload.Head, Encoding.ASCII.GetBytes(chunks + trailer))).Error.Should().Be("IncompleteBody");
        (await ReadAsync(upload.Head, Encoding.ASCII.GetBytes("0000000000000005\r\nhello\r\n0\r\n" + trailer))).Error.Should().BeNull();
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32c:mnG7TA==\r\n\r\n", null)]
    [InlineData("X-Amz-Checksum-CRC32C: mnG7TA== \r\n\r\n", null)]
    [InlineData("x-amz-checksum-crc32c:mnG7TQ==\r\n\r\n", "BadDigest")]
    [InlineData("x-amz-checksum-crc32c:mnG7T\r\n\r\n", "InvalidRequest")]
    [InlineData("x-amz-checksum-crc32c:mnG7TAAA\r\n\r\n", "InvalidRequest")]
    [InlineData("x-amz-checksum-crc32c:\r\n\r\n", "InvalidRequest")]
    [InlineData("x-amz-checksum-crc32c\r\n\r\n", "MalformedTrailerError")]
    [InlineData("x-amz-checksum-crc32:mnG7TA==\r\n\r\n", "MalformedTrailerError")]
    [InlineData("x-amz-checksum-crc32c:mnG7TA==\r\nx-amz-checksum-crc32c:mnG7TA==\r\n\r\n", "IncompleteBody")]
    [InlineData("x-amz-checksum-crc32c:mnG7TA==\r\nx-amz-meta-a:b\r\n\r\n", "IncompleteBody")]
    [InlineData("\r\n", "MalformedTrailerError")]
    public async Task Trailer_is_the_one_that_was_announced(string trailer, string? code)
    {
        var upload = Upload(UnsignedTrailer, 5);
        (await ReadAsync(upload.Head, Encoding.ASCII.GetBytes("5\r\nhello\r\n0\r\n" + trailer))).Error.Should().Be(code);
    }

    [Fact]
    public async Task Trailer_without_its_signature_is_refused_where_chunks_are_signed()
    {
        var upload = Upload(SignedTrailer, 5);
        var body = upload.Body([[.. "hello"u8]], Crc32C, "mnG7TA==");
        body[^1] = Encoding.ASCII.GetBytes("x-amz-checksum-crc32c:mnG7TA==\r\n\r\n");
        (await ReadAsync(upload.Head, Joined(body))).Error.Should().Be("MalformedTrailerError");
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32", "y/Q5Jg==")]
    [InlineData("x-amz-checksum-crc32c", "4waSgw==")]
    [InlineData("x-amz-checksum-crc64nvme", "rosUhgp5mIg=")]
    [InlineData("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=")]
    [InlineData("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=")]
    [InlineData("Content-MD5", "JfnnlDI7RTiF9RgfG2JNCw==")]
    public async Task Checksum_in_a_header_is_held_against_the_body(string name, string value)
    {
        // The check values of the algorithms: what they make of the nine digits.
        var digits = "123456789"u8.ToArray();
        (await ReadAsync(Plain("UNSIGNED-PAYLOAD", (name, value)), digits)).Error.Should().BeNull();
        (await ReadAsync(Plain("UNSIGNED-PAYLOAD", (name, value)), "123456780"u8.ToArray())).Error.Should().Be("BadDigest");
        (await HeadAsync(Plain("UNSIGNED-PAYLOAD", (name, value[1..])))).Should().Be(name == "Content-MD5" ? "InvalidDigest" : "InvalidRequest");
    }

    [Theory]
    [InlineData("x-amz-checksum-md4", "AAAA", "InvalidRequest")]
    [InlineData("x-amz-checksum-algorithm", "CRC32", null)]
    [InlineData("x-amz-trailer", "x-amz-checksum-crc32", "InvalidRequest")]
    [InlineData("Content-Length", "x", "InvalidArgument")]
    public async Task Header_that_cannot_be_heeded_is_refused_and_not_ignored(string name, string value, string? code) =>
        (await HeadAsync(Plain("UNSIGNED-PAYLOAD", (name, value)))).Should().Be(code);

    [Fact]
    public async Task Two_checksums_are_refused_and_a_Content_MD5_beside_one_is_not()
    {
        var crc = ("x-amz-checksum-crc32", "y/Q5Jg==");
        (await HeadAsync(Plain("UNSIGNED-PAYLOAD", crc, ("x-amz-checksum-crc32c", "4waSgw==")))).Should().Be("InvalidRequest");
        (await HeadAsync(Plain("UNSIGNED-PAYLOAD", crc, ("Content-MD5", "JfnnlDI7RTiF9RgfG2JNCw==")))).Should().BeNull();
    }

    [Theory]
    [InlineData("uploadId=1", true)]
    [InlineData("uploads=", false)]
    public async Task Checksum_of_the_object_is_not_held_against_the_list_that_completes_it(string query, bool completes)
    {
        var signer = new RequestSigner(ChunkedUpload.KeyId, ChunkedUpload.SecretKey) { Service = "s3" };
        var request = Following(signer.Sign("POST", "/key", query, [], ("Host", "b.s3"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("x-amz-checksum-crc32", "y/Q5Jg==")));
        (await ReadAsync(request, "<list/>"u8.ToArray())).Error.Should().Be(completes ? null : "BadDigest");
    }

    [Fact]
    public async Task Body_with_its_hash_in_the_head_is_checked_while_it_is_read()
    {
        var data = RandomNumberGenerator.GetBytes(100_000);
        var head = Plain(Convert.ToHexStringLower(SHA256.HashData(data)), ("Content-Length", "100000"));
        (await ReadAsync(head, data)).Data.Should().Equal(data);
        foreach (var position in new[] { 0, 50_000, 99_999 })
        {
            var changed = data.ToArray();
            changed[position] ^= 1;
            var read = await ReadAsync(head, changed);
            read.Error.Should().Be("XAmzContentSHA256Mismatch");
            read.Data.Length.Should().BeLessThan(data.Length);
        }

        (await ReadAsync(head, data[..^1])).Error.Should().Be("IncompleteBody");
        (await ReadAsync(head, [.. data, 0])).Error.Should().Be("IncompleteBody");
    }

    [Fact]
    public async Task Unsigned_body_is_read_as_it_comes_and_nobody_vouches_for_it()
    {
        var read = await ReadAsync(Plain("UNSIGNED-PAYLOAD"), [1, 2, 3]);
        read.Data.Should().Equal([1, 2, 3]);
        read.Payload!.IsSigned.Should().BeFalse();
        read.Payload.Length.Should().BeNull();
    }

    [Theory]
    [InlineData("", "InvalidArgument")]
    [InlineData("unsigned-payload", "InvalidArgument")]
    [InlineData("STREAMING-AWS4-HMAC-SHA512-PAYLOAD", "InvalidArgument")]
    [InlineData("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "InvalidArgument")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85", "InvalidArgument")]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "MissingContentLength")]
    public async Task Mode_that_is_none_or_not_the_signatures_own_or_has_no_length_is_refused(string mode, string code) =>
        (await HeadAsync(Plain(mode))).Should().Be(code);

    [Theory]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1,2")]
    [InlineData("9223372036854775808")]
    public async Task Decoded_length_that_is_none_is_refused(string length) =>
        (await HeadAsync(Plain(Signed, ("x-amz-decoded-content-length", length)))).Should().Be("InvalidArgument");

    [Fact]
    public async Task Trailer_mode_without_an_announced_checksum_is_refused()
    {
        (await HeadAsync(Plain(UnsignedTrailer, ("x-amz-decoded-content-length", "5")))).Should().Be("InvalidRequest");
        (await HeadAsync(Plain(UnsignedTrailer, ("x-amz-decoded-content-length", "5"), ("x-amz-trailer", "x-amz-meta-a")))).Should().Be("InvalidRequest");
        (await HeadAsync(Plain(UnsignedTrailer, ("x-amz-decoded-content-length", "5"), ("x-amz-trailer", "content-md5")))).Should().Be("InvalidRequest");
    }

    [Fact]
    public async Task Presigned_request_is_never_chunked()
    {
        var request = new RequestSigner(ChunkedUpload.KeyId, ChunkedUpload.SecretKey) { Service = "s3" }
            .Presign("PUT", "/key", "", 60, Signed, ("Host", "b.s3"), ("x-amz-content-sha256", Signed), ("x-amz-decoded-content-length", "5"));
        (await HeadAsync(Following(request))).Should().Be("InvalidArgument");
    }

    [Fact]
    public async Task Streaming_mode_without_the_body_to_follow_stays_refused()
    {
        var upload = Upload(Signed, 0);
        var whole = new SignedRequest { Method = "PUT", Path = "/key", Query = "", Headers = upload.Head.Headers };
        (await HeadAsync(whole)).Should().Be("XAmzContentSHA256Mismatch");
    }

    [Fact]
    public async Task Body_cannot_follow_where_the_service_is_not_of_S3s_kind()
    {
        var act = async () => await _host.Authenticator.AuthenticateAsync(Upload(Signed, 0).Head, SignatureRules.Sts);
        await act.Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task Body_that_failed_has_no_end_for_a_reader_that_tries_again()
    {
        var upload = Upload(Signed, 5);
        var stream = (await _host.Authenticator.AuthenticateAsync(upload.Head, S3)).Value.Payload!.Open(new MemoryStream([1, 2, 3]));
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var act = async () => await stream.ReadAsync(new byte[10]);
            (await act.Should().ThrowAsync<PayloadException>()).Which.Error.Code.Should().Be("IncompleteBody");
        }
    }

    [Fact]
    public async Task Read_that_was_broken_off_is_no_end_either()
    {
        var upload = Upload(Signed, 5);
        var wire = Joined(upload.Body([[1, 2, 3, 4, 5]]));
        using var cancel = new CancellationTokenSource();
        var payload = (await _host.Authenticator.AuthenticateAsync(upload.Head, S3)).Value.Payload!;
        var stream = payload.Open(new PieceStream(wire, 30, cancel));
        var act = async () => await stream.ReadAsync(new byte[10], cancel.Token);
        await act.Should().ThrowAsync<OperationCanceledException>();
        var again = async () => await stream.ReadAsync(new byte[10]);
        await again.Should().ThrowAsync<PayloadException>();
        payload.IsComplete.Should().BeFalse();
    }

    [Fact]
    public async Task Body_is_opened_once()
    {
        var payload = (await _host.Authenticator.AuthenticateAsync(Upload(Signed, 0).Head, S3)).Value.Payload!;
        payload.Open(Stream.Null);
        payload.Invoking(opened => opened.Open(Stream.Null)).Should().Throw<InvalidOperationException>();
    }

    /// <summary>Bodies put together at random of pieces that parsers stumble over: none is read to its end but the right one.</summary>
    [Fact]
    public async Task Random_bodies_are_refused_in_the_services_own_words()
    {
        var seed = Environment.GetEnvironmentVariable("TOKENSERVICE_SEED") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        string[] pieces = [
            "\r\n", "\n", "\r", "0", "5", "5\r\nhello\r\n", "0\r\n", ";", ";chunk-signature=", "chunk-signature", new('0', 64), new('f', 17), ":", "x-amz-checksum-crc32c:",
            "mnG7TA==", "x-amz-trailer-signature:", "hello", "\0", "ffffffffffffffff\r\n", "7fffffffffffffff\r\n", new('a', 5000)];
        var rounds = Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") == "1" ? 200_000 : 5_000;
        for (var round = 0; round < rounds; round++)
        {
            var mode = random.Next(3) switch { 0 => Signed, 1 => SignedTrailer, _ => UnsignedTrailer };
            var upload = Upload(mode, 5);
            var wire = random.Next(2) == 0
                ? Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)])))
                : Mutated(Joined(Body(upload, mode, "hello"u8.ToArray())), random);
            var read = await ReadAsync(upload.Head, wire, 1 + random.Next(64));
            if (read.Error is null)
            {
                read.Data.Should().Equal("hello"u8.ToArray(), "seed {0}, round {1}", seed, round);
            }
        }
    }

    /// <summary>What is read is thrown away; what the library allocates for it may not grow with it.</summary>
    [Theory]
    [InlineData(Signed, 1 << 16)]
    [InlineData(UnsignedTrailer, 1 << 16)]
    [InlineData(UnsignedTrailer, 1 << 26)]
    [InlineData(Signed, 1 << 26)]
    [InlineData("hash", 0)]
    public async Task Memory_does_not_grow_with_the_body(string mode, int chunk)
    {
        var length = Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") == "1" ? 1L << 30 : 1L << 26;
        var wire = new GeneratedStream(mode, length, chunk);
        var payload = (await _host.Authenticator.AuthenticateAsync(wire.Head, S3)).Value.Payload!;
        await using var stream = payload.Open(wire);
        var buffer = new byte[1 << 16];
        long total = await stream.ReadAsync(buffer);
        wire.Allocated = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
        {
            total += read;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before - wire.Allocated;
        total.Should().Be(length);
        payload.IsComplete.Should().BeTrue();

        // A signature as text for each chunk, and a few small objects at the end.
        var chunks = chunk == 0 ? 0 : length / chunk;
        allocated.Should().BeLessThan(16_384 + (1_024 * chunks));
    }

    private const int MinChunk = 8192;

    private static ChunkedUpload Upload(string mode, long length) =>
        new(mode, length, mode.EndsWith("TRAILER", StringComparison.Ordinal) ? Crc32C : null);

    private static List<byte[]> Body(ChunkedUpload upload, string mode, byte[] data)
    {
        var chunks = data.Chunk(MinChunk);
        return mode.EndsWith("TRAILER", StringComparison.Ordinal) ? upload.Body(chunks, Crc32C, ChunkedUpload.Crc32C(data)) : upload.Body(chunks);
    }

    private static SignedRequest Plain(string mode, params (string, string)[] more) =>
        Following(new RequestSigner(ChunkedUpload.KeyId, ChunkedUpload.SecretKey) { Service = "s3" }
            .Sign("PUT", "/key", "", [], [("Host", "b.s3"), ("x-amz-content-sha256", mode), .. more]));

    private static SignedRequest Following(SignedRequest request) =>
        new() { Method = request.Method, Path = request.Path, Query = request.Query, Headers = request.Headers, IsBodyToFollow = true };

    private static byte[] Filled(int length, byte value)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    private static byte[] Joined(IEnumerable<byte[]> parts) => parts.SelectMany(part => part).ToArray();

    /// <summary>Hexadecimal digits and header names mean the same in both letter cases; no changed byte here differs in case alone.</summary>
    private static bool IsSameMeaning(byte one, byte other) => char.ToLowerInvariant((char)one) == char.ToLowerInvariant((char)other);

    private static byte[] Mutated(byte[] wire, Random random)
    {
        var bytes = wire.ToList();
        for (var change = random.Next(4); change >= 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        return [.. bytes];
    }

    private async Task<string?> HeadAsync(SignedRequest request) => (await _host.Authenticator.AuthenticateAsync(request, S3)).Error?.Code;

    [Fact]
    public async Task Refused_body_is_told_once_with_who_sent_it_and_a_good_one_is_not()
    {
        var data = RandomNumberGenerator.GetBytes(20_000);
        var upload = Upload(Signed, data.Length);
        var wire = Joined(Body(upload, Signed, data));
        (await ReadAsync(upload.Head, wire)).Error.Should().BeNull();
        _host.Log.Entries.Should().NotContain(entry => entry.Id.Id == 1008);

        wire[200] ^= 1;
        (await ReadAsync(upload.Head, wire)).Error.Should().Be("SignatureDoesNotMatch");
        _host.Log.Entries.Should().ContainSingle(entry => entry.Id.Id == 1008).Which.Text.Should().Be(
            $"Refused the body of a request to s3 by arn:aws:iam::111122223333:user/alice: SignatureDoesNotMatch (key {ChunkedUpload.KeyId})");
    }

    private async Task<(byte[] Data, string? Error, Payload? Payload)> ReadAsync(SignedRequest head, byte[] wire, int piece = 1000)
    {
        var payload = (await _host.Authenticator.AuthenticateAsync(head, S3)).Value.Payload!;
        var data = new MemoryStream();
        try
        {
            await using var stream = payload.Open(new PieceStream(wire, piece));
            await stream.CopyToAsync(data);
            return (data.ToArray(), null, payload);
        }
        catch (PayloadException refused)
        {
            return (data.ToArray(), refused.Error.Code, payload);
        }
    }
}
