using System.Security.Cryptography;
using System.Text;
using TokenService.Tests.Authentication.Payloads;

namespace TokenService.Tests.Authentication;

/// <summary>Signature Version 4A: a key pair derived from the secret, a set of regions in place of one.</summary>
public sealed class SignatureV4aTests : IDisposable
{
    private const string KeyId = ChunkedUpload.KeyId;
    private const string SecretKey = ChunkedUpload.SecretKey;

    private static readonly SignatureRules Service = new() { Service = "service", Regions = ["eu-west-1", "us-east-1"] };

    private readonly TestHost _host = new();

    public SignatureV4aTests() =>
        _host.Store.Put(User.Create(_host.Home, "alice") with { AccessKeys = [new AccessKey(KeyId, new Secret(SecretKey))] });

    public void Dispose() => _host.Dispose();

    /// <summary>Reference 14, case 11.</summary>
    [Fact]
    public void Key_pair_is_the_published_one()
    {
        var pair = new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").KeyPairFor("AKIDEXAMPLE");
        Convert.ToHexStringLower(pair.PublicKey.X!).Should().Be("b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1");
        Convert.ToHexStringLower(pair.PublicKey.Y!).Should().Be("865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518");
    }

    [Fact]
    public void Key_pair_is_derived_once_for_an_id_and_is_another_for_another()
    {
        var secret = new Secret(SecretKey);
        var pair = secret.KeyPairFor(KeyId);
        secret.KeyPairFor(KeyId).Should().BeSameAs(pair);
        secret.KeyPairFor("AKIDEXAMPLE").PublicKey.X.Should().NotEqual(pair.PublicKey.X);
        using var expected = ChunkedUpload.DeriveKeyPair(KeyId, SecretKey);
        pair.PublicKey.X.Should().Equal(expected.ExportParameters(includePrivateParameters: false).Q.X);
    }

    [Theory]
    [InlineData("us-east-1", null)]
    [InlineData("*", null)]
    [InlineData("ap-south-1,us-east-1", null)]
    [InlineData("ap-south-1, us-east-1", null)]
    [InlineData("ap-south-1", "SignatureDoesNotMatch")]
    [InlineData("", "SignatureDoesNotMatch")]
    [InlineData("us-*", "SignatureDoesNotMatch")]
    [InlineData("US-EAST-1", "SignatureDoesNotMatch")]
    [InlineData(null, "SignatureDoesNotMatch")]
    public async Task Set_of_regions_has_to_have_one_of_the_services_own(string? regions, string? code)
    {
        (await CodeAsync(ByHeader(regions))).Should().Be(code);
        (await CodeAsync(ByQuery(regions))).Should().Be(code);
    }

    [Theory]
    [InlineData("*", "eu-west-1")]
    [InlineData("us-east-1", "us-east-1")]
    public async Task Region_of_the_request_is_the_services_own(string regions, string region) =>
        (await _host.Authenticator.AuthenticateAsync(ByHeader(regions), Service)).Value.Region.Should().Be(region);

    [Fact]
    public async Task Service_that_names_no_region_does_not_take_it() =>
        (await _host.Authenticator.AuthenticateAsync(ByHeader("*"), new SignatureRules { Service = "service" })).Error!.Code.Should().Be("IncompleteSignature");

    [Theory]
    [InlineData("AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/service/aws4_request", "IncompleteSignature")]
    [InlineData("AKIAIOSFODNN7EXAMPLE/20260102/aws4_request", "IncompleteSignature")]
    [InlineData("AKIAIOSFODNN7EXAMPLE/20260101/service/aws4_request", "SignatureDoesNotMatch")]
    [InlineData("AKIAIOSFODNN7EXAMPLE/20260102/other/aws4_request", "SignatureDoesNotMatch")]
    [InlineData("AKIAIOSFODNN7EXAMPLE/20260102/service/aws4", "SignatureDoesNotMatch")]
    [InlineData("AKIAIOSFODNN7EXAMPLF/20260102/service/aws4_request", "InvalidClientTokenId")]
    public async Task Scope_has_no_region_and_the_rest_counts_as_ever(string credential, string code) =>
        (await CodeAsync(ByHeader("us-east-1", credential))).Should().Be(code);

    [Fact]
    public async Task Signature_with_any_byte_changed_or_none_at_all_is_refused_and_nothing_is_thrown()
    {
        var good = ByHeader("us-east-1");
        (await CodeAsync(good)).Should().BeNull();
        var signature = SignatureOf(good);
        for (var index = 0; index < signature.Length; index++)
        {
            var changed = signature.ToCharArray();
            changed[index] = changed[index] == '0' ? '1' : '0';
            (await CodeAsync(With(good, new string(changed)))).Should().Be("SignatureDoesNotMatch");
        }

        // Nothing, no hexadecimal, too long, no DER, r and s of zero, and a signature of another kind.
        foreach (var text in (string[])["", "zz", "3", signature + "00", new('0', 144), new('f', 146), "3006020100020100", "3080020101020101" + "0000", new('a', 64), new('*', 144)])
        {
            (await CodeAsync(With(good, text))).Should().BeOneOf("SignatureDoesNotMatch", "IncompleteSignature");
        }
    }

    [Fact]
    public async Task Signature_of_one_algorithm_is_none_of_the_other()
    {
        var request = ByHeader("us-east-1");
        var relabelled = Map(request, text => text.Replace("AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256", StringComparison.Ordinal));
        (await CodeAsync(relabelled)).Should().Be("IncompleteSignature");
        var symmetric = new RequestSigner(KeyId, SecretKey) { Service = "service" }.Sign("GET", "/", "", [], ("Host", "h"), ("X-Amz-Region-Set", "us-east-1"));
        (await CodeAsync(symmetric)).Should().BeNull();
        (await CodeAsync(Map(symmetric, text => text.Replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", StringComparison.Ordinal).Replace("us-east-1/", "", StringComparison.Ordinal))))
            .Should().Be("SignatureDoesNotMatch");
    }

    [Fact]
    public async Task Region_set_that_stands_twice_or_outside_the_signature_is_refused()
    {
        var request = ByHeader("us-east-1");
        (await CodeAsync(new SignedRequest { Method = "GET", Path = "/", Query = "", Headers = request.Headers.Add(new("x-amz-region-set", "*")) })).Should().Be("IncompleteSignature");
        var presigned = ByQuery("us-east-1");
        (await CodeAsync(new SignedRequest { Method = "GET", Path = "/", Query = presigned.Query + "&X-Amz-Region-Set=*", Headers = presigned.Headers })).Should().Be("IncompleteSignature");
    }

    [Fact]
    public async Task Presigned_request_lives_as_long_as_it_says()
    {
        var request = ByQuery("*");
        _host.Clock.Advance(Duration.FromSeconds(60));
        (await CodeAsync(request)).Should().BeNull();
        _host.Clock.Advance(Duration.FromSeconds(1));
        (await CodeAsync(request)).Should().Be("AccessDenied");
    }

    [Fact]
    public void Many_threads_verify_with_one_pair()
    {
        var pair = new Secret(SecretKey).KeyPairFor(KeyId);
        using var signer = ChunkedUpload.DeriveKeyPair(KeyId, SecretKey);
        var signature = signer.SignData("text"u8.ToArray(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        Parallel.For(0, 400, number => pair.Verify(number % 2 == 0 ? "text"u8 : "other"u8, signature).Should().Be(number % 2 == 0));
    }

    private static SignedRequest ByHeader(string? regions, string credential = $"{KeyId}/20260102/service/aws4_request")
    {
        var set = regions is null ? "" : $"x-amz-region-set:{regions}\n";
        var names = regions is null ? "host;x-amz-date" : "host;x-amz-date;x-amz-region-set";
        var signature = Sign($"GET\n/\n\nhost:h\nx-amz-date:20260102T030405Z\n{set}\n{names}\n{ChunkedUpload.EmptyHash}", credential);
        (string, string)[] headers = [
            ("Host", "h"), ("X-Amz-Date", "20260102T030405Z"), .. regions is null ? [] : new[] { ("X-Amz-Region-Set", regions) },
            ("Authorization", $"AWS4-ECDSA-P256-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}")];
        return RequestSigner.Unsigned("GET", "/", "", [], headers);
    }

    private static SignedRequest ByQuery(string? regions)
    {
        const string credential = $"{KeyId}/20260102/service/aws4_request";
        var query = $"X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential={Uri.EscapeDataString(credential)}&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60"
            + (regions is null ? "" : $"&X-Amz-Region-Set={Uri.EscapeDataString(regions)}") + "&X-Amz-SignedHeaders=host";
        var signature = Sign($"GET\n/\n{query}\nhost:h\n\nhost\n{ChunkedUpload.EmptyHash}", credential);
        return RequestSigner.Unsigned("GET", "/", $"{query}&X-Amz-Signature={signature}", [], ("Host", "h"));
    }

    private static string Sign(string canonical, string credential)
    {
        using var pair = ChunkedUpload.DeriveKeyPair(KeyId, SecretKey);
        var text = $"AWS4-ECDSA-P256-SHA256\n20260102T030405Z\n{credential[(credential.IndexOf('/', StringComparison.Ordinal) + 1)..]}\n"
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        return Convert.ToHexStringLower(pair.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    private static string SignatureOf(SignedRequest request)
    {
        var header = request.Headers.Single(header => header.Key == "Authorization").Value;
        return header[(header.IndexOf("Signature=", StringComparison.Ordinal) + "Signature=".Length)..];
    }

    private static SignedRequest With(SignedRequest request, string signature) => Map(request, text => text.Replace(SignatureOf(request), signature, StringComparison.Ordinal));

    private static SignedRequest Map(SignedRequest request, Func<string, string> map) => new()
    {
        Method = request.Method,
        Path = request.Path,
        Query = request.Query,
        Headers = [.. request.Headers.Select(header => KeyValuePair.Create(header.Key, header.Key == "Authorization" ? map(header.Value) : header.Value))],
    };

    private async Task<string?> CodeAsync(SignedRequest request) => (await _host.Authenticator.AuthenticateAsync(request, Service)).Error?.Code;
}
