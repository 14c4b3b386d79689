using System.Text.Json;
using NodaTime;

namespace TokenService;

/// <summary>Fetches a provider's keys: its discovery document, and the key set that this names.</summary>
/// <remarks>Source: OpenID Connect Discovery 1.0, sections 3 and 4; RFC 9111, sections 4.2 and 5.2; docs/oidc.md, rule 7. No address comes from a
/// token, and no answer is believed beyond its bounds.</remarks>
internal sealed class KeyFetcher(ProviderHttp http, TimeSpan timeout)
{
    internal static readonly Duration MinLifetime = Duration.FromMinutes(5);
    internal static readonly Duration MaxLifetime = Duration.FromHours(24);
    private static readonly Duration DefaultLifetime = Duration.FromHours(1);

    internal async Task<FetchedKeys> FetchAsync(OidcProvider provider)
    {
        using var ending = new CancellationTokenSource(timeout);
        var address = provider.JwksUri;
        if (address is null)
        {
            var discovery = await http.GetAsync(DiscoveryOf(provider), provider.AllowsPrivateAddresses, ending.Token).ConfigureAwait(false);
            if (discovery.Failure is { } unanswered)
            {
                return new FetchedKeys(null, default, $"discovery: {unanswered}", discovery.IsUnreachable);
            }

            if (ReadDiscovery(discovery.Body, provider, out address) is { } broken)
            {
                return new FetchedKeys(null, default, broken, IsUnreachable: false);
            }
        }

        var answer = await http.GetAsync(address!, provider.AllowsPrivateAddresses, ending.Token).ConfigureAwait(false);
        if (answer.Failure is { } failure)
        {
            return new FetchedKeys(null, default, $"keys: {failure}", answer.IsUnreachable);
        }

        return KeySet.TryRead(answer.Body, out var set, out var rule)
            ? new FetchedKeys(set, LifetimeOf(answer.Response!), null, IsUnreachable: false)
            : new FetchedKeys(null, default, rule, IsUnreachable: false);
    }

    private static Uri DiscoveryOf(OidcProvider provider) => new($"{provider.Issuer.TrimEnd('/')}/.well-known/openid-configuration");

    private static string? ReadDiscovery(ReadOnlyMemory<byte> utf8, OidcProvider provider, out Uri? address)
    {
        address = null;
        if (!StrictJson.TryRead(utf8, endsWithObject: false, out var document))
        {
            return "the discovery document is a JSON object";
        }

        using (document)
        {
            var root = document.RootElement;
            if (!root.TryGetProperty("issuer", out var issuer) || issuer.ValueKind != JsonValueKind.String || !issuer.ValueEquals(provider.Issuer))
            {
                return "the discovery document is the provider's own";
            }

            return root.TryGetProperty("jwks_uri", out var keys) && keys.ValueKind == JsonValueKind.String
                && Uri.TryCreate(keys.GetString(), UriKind.Absolute, out address) && provider.MayReach(address)
                ? null
                : "the discovery document names an https address for the keys";
        }
    }

    private static Duration LifetimeOf(HttpResponseMessage response)
    {
        var headers = response.Headers;
        var lifetime = headers.CacheControl switch
        {
            { NoStore: true } or { NoCache: true } => Duration.Zero,
            { MaxAge: { } age } => Duration.FromTimeSpan(age) - Duration.FromTimeSpan(headers.Age ?? TimeSpan.Zero),
            _ when response.Content.Headers.Expires is { } expires && headers.Date is { } date => Duration.FromTimeSpan(expires - date),
            _ => DefaultLifetime,
        };
        return Duration.Max(MinLifetime, Duration.Min(lifetime, MaxLifetime));
    }
}

/// <summary>What came of fetching.</summary>
/// <param name="Set">The keys, where that went well.</param>
/// <param name="Lifetime">How long they are fresh.</param>
/// <param name="Failure">What went wrong, for the operator.</param>
/// <param name="IsUnreachable">Whether the provider is down, and did not answer wrongly.</param>
internal readonly record struct FetchedKeys(KeySet? Set, Duration Lifetime, string? Failure, bool IsUnreachable);
