using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;

namespace TokenService.Benchmarks;

/// <summary>Checking a signed request with a warm signing key, beside the cryptography that it cannot do without.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class Authentication
{
    private readonly BenchmarkHost _host = new();
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, new byte[32]);
    private readonly AesGcm _aes = new(new byte[32], 16);
    private readonly byte[] _hash = new byte[32];
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _tag = new byte[16];
    private byte[] _longTermCanonical = [];
    private byte[] _temporaryCanonical = [];
    private byte[] _stringToSign = [];
    private byte[] _ciphertext = [];
    private byte[] _plaintext = [];
    private SignedRequest _longTerm = null!;
    private SignedRequest _temporary = null!;

    [GlobalSetup]
    public void Setup()
    {
        var credentials = _host.Mint();
        (_longTerm, _longTermCanonical, _stringToSign) = Sign(BenchmarkHost.KeyId, BenchmarkHost.SecretKey, null);
        (_temporary, _temporaryCanonical, _) = Sign(credentials.AccessKeyId, credentials.SecretAccessKey.Reveal(), credentials.SessionToken);
        _plaintext = new byte[(credentials.SessionToken.Length * 3 / 4) - 37];
        _ciphertext = new byte[_plaintext.Length];
        _aes.Encrypt(_nonce, _plaintext, _ciphertext, _tag);
        if (!LongTerm() || !Temporary())
        {
            throw new InvalidOperationException("The requests are not accepted.");
        }
    }

    /// <summary>SHA-256 of the canonical request, one HMAC.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("long-term key")]
    public byte[] LongTermFloor()
    {
        _sha256.AppendData(_longTermCanonical);
        _sha256.GetHashAndReset(_hash);
        _hmac.AppendData(_stringToSign);
        _hmac.GetHashAndReset(_hash);
        return _hash;
    }

    [Benchmark, BenchmarkCategory("long-term key")]
    public bool LongTerm() => Authenticate(_longTerm);

    /// <summary>The same, and one AES-256-GCM open of the token.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("temporary key")]
    public byte[] TemporaryFloor()
    {
        _aes.Decrypt(_nonce, _ciphertext, _tag, _plaintext);
        _sha256.AppendData(_temporaryCanonical);
        _sha256.GetHashAndReset(_hash);
        _hmac.AppendData(_stringToSign);
        _hmac.GetHashAndReset(_hash);
        return _hash;
    }

    [Benchmark, BenchmarkCategory("temporary key")]
    public bool Temporary() => Authenticate(_temporary);

    private bool Authenticate(SignedRequest request)
    {
        var authenticated = _host.Authenticator.AuthenticateAsync(request, SignatureRules.Sts);
        return (authenticated.IsCompletedSuccessfully ? authenticated.Result : authenticated.AsTask().GetAwaiter().GetResult()).IsSuccess;
    }

    /// <summary>A GET without body, as a client signs it at this moment: the clock of a benchmark is the real one.</summary>
    internal static (SignedRequest Request, byte[] Canonical, byte[] StringToSign) Sign(string keyId, string secret, string? token)
    {
        var date = NodaTime.SystemClock.Instance.GetCurrentInstant().ToString("uuuuMMdd'T'HHmmss'Z'", null);
        var scope = $"{date[..8]}/us-east-1/sts/aws4_request";
        var signed = token is null ? "host;x-amz-date" : "host;x-amz-date;x-amz-security-token";
        var canonical = $"GET\n/\n\nhost:sts.example\nx-amz-date:{date}\n{(token is null ? "" : $"x-amz-security-token:{token}\n")}\n{signed}\n{SignatureV4.EmptyHash}";
        var stringToSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        List<KeyValuePair<string, string>> headers =
        [
            new("Host", "sts.example"), new("User-Agent", "client/1.0 lang/csharp md/arch#x64"), new("Accept", "*/*"), new("Accept-Encoding", "gzip"), new("X-Amz-Date", date),
            new("Authorization", $"AWS4-HMAC-SHA256 Credential={keyId}/{scope}, SignedHeaders={signed}, Signature={Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)))}"),
        ];
        if (token is not null)
        {
            headers.Add(new("X-Amz-Security-Token", token));
        }

        return (new SignedRequest { Method = "GET", Path = "/", Query = "", Headers = [.. headers] }, Encoding.UTF8.GetBytes(canonical), Encoding.UTF8.GetBytes(stringToSign));
    }
}
