using System.Text;

namespace TokenService.Tests.Authentication;

public sealed class RequestAuthenticatorTests : IDisposable
{
    private const string KeyId = "AKIAIOSFODNN7EXAMPLE";
    private const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string Form = "Action=GetCallerIdentity&Version=2011-06-15";

    private static readonly SignatureRules S3 = new() { Service = "s3", IsS3 = true };

    private readonly TestHost _host = new();
    private readonly RequestSigner _alice = new(KeyId, SecretKey);

    public RequestAuthenticatorTests() => PutAlice(new AccessKey(KeyId, new Secret(SecretKey)));

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Signed_request_tells_who_made_it_and_for_which_region()
    {
        var result = await _host.Authenticator.AuthenticateAsync((_alice with { Region = "eu-west-1" }).Form(Form), SignatureRules.Sts);
        result.Value.Caller.Arn.ToString().Should().Be("arn:aws:iam::111122223333:user/alice");
        result.Value.Caller.AccessKeyId.Should().Be(KeyId);
        result.Value.Region.Should().Be("eu-west-1");
    }

    [Fact]
    public async Task Root_signs_with_a_key_of_its_own()
    {
        _host.Store.Put(_host.Home with { RootAccessKeys = [new AccessKey("AKIAROOTROOTROOTROOT", new Secret("root"))] });
        var result = await _host.Authenticator.AuthenticateAsync(new RequestSigner("AKIAROOTROOTROOTROOT", "root").Form(Form), SignatureRules.Sts);
        result.Value.Caller.Kind.Should().Be(CallerKind.Root);
        result.Value.Caller.Arn.ToString().Should().Be("arn:aws:iam::111122223333:root");
    }

    [Fact]
    public async Task Unsigned_request_is_told_so()
    {
        await Expect(RequestSigner.Unsigned("POST", "/", "", [], ("Host", "sts.example")), "MissingAuthenticationToken", "Request is missing Authentication Token");
        await Expect(RequestSigner.Unsigned("POST", "/", "", [], ("Host", "h"), ("Authorization", "Bearer abc")), "MissingAuthenticationToken");
    }

    [Fact]
    public async Task Unknown_key_and_inactive_key_answer_alike()
    {
        await Expect((_alice with { AccessKeyId = "AKIAUNKNOWNUNKNOWNAA" }).Form(Form), "InvalidClientTokenId", "The security token included in the request is invalid.");
        PutAlice(new AccessKey(KeyId, new Secret(SecretKey)) { IsActive = false });
        await Expect(_alice.Form(Form), "InvalidClientTokenId", "The security token included in the request is invalid.");
    }

    [Fact]
    public async Task Wrong_secret_is_a_signature_that_does_not_match() => await Expect(
        (_alice with { Secret = "another" }).Form(Form), "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");

    [Fact]
    public async Task Changed_secret_counts_at_once_also_with_a_warm_signing_key()
    {
        await Expect(_alice.Form(Form), null);
        PutAlice(new AccessKey(KeyId, new Secret("changed")));
        await Expect(_alice.Form(Form), "SignatureDoesNotMatch");
        await Expect((_alice with { Secret = "changed" }).Form(Form), null);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("method")]
    [InlineData("path")]
    [InlineData("query")]
    [InlineData("header")]
    public async Task Whatever_is_signed_cannot_be_changed(string part)
    {
        var good = _alice.Sign("POST", "/", "a=1", Encoding.ASCII.GetBytes(Form), ("Host", "h"), ("X-Amz-Meta", "m"));
        var bad = new SignedRequest
        {
            Method = part == "method" ? "PUT" : good.Method,
            Path = part == "path" ? "/x" : good.Path,
            Query = part == "query" ? "a=2" : good.Query,
            Body = part == "body" ? Encoding.ASCII.GetBytes(Form + "&") : good.Body,
            Headers = [.. good.Headers.Select(header => part == "header" && header.Key == "X-Amz-Meta" ? KeyValuePair.Create(header.Key, "n") : header)],
        };
        await Expect(good, null);
        await Expect(bad, "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task Ordinary_headers_may_be_added_unsigned_but_none_of_AWS()
    {
        var good = _alice.Form(Form);
        await Expect(With(good, ("Via", "1.1 proxy")), null);
        await Expect(With(good, ("X-Amz-Extra", "1")), "SignatureDoesNotMatch", "'x-amz-extra' must be a 'SignedHeader' in the AWS Authorization.");
        await Expect(With(good, ("X-Amz-Security-Token", "t")), "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task Host_must_be_signed()
    {
        var request = _alice.Sign("POST", "/", "", [], ("X-Amz-Meta", "m"));
        await Expect(request, "SignatureDoesNotMatch", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    }

    [Theory]
    [InlineData("s3", "us-east-1", "Credential should be scoped to correct service: 'sts'. ")]
    [InlineData("sts", "", "Credential should be scoped to a valid region. ")]
    [InlineData("sts", "mars", "Credential should be scoped to a valid region. ")]
    [InlineData("sts", "us-east-", "Credential should be scoped to a valid region. ")]
    [InlineData("sts", "US-EAST-1", "Credential should be scoped to a valid region. ")]
    [InlineData("ec2", "", "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'sts'. ")]
    public async Task Signature_for_another_service_or_no_region_is_not_accepted_here(string service, string region, string message) =>
        await Expect((_alice with { Service = service, Region = region }).Form(Form), "SignatureDoesNotMatch", message);

    [Fact]
    public async Task Host_may_list_the_regions_it_accepts()
    {
        var rules = SignatureRules.Sts with { Regions = ["eu-west-1", "global"] };
        await Expect((_alice with { Region = "global" }).Form(Form), null, rules: rules);
        await Expect((_alice with { Region = "us-east-1" }).Form(Form), "SignatureDoesNotMatch", rules: rules);
    }

    [Fact]
    public async Task Scope_must_end_as_it_always_does_and_bear_the_date_of_the_request()
    {
        await Expect((_alice with { Terminator = "aws4_reques" }).Form(Form), "SignatureDoesNotMatch", "Credential should be scoped with a valid terminator: 'aws4_request'.");
        await Expect(
            (_alice with { ScopeDate = "20260103" }).Form(Form), "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.");
    }

    [Theory]
    [InlineData(15, 0, null, null)]
    [InlineData(15, 1, "SignatureDoesNotMatch", "Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z (20260102T031906Z - 15 min.)")]
    [InlineData(-15, 0, null, null)]
    [InlineData(-15, -1, "SignatureDoesNotMatch", "Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z (20260102T024904Z + 15 min.)")]
    public async Task Clock_may_be_off_by_fifteen_minutes_either_way_and_not_a_second_more(int minutes, int seconds, string? code, string? message)
    {
        _host.Clock.Advance(Duration.FromMinutes(minutes) + Duration.FromSeconds(seconds));
        await Expect(_alice.Form(Form), code, message);
    }

    [Theory]
    [InlineData("Credential", "Authorization header requires 'Credential' parameter. ")]
    [InlineData("SignedHeaders", "Authorization header requires 'SignedHeaders' parameter. ")]
    [InlineData("Signature", "Authorization header requires 'Signature' parameter. ")]
    public async Task Missing_part_of_the_header_is_named(string part, string message)
    {
        var good = _alice.Form(Form);
        var header = good.Headers.Single(header => header.Key == "Authorization").Value.Replace(part + "=", "Some=", StringComparison.Ordinal);
        var result = await _host.Authenticator.AuthenticateAsync(Replace(good, "Authorization", header), SignatureRules.Sts);
        result.Error!.Code.Should().Be("IncompleteSignature");
        result.Error.Message.Should().StartWith(message + "(Hashed with SHA-256 and encoded with Base64) Authorization=").And.NotContain(header);
    }

    [Fact]
    public async Task Missing_date_is_named_and_the_Date_header_will_do()
    {
        var good = _alice.Form(Form);
        (await _host.Authenticator.AuthenticateAsync(Without(good, "X-Amz-Date"), SignatureRules.Sts)).Error!.Message
            .Should().StartWith("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");

        // With the Date header, the time in the string to sign is the same instant in its basic form.
        const string canonical = "POST\n/\n\ndate:Fri, 02 Jan 2026 03:04:05 GMT\nhost:h\n\ndate;host\n" + SignatureV4.EmptyHash;
        var request = RequestSigner.Unsigned(
            "POST", "/", "", [], ("Host", "h"), ("Date", "Fri, 02 Jan 2026 03:04:05 GMT"),
            ("Authorization", $"AWS4-HMAC-SHA256 Credential={KeyId}/20260102/us-east-1/sts/aws4_request, SignedHeaders=date;host, Signature={_alice.Signature(canonical)}"));
        await Expect(request, null);
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05Z")]
    [InlineData("20260102T030405")]
    [InlineData("20260102T030460Z")]
    [InlineData("20260230T030405Z")]
    [InlineData("20261302T030405Z")]
    [InlineData("00000102T030405Z")]
    [InlineData("٢٠٢٦0102T030405Z")]
    public async Task Date_is_ISO_basic_or_nothing(string date) => await Expect(
        Replace(_alice.Form(Form), "X-Amz-Date", date), "IncompleteSignature",
        $"Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601");

    [Theory]
    [InlineData("AWS4-HMAC-SHA512 Credential=a")]
    [InlineData("AWS4-ECDSA-P256-SHA256 Credential=a")]
    [InlineData("AWS AKIAIOSFODNN7EXAMPLE:signature")]
    [InlineData("AWS4-HMAC-SHA256")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/b/c/d/e, Credential=a/b/c/d/e, SignedHeaders=host, Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f, SignedHeaders=host, Signature=0")]
    public async Task Malformed_header_is_incomplete(string header) => await Expect(Replace(_alice.Form(Form), "Authorization", header), "IncompleteSignature");

    [Theory]
    [InlineData("host;content-type")]
    [InlineData("content-type;Host")]
    [InlineData("content-type;host;host")]
    [InlineData("")]
    [InlineData(";host")]
    [InlineData("host;")]
    public async Task Signed_headers_are_distinct_lower_case_and_sorted(string names)
    {
        var good = _alice.Form(Form);
        var header = good.Headers.Single(header => header.Key == "Authorization").Value.Replace("content-type;host;x-amz-date", names, StringComparison.Ordinal);
        await Expect(Replace(good, "Authorization", header), "IncompleteSignature");
    }

    [Fact]
    public async Task Header_and_query_signatures_do_not_go_together()
    {
        var good = _alice.Form(Form);
        var both = new SignedRequest { Method = good.Method, Path = good.Path, Query = "X-Amz-Signature=00", Headers = good.Headers, Body = good.Body };
        await Expect(both, "IncompleteSignature");
        await Expect(both, "InvalidArgument", rules: S3);
        await Expect(With(good, ("Authorization", "AWS4-HMAC-SHA256 x")), "IncompleteSignature");
        await Expect(With(good, ("X-Amz-Date", "20260102T030406Z")), "IncompleteSignature");
    }

    [Fact]
    public async Task Stated_payload_hash_must_be_signed_and_be_that_of_the_body()
    {
        var body = Encoding.ASCII.GetBytes(Form);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body));
        await Expect(_alice.Form(Form, ("X-Amz-Content-Sha256", hash)), null);
        await Expect(_alice.Form(Form, ("X-Amz-Content-Sha256", SignatureV4.EmptyHash)), "XAmzContentSHA256Mismatch");
        await Expect(_alice.Form(Form, ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")), "XAmzContentSHA256Mismatch");
        await Expect(With(_alice.Form(Form), ("X-Amz-Content-Sha256", hash)), "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task S3_may_leave_the_payload_unsigned_but_must_say_so()
    {
        var signer = _alice with { Service = "s3" };
        await Expect(signer.Sign("PUT", "/k", "", [1, 2], ("Host", "b"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")), null, rules: S3);
        await Expect(signer.Sign("PUT", "/k", "", [1, 2], ("Host", "b")), "InvalidArgument", rules: S3);
        await Expect(signer.Sign("PUT", "/k", "", [1, 2], ("Host", "b"), ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")), "XAmzContentSHA256Mismatch", rules: S3);
    }

    [Fact]
    public async Task Host_learns_whether_the_signature_vouches_for_the_body()
    {
        var s3 = _alice with { Service = "s3" };
        (string, string)[] unsigned = [("Host", "b"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")];
        (string, string)[] empty = [("Host", "b"), ("x-amz-content-sha256", SignatureV4.EmptyHash)];
        (SignedRequest Request, SignatureRules Rules, bool IsBodySigned)[] cases =
        [
            (_alice.Form(Form), SignatureRules.Sts, true),
            (_alice.Presign("GET", "/", Form, 60, SignatureV4.EmptyHash, ("Host", "h")), SignatureRules.Sts, true),
            (s3.Sign("PUT", "/k", "", [], empty), S3, true),
            (s3.Sign("PUT", "/k", "", [1, 2], unsigned), S3, false),
            (s3.Presign("GET", "/k", "", 60, "UNSIGNED-PAYLOAD", ("Host", "b")), S3, false),
            (s3.Presign("PUT", "/k", "", 60, SignatureV4.EmptyHash, empty), S3, true),
            (s3.Presign("PUT", "/k", "", 60, "UNSIGNED-PAYLOAD", unsigned), S3, false),
        ];
        foreach (var (request, rules, isBodySigned) in cases)
        {
            (await _host.Authenticator.AuthenticateAsync(request, rules)).Value.IsBodySigned.Should().Be(isBodySigned);
        }
    }

    [Theory]
    [InlineData("s3", "us-east-1", "InvalidAccessKeyId")]
    [InlineData("s3", "mars", "AuthorizationQueryParametersError")]
    [InlineData("sts", "us-east-1", "AuthorizationQueryParametersError")]
    public async Task Two_tokens_that_differ_are_refused_after_the_scope(string service, string region, string code)
    {
        var signer = _alice with { Service = service, Region = region, Token = "in-the-query" };
        var request = signer.Presign("GET", "/k", "", 60, "UNSIGNED-PAYLOAD", ("Host", "b"), ("x-amz-security-token", "in-the-header"));
        await Expect(request, code, rules: S3);
    }

    [Theory]
    [InlineData("s3", "us-east-1", "AKIAUNKNOWNUNKNOWNAA", "InvalidAccessKeyId")]
    [InlineData("sts", "us-east-1", KeyId, "AuthorizationHeaderMalformed")]
    [InlineData("s3", "mars", KeyId, "AuthorizationHeaderMalformed")]
    public async Task S3_answers_in_its_own_words(string service, string region, string keyId, string code) => await Expect(
        (_alice with { Service = service, Region = region, AccessKeyId = keyId }).Sign("GET", "/k", "", [], ("Host", "b"), ("x-amz-content-sha256", SignatureV4.EmptyHash)),
        code, rules: S3);

    [Theory]
    [InlineData(3600, 3600, null)]
    [InlineData(3600, 3601, "AccessDenied")]
    [InlineData(604800, 604800, null)]
    [InlineData(604801, 0, "AuthorizationQueryParametersError")]
    [InlineData(0, 0, "AuthorizationQueryParametersError")]
    [InlineData(1, -900, null)]
    [InlineData(1, -901, "RequestTimeTooSkewed")]
    public async Task Presigned_request_lives_as_long_as_it_says_up_to_seven_days(int expires, int after, string? code)
    {
        _host.Clock.Advance(Duration.FromSeconds(after));
        await Expect((_alice with { Service = "s3" }).Presign("GET", "/k", "", expires, "UNSIGNED-PAYLOAD", ("Host", "b")), code, rules: S3);
    }

    [Theory]
    [InlineData(60, 900, null)]
    [InlineData(60, 901, "SignatureDoesNotMatch")]
    [InlineData(604800, 901, "SignatureDoesNotMatch")]
    public async Task STS_ignores_the_life_that_a_presigned_request_claims(int expires, int after, string? code)
    {
        _host.Clock.Advance(Duration.FromSeconds(after));
        await Expect(_alice.Presign("GET", "/", Form, expires, SignatureV4.EmptyHash, ("Host", "h")), code);
    }

    [Theory]
    [InlineData("X-Amz-Credential")]
    [InlineData("X-Amz-Date")]
    [InlineData("X-Amz-SignedHeaders")]
    [InlineData("X-Amz-Signature")]
    public async Task Missing_query_parameter_is_named_and_a_double_one_refused(string name)
    {
        var good = _alice.Presign("GET", "/", Form, 60, SignatureV4.EmptyHash, ("Host", "h"));
        var parts = good.Query.Split('&');
        var missing = string.Join('&', parts.Where(part => !part.StartsWith(name + "=", StringComparison.Ordinal)));
        await Expect(WithQuery(good, missing), "IncompleteSignature", $"AWS query-string parameters must include '{name}'. Re-examine the query-string parameters.");
        await Expect(WithQuery(good, good.Query + "&" + parts.Single(part => part.StartsWith(name + "=", StringComparison.Ordinal))), "IncompleteSignature");
    }

    [Fact]
    public async Task Parameter_appended_after_signing_is_refused()
    {
        var good = _alice.Presign("GET", "/", Form, 60, SignatureV4.EmptyHash, ("Host", "h"));
        await Expect(good, null);
        await Expect(WithQuery(good, good.Query + "&X-Amz-Security-Token=t"), "SignatureDoesNotMatch");
        await Expect(WithQuery(good, good.Query + "&a=%zz"), "IncompleteSignature");
    }

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, "IncompleteSignature")]
    public async Task Number_of_headers_is_bounded(int headers, string? code)
    {
        var good = _alice.Form(Form);
        await Expect(With(good, [.. Enumerable.Range(0, headers - good.Headers.Length).Select(index => ($"h{index}", "v"))]), code);
    }

    [Fact]
    public async Task Random_requests_are_refused_and_never_throw()
    {
        var seed = Environment.GetEnvironmentVariable("TOKENSERVICE_SEED") is { } given ? int.Parse(given, null) : Environment.TickCount;
        var random = new Random(seed);
        string Text(int most) => string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => (char)random.Next(random.Next(2) == 0 ? 128 : 0x10000)));
        for (var round = 0; round < (Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") is null ? 3_000 : 300_000); round++)
        {
            var good = random.Next(2) == 0 ? _alice.Form(Form) : _alice.Presign("GET", "/", Form, 60, SignatureV4.EmptyHash, ("Host", "h"));
            char[] Spoil(string text)
            {
                var characters = text.ToCharArray();
                if (characters.Length > 0)
                {
                    characters[random.Next(characters.Length)] = (char)random.Next(random.Next(2) == 0 ? 128 : 0x10000);
                }

                return characters;
            }

            var bad = new SignedRequest
            {
                Method = good.Method,
                Path = random.Next(3) == 0 ? Text(20) : good.Path,
                Query = random.Next(3) == 0 ? new string(Spoil(good.Query)) : good.Query,
                Headers = [.. good.Headers.Select(header => KeyValuePair.Create(header.Key, random.Next(3) == 0 ? new string(Spoil(header.Value)) : header.Value)), KeyValuePair.Create(Text(9), Text(9))],
                Body = Encoding.UTF8.GetBytes(Text(30)),
            };
            foreach (var rules in new[] { SignatureRules.Sts, S3 })
            {
                var result = await _host.Authenticator.AuthenticateAsync(bad, rules);
                (result.Error?.HttpStatus ?? 403).Should().BeInRange(400, 403, "seed {0}, round {1}", seed, round);
            }
        }
    }

    private static SignedRequest With(SignedRequest request, params (string Name, string Value)[] headers) =>
        RequestSigner.Unsigned(request.Method, request.Path, request.Query, request.Body.ToArray(), [.. request.Headers.Select(header => (header.Key, header.Value)), .. headers]);

    private static SignedRequest Without(SignedRequest request, string name) =>
        RequestSigner.Unsigned(request.Method, request.Path, request.Query, request.Body.ToArray(), [.. request.Headers.Where(header => header.Key != name).Select(header => (header.Key, header.Value))]);

    private static SignedRequest Replace(SignedRequest request, string name, string value) => With(Without(request, name), (name, value));

    private static SignedRequest WithQuery(SignedRequest request, string query) =>
        RequestSigner.Unsigned(request.Method, request.Path, query, request.Body.ToArray(), [.. request.Headers.Select(header => (header.Key, header.Value))]);

    private void PutAlice(AccessKey key) => _host.Store.Put(
        new User(Arn.Parse("arn:aws:iam::111122223333:user/alice"), "AIDAZG2XYEL6VOGQ3VJ2H") with { AccessKeys = [key] });

    private async Task Expect(SignedRequest request, string? code, string? message = null, SignatureRules? rules = null)
    {
        var result = await _host.Authenticator.AuthenticateAsync(request, rules ?? SignatureRules.Sts);
        result.Error?.Code.Should().Be(code, result.Error?.Message);
        result.IsSuccess.Should().Be(code is null);
        if (message is not null)
        {
            result.Error!.Message.Should().Be(message);
        }
    }
}
