using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using NodaTime;

namespace TokenService.Benchmarks;

/// <summary>Checking an ID token with warm keys, beside the verification of its signature that it cannot do without.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class WebIdentity
{
    private const string Account = "111122223333";
    private const string Issuer = "https://token.actions.githubusercontent.com";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private IOidcValidator _validator = null!;
    private (string Token, byte[] Input, byte[] Signature) _rs256;
    private (string Token, byte[] Input, byte[] Signature) _es256;

    [GlobalSetup]
    public void Setup()
    {
        var services = new ServiceCollection();
        services.AddTemporaryCredentials();
        var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<InMemoryIdentityStore>();
        var account = new Account(Account);
        store.Put(account);
        var rsa = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_rsa.ExportParameters(includePrivateParameters: false)));
        var ec = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(_ec));
        store.Put(new OidcProvider(account, Issuer, ["sts.amazonaws.com"])
        {
            Jwks = $$"""
                {"keys":[{"kty":"RSA","kid":"rsa","n":"{{rsa.N}}","e":"{{rsa.E}}"},{"kty":"EC","kid":"ec","crv":"P-256","x":"{{ec.X}}","y":"{{ec.Y}}"}]}
                """,
        });
        _validator = provider.GetRequiredService<IOidcValidator>();
        _rs256 = Sign(new RsaSecurityKey(_rsa) { KeyId = "rsa" }, "RS256");
        _es256 = Sign(new ECDsaSecurityKey(_ec) { KeyId = "ec" }, "ES256");
        if (!Rs256() || !Es256() || !Rs256Floor() || !Es256Floor())
        {
            throw new InvalidOperationException("The tokens are not accepted.");
        }
    }

    [Benchmark(Baseline = true), BenchmarkCategory("RS256")]
    public bool Rs256Floor() => _rsa.VerifyData(_rs256.Input, _rs256.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    [Benchmark, BenchmarkCategory("RS256")]
    public bool Rs256() => Validate(_rs256.Token);

    [Benchmark(Baseline = true), BenchmarkCategory("ES256")]
    public bool Es256Floor() => _ec.VerifyData(_es256.Input, _es256.Signature, HashAlgorithmName.SHA256);

    [Benchmark, BenchmarkCategory("ES256")]
    public bool Es256() => Validate(_es256.Token);

    private bool Validate(string token)
    {
        var validated = _validator.ValidateAsync(Account, token);
        return (validated.IsCompletedSuccessfully ? validated.Result : validated.AsTask().GetAwaiter().GetResult()).IsSuccess;
    }

    /// <summary>The claims that a workflow's token has, signed at this moment: the clock of a benchmark is the real one.</summary>
    private static (string Token, byte[] Input, byte[] Signature) Sign(SecurityKey key, string algorithm)
    {
        var now = SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds();
        var token = new JsonWebTokenHandler().CreateToken(
            $$"""
            {"iss":"{{Issuer}}","sub":"repo:example/app:ref:refs/heads/main","aud":"sts.amazonaws.com","iat":{{now}},"nbf":{{now}},"exp":{{now + 86_400}},
            "repository":"example/app","repository_owner":"example","ref":"refs/heads/main","ref_type":"branch","environment":"production","actor":"alice",
            "event_name":"push","workflow":"deploy","sha":"3f1c9ab2d4e5f60718293a4b5c6d7e8f90a1b2c3","runner_environment":"github-hosted","jti":"4d1a7c52"}
            """,
            new SigningCredentials(key, algorithm));
        var end = token.LastIndexOf('.');
        return (token, Encoding.ASCII.GetBytes(token[..end]), Base64UrlEncoder.DecodeBytes(token[(end + 1)..]));
    }
}
