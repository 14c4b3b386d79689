using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace TokenService.AspNetCore;

/// <summary>An ARN with route values in it, such as <c>arn:aws:s3:::{bucket}/{key}</c>.</summary>
internal sealed class ResourceTemplate
{
    /// <summary>Literal text and the names of route values, by turns; the first is text.</summary>
    private readonly string[] _parts;

    private ResourceTemplate(string[] parts) => _parts = parts;

    /// <exception cref="ArgumentException">A brace has no fellow, or encloses nothing.</exception>
    internal static ResourceTemplate Parse(string resource)
    {
        ArgumentException.ThrowIfNullOrEmpty(resource);
        var parts = new List<string>();
        var rest = resource.AsSpan();
        while (true)
        {
            var open = rest.IndexOf('{');
            parts.Add((open < 0 ? rest : rest[..open]).ToString());
            if (parts[^1].Contains('}', StringComparison.Ordinal))
            {
                throw Malformed(resource);
            }

            if (open < 0)
            {
                return new ResourceTemplate([.. parts]);
            }

            var close = rest.IndexOf('}');
            if (close <= open + 1)
            {
                throw Malformed(resource);
            }

            parts.Add(rest[(open + 1)..close].ToString());
            rest = rest[(close + 1)..];
        }
    }

    /// <summary>Checks that a route gives every value.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    internal void Check(RoutePattern route)
    {
        for (var index = 1; index < _parts.Length; index += 2)
        {
            if (route.GetParameter(_parts[index]) is null)
            {
                throw new InvalidOperationException($"The route '{route.RawText}' has no parameter '{_parts[index]}', which the resource of its action is made of.");
            }
        }
    }

    /// <summary>The ARN for a request; a route value that is optional and absent is empty.</summary>
    internal string Fill(HttpContext context) =>
        _parts.Length == 1 ? _parts[0] : string.Concat(_parts.Select((part, index) => index % 2 == 0 ? part : context.GetRouteValue(part)?.ToString()));

    private static ArgumentException Malformed(string resource) =>
        new($"'{resource}' is no resource with route values such as 'arn:aws:s3:::{{bucket}}/{{key}}'.", nameof(resource));
}
