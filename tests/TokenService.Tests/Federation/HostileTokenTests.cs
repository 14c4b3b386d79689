using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace TokenService.Tests.Federation;

/// <summary>What providers and their users may try with tokens whose signature is good, and with sets of keys.</summary>
public sealed class HostileTokenTests : IDisposable
{
    private const string Role = "arn:aws:iam::111122223333:role/deploy";
    private const int Seed = 20260102;

    private readonly TestHost _host = new();
    private readonly TokenMaker _maker = new();

    public HostileTokenTests() => Put(_maker.Jwks);

    public void Dispose()
    {
        _host.Dispose();
        _maker.Dispose();
    }

    [Theory]
    [InlineData("253402300799", true)]
    [InlineData("253402300799.5", false)]
    [InlineData("253402300800", false)]
    [InlineData("1e400", false)]
    public async Task End_of_time_is_a_time_and_what_lies_beyond_is_none(string expiry, bool accepted)
    {
        Put(_maker.Jwks, once: true);
        var payload = $$"""{"iss":"{{TokenMaker.Issuer}}","sub":"u","aud":"app","iat":{{TestHost.Start.ToUnixTimeSeconds()}},"exp":{{expiry}},"jti":"a"}""";
        (await CodeAsync(_maker.SignText(payload))).Should().Be(accepted ? null : "InvalidIdentityToken");
    }

    [Theory]
    [InlineData("8443:sub")]
    [InlineData("8443/tenant:sub")]
    public async Task Claim_is_not_heard_as_that_of_another_provider_on_another_port(string claim)
    {
        _host.Store.Put(new OidcProvider(_host.Home, "https://issuer.example", [TokenMaker.Client]) { Jwks = _maker.Jwks });
        var claims = TokenMaker.Claims(TestHost.Start, issuer: "https://issuer.example");
        claims[claim] = "root";
        claims["8443"] = "a number is a name too";
        claims["https://claims.example/team"] = "blue";
        var keys = (await _host.Get<IOidcValidator>().ValidateAsync(_host.Home.Id, _maker.Sign(claims))).Value.Keys.Select(key => key.Key);
        keys.Should().NotContain($"issuer.example:{claim}").And.Contain("issuer.example:8443").And.Contain("issuer.example:https://claims.example/team");
    }

    [Fact]
    public async Task Key_is_the_one_that_was_looked_at_and_no_certificate_beside_it()
    {
        using var other = RSA.Create(2048);
        var request = new CertificateRequest("CN=other", other, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        var key = JsonNode.Parse(_maker.Jwks)!;
        key["keys"]![0]!["x5c"] = new JsonArray(Convert.ToBase64String(certificate.RawData));
        Put(key.ToJsonString());
        var token = _maker.Sign(TokenMaker.Claims(TestHost.Start));
        (await CodeAsync(token)).Should().BeNull();
        var signed = token[..token.LastIndexOf('.')];
        var signature = other.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        (await CodeAsync($"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}")).Should().Be("InvalidIdentityToken");
    }

    [Fact]
    public async Task Key_of_one_provider_signs_for_no_other_although_both_call_it_the_same()
    {
        const string Other = "https://other.example";
        using var other = new TokenMaker();
        other.KeyId.Should().Be(_maker.KeyId);
        _host.Store.Put(new OidcProvider(_host.Home, Other, [TokenMaker.Client]) { Jwks = other.Jwks });
        var (here, there) = (TokenMaker.Claims(TestHost.Start), TokenMaker.Claims(TestHost.Start, issuer: Other));
        (await CodeAsync(_maker.Sign(here))).Should().BeNull();
        (await CodeAsync(other.Sign(there))).Should().BeNull();
        (await CodeAsync(other.Sign(here))).Should().Be("InvalidIdentityToken");
        (await CodeAsync(_maker.Sign(there))).Should().Be("InvalidIdentityToken");
    }

    [Theory, InlineData(2560), InlineData(8192)]
    public async Task Claims_that_no_token_has_room_for_give_no_credentials_that_would_not_work(int budget)
    {
        using var host = new TestHost(options => options.PackedPolicyBudget = budget);
        host.Store.Put(new OidcProvider(host.Home, TokenMaker.Issuer, [TokenMaker.Client]) { Jwks = _maker.Jwks });
        host.AddRole("deploy", Trust());
        var refusals = 0;
        for (var methods = 0; methods < 1_000; methods += 50)
        {
            var claims = TokenMaker.Claims(TestHost.Start);
            claims["amr"] = new JsonArray([.. Enumerable.Range(0, methods).Select(number => JsonValue.Create($"method-{number:D4}"))]);
            var result = await host.Issuer.AssumeRoleWithWebIdentityAsync(
                new AssumeRoleWithWebIdentityRequest { RoleArn = Role, RoleSessionName = "job", WebIdentityToken = _maker.Sign(claims) });
            refusals += result.Error?.Code == "PackedPolicyTooLarge" ? 1 : 0;
            if (result.TryGetValue(out var response, out var error))
            {
                (await host.RefusalAsync(response.Credentials)).Should().BeNull("{0} methods", methods);
            }
            else
            {
                error.Code.Should().Be("PackedPolicyTooLarge");
            }
        }

        refusals.Should().BeInRange(1, 19);
    }

    [Fact]
    public async Task Set_that_is_full_of_no_keys_does_not_flood_the_log()
    {
        Put(_maker.Jwks.Replace("]}", string.Concat(Enumerable.Repeat(",{}", 50_000)) + "]}", StringComparison.Ordinal));
        (await CodeAsync(_maker.Sign(TokenMaker.Claims(TestHost.Start)))).Should().BeNull();
        _host.Log.Entries.Count(line => line.Id.Id == 2031).Should().Be(200);
    }

    [Fact]
    public async Task Subject_cannot_begin_a_line_of_the_log()
    {
        _host.AddRole("deploy", Trust());
        var subject = "u\u2028Issued\u2029\u202Ereversed\u200B";
        (await AssumeAsync(_maker.Sign(TokenMaker.Claims(TestHost.Start, subject)))).Value.SubjectFromWebIdentityToken.Should().Be(subject);
        _host.Log.Entries.Should().Contain(line => line.Text.Contains("u\uFFFDIssued", StringComparison.Ordinal))
            .And.NotContain(line => line.Text.IndexOfAny(Invisible) >= 0);
    }

    [Theory]
    [InlineData("aws:userid")]
    [InlineData("aws:username")]
    [InlineData("aws:SourceIdentity")]
    [InlineData("aws:TokenIssueTime")]
    [InlineData("aws:AssumedRoot")]
    [InlineData("aws:ViaAWSService")]
    [InlineData("aws:PrincipalTag/team")]
    [InlineData("aws:PrincipalArn")]
    [InlineData("aws:MultiFactorAuthPresent")]
    [InlineData("sts:ExternalId")]
    [InlineData("sts:SourceIdentity")]
    public async Task Host_cannot_say_what_only_the_service_can_say_of_somebody_federated(string key)
    {
        _host.AddRole("deploy", Trust($$"""{"StringEquals":{"{{key}}":"true"} }"""));
        var environment = new RequestEnvironment { Keys = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(key, ["true"]) };
        (await AssumeAsync(_maker.Sign(TokenMaker.Claims(TestHost.Start)), environment)).Error!.Code.Should().Be("AccessDenied");
    }

    [Fact]
    public async Task Host_says_what_is_its_own_of_somebody_federated_too()
    {
        _host.AddRole("deploy", Trust("""{"StringEquals":{"aws:SourceVpc":"vpc-1"}}"""));
        var environment = new RequestEnvironment { Keys = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("aws:SourceVpc", ["vpc-1"]) };
        (await AssumeAsync(_maker.Sign(TokenMaker.Claims(TestHost.Start)), environment)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Random_changes_of_a_token_are_refused_and_never_break()
    {
        var random = new Random(Seed);
        var good = _maker.Sign(TokenMaker.Claims(TestHost.Start));
        for (var round = 0; round < Rounds(3_000); round++)
        {
            var text = new StringBuilder(good);
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(text.Length);
                _ = random.Next(4) switch
                {
                    0 => text.Remove(at, random.Next(1, text.Length - at)).Append('A'),
                    1 => text.Insert(at, (char)random.Next(0, 0x10000)),
                    2 => text.Insert(at, good.AsSpan(random.Next(good.Length / 2), random.Next(40))),
                    _ => text.Replace(text[at], "ABab01-_.+/= "[random.Next(13)], at, 1),
                };
            }

            var token = text.ToString();
            if (token != good)
            {
                (await CodeAsync(token)).Should().Be("InvalidIdentityToken", "round {0} of seed {1}", round, Seed);
            }
        }
    }

    /// <summary>Header and payload are changed before they are signed: nothing behind the signature relies on the provider's good will.</summary>
    [Fact]
    public async Task Random_claims_under_a_good_signature_are_refused_or_accepted_and_never_break()
    {
        _host.AddRole("deploy", Trust());
        var random = new Random(Seed);
        var answers = new HashSet<string?>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds(1_500); round++)
        {
            var claims = TokenMaker.Claims(TestHost.Start);
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                claims[Names[random.Next(Names.Length)]] = JsonNode.Parse(Values[random.Next(Values.Length)]);
            }

            var payload = claims.ToJsonString();
            if (random.Next(3) == 0)
            {
                payload = payload.Insert(random.Next(payload.Length), Fragments[random.Next(Fragments.Length)]);
            }

            var header = random.Next(4) == 0 ? $$"""{"alg":"RS256",{{Fragments[random.Next(Fragments.Length)]}}}""" : null;
            answers.Add((await AssumeAsync(_maker.SignText(payload, header))).Error?.Code);
        }

        answers.Should().BeSubsetOf([null, "AccessDenied", "InvalidIdentityToken", "ExpiredTokenException", "PackedPolicyTooLarge", "InvalidParameterValue"])
            .And.Contain([null, "AccessDenied", "InvalidIdentityToken", "ExpiredTokenException"]);
    }

    [Fact]
    public void Random_sets_of_keys_are_read_or_refused_and_never_break()
    {
        var random = new Random(Seed);
        var read = 0;
        for (var round = 0; round < Rounds(3_000); round++)
        {
            var bytes = Encoding.UTF8.GetBytes(_maker.Jwks);
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(bytes.Length);
                bytes[at] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)"\"{}[]:,\\0eEnRSAC"[random.Next(16)];
            }

            read += KeySet.TryRead(bytes, out _, out _) ? 1 : 0;
        }

        read.Should().BeInRange(1, Rounds(3_000) - 1);
    }

    private static readonly string[] Names =
    [
        "iss", "sub", "aud", "azp", "amr", "exp", "iat", "nbf", "jti", "Sub", "x", "X", "aws:PrincipalTag/a", "https://aws.amazon.com/tags",
        "https://aws.amazon.com/tags/principal_tags/Team", "https://aws.amazon.com/tags/principal_tags/", "https://aws.amazon.com/tags/transitive_tag_keys",
        "https://aws.amazon.com/source_identity", "https://aws.amazon.com/roles", "\u0000", "8443:sub",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e400", "-0.0", "1.7e9", "253402300799", "99999999999999999999", "\"\"", "\"app\"", "\"u\\u0000\"", "\"\\uD83D\\uDE00\"", "\"a\\uFFFE\"", "[]",
        "[\"app\"]", "[\"app\",\"app\"]", "[1]", "[[]]", "{}", "{\"principal_tags\":{}}", "{\"principal_tags\":{\"a\":[\"b\"],\"A\":\"c\"}}",
        "{\"principal_tags\":{\"aws:a\":\"b\"}}", "{\"principal_tags\":{\"a\":[\"b\",\"c\"]}}", "{\"principal_tags\":{\"a\":\"b\"},\"transitive_tag_keys\":[\"a\"]}", "\"aws:a\"",
        $"\"{new string('a', 257)}\"", $"[{string.Join(',', Enumerable.Repeat("\"aaaaaaaa\"", 900))}]",
    ];

    private static readonly string[] Fragments =
    [
        "\"kid\":7", "\"kid\":\"first\"", "\"typ\":\"at+jwt\"", "\"crit\":[\"b64\"]", "\"\\u0061lg\":\"none\"", "\"alg\":\"none\"", "{", "}", "\\", "\u0000", "\uFEFF", "\"\\ud800\":1",
        "\"a\":\"\\udfff\"", ",", "\"x5c\":[\"AAAA\"]", "\"jwk\":{\"kty\":\"oct\"}",
    ];

    private static readonly char[] Invisible = ['\u2028', '\u2029', '\u202E', '\u200B'];

    private static int Rounds(int few) => Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") is null ? few : 50 * few;

    private static string Trust(string condition = "{}") =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/issuer.example/realm"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{condition}} } }""";

    private void Put(string jwks, bool once = false) =>
        _host.Store.Put(new OidcProvider(_host.Home, TokenMaker.Issuer, [TokenMaker.Client]) { Jwks = jwks, AcceptsTokensOnce = once });

    private async Task<string?> CodeAsync(string token) => (await _host.Get<IOidcValidator>().ValidateAsync(_host.Home.Id, token)).Error?.Code;

    private Task<StsResult<AssumeRoleWithWebIdentityResponse>> AssumeAsync(string token, RequestEnvironment? environment = null) =>
        _host.Issuer.AssumeRoleWithWebIdentityAsync(
            new AssumeRoleWithWebIdentityRequest { RoleArn = Role, RoleSessionName = "job", WebIdentityToken = token }, environment).AsTask();
}
