using System.Buffers;

namespace TokenService;

/// <summary>The one text of a request that both sides hash: method, path, query, signed headers, their names, payload hash.</summary>
/// <remarks>Source: IAM User Guide, "Create a signed AWS API request", canonical request; S3 User Guide for S3's paths.</remarks>
internal static class CanonicalRequest
{
    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n");

    /// <returns><see langword="false"/> where S3's path cannot be decoded.</returns>
    internal static bool TryWrite(
        SignedRequest request, CanonicalQuery query, scoped ReadOnlySpan<char> signedHeaders, scoped ReadOnlySpan<char> payloadHash, bool isS3, ref CanonicalWriter writer)
    {
        writer.WriteText(request.Method);
        writer.Write((byte)'\n');
        if (!TryWritePath(request.Path, isS3, ref writer))
        {
            return false;
        }

        writer.Write((byte)'\n');
        query.WriteTo(ref writer, without: "X-Amz-Signature");
        writer.Write((byte)'\n');
        for (var rest = signedHeaders; ;)
        {
            var end = rest.IndexOf(';');
            WriteHeader(request.Headers.AsSpan(), end < 0 ? rest : rest[..end], ref writer);
            if (end < 0)
            {
                break;
            }

            rest = rest[(end + 1)..];
        }

        writer.Write((byte)'\n');
        writer.WriteText(signedHeaders);
        writer.Write((byte)'\n');
        writer.WriteText(payloadHash);
        return true;
    }

    private static bool TryWritePath(string path, bool isS3, ref CanonicalWriter writer)
    {
        if (path is "/" or "")
        {
            writer.Write((byte)'/');
            return true;
        }

        if (isS3)
        {
            // An object's key is any text: nothing is normalized, and an encoded slash is as good as a plain one.
            return PercentEncoding.TryNormalize(path, plusIsSpace: false, keepSlash: true, ref writer);
        }

        foreach (var segment in Normalized(path))
        {
            writer.Write((byte)'/');
            PercentEncoding.Encode(segment, keepSlash: false, ref writer);
        }

        return true;
    }

    /// <summary>The segments without dots, double dots and duplicate slashes; a last empty one for a slash at the end.</summary>
    /// <remarks>As AWS's clients sign: RFC 3986, section 5.2.4, except that a path that ends in a dot or in two keeps no slash for them.</remarks>
    private static List<string> Normalized(string path)
    {
        var segments = new List<string>();
        foreach (var range in path.AsSpan().Split('/'))
        {
            var segment = path.AsSpan(range);
            if (segment is ".." && segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
            else if (segment is not ("" or "." or ".."))
            {
                segments.Add(segment.ToString());
            }
        }

        if (path.EndsWith('/') || segments.Count == 0)
        {
            segments.Add("");
        }

        return segments;
    }

    private static void WriteHeader(ReadOnlySpan<KeyValuePair<string, string>> headers, scoped ReadOnlySpan<char> name, ref CanonicalWriter writer)
    {
        writer.WriteText(name);
        writer.Write((byte)':');
        var first = true;
        foreach (var (key, value) in headers)
        {
            if (key.Length != name.Length || !name.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!first)
            {
                writer.Write((byte)',');
            }

            first = false;
            WriteValue(value, ref writer);
        }

        writer.Write((byte)'\n');
    }

    /// <summary>Trimmed, every run of white space one space, also inside quotes and where an obsolete folded line went on.</summary>
    private static void WriteValue(scoped ReadOnlySpan<char> value, ref CanonicalWriter writer)
    {
        var blank = value.IndexOfAny(Blanks);
        if (blank >= 0)
        {
            value = value.Trim(" \t\r\n");
            while ((blank = value.IndexOfAny(Blanks)) >= 0)
            {
                writer.WriteText(value[..blank]);
                writer.Write((byte)' ');
                value = value[blank..].TrimStart(" \t\r\n");
            }
        }

        writer.WriteText(value);
    }
}
