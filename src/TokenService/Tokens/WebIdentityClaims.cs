using NodaTime.Text;

namespace TokenService;

/// <summary>What a web identity token says of a caller.</summary>
/// <remarks>Source: IAM User Guide, "Understanding token claims" of outbound identity federation; reference 5.7. Claims of what does not apply
/// to the caller are absent.</remarks>
internal static class WebIdentityClaims
{
    /// <summary>The one claim under which the service says what no standard claim says.</summary>
    internal const string Namespace = "https://sts.amazonaws.com/";

    /// <param name="caller">Whom the token is about.</param>
    /// <param name="requestTags">The tags that the request passes.</param>
    /// <param name="region">The region that the request was signed for, if known.</param>
    internal static Dictionary<string, object> Of(Caller caller, IEnumerable<Tag> requestTags, string? region)
    {
        var account = caller.Account;
        var claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["aws_account"] = account.Id };
        Add(claims, "source_region", region);
        Add(claims, "org_id", account.OrganizationId);
        Add(claims, "federated_provider", caller.Session?.FederatedProvider);
        Add(claims, "source_identity", caller.Session?.SourceIdentity);
        Add(claims, "original_session_exp", caller.Session is { } session ? InstantPattern.General.Format(session.ExpiresAt) : null);
        if (!account.OrganizationPaths.IsEmpty)
        {
            claims["ou_path"] = account.OrganizationPaths.ToArray();
        }

        AddTags(claims, "principal_tags", PrincipalTags(caller));
        AddTags(claims, "request_tags", requestTags);
        return claims;
    }

    /// <summary>128 random bits, as a text for <c>jti</c>.</summary>
    internal static string NewTokenId()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomBlock.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static void Add(Dictionary<string, object> claims, string name, string? value)
    {
        if (value is not null)
        {
            claims[name] = value;
        }
    }

    private static void AddTags(Dictionary<string, object> claims, string name, IEnumerable<Tag> tags)
    {
        var map = tags.ToDictionary(tag => tag.Key, object (tag) => tag.Value, StringComparer.Ordinal);
        if (map.Count > 0)
        {
            claims[name] = map;
        }
    }

    /// <summary>The session's own tags over those of the user or role, whatever their keys' letter case.</summary>
    private static IEnumerable<Tag> PrincipalTags(Caller caller) =>
        (caller.Session?.Tags ?? []).Select(tag => new Tag(tag.Key, tag.Value))
            .Concat(caller.Role?.Tags ?? caller.User?.Tags ?? [])
            .DistinctBy(tag => tag.Key, StringComparer.OrdinalIgnoreCase);
}
