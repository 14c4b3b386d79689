using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TokenService.Tests;

/// <summary>A client's side of Signature Version 4, written from the specification for these tests and as plainly as it goes, so that the
/// library is not checked against itself.</summary>
internal sealed record RequestSigner(string AccessKeyId, string Secret, string? Token = null)
{
    internal string Region { get; init; } = "us-east-1";

    internal string Service { get; init; } = "sts";

    internal string Terminator { get; init; } = "aws4_request";

    internal string? ScopeDate { get; init; }

    internal Instant Date { get; init; } = TestHost.Start;

    private string AmzDate => Date.ToString("uuuuMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private string Scope => $"{ScopeDate ?? AmzDate[..8]}/{Region}/{Service}/{Terminator}";

    internal static SignedRequest Unsigned(string method, string path, string query, byte[] body, params (string Name, string Value)[] headers) => new()
    {
        Method = method,
        Path = path,
        Query = query,
        Body = body,
        Headers = [.. headers.Select(header => KeyValuePair.Create(header.Name, header.Value))],
    };

    /// <summary>A form that asks the token service something.</summary>
    internal SignedRequest Form(string form, params (string Name, string Value)[] more) =>
        Sign("POST", "/", "", Encoding.UTF8.GetBytes(form), [("Host", "sts.example"), ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), .. more]);

    /// <summary>Signs by header; paths here are plain, so that their canonical form is themselves.</summary>
    internal SignedRequest Sign(string method, string path, string query, byte[] body, params (string Name, string Value)[] headers)
    {
        var all = headers.Append(("X-Amz-Date", AmzDate)).ToList();
        if (Token is not null)
        {
            all.Add(("X-Amz-Security-Token", Token));
        }

        var signed = all.Select(header => header.Item1.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var stated = all.FirstOrDefault(header => header.Item1.Equals("x-amz-content-sha256", StringComparison.OrdinalIgnoreCase)).Item2;
        var canonical = string.Join('\n', [
            method, path, query,
            .. signed.Select(name => $"{name}:{string.Join(',', all.Where(header => header.Item1.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Item2))}"),
            "", string.Join(';', signed), stated ?? Hex(SHA256.HashData(body))]);
        var authorization =
            $"AWS4-HMAC-SHA256 Credential={AccessKeyId}/{Scope}, SignedHeaders={string.Join(';', signed)}, Signature={Signature(canonical)}";
        return Unsigned(method, path, query, body, [.. all, ("Authorization", authorization)]);
    }

    /// <summary>Signs by query, the parameters given in canonical order and encoding.</summary>
    internal SignedRequest Presign(string method, string path, string parameters, int expires, string payloadHash, params (string Name, string Value)[] headers)
    {
        var signed = headers.Select(header => header.Name.ToLowerInvariant()).Order(StringComparer.Ordinal).ToArray();
        var query = string.Join('&', new[]
        {
            parameters, "X-Amz-Algorithm=AWS4-HMAC-SHA256", $"X-Amz-Credential={Uri.EscapeDataString($"{AccessKeyId}/{Scope}")}", $"X-Amz-Date={AmzDate}",
            $"X-Amz-Expires={expires}", Token is null ? "" : $"X-Amz-Security-Token={Uri.EscapeDataString(Token)}",
            $"X-Amz-SignedHeaders={Uri.EscapeDataString(string.Join(';', signed))}",
        }.Where(part => part.Length > 0));
        var canonical = string.Join('\n', [
            method, path, query, .. signed.Select(name => $"{name}:{headers.Single(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value}"),
            "", string.Join(';', signed), payloadHash]);
        return Unsigned(method, path, $"{query}&X-Amz-Signature={Signature(canonical)}", [], headers);
    }

    /// <summary>The signature of a canonical request.</summary>
    internal string Signature(string canonical)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + Secret);
        foreach (var part in Scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var stringToSign = $"AWS4-HMAC-SHA256\n{AmzDate}\n{Scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
