using System.Text;

namespace TokenService.Tests.Authentication;

/// <summary>Requests whose signatures were computed elsewhere: AWS's published examples, botocore's output, and canonical requests written by
/// hand from the specification.</summary>
public sealed class SignatureVectorTests : IDisposable
{
    private const string KeyId = "AKIAIOSFODNN7EXAMPLE";
    private const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    private static readonly SignatureRules S3 = new() { Service = "s3", IsS3 = true };
    private static readonly SignatureRules Plain = new() { Service = "service" };

    private readonly TestHost _host = new();

    public SignatureVectorTests() =>
        _host.Store.Put(User.Create(_host.Home, "alice") with { AccessKeys = [new AccessKey(KeyId, new Secret(SecretKey))] });

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", null)]
    [InlineData("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d405", "SignatureDoesNotMatch")]
    public async Task S3_presigned_example_of_the_guide(string signature, string? error)
    {
        _host.Clock.Reset(Instant.FromUtc(2013, 5, 24, 12, 0));
        var request = RequestSigner.Unsigned(
            "GET", "/test.txt",
            $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KeyId}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
            + $"&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}",
            [], ("Host", "examplebucket.s3.amazonaws.com"));
        await Expect(request, S3, error);
    }

    [Theory]
    [InlineData("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", null)]
    [InlineData("00e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", "SignatureDoesNotMatch")]
    public async Task S3_header_example_of_the_guide(string signature, string? error)
    {
        _host.Clock.Reset(Instant.FromUtc(2013, 5, 24, 0, 0));
        var request = RequestSigner.Unsigned(
            "GET", "/test.txt", "", [],
            ("Host", "examplebucket.s3.amazonaws.com"), ("Range", "bytes=0-9"), ("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("x-amz-date", "20130524T000000Z"),
            ("Authorization", $"AWS4-HMAC-SHA256 Credential={KeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature={signature}"));
        await Expect(request, S3, error);
    }

    // A long-term key with a token is judged after its signature: a right one is told from a wrong one by the error.
    [Theory]
    [InlineData("5c40b5f5d603b2745e17bb52af8ac3c26785b0addd44ba2c1c58019519bcd20b", "InvalidClientTokenId")]
    [InlineData("5c40b5f5d603b2745e17bb52af8ac3c26785b0addd44ba2c1c58019519bcd20c", "SignatureDoesNotMatch")]
    public async Task STS_form_with_a_session_token_as_botocore_signs_it(string signature, string error)
    {
        var request = RequestSigner.Unsigned(
            "POST", "/", "", Encoding.ASCII.GetBytes("Action=GetCallerIdentity&Version=2011-06-15"),
            ("Host", "sts.us-east-1.amazonaws.com"), ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), ("X-Amz-Date", "20260102T030405Z"),
            ("X-Amz-Security-Token", "TOKEN/+="),
            ("Authorization", $"AWS4-HMAC-SHA256 Credential={KeyId}/20260102/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature={signature}"));
        await Expect(request, SignatureRules.Sts, error);
    }

    [Theory]
    [InlineData("2c3f3783c90a7fc49f0e98ff127e570924c348e1825e42dcf14140adb7f99e54", "InvalidClientTokenId")]
    [InlineData("2c3f3783c90a7fc49f0e98ff127e570924c348e1825e42dcf14140adb7f99e55", "SignatureDoesNotMatch")]
    public async Task STS_presigned_identity_as_botocore_signs_it_whatever_the_order_of_parameters(string signature, string error)
    {
        var request = RequestSigner.Unsigned(
            "GET", "/",
            $"Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KeyId}%2F20260102%2Fus-east-1%2Fsts%2Faws4_request"
            + $"&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=TOKEN%2F%2B%3D&X-Amz-Signature={signature}",
            [], ("Host", "sts.us-east-1.amazonaws.com"), ("x-k8s-aws-id", "my-cluster"));
        await Expect(request, SignatureRules.Sts, error);
    }

    /// <summary>Wire path, and its canonical form outside S3: dots and double slashes go, then each segment is encoded again.</summary>
    [Theory]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("//", "/")]
    [InlineData("/./", "/")]
    [InlineData("/a/../..", "/")]
    [InlineData("/a//b/./c/../d", "/a/b/d")]
    [InlineData("/a/b/..", "/a")]
    [InlineData("/a/.", "/a")]
    [InlineData("/a/..", "/")]
    [InlineData("/a/b/../", "/a/")]
    [InlineData("/a/./", "/a/")]
    [InlineData("/a//", "/a/")]
    [InlineData("/a/b/", "/a/b/")]
    [InlineData("/example%20space/", "/example%2520space/")]
    [InlineData("/-._~0123456789ABCz", "/-._~0123456789ABCz")]
    [InlineData("/a+b", "/a%2Bb")]
    [InlineData("/ሴ", "/%E1%88%B4")]
    public async Task Path_is_normalized_and_encoded_again(string wire, string canonical) => await ExpectCanonical(
        "GET", wire, "", [("Host", "example.amazonaws.com")], $"GET\n{canonical}\n\nhost:example.amazonaws.com\nx-amz-date:20260102T030405Z\n\nhost;x-amz-date", Plain);

    /// <summary>Wire path, and its canonical form in S3: decoded once, encoded once, nothing removed.</summary>
    [Theory]
    [InlineData("/a//b/./c/../d", "/a//b/./c/../d")]
    [InlineData("/a%20b", "/a%20b")]
    [InlineData("/a%2fb", "/a/b")]
    [InlineData("/%41(1)+", "/A%281%29%2B")]
    public async Task Path_of_S3_is_decoded_and_encoded_once(string wire, string canonical) => await ExpectCanonical(
        "GET", wire, "", [("Host", "b.s3"), ("x-amz-content-sha256", SignatureV4.EmptyHash)],
        $"GET\n{canonical}\n\nhost:b.s3\nx-amz-content-sha256:{SignatureV4.EmptyHash}\nx-amz-date:20260102T030405Z\n\nhost;x-amz-content-sha256;x-amz-date", S3);

    [Theory]
    [InlineData("a", "a=")]
    [InlineData("b=2&a=1", "a=1&b=2")]
    [InlineData("a=b&a=B&A=c", "A=c&a=B&a=b")]
    [InlineData("a=1&a-b=2&a%21=3", "a=1&a%21=3&a-b=2")]
    [InlineData("q=a+b%20c&&x=%7e", "q=a%20b%20c&x=~")]
    [InlineData("p=%e1%88%b4", "p=%E1%88%B4")]
    public async Task Query_is_decoded_encoded_and_sorted(string wire, string canonical) => await ExpectCanonical(
        "GET", "/", wire, [("Host", "h")], $"GET\n/\n{canonical}\nhost:h\nx-amz-date:20260102T030405Z\n\nhost;x-amz-date", Plain);

    [Fact]
    public async Task Header_values_are_trimmed_and_collapsed_also_inside_quotes_and_joined_in_order_of_arrival() => await ExpectCanonical(
        "GET", "/", "", [("Host", " h "), ("My-Header1", "  a   b  "), ("My-Header2", "\"x   y\""), ("my-header1", "second"), ("My-Header3", "one\r\n  two")],
        "GET\n/\n\nhost:h\nmy-header1:a b,second\nmy-header2:\"x y\"\nmy-header3:one two\nx-amz-date:20260102T030405Z\n\nhost;my-header1;my-header2;my-header3;x-amz-date",
        Plain);

    private async Task ExpectCanonical(
        string method, string path, string query, (string Name, string Value)[] headers, string canonicalHead, SignatureRules rules)
    {
        var signer = new RequestSigner(KeyId, SecretKey) { Service = rules.Service };
        var signed = canonicalHead[(canonicalHead.LastIndexOf('\n') + 1)..];
        var signature = signer.Signature($"{canonicalHead}\n{SignatureV4.EmptyHash}");
        SignedRequest Request(string value) => RequestSigner.Unsigned(
            method, path, query, [], [.. headers, ("X-Amz-Date", "20260102T030405Z"),
            ("Authorization", $"AWS4-HMAC-SHA256 Credential={KeyId}/20260102/us-east-1/{rules.Service}/aws4_request, SignedHeaders={signed}, Signature={value}")]);
        await Expect(Request(signature), rules, null);
        await Expect(Request(signer.Signature($"{canonicalHead} \n{SignatureV4.EmptyHash}")), rules, "SignatureDoesNotMatch");
    }

    private async Task Expect(SignedRequest request, SignatureRules rules, string? error)
    {
        var result = await _host.Authenticator.AuthenticateAsync(request, rules);
        result.Error?.Code.Should().Be(error, result.Error?.Message);
        result.IsSuccess.Should().Be(error is null);
    }
}
