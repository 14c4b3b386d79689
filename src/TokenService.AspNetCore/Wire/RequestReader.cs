using System.Buffers;
using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TokenService.AspNetCore;

/// <summary>Takes from a server's request what was on the wire: the bytes that were signed, not what a framework made of them.</summary>
internal static class RequestReader
{
    private const int FirstBuffer = 4096;

    /// <summary>Reads the body to its end.</summary>
    /// <returns>The bytes, or <see langword="null"/> where there are more than the limit. The room grows with what arrives, not with what the
    /// client announces.</returns>
    internal static async ValueTask<byte[]?> ReadBodyAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        if (request.ContentLength == 0)
        {
            return [];
        }

        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        var length = 0;
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false)) > 0)
            {
                length += read;
                if (length > limit)
                {
                    return null;
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
                    buffer = larger;
                }
            }

            return buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>Path and query as the client sent them.</summary>
    internal static (string Path, string Query) Target(HttpContext context)
    {
        var raw = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (string.IsNullOrEmpty(raw))
        {
            // A server that does not keep the request line: its decoded path, encoded again, is the nearest there is.
            return ((context.Request.PathBase + context.Request.Path).ToUriComponent(), context.Request.QueryString.Value?.TrimStart('?') ?? "");
        }

        return SplitTarget(raw);
    }

    /// <summary>Takes a request target apart, in origin form or in absolute form.</summary>
    /// <remarks>Source: RFC 9112, 3.2.</remarks>
    internal static (string Path, string Query) SplitTarget(string target)
    {
        var start = 0;
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme)
        {
            var authority = target.AsSpan(scheme + 3);
            var end = authority.IndexOfAny('/', '?');
            start = end < 0 ? target.Length : scheme + 3 + end;
        }

        var mark = target.IndexOf('?', start);
        var path = mark < 0 ? target[start..] : target[start..mark];
        return (path.Length == 0 ? "/" : path, mark < 0 ? "" : target[(mark + 1)..]);
    }

    internal static SignedRequest ToSigned(HttpContext context, ReadOnlyMemory<byte> body, bool isBodyToFollow = false)
    {
        var request = context.Request;
        var (path, query) = Target(context);
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(request.Headers.Count + 1);
        foreach (var (name, values) in request.Headers)
        {
            // HTTP/2's :authority is what the server shows as Host; the other pseudo-headers are no headers.
            if (name.StartsWith(':'))
            {
                continue;
            }

            foreach (var value in values)
            {
                headers.Add(new(name, value ?? ""));
            }
        }

        return new SignedRequest { Method = request.Method, Path = path, Query = query, Headers = headers.DrainToImmutable(), Body = body, IsBodyToFollow = isBodyToFollow };
    }

    /// <summary>Whether a request bears anything of a signature, in its headers or in its query.</summary>
    internal static bool IsSigned(HttpContext context) =>
        context.Request.Headers.Authorization.Count > 0
        || context.Request.Headers.ContainsKey("X-Amz-Security-Token")
        || context.Request.Query.Keys.Any(name => name is "X-Amz-Algorithm" or "X-Amz-Credential" or "X-Amz-Signature" or "X-Amz-Security-Token");

    internal static RequestEnvironment ToEnvironment(HttpContext context, string? region)
    {
        var address = context.Connection.RemoteIpAddress;
        return new RequestEnvironment
        {
            // A dual-stack socket shows IPv4 clients inside IPv6; policies are written for the address itself.
            SourceIp = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address,
            UserAgent = First(context.Request.Headers.UserAgent),
            Referer = First(context.Request.Headers.Referer),
            RequestedRegion = region,
            SecureTransport = context.Request.IsHttps,
        };
    }

    private static string? First(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 0 ? null : values[0];
}
