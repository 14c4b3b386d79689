using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;

namespace TokenService.Benchmarks;

/// <summary>What a gateway does with each request: open the token, check the signature, decide by four policies; and the decision alone.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class Gateway
{
    private readonly BenchmarkHost _host = new();
    private readonly Decisions _decisions = new();
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, new byte[32]);
    private readonly AesGcm _aes = new(new byte[32], 16);
    private readonly byte[] _hash = new byte[32];
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _tag = new byte[16];
    private SignedRequest _request = null!;
    private byte[] _canonical = [];
    private byte[] _stringToSign = [];
    private byte[] _ciphertext = [];
    private byte[] _plaintext = [];

    [GlobalSetup]
    public void Setup()
    {
        var credentials = _host.MintForGateway();
        (_request, _canonical, _stringToSign) = Authentication.Sign(credentials.AccessKeyId, credentials.SecretAccessKey.Reveal(), credentials.SessionToken);
        _plaintext = new byte[(credentials.SessionToken.Length * 3 / 4) - 37];
        _ciphertext = new byte[_plaintext.Length];
        _aes.Encrypt(_nonce, _plaintext, _ciphertext, _tag);
        if (!WarmRequest() || !DecisionAlone())
        {
            throw new InvalidOperationException("The request is not allowed.");
        }
    }

    /// <summary>One AES-256-GCM open of the token, SHA-256 of the canonical request, one HMAC.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("warm request")]
    public byte[] Floor()
    {
        _aes.Decrypt(_nonce, _ciphertext, _tag, _plaintext);
        _sha256.AppendData(_canonical);
        _sha256.GetHashAndReset(_hash);
        _hmac.AppendData(_stringToSign);
        _hmac.GetHashAndReset(_hash);
        return _hash;
    }

    /// <summary>Two identity policies, a boundary, a session policy.</summary>
    [Benchmark, BenchmarkCategory("warm request")]
    public bool WarmRequest()
    {
        var authenticated = Completed(_host.Authenticator.AuthenticateAsync(_request, SignatureRules.Sts)).Value;
        return Completed(_host.Authorizer.AuthorizeAsync(new AuthorizationRequest
        {
            Caller = authenticated.Caller,
            Action = "s3:GetObject",
            Resource = "arn:aws:s3:::artifacts/builds/4711/log.txt",
            ResourceAccount = "111122223333",
        })).IsAllowed;
    }

    /// <summary>Seven policies of three statements.</summary>
    [Benchmark, BenchmarkCategory("decision")]
    public bool DecisionAlone() => _decisions.Decide();

    private static T Completed<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();
}
