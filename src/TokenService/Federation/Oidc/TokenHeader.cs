using System.Text.Json;

namespace TokenService;

/// <summary>The members of a token's header that count.</summary>
/// <remarks>Source: RFC 7515, section 4; RFC 8725, section 3. Keys in the header, and addresses of keys (<c>jwk</c>, <c>jku</c>, <c>x5u</c>,
/// <c>x5c</c>, <c>x5t</c>), are never read: a token does not say what it is to be verified with.</remarks>
/// <param name="Algorithm">One of those that the provider lists.</param>
/// <param name="KeyId">Which of the provider's keys signed it, where the token says so.</param>
internal readonly record struct TokenHeader(string Algorithm, string? KeyId)
{
    private const string MediaTypePrefix = "application/";

    private static readonly string[] Unsupported = ["crit", "b64", "zip", "cty"];

    /// <returns>The rule that the header breaks, or <see langword="null"/>.</returns>
    internal static string? Read(JsonElement json, OidcProvider provider, out TokenHeader header)
    {
        header = default;
        string? algorithm = null, keyId = null;
        foreach (var member in json.EnumerateObject())
        {
            if (member.NameEquals("alg"u8))
            {
                if (member.Value.ValueKind != JsonValueKind.String || (algorithm = Listed(provider, member.Value)) is null)
                {
                    return "alg is one that the provider lists";
                }
            }
            else if (member.NameEquals("kid"u8))
            {
                if (member.Value.ValueKind != JsonValueKind.String)
                {
                    return "kid is text";
                }

                keyId = member.Value.GetString();
            }
            else if (member.NameEquals("typ"u8))
            {
                if (member.Value.ValueKind != JsonValueKind.String || !IsIdToken(member.Value.GetString()!, provider))
                {
                    return "typ is that of an ID token";
                }
            }
            else if (Unsupported.Any(name => member.NameEquals(name)))
            {
                return "header has no crit, b64, zip or cty";
            }
        }

        if (algorithm is null)
        {
            return "alg is one that the provider lists";
        }

        header = new TokenHeader(algorithm, keyId);
        return null;
    }

    private static string? Listed(OidcProvider provider, JsonElement algorithm)
    {
        foreach (var listed in provider.Algorithms)
        {
            if (algorithm.ValueEquals(listed))
            {
                return listed;
            }
        }

        return null;
    }

    // RFC 7515, section 4.1.9: a media type, whose letter case does not count and whose "application/" may be left out.
    private static bool IsIdToken(string type, OidcProvider provider)
    {
        var bare = type.StartsWith(MediaTypePrefix, StringComparison.OrdinalIgnoreCase) ? type[MediaTypePrefix.Length..] : type;
        return bare.Equals("JWT", StringComparison.OrdinalIgnoreCase) || provider.TokenTypes.Contains(bare, StringComparer.OrdinalIgnoreCase);
    }
}
