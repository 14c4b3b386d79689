using System.Text;

namespace TokenService;

/// <summary>What a request to a service of S3's kind is about: a bucket, and an object in it, or neither.</summary>
/// <remarks>Source: S3 User Guide, "Virtual hosting of general purpose buckets", "General purpose bucket naming rules", "Naming Amazon S3 objects".
/// Host and path are those that the signature covers, and the path is decoded as it is for the signature: once, an encoded slash as a plain
/// one.</remarks>
public sealed class S3Address
{
    private const int MaxHost = 255;
    private const int MaxKeyBytes = 1024;
    private const int MinBucket = 3;
    private const int MaxBucket = 63;

    /// <summary>Every byte of the longest address may be percent-encoded.</summary>
    private const int MaxPath = 3 * (MaxKeyBytes + MaxBucket + 2);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private S3Address(string? bucket, string? key, bool isVirtualHosted) => (Bucket, Key, IsVirtualHosted) = (bucket, key, isVirtualHosted);

    /// <summary>The bucket; <see langword="null"/> where the request is about the service itself.</summary>
    public string? Bucket { get; }

    /// <summary>The object's key; <see langword="null"/> where the request is about the bucket. Any text of 1 to 1,024 bytes of UTF-8, <c>../x</c>,
    /// <c>a//b</c> and control characters among them: it is a name, and no path of a file system.</summary>
    public string? Key { get; }

    /// <summary>Whether the bucket stood in the host, and not in the path.</summary>
    public bool IsVirtualHosted { get; }

    /// <summary>Tells bucket and key from a request's address.</summary>
    /// <param name="host">The <c>Host</c> header; a port does not count.</param>
    /// <param name="path">The path as it came, percent-encoding included, without the query.</param>
    /// <param name="baseHosts">The names of the service, such as <c>s3.example</c>: a request to one of these has the bucket in its path, one to a
    /// name below has it there. Where several fit, the longest counts.</param>
    /// <returns>The address, or <c>InvalidRequest</c> for another host, <c>InvalidURI</c> for a path that cannot be decoded,
    /// <c>InvalidBucketName</c>, <c>KeyTooLongError</c>.</returns>
    public static StsResult<S3Address> Parse(string host, string path, params ReadOnlySpan<string> baseHosts)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(path);
        if (!TryFindBucket(host, baseHosts, out var bucket))
        {
            return StsError.InvalidRequest("The host is none of this service's.");
        }

        if (path.Length > MaxPath)
        {
            return StsError.KeyTooLongError();
        }

        if (!TryDecode(path, out var decoded))
        {
            return StsError.InvalidUri();
        }

        var isVirtualHosted = bucket is not null;
        var key = decoded[1..];
        if (!isVirtualHosted)
        {
            var slash = key.IndexOf('/', StringComparison.Ordinal);
            bucket = slash < 0 ? key : key[..slash];
            key = slash < 0 ? "" : key[(slash + 1)..];
            if (decoded.Length == 1)
            {
                return new S3Address(null, null, isVirtualHosted: false);
            }
        }

        return !IsBucketName(bucket) ? StsError.InvalidBucketName()
            : Encoding.UTF8.GetByteCount(key) > MaxKeyBytes ? StsError.KeyTooLongError()
            : new S3Address(bucket, key.Length == 0 ? null : key, isVirtualHosted);
    }

    /// <summary>The name that policies have for the bucket or the object.</summary>
    /// <param name="partition">The partition, such as <c>aws</c>.</param>
    /// <returns><c>arn:aws:s3:::bucket/key</c>, or <c>*</c> where the request is about the service itself.</returns>
    public string ToResource(string partition = "aws") =>
        Bucket is null ? "*" : Key is null ? $"arn:{partition}:s3:::{Bucket}" : $"arn:{partition}:s3:::{Bucket}/{Key}";

    /// <summary>Bucket and key.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => $"{Bucket}/{Key}";

    /// <returns><see langword="false"/> where the host is none of the service's; else the bucket that it names, if it names one.</returns>
    private static bool TryFindBucket(string host, ReadOnlySpan<string> baseHosts, out string? bucket)
    {
        bucket = null;
        if (host.Length > MaxHost)
        {
            return false;
        }

        var name = WithoutPort(host);
        var longest = -1;
        foreach (var candidate in baseHosts)
        {
            var known = WithoutPort(candidate);
            if (known.IsEmpty || known.Length <= longest || !name.EndsWith(known, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (name.Length == known.Length)
            {
                (bucket, longest) = (null, known.Length);
            }
            else if (name[^(known.Length + 1)] == '.')
            {
                // Host names have no letter case, bucket names are in lower case.
                (bucket, longest) = (name[..^(known.Length + 1)].ToString().ToLowerInvariant(), known.Length);
            }
        }

        return longest >= 0;
    }

    private static ReadOnlySpan<char> WithoutPort(string host)
    {
        // The colons of an IPv6 address stand in brackets.
        var colon = host.LastIndexOf(':');
        return colon < 0 || host.EndsWith(']') ? host : host.AsSpan(0, colon);
    }

    private static bool TryDecode(string path, out string decoded)
    {
        decoded = "/";
        if (path.Length == 0)
        {
            return true;
        }

        try
        {
            var bytes = StrictUtf8.GetBytes(path);
            var length = 0;
            for (var index = 0; index < bytes.Length; index++)
            {
                if (bytes[index] != '%')
                {
                    bytes[length++] = bytes[index];
                    continue;
                }

                if (index + 2 >= bytes.Length || Convert.FromHexString(bytes.AsSpan(index + 1, 2), bytes.AsSpan(length, 1), out _, out _) != System.Buffers.OperationStatus.Done)
                {
                    return false;
                }

                length++;
                index += 2;
            }

            decoded = StrictUtf8.GetString(bytes.AsSpan(0, length));
        }
        catch (ArgumentException)
        {
            // Bytes that are no UTF-8, or a lone surrogate.
            return false;
        }

        return decoded[0] == '/' && !decoded.Contains('\0', StringComparison.Ordinal);
    }

    private static bool IsBucketName(string? name) =>
        name is { Length: >= MinBucket and <= MaxBucket }
        && name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '.')
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && !name.Contains("..", StringComparison.Ordinal)
        && !System.Net.IPAddress.TryParse(name, out _);
}
