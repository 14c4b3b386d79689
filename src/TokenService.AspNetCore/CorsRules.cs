using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace TokenService.AspNetCore;

/// <summary>Which pages of other origins may call the endpoint from a browser: those of the origins that the host names, and no others.</summary>
/// <remarks>Source: Fetch Standard, "CORS protocol". No cookie is involved, so credentials mode stays closed.</remarks>
internal sealed class CorsRules(IEnumerable<string> origins)
{
    private const string Methods = "GET, POST";

    /// <summary>How long a browser may remember the answer to a preflight, in seconds.</summary>
    private const string MaxAge = "600";

    private const int MaxRequestedHeaders = 64;

    private readonly FrozenSet<string> _origins = origins.ToFrozenSet(StringComparer.Ordinal);

    internal bool IsEmpty => _origins.Count == 0;

    internal static bool IsOrigin(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && string.Equals(uri.GetLeftPart(UriPartial.Authority), text, StringComparison.Ordinal);

    /// <summary>Lets the page of an allowed origin read the answer.</summary>
    internal void Apply(HttpContext context)
    {
        if (IsEmpty)
        {
            return;
        }

        var headers = context.Response.Headers;
        headers.Vary = "Origin";
        if (Allowed(context.Request) is { } origin)
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlExposeHeaders = Answer.RequestIdHeader;
        }
    }

    /// <summary>Answers the question that a browser asks before it sends the request itself.</summary>
    internal void AnswerPreflight(HttpContext context)
    {
        var response = context.Response;
        response.Headers.Vary = "Origin";
        if (Allowed(context.Request) is not { } origin)
        {
            response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.AccessControlAllowMethods = Methods;
        response.Headers.AccessControlMaxAge = MaxAge;
        var requested = context.Request.Headers.AccessControlRequestHeaders.ToString()
            .Split(',', MaxRequestedHeaders, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(IsSdkHeader);
        response.Headers.AccessControlAllowHeaders = string.Join(", ", requested);
    }

    /// <summary>The headers that AWS's clients for browsers send.</summary>
    internal static bool IsSdkHeader(string name) =>
        name.All(character => char.IsAsciiLetterOrDigit(character) || character == '-')
        && (name.Equals("authorization", StringComparison.OrdinalIgnoreCase)
            || name.Equals("content-type", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("amz-sdk-", StringComparison.OrdinalIgnoreCase));

    private string? Allowed(HttpRequest request) =>
        request.Headers.Origin.Count == 1 && request.Headers.Origin[0] is { } origin && _origins.Contains(origin) ? origin : null;
}
