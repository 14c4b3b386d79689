using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace TokenService.Tests.Authentication.PostPolicies;

public sealed class PostPolicyTests : IDisposable
{
    private const string KeyId = "AKIAIOSFODNN7EXAMPLE";
    private const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string Conditions = """
        {"bucket":"photos"},["starts-with","$key","user/"],{"x-amz-algorithm":"AWS4-HMAC-SHA256"},["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]
        """;

    private static readonly SignatureRules S3 = new() { Service = "s3", IsS3 = true, Regions = ["us-east-1"] };

    private readonly TestHost _host = new();

    public PostPolicyTests() =>
        _host.Store.Put(User.Create(_host.Home, "alice") with { AccessKeys = [new AccessKey(KeyId, new Secret(SecretKey))] });

    public void Dispose() => _host.Dispose();

    /// <summary>Source: S3 API Reference, "Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)", whose signature is published
    /// for its base64 text.</summary>
    [Fact]
    public async Task Example_of_the_documentation_has_its_published_signature()
    {
        const string policy =
            "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
        _host.Clock.Reset(Instant.FromUtc(2015, 12, 30, 11, 59));
        var form = new PostForm
        {
            Bucket = "sigv4examplebucket",
            FileName = "C:\\Pictures\\a.jpg",
            Fields = [
                new("key", "user/user1/${filename}"), new("acl", "public-read"),
                new("success_action_redirect", "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"), new("Content-Type", "image/jpeg"),
                new("x-amz-meta-uuid", "14365123651274"), new("x-amz-server-side-encryption", "AES256"),
                new("X-Amz-Credential", $"{KeyId}/20151229/us-east-1/s3/aws4_request"), new("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), new("X-Amz-Date", "20151229T000000Z"),
                new("x-amz-meta-tag", ""), new("Policy", policy),
                new("X-Amz-Signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e")],
        };
        var post = (await _host.Authenticator.AuthenticatePostAsync(form, S3)).Value;
        post.Key.Should().Be("user/user1/a.jpg");
        post.Caller.Arn.ToString().Should().EndWith("user/alice");
        post.Region.Should().Be("us-east-1");
        _host.Clock.Reset(Instant.FromUtc(2015, 12, 30, 12, 0));
        (await CodeAsync(form)).Should().Be("AccessDenied");
    }

    [Theory]
    [InlineData("user/a", null)]
    [InlineData("user/", null)]
    [InlineData("User/a", "AccessDenied")]
    [InlineData("other/a", "AccessDenied")]
    [InlineData("", "AccessDenied")]
    public async Task Key_is_held_against_its_condition(string key, string? code) => (await CodeAsync(Form(Conditions, key))).Should().Be(code);

    [Theory]
    [InlineData("user/${filename}", "a.jpg", "user/a.jpg")]
    [InlineData("user/${filename}", "C:\\x\\a.jpg", "user/a.jpg")]
    [InlineData("user/${filename}", "../../a.jpg", "user/a.jpg")]
    [InlineData("user/${filename}", null, "user/")]
    public async Task Name_of_the_file_is_filled_in_before_conditions_are_looked_at(string key, string? fileName, string expected)
    {
        var form = Form(Conditions, key) with { FileName = fileName };
        (await _host.Authenticator.AuthenticatePostAsync(form, S3)).Value.Key.Should().Be(expected);
        var escaped = Form(Conditions, "${filename}") with { FileName = "user/a" };
        (await CodeAsync(escaped)).Should().Be("AccessDenied");
    }

    [Theory]
    [InlineData("acl", "public-read", "AccessDenied")]
    [InlineData("x-amz-meta-a", "", "AccessDenied")]
    [InlineData("x-ignore-a", "b", null)]
    [InlineData("X-Ignore-a", "b", null)]
    [InlineData("ignore-a", "b", "AccessDenied")]
    public async Task Every_field_needs_a_condition_but_those_that_are_to_be_ignored(string name, string value, string? code) =>
        (await CodeAsync(Form(Conditions, "user/a", (name, value)))).Should().Be(code);

    [Theory]
    [InlineData("bucket")]
    [InlineData("key")]
    [InlineData("x-amz-algorithm")]
    [InlineData("x-amz-credential")]
    [InlineData("x-amz-date")]
    public async Task Own_fields_and_the_bucket_need_a_condition_too(string name)
    {
        var left = string.Join(',', JsonNode.Parse($"[{Conditions}]")!.AsArray().Select(node => node!.ToJsonString()).Where(text => !text.Contains(name, StringComparison.Ordinal)));
        (await CodeAsync(Form(left, "user/a"))).Should().Be("AccessDenied");
        (await CodeAsync(Form(Conditions, "user/a"))).Should().BeNull();
    }

    [Theory]
    [InlineData("""["eq","$acl","private"]""", "private", null)]
    [InlineData("""["EQ","$acl","private"]""", "private", null)]
    [InlineData("""{"acl":"private"}""", "private", null)]
    [InlineData("""{"ACL":"private"}""", "private", null)]
    [InlineData("""{"acl":"private"}""", "Private", "AccessDenied")]
    [InlineData("""{"acl":"private"}""", "private ", "AccessDenied")]
    [InlineData("""{"acl":"private"}""", null, "AccessDenied")]
    [InlineData("""["starts-with","$acl",""]""", "anything", null)]
    [InlineData("""["starts-with","$acl",""]""", null, "AccessDenied")]
    [InlineData("""["starts-with","$acl","p"],["eq","$acl","private"]""", "public", "AccessDenied")]
    public async Task Condition_is_met_by_a_value_that_fits_and_by_no_absent_one(string condition, string? value, string? code)
    {
        var form = Form($"{Conditions},{condition}", "user/a", value is null ? [] : [("acl", value)]);
        (await CodeAsync(form)).Should().Be(code);
    }

    [Theory]
    [InlineData("image/jpeg", null)]
    [InlineData("image/jpeg, image/png", null)]
    [InlineData("image/jpeg,text/html", "AccessDenied")]
    [InlineData("text/html", "AccessDenied")]
    public async Task Each_of_a_list_of_media_types_has_to_begin_as_the_condition_says(string value, string? code) =>
        (await CodeAsync(Form($$"""{{Conditions}},["starts-with","$Content-Type","image/"]""", "user/a", ("content-type", value)))).Should().Be(code);

    [Theory]
    [InlineData(3, "EntityTooSmall")]
    [InlineData(4, null)]
    [InlineData(6, null)]
    [InlineData(7, "EntityTooLarge")]
    public async Task File_has_a_length_in_the_policys_range(int length, string? code)
    {
        var post = (await _host.Authenticator.AuthenticatePostAsync(Form($$"""{{Conditions}},["content-length-range",4,"6"],["content-length-range",0,100]""", "user/a"), S3)).Value;
        var act = async () => await post.File.Open(new MemoryStream(new byte[length])).CopyToAsync(Stream.Null);
        if (code is null)
        {
            await act.Should().NotThrowAsync();
            post.File.IsComplete.Should().BeTrue();
        }
        else
        {
            (await act.Should().ThrowAsync<PayloadException>()).Which.Error.Code.Should().Be(code);
            post.File.IsComplete.Should().BeFalse();
        }
    }

    [Theory]
    [InlineData("123456789", null)]
    [InlineData("123456780", "BadDigest")]
    public async Task File_is_held_against_the_checksum_of_the_form(string content, string? code)
    {
        var form = Form($$"""{{Conditions}},["starts-with","$x-amz-checksum-crc32",""]""", "user/a", ("x-amz-checksum-crc32", "y/Q5Jg=="));
        var post = (await _host.Authenticator.AuthenticatePostAsync(form, S3)).Value;
        var act = async () => await post.File.Open(new MemoryStream(Encoding.ASCII.GetBytes(content))).CopyToAsync(Stream.Null);
        if (code is null)
        {
            await act.Should().NotThrowAsync();
        }
        else
        {
            (await act.Should().ThrowAsync<PayloadException>()).Which.Error.Code.Should().Be(code);
        }
    }

    [Theory]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[""", "InvalidPolicyDocument")]
    [InlineData("""[]""", "InvalidPolicyDocument")]
    [InlineData("""{}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":1,"conditions":[]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"tomorrow","conditions":[]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z"}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":{}}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[],"more":1}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","expiration":"2036-01-02T04:00:00Z","conditions":[]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[["eq","key","user/"]]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[["ends-with","$key","user/"]]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[["eq","$key"]]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[{"key":1}]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":["key"]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[["content-length-range",2,1]]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[["content-length-range",-1,1]]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[["content-length-range",0,1.5]]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[[[[[[["eq"]]]]]]]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T04:00:00Z","conditions":[{"key":"\ud800"}]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration":"2026-01-02T03:04:05Z","conditions":[]}""", "AccessDenied")]
    [InlineData("""{"expiration":"2026-01-02T03:04:06Z","conditions":[]}""", "AccessDenied")]
    public async Task Policy_that_cannot_be_read_or_is_over_or_covers_nothing_is_refused(string policy, string code) =>
        (await CodeAsync(Signed(policy, "user/a"))).Should().Be(code);

    [Theory]
    [InlineData("key", "InvalidArgument")]
    [InlineData("policy", "InvalidArgument")]
    [InlineData("x-amz-algorithm", "InvalidArgument")]
    [InlineData("x-amz-credential", "InvalidArgument")]
    [InlineData("x-amz-date", "InvalidArgument")]
    [InlineData("x-amz-signature", "InvalidArgument")]
    public async Task Form_without_a_field_or_with_it_twice_is_refused(string name, string code)
    {
        var form = Form(Conditions, "user/a");
        (await CodeAsync(form with { Fields = form.Fields.RemoveAll(field => field.Key == name) })).Should().Be(code);
        (await CodeAsync(form with { Fields = form.Fields.Add(new(name.ToUpperInvariant(), "x")) })).Should().Be(code);
    }

    [Theory]
    [InlineData("x-amz-algorithm", "AWS4-ECDSA-P256-SHA256", "InvalidArgument")]
    [InlineData("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/sts/aws4_request", "InvalidArgument")]
    [InlineData("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20260102/eu-west-1/s3/aws4_request", "InvalidArgument")]
    [InlineData("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request", "InvalidArgument")]
    [InlineData("x-amz-credential", "AKIAIOSFODNN7EXAMPLE", "InvalidArgument")]
    [InlineData("x-amz-credential", "AKIAIOSFODNN7EXAMPLF/20260102/us-east-1/s3/aws4_request", "InvalidAccessKeyId")]
    [InlineData("x-amz-date", "2026-01-02", "InvalidArgument")]
    [InlineData("x-amz-signature", "", "SignatureDoesNotMatch")]
    [InlineData("x-amz-signature", "0000000000000000000000000000000000000000000000000000000000000000", "SignatureDoesNotMatch")]
    [InlineData("policy", "e30=", "SignatureDoesNotMatch")]
    [InlineData("bucket", "other", "InvalidArgument")]
    public async Task Form_whose_signature_is_not_that_of_its_policy_is_refused(string name, string value, string code)
    {
        var form = Form(Conditions, "user/a");
        (await CodeAsync(form with { Fields = form.Fields.RemoveAll(field => field.Key == name).Add(new(name, value)) })).Should().Be(code);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(-16 * 60, "RequestTimeTooSkewed")]
    [InlineData((7 * 24 * 3600) - 1, null)]
    [InlineData(7 * 24 * 3600, "AccessDenied")]
    public async Task Policy_lives_a_week_from_its_date_at_most(int seconds, string? code)
    {
        var form = Signed($$"""{"expiration":"2036-01-02T04:00:00Z","conditions":[{{Conditions}}]}""", "user/a");
        _host.Clock.Advance(Duration.FromSeconds(seconds));
        (await CodeAsync(form)).Should().Be(code);
    }

    [Fact]
    public async Task Temporary_credentials_sign_forms_that_carry_their_token_and_end_with_the_session()
    {
        _host.AddUser("bob");
        var role = _host.AddRole("r", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}""");
        var keys = (await _host.Issuer.AssumeRoleAsync(
            await _host.UserAsync("bob"), new AssumeRoleRequest { RoleArn = role.Arn.ToString(), RoleSessionName = "s1", DurationSeconds = 900 })).Value.Credentials;
        var policy = $$"""{"expiration":"2026-01-03T04:00:00Z","conditions":[{{Conditions}},["starts-with","$x-amz-security-token",""]]}""";
        var form = Signed(policy, "user/a", (keys.AccessKeyId, keys.SecretAccessKey.Reveal()), ("x-amz-security-token", keys.SessionToken));
        (await _host.Authenticator.AuthenticatePostAsync(form, S3)).Value.Caller.Session!.Name.Should().Be("s1");
        var uncovered = Signed($$"""{"expiration":"2026-01-03T04:00:00Z","conditions":[{{Conditions}}]}""", "user/a", (keys.AccessKeyId, keys.SecretAccessKey.Reveal()), ("x-amz-security-token", keys.SessionToken));
        (await CodeAsync(uncovered)).Should().Be("AccessDenied");
        (await CodeAsync(form with { Fields = form.Fields.RemoveAll(field => field.Key == "x-amz-security-token") })).Should().Be("InvalidAccessKeyId");
        _host.Clock.Advance(Duration.FromSeconds(900));
        (await CodeAsync(form)).Should().Be("ExpiredToken");
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "MaxPostPreDataLengthExceeded")]
    public async Task Form_has_20480_characters_at_most(bool onePast, string? code)
    {
        var form = Form(Conditions, "user/a");
        var used = form.Fields.Sum(field => field.Key.Length + field.Value.Length);
        var filler = new string('x', 20_480 - used - "x-ignore-a".Length + (onePast ? 1 : 0));
        (await CodeAsync(form with { Fields = form.Fields.Add(new("x-ignore-a", filler)) })).Should().Be(code);
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(101, "MaxPostPreDataLengthExceeded")]
    public async Task Form_has_100_fields_at_most(int count, string? code)
    {
        var form = Form(Conditions, "user/a");
        var more = Enumerable.Range(0, count - form.Fields.Length).Select(number => KeyValuePair.Create($"x-ignore-{number}", ""));
        (await CodeAsync(form with { Fields = form.Fields.AddRange(more) })).Should().Be(code);
    }

    [Theory]
    [InlineData(1024, null)]
    [InlineData(1025, "KeyTooLongError")]
    public async Task Key_has_1024_bytes_at_most(int length, string? code) =>
        (await CodeAsync(Form(Conditions, "user/".PadRight(length, 'a')))).Should().Be(code);

    private static PostForm Form(string conditions, string key, params (string Name, string Value)[] more) =>
        Signed($$"""{"expiration":"2026-01-02T04:00:00.000Z","conditions":[{{conditions}}]}""", key, (KeyId, SecretKey), more);

    private static PostForm Signed(string policy, string key, (string Id, string Secret)? keys = null, params (string Name, string Value)[] more)
    {
        var (id, secret) = keys ?? (KeyId, SecretKey);
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(policy));
        var signing = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in (string[])["20260102", "us-east-1", "s3", "aws4_request"])
        {
            signing = HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes(part));
        }

        return new PostForm
        {
            Bucket = "photos",
            Fields = [
                new("key", key), new("policy", encoded), new("x-amz-algorithm", "AWS4-HMAC-SHA256"), new("x-amz-credential", $"{id}/20260102/us-east-1/s3/aws4_request"),
                new("x-amz-date", "20260102T030405Z"), new("x-amz-signature", Convert.ToHexStringLower(HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes(encoded)))),
                .. more.Select(field => KeyValuePair.Create(field.Name, field.Value))],
        };
    }

    private async Task<string?> CodeAsync(PostForm form) => (await _host.Authenticator.AuthenticatePostAsync(form, S3)).Error?.Code;
}
