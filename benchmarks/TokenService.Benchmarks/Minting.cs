using System.Security.Claims;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenService.Benchmarks;

/// <summary>AssumeRole in process, everything included, beside its floor and beside what one would mint instead.</summary>
[MemoryDiagnoser]
public class Minting
{
    private readonly BenchmarkHost _host = new();
    private readonly AesGcm _aes = new(new byte[32], 16);
    private readonly byte[] _random = new byte[52];
    private readonly byte[] _plain = new byte[512];
    private readonly byte[] _sealed = new byte[12 + 512 + 16];
    private readonly JsonWebTokenHandler _handler = new();
    private readonly SecurityTokenDescriptor _hs256 = Descriptor(new SigningCredentials(new SymmetricSecurityKey(new byte[32]), SecurityAlgorithms.HmacSha256));
    private readonly SecurityTokenDescriptor _es256 =
        Descriptor(new SigningCredentials(new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)), SecurityAlgorithms.EcdsaSha256));

    /// <summary>What no implementation can leave out: 52 random bytes drawn at once, one AES-256-GCM seal of 512 bytes, base64.</summary>
    [Benchmark(Baseline = true)]
    public string Floor()
    {
        RandomNumberGenerator.Fill(_random);
        _random.AsSpan(0, 12).CopyTo(_sealed);
        _aes.Encrypt(_random.AsSpan(0, 12), _plain, _sealed.AsSpan(12, 512), _sealed.AsSpan(524));
        return Convert.ToBase64String(_sealed);
    }

    /// <summary>Trust policy of three statements, five tags, a session policy of 300 bytes.</summary>
    [Benchmark]
    public TemporaryCredentials AssumeRole()
    {
        var minted = _host.Issuer.AssumeRoleAsync(_host.Builder, BenchmarkHost.Request);
        return (minted.IsCompletedSuccessfully ? minted.Result : minted.AsTask().GetAwaiter().GetResult()).Value.Credentials;
    }

    /// <summary>A JWT of ten claims, the same session policy among them, HS256.</summary>
    [Benchmark]
    public string JwtHs256() => _handler.CreateToken(_hs256);

    /// <summary>The same, ES256.</summary>
    [Benchmark]
    public string JwtEs256() => _handler.CreateToken(_es256);

    private static SecurityTokenDescriptor Descriptor(SigningCredentials credentials) => new()
    {
        Issuer = "https://issuer.example",
        Audience = "builds",
        Expires = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        NotBefore = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        IssuedAt = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        SigningCredentials = credentials,
        Subject = new ClaimsIdentity(
        [
            new Claim("sub", "arn:aws:sts::111122223333:assumed-role/deploy/build-4711"), new Claim("jti", "0123456789abcdef0123456789abcdef"),
            new Claim("project", "artifacts"), new Claim("team", "platform"), new Claim("policy", BenchmarkHost.SessionPolicy),
        ]),
    };
}
