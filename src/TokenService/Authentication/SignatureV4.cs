using System.Security.Cryptography;

namespace TokenService;

/// <summary>The arithmetic of Signature Version 4: string to sign, signing key, signature.</summary>
/// <remarks>Source: IAM User Guide, "Create a signed AWS API request".</remarks>
internal static class SignatureV4
{
    internal const string Algorithm = "AWS4-HMAC-SHA256";
    /// <summary>Signature Version 4A: a key pair is derived from the secret, and the scope has no region.</summary>
    internal const string AsymmetricAlgorithm = "AWS4-ECDSA-P256-SHA256";

    internal const string Terminator = "aws4_request";

    /// <summary>The SHA-256 of no bytes, in hexadecimal: what requests without a body state.</summary>
    internal const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [ThreadStatic]
    private static IncrementalHash? _sha256;

    /// <summary>SHA-256 with the thread's own context: a one-shot costs twice as much.</summary>
    internal static void Hash(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        var sha256 = _sha256 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha256.AppendData(bytes);
        sha256.GetHashAndReset(destination);
    }

    /// <summary>The string to sign: algorithm, time, scope, and the hash of the canonical request.</summary>
    internal static void WriteStringToSign(
        string algorithm, scoped ReadOnlySpan<char> date, scoped ReadOnlySpan<char> scope, scoped ReadOnlySpan<byte> canonicalRequestHash, ref CanonicalWriter writer)
    {
        writer.WriteText(algorithm);
        writer.Write((byte)'\n');
        writer.WriteText(date);
        writer.Write((byte)'\n');
        writer.WriteText(scope);
        writer.Write((byte)'\n');
        writer.WriteHex(canonicalRequestHash);
    }
}
