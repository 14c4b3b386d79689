using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace TokenService.Tests.Authentication.Payloads;

/// <summary>A client's side of S3's chunked uploads, written from the specification for these tests: head and body, with every part of the body
/// open to change before it is sent.</summary>
internal sealed class ChunkedUpload
{
    internal const string KeyId = "AKIAIOSFODNN7EXAMPLE";
    internal const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    internal const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private readonly string _mode;
    private readonly string _amzDate;
    private readonly string _scope;
    private readonly ECDsa? _ecdsa;
    private string _previous;

    /// <param name="mode">What <c>x-amz-content-sha256</c> says.</param>
    /// <param name="decodedLength">How many bytes the head promises.</param>
    /// <param name="checksum">The trailer that the head announces.</param>
    /// <param name="more">Further headers.</param>
    internal ChunkedUpload(string mode, long decodedLength, string? checksum = null, params (string Name, string Value)[] more)
        : this(mode, "20260102T030405Z", [
            ("Host", "b.s3.example"), ("Content-Encoding", "aws-chunked"), ("x-amz-content-sha256", mode),
            ("x-amz-decoded-content-length", decodedLength.ToString(CultureInfo.InvariantCulture)),
            .. checksum is null ? [] : new[] { ("x-amz-trailer", checksum) }, .. more])
    {
    }

    internal ChunkedUpload(string mode, string amzDate, (string Name, string Value)[] headers, string path = "/key")
    {
        _mode = mode;
        _amzDate = amzDate;
        var isAsymmetric = mode.Contains("ECDSA", StringComparison.Ordinal);
        _scope = isAsymmetric ? $"{amzDate[..8]}/s3/aws4_request" : $"{amzDate[..8]}/us-east-1/s3/aws4_request";
        _ecdsa = isAsymmetric ? DeriveKeyPair(KeyId, SecretKey) : null;
        (string Name, string Value)[] all = [.. headers, ("x-amz-date", amzDate), .. isAsymmetric ? [("x-amz-region-set", "us-east-1")] : Array.Empty<(string, string)>()];
        var signed = all.Select(header => header.Name.ToLowerInvariant()).Order(StringComparer.Ordinal).ToArray();
        var canonical = string.Join('\n', [
            "PUT", path, "", .. signed.Select(name => $"{name}:{all.Single(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value}"),
            "", string.Join(';', signed), mode]);
        _previous = Seed = Sign($"{Algorithm}\n{amzDate}\n{_scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}");
        Head = new SignedRequest
        {
            Method = "PUT",
            Path = path,
            Query = "",
            Headers = [
                .. all.Select(header => KeyValuePair.Create(header.Name, header.Value)),
                KeyValuePair.Create("Authorization", $"{Algorithm} Credential={KeyId}/{_scope}, SignedHeaders={string.Join(';', signed)}, Signature={Seed}")],
            IsBodyToFollow = true,
        };
    }

    internal SignedRequest Head { get; }

    internal string Seed { get; }

    private string Algorithm => _ecdsa is null ? "AWS4-HMAC-SHA256" : "AWS4-ECDSA-P256-SHA256";

    private bool IsSigned => !_mode.Contains("UNSIGNED", StringComparison.Ordinal);

    /// <summary>The parts of a body: chunks, the last one, and the trailer where there is one.</summary>
    internal List<byte[]> Body(IEnumerable<byte[]> chunks, string? checksum = null, string? value = null)
    {
        var parts = chunks.Select(Chunk).ToList();
        var last = Chunk([]);
        if (checksum is null)
        {
            parts.Add(last);
            return parts;
        }

        // The trailer stands where the last chunk's bytes would.
        parts.Add(last[..^2]);
        parts.Add(Trailer(checksum, value!));
        return parts;
    }

    internal byte[] Chunk(byte[] data)
    {
        var head = data.Length.ToString("x", CultureInfo.InvariantCulture);
        if (IsSigned)
        {
            _previous = Sign($"{Algorithm}-PAYLOAD\n{_amzDate}\n{_scope}\n{_previous}\n{EmptyHash}\n{Hex(SHA256.HashData(data))}");
            head += $";chunk-signature={Padded(_previous)}";
        }

        return [.. Encoding.ASCII.GetBytes(head + "\r\n"), .. data, .. "\r\n"u8];
    }

    internal byte[] Trailer(string checksum, string value)
    {
        var text = $"{checksum}:{value}\r\n";
        if (IsSigned)
        {
            _previous = Sign($"{Algorithm}-TRAILER\n{_amzDate}\n{_scope}\n{_previous}\n{Hex(SHA256.HashData(Encoding.ASCII.GetBytes($"{checksum}:{value}\n")))}");
            text += $"x-amz-trailer-signature:{Padded(_previous)}\r\n";
        }

        return Encoding.ASCII.GetBytes(text + "\r\n");
    }

    internal static string Crc32C(byte[] data)
    {
        var crc = new Crc32(Crc32ParameterSet.Crc32C);
        crc.Append(data);
        var bytes = crc.GetCurrentHash();
        Array.Reverse(bytes);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>The signature that stands in a chunk or a trailer.</summary>
    internal static string SignatureOf(byte[] part)
    {
        var text = Encoding.Latin1.GetString(part);
        var start = text.IndexOf("signature", StringComparison.Ordinal) + "signature=".Length;
        return text[start..text.IndexOf('\r', start)];
    }

    /// <summary>The key pair of Signature Version 4A, with big numbers, as the specification words it.</summary>
    internal static ECDsa DeriveKeyPair(string keyId, string secret)
    {
        var order = System.Numerics.BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        for (var attempt = 1; attempt < 255; attempt++)
        {
            byte[] text = [0, 0, 0, 1, .. "AWS4-ECDSA-P256-SHA256"u8, 0, .. Encoding.ASCII.GetBytes(keyId), (byte)attempt, 0, 0, 1, 0];
            var candidate = new System.Numerics.BigInteger(HMACSHA256.HashData(Encoding.ASCII.GetBytes("AWS4A" + secret), text), isUnsigned: true, isBigEndian: true);
            if (candidate <= order - 2)
            {
                var scalar = (candidate + 1).ToByteArray(isUnsigned: true, isBigEndian: true);
                return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = [.. new byte[32 - scalar.Length], .. scalar] });
            }
        }

        throw new InvalidOperationException("No candidate is in range.");
    }

    private string Padded(string signature) => _ecdsa is null ? signature : signature.PadRight(144, '*');

    private string Sign(string stringToSign)
    {
        var bytes = Encoding.UTF8.GetBytes(stringToSign);
        if (_ecdsa is not null)
        {
            return Hex(_ecdsa.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        var key = Encoding.UTF8.GetBytes("AWS4" + SecretKey);
        foreach (var part in _scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return Hex(HMACSHA256.HashData(key, bytes));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
