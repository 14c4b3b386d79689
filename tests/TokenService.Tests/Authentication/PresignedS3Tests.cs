namespace TokenService.Tests.Authentication;

/// <summary>Presigned requests to S3 with temporary credentials.</summary>
public sealed class PresignedS3Tests : IDisposable
{
    private const string Trust = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}""";

    private static readonly SignatureRules S3 = new() { Service = "s3", IsS3 = true };

    private readonly TestHost _host = new();
    private readonly string _role;

    public PresignedS3Tests()
    {
        _host.AddUser("alice");
        _role = _host.AddRole("r", Trust).Arn.ToString();
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(60, 60, null)]
    [InlineData(60, 61, "AccessDenied")]
    [InlineData(604_800, 899, null)]
    [InlineData(604_800, 900, "ExpiredToken")]
    [InlineData(604_801, 0, "AuthorizationQueryParametersError")]
    public async Task Presigned_S3_request_ends_with_its_session_and_after_seven_days_at_most(int expires, int after, string? code)
    {
        var request = (await SignerAsync()).Presign("GET", "/key", "", expires, "UNSIGNED-PAYLOAD", ("Host", "b.s3"));
        _host.Clock.Advance(Duration.FromSeconds(after));
        (await CodeAsync(request)).Should().Be(code);
    }

    [Fact]
    public async Task Token_that_was_left_out_added_or_exchanged_is_refused()
    {
        var signer = await SignerAsync();
        var other = await SignerAsync();
        var request = signer.Presign("GET", "/key", "", 60, "UNSIGNED-PAYLOAD", ("Host", "b.s3"));
        var token = $"X-Amz-Security-Token={Uri.EscapeDataString(signer.Token!)}";
        (await CodeAsync(With(request, request.Query.Replace(token + "&", "", StringComparison.Ordinal)))).Should().Be("InvalidAccessKeyId");
        (await CodeAsync(With(request, request.Query.Replace(token, $"X-Amz-Security-Token={Uri.EscapeDataString(other.Token!)}", StringComparison.Ordinal))))
            .Should().Be("InvalidAccessKeyId");
        (await CodeAsync(With(request, request.Query.Replace(token, "X-Amz-Security-Token=none", StringComparison.Ordinal)))).Should().Be("InvalidToken");

        // Signed without its token, which is added later: it is not under the signature.
        var bare = (signer with { Token = null }).Presign("GET", "/key", "", 60, "UNSIGNED-PAYLOAD", ("Host", "b.s3"));
        (await CodeAsync(With(bare, $"{bare.Query}&{token}"))).Should().Be("SignatureDoesNotMatch");
    }

    [Theory]
    [InlineData("/other", "b.s3")]
    [InlineData("/key", "other.s3")]
    [InlineData("/b/key", "s3")]
    public async Task Presigned_request_opens_one_object_of_one_bucket(string path, string host)
    {
        var request = (await SignerAsync()).Presign("GET", "/key", "", 60, "UNSIGNED-PAYLOAD", ("Host", "b.s3"));
        (await CodeAsync(request)).Should().BeNull();
        (await CodeAsync(RequestSigner.Unsigned("GET", path, request.Query, [], ("Host", host)))).Should().Be("SignatureDoesNotMatch");
        (await CodeAsync(RequestSigner.Unsigned("PUT", "/key", request.Query, [], ("Host", "b.s3")))).Should().Be("SignatureDoesNotMatch");
    }

    private static SignedRequest With(SignedRequest request, string query) =>
        new() { Method = request.Method, Path = request.Path, Query = query, Headers = request.Headers };

    private async Task<RequestSigner> SignerAsync()
    {
        var keys = (await _host.Issuer.AssumeRoleAsync(
            await _host.UserAsync("alice"), new AssumeRoleRequest { RoleArn = _role, RoleSessionName = "s1", DurationSeconds = 900 })).Value.Credentials;
        return new RequestSigner(keys.AccessKeyId, keys.SecretAccessKey.Reveal(), keys.SessionToken) { Service = "s3" };
    }

    private async Task<string?> CodeAsync(SignedRequest request) => (await _host.Authenticator.AuthenticateAsync(request, S3)).Error?.Code;
}
