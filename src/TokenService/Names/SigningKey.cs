using System.Security.Cryptography;
using System.Text;

namespace TokenService;

/// <summary>The key that a secret makes for one day, region and service, with an HMAC context that is used again.</summary>
/// <remarks>Source: IAM User Guide, "Create a signed AWS API request", signing key.</remarks>
internal sealed class SigningKey
{
    /// <summary>The longest secret that is used, in characters; those of IAM have forty.</summary>
    internal const int MaxSecretLength = 256;

    private readonly string _scope;
    private readonly byte[] _key = new byte[SHA256.HashSizeInBytes];
    private IncrementalHash? _hmac;

    /// <param name="secret">The secret's characters.</param>
    /// <param name="scope"><c>yyyymmdd/region/service/aws4_request</c>; bounded by whoever took it from a request.</param>
    /// <exception cref="InvalidDataException">The secret is longer than any can be.</exception>
    internal SigningKey(ReadOnlySpan<char> secret, ReadOnlySpan<char> scope)
    {
        if (secret.Length > MaxSecretLength)
        {
            throw new InvalidDataException("A store holds a secret access key that is longer than any can be.");
        }

        _scope = scope.ToString();
        Span<byte> first = stackalloc byte[4 + (3 * MaxSecretLength)];
        "AWS4"u8.CopyTo(first);
        ReadOnlySpan<byte> key = first[..(4 + Encoding.UTF8.GetBytes(secret, first[4..]))];
        foreach (var part in scope.Split('/'))
        {
            HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(scope[part].ToArray()), _key);
            key = _key;
        }

        CryptographicOperations.ZeroMemory(first);
    }

    internal bool IsFor(ReadOnlySpan<char> scope) => scope.SequenceEqual(_scope);

    internal void Sign(ReadOnlySpan<byte> stringToSign, Span<byte> signature)
    {
        // A context must not serve two threads at once, so whoever takes it out of its slot has it alone; a second one makes its own.
        var hmac = Interlocked.Exchange(ref _hmac, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(stringToSign);
        hmac.GetHashAndReset(signature);
        Interlocked.Exchange(ref _hmac, hmac)?.Dispose();
    }
}
