namespace TokenService.Tests.Authentication;

public sealed class HostileSignatureTests : IDisposable
{
    private const string KeyId = "AKIAIOSFODNN7EXAMPLE";
    private const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static readonly SignatureRules S3 = new() { Service = "s3", IsS3 = true };
    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_date_before_all_calendars_is_refused_and_not_thrown()
    {
        var date = new LocalDate(-9998, 1, 1);
        var weekday = date.DayOfWeek.ToString()[..3];
        var request = RequestSigner.Unsigned(
            "POST", "/", "", [],
            ("Host", "sts.example"),
            ("Date", $"{weekday}, 01 Jan -9998 00:00:00 GMT"),
            ("Authorization", $"AWS4-HMAC-SHA256 Credential={KeyId}/-9998010/us-east-1/sts/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}"));

        var act = async () => (await _host.Authenticator.AuthenticateAsync(request, SignatureRules.Sts)).Error?.HttpStatus;

        (await act.Should().NotThrowAsync()).Which.Should().BeOneOf(400, 403);
    }

    [Theory]
    [InlineData(256, "InvalidClientTokenId")]
    [InlineData(257, "IncompleteSignature")]
    public async Task Credential_is_bounded_so_that_invented_ones_fill_no_memory(int length, string code)
    {
        const string scope = "/20260102/us-east-1/sts/aws4_request";
        var query = $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={new string('A', length - scope.Length)}{scope.Replace("/", "%2F", StringComparison.Ordinal)}"
            + $"&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-Signature={new string('0', 64)}";
        var result = await _host.Authenticator.AuthenticateAsync(
            RequestSigner.Unsigned("GET", "/", query, [], ("Host", "sts.example")), SignatureRules.Sts);
        result.Error!.Code.Should().Be(code);
    }

    [Fact]
    public void Requests_without_a_query_do_not_disturb_one_another()
    {
        // One empty query stands for all requests that have none, those that are checked at this moment among them.
        var act = () => Parallel.For(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            for (var round = 0; round < 200; round++)
            {
                CanonicalQuery.TryParse("", out var query).Should().BeTrue();
                var writer = new CanonicalWriter(new byte[16]);
                query!.WriteTo(ref writer, "X-Amz-Signature");
                writer.Written.Length.Should().Be(0);
                writer.Dispose();
            }
        });

        act.Should().NotThrow();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_unknown_or_inactive_key_is_told_before_the_time_of_the_signature(bool exists)
    {
        // Reference 11.7 and 12.2: key look-up is step 4, date and skew step 6.
        if (exists)
        {
            _host.Store.Put(User.Create(_host.Home, "alice") with { AccessKeys = [new AccessKey(KeyId, new Secret(SecretKey)) { IsActive = false }] });
        }

        var late = new RequestSigner(KeyId, SecretKey) { Date = TestHost.Start - Duration.FromHours(1) }.Form("Action=GetCallerIdentity&Version=2011-06-15");

        (await _host.Authenticator.AuthenticateAsync(late, SignatureRules.Sts)).Error!.Code.Should().Be("InvalidClientTokenId");
    }

    [Fact]
    public async Task S3_calls_a_token_of_another_key_an_unknown_key()
    {
        // Reference 11.7: missing, empty, bound to another key -> InvalidAccessKeyId; malformed -> InvalidToken.
        _host.AddUser("alice");
        var role = _host.AddRole("r", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}""");
        var ask = new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1" };
        var caller = await _host.UserAsync("alice");
        var one = (await _host.Issuer.AssumeRoleAsync(caller, ask)).Value.Credentials;
        var other = (await _host.Issuer.AssumeRoleAsync(caller, ask)).Value.Credentials;

        var request = new RequestSigner(one.AccessKeyId, one.SecretAccessKey.Reveal(), other.SessionToken) { Service = "s3" }
            .Sign("GET", "/k", "", [], ("Host", "b.example"), ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"));

        (await _host.Authenticator.AuthenticateAsync(request, S3)).Error!.Code.Should().Be("InvalidAccessKeyId");
    }
}
