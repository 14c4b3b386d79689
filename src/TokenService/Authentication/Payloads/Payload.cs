using System.Collections.Immutable;
using System.Globalization;

namespace TokenService;

/// <summary>What the head of a signed request says of the body that follows it, and the door through which that body is read.</summary>
/// <remarks>Comes with <see cref="AuthenticatedRequest.Payload"/>, for services of S3's kind. Source: S3 API Reference, "Authenticating Requests:
/// Using the Authorization Header", payload options.</remarks>
public sealed class Payload
{
    private const string DecodedLengthHeader = "x-amz-decoded-content-length";
    private const string TrailerHeader = "x-amz-trailer";

    private readonly PayloadMode _mode;
    private readonly byte[]? _hash;
    private (long Min, long Max)? _range;
    private readonly ChunkSignatures? _signatures;
    private readonly Checksum? _trailer;
    private readonly ImmutableArray<Checksum> _checksums;
    private PayloadStream? _stream;
    private int _opened;

    private Payload(PayloadMode mode, long? length, byte[]? hash, ChunkSignatures? signatures, Checksum? trailer, ImmutableArray<Checksum> checksums)
    {
        _mode = mode;
        Length = length;
        _hash = hash;
        _signatures = signatures;
        _trailer = trailer;
        _checksums = checksums;
    }

    /// <summary>How many bytes the body has once it is decoded; <see langword="null"/> where the request does not say.</summary>
    public long? Length { get; }

    /// <summary>Whether the body comes in S3's own chunks (<c>Content-Encoding: aws-chunked</c>), which <see cref="Open"/> takes away.</summary>
    public bool IsChunked => _mode.IsChunked;

    /// <summary>Whether a signature vouches for the body.</summary>
    public bool IsSigned => _mode.IsSigned;

    /// <summary>Whether the body was read to its end, and all of it found good: what may be committed.</summary>
    public bool IsComplete => _stream is { IsComplete: true };

    /// <summary>What was found wrong with the body; <see langword="null"/> while nothing was. For hosts whose copying swallows exceptions.</summary>
    public StsError? Refusal => _stream?.Refusal;

    /// <summary>Tells the operator of a body that was found wrong.</summary>
    internal Action<StsError>? Refused { private get; set; }

    /// <summary>Opens the body: decoded, and checked while it is read.</summary>
    /// <remarks><para>Reading ends with <see cref="PayloadException"/> where a signature, a hash, a checksum or the length is not right, or the
    /// chunks are not laid out as they have to be. The last byte is handed out when all of that was checked, and not before; so whoever has read
    /// to the end of the stream, or <see cref="Length"/> bytes, has a body that is good (where the length is not known, the end alone says so). What was read before is to be thrown away if it never comes
    /// to that: write to a temporary place and commit at the end.</para>
    /// <para>Memory does not grow with the body or its chunks. The stream is read with <c>ReadAsync</c>, by one reader.</para></remarks>
    /// <param name="wire">The body as it came; left open when the returned stream is disposed.</param>
    /// <returns>The stream to read.</returns>
    /// <exception cref="InvalidOperationException">The body was opened before.</exception>
    public Stream Open(Stream wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        if (Interlocked.Exchange(ref _opened, 1) != 0)
        {
            throw new InvalidOperationException("The body was opened before: a body comes once.");
        }

        return _stream = _mode.IsChunked
            ? new ChunkedBody(wire, Length.GetValueOrDefault(), _signatures, _trailer, _checksums) { Refused = Refused }
            : _range is { } range ? new FormFile(wire, range.Min, range.Max, _checksums) { Refused = Refused }
            : new WholeBody(wire, Length, _hash, _checksums) { Refused = Refused };
    }

    /// <summary>Reads what the head says. The signature over the head was found right before.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fields">The parts of its signature.</param>
    /// <param name="secret">The secret that signed it.</param>
    /// <param name="payload">What the head says, when there is no refusal.</param>
    internal static StsError? Read(SignedRequest request, in SignatureFields fields, Secret secret, out Payload? payload)
    {
        payload = null;
        if (!PayloadMode.TryParse(fields.ContentHash, out var mode))
        {
            return StsError.InvalidArgument(
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING mode, or a valid sha256 value.");
        }

        if (mode.IsChunked && fields.IsPresigned)
        {
            return StsError.InvalidArgument("A presigned request has a body that is not chunked.");
        }

        if (mode.IsChunked && mode.IsSigned && mode.IsAsymmetric != fields.IsAsymmetric)
        {
            return StsError.InvalidArgument("x-amz-content-sha256 names another algorithm than the request is signed with.");
        }

        if (ReadLength(request, mode, out var length) is { } badLength)
        {
            return badLength;
        }

        if (ReadChecksums(request, mode, out var checksums, out var trailer) is { } badChecksum)
        {
            return badChecksum;
        }

        payload = new Payload(
            mode,
            length,
            mode == PayloadMode.Hashed ? Convert.FromHexString(fields.ContentHash!) : null,
            mode is { IsChunked: true, IsSigned: true } ? Chain(fields, secret) : null,
            trailer,
            checksums);
        return null;
    }

    /// <summary>The file of a form, which comes as it is.</summary>
    /// <param name="minLength">The fewest bytes that it may have.</param>
    /// <param name="maxLength">The most.</param>
    /// <param name="fields">The form's fields, one of which may be a checksum of the file.</param>
    /// <param name="payload">The file, when there is no refusal.</param>
    internal static StsError? OfFile(long minLength, long maxLength, IReadOnlyDictionary<string, string> fields, out Payload? payload)
    {
        payload = null;
        if (ReadChecksums(fields, static name => IsChecksumName(name), null, out var checksums) is { } invalid)
        {
            return invalid;
        }

        payload = new Payload(PayloadMode.Unsigned, null, null, null, null, checksums) { _range = (minLength, maxLength) };
        return null;
    }

    private static ChunkSignatures Chain(in SignatureFields fields, Secret secret)
    {
        var (date, scope, seed) = (fields.DateText, fields.Credential.Scope.ToString(), fields.Signature.ToString());
        return fields.IsAsymmetric
            ? ChunkSignatures.By(secret.KeyPairFor(fields.Credential.AccessKeyId), date, scope, seed)
            : ChunkSignatures.By(secret.SigningKeyFor(scope), date, scope, seed);
    }

    private static StsError? ReadLength(SignedRequest request, PayloadMode mode, out long? length)
    {
        length = null;
        var name = mode.IsChunked ? DecodedLengthHeader : "content-length";
        if (!TryFind(request, name, out var text))
        {
            return StsError.InvalidArgument($"{name} stands more than once.");
        }

        if (text is not null)
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            {
                return StsError.InvalidArgument($"{name} is no length.");
            }

            length = parsed;
        }

        return length is null && mode.IsChunked
            ? StsError.MissingContentLength($"You must provide the {DecodedLengthHeader} HTTP header.")
            : null;
    }

    private static StsError? ReadChecksums(SignedRequest request, PayloadMode mode, out ImmutableArray<Checksum> checksums, out Checksum? trailer)
    {
        checksums = [];
        trailer = null;
        if (!TryFind(request, TrailerHeader, out var announced))
        {
            return StsError.InvalidRequest($"{TrailerHeader} stands more than once.");
        }

        if (announced is not null != mode.HasTrailer)
        {
            return StsError.InvalidRequest($"{TrailerHeader} and the -TRAILER modes of x-amz-content-sha256 come together or not at all.");
        }

        if (announced is not null
            && (!announced.StartsWith(Checksum.Prefix, StringComparison.OrdinalIgnoreCase) || !Checksum.TryCreate(announced, out trailer)))
        {
            return StsError.InvalidRequest("The value specified in the x-amz-trailer header is not supported");
        }

        // On the request that completes a multipart upload, a checksum of S3's own is that of the object and not of this body.
        var isOfObject = request.Method == "POST" && CompletesUpload(request.Query);
        return ReadChecksums(
            request.Headers, name => IsChecksumName(name) && !(isOfObject && !name.Equals(Checksum.Md5Name, StringComparison.OrdinalIgnoreCase)), trailer, out checksums);
    }

    /// <param name="named">Headers, or a form's fields.</param>
    /// <param name="isChecksum">Whether one of a name is a checksum of the body.</param>
    /// <param name="trailer">The checksum that follows the body.</param>
    /// <param name="checksums">All of them.</param>
    private static StsError? ReadChecksums(
        IEnumerable<KeyValuePair<string, string>> named, Func<string, bool> isChecksum, Checksum? trailer, out ImmutableArray<Checksum> checksums)
    {
        checksums = [];
        var found = ImmutableArray.CreateBuilder<Checksum>(2);
        if (trailer is not null)
        {
            found.Add(trailer);
        }

        foreach (var (name, value) in named)
        {
            if (!isChecksum(name))
            {
                continue;
            }

            if (!Checksum.TryCreate(name, out var checksum))
            {
                return StsError.InvalidRequest("The checksum's algorithm is not supported.");
            }

            // One of S3's own and a Content-MD5: two of a kind could not both be what the client means.
            foreach (var other in found)
            {
                if (other.Name == checksum.Name || (other.Name != Checksum.Md5Name && checksum.Name != Checksum.Md5Name))
                {
                    return StsError.InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
                }
            }

            if (checksum.State(System.Text.Encoding.ASCII.GetBytes(value.Trim(' '))) is { } invalid)
            {
                return invalid;
            }

            found.Add(checksum);
        }

        checksums = found.DrainToImmutable();
        return null;
    }

    private static bool IsChecksumName(string name) =>
        name.Equals(Checksum.Md5Name, StringComparison.OrdinalIgnoreCase)
        || (name.StartsWith(Checksum.Prefix, StringComparison.OrdinalIgnoreCase)
            && !name.AsSpan(Checksum.Prefix.Length).Equals("algorithm", StringComparison.OrdinalIgnoreCase)
            && !name.AsSpan(Checksum.Prefix.Length).Equals("type", StringComparison.OrdinalIgnoreCase)
            && !name.AsSpan(Checksum.Prefix.Length).Equals("mode", StringComparison.OrdinalIgnoreCase));

    private static bool CompletesUpload(string query) =>
        query.StartsWith("uploadId=", StringComparison.Ordinal) || query.Contains("&uploadId=", StringComparison.Ordinal);

    /// <returns><see langword="false"/> where the header stands more than once.</returns>
    private static bool TryFind(SignedRequest request, string name, out string? value)
    {
        value = null;
        foreach (var (key, text) in request.Headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                if (value is not null)
                {
                    return false;
                }

                value = text.Trim(' ');
            }
        }

        return true;
    }
}
