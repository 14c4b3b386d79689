using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace TokenService.Conformance;

/// <summary>A client's side of Signature Version 4 for requests that no SDK would send, written from the specification as plainly as it goes.</summary>
internal sealed record RequestSigner(Keys Keys, Uri Url)
{
    internal string Service { get; init; } = "sts";

    /// <summary>The host as the client names it.</summary>
    internal string Host => Url.Authority;

    /// <summary>A signed form.</summary>
    internal HttpRequestMessage Form(string form, string query = "", string contentType = "application/x-www-form-urlencoded; charset=utf-8") =>
        Request(HttpMethod.Post, "/", query, Encoding.UTF8.GetBytes(form), contentType);

    /// <summary>A signed request without a body.</summary>
    internal HttpRequestMessage Get(string query, string path = "/") => Request(HttpMethod.Get, path, query, null, null);

    /// <summary>The headers that sign a request; the query stands in its canonical form.</summary>
    internal Dictionary<string, string> Sign(string method, string path, string query, byte[] body)
    {
        var date = SystemClock.Instance.GetCurrentInstant().ToString("uuuuMMdd'T'HHmmss'Z'", null);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = Host, ["x-amz-date"] = date };
        if (Keys.Token is not null)
        {
            headers["x-amz-security-token"] = Keys.Token;
        }

        var names = string.Join(';', headers.Keys);
        var canonical = string.Join('\n', [method, path, query, .. headers.Select(header => $"{header.Key}:{header.Value}"), "", names, Hex(SHA256.HashData(body))]);
        var scope = $"{date[..8]}/us-east-1/{Service}/aws4_request";
        var key = Encoding.UTF8.GetBytes("AWS4" + Keys.Secret);
        foreach (var part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var text = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature = Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return new Dictionary<string, string>(headers, StringComparer.Ordinal)
        {
            ["authorization"] = $"AWS4-HMAC-SHA256 Credential={Keys.Id}/{scope}, SignedHeaders={names}, Signature={signature}",
        };
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private HttpRequestMessage Request(HttpMethod method, string path, string query, byte[]? body, string? contentType)
    {
        var request = new HttpRequestMessage(method, new Uri(Url, path + (query.Length == 0 ? "" : "?" + query)));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        }

        foreach (var (name, value) in Sign(method.Method, path, query, body ?? []))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
