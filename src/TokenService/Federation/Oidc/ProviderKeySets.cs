using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>The keys of all providers, each with its own: no key is ever looked for in another provider's set.</summary>
internal sealed class ProviderKeySets(KeyFetcher fetcher, OidcOptions options, IClock clock, ILogger logger)
{
    private readonly ConcurrentDictionary<(string Account, string Issuer), ProviderKeys> _sets = new();
    private readonly Lock _changes = new();

    /// <summary>Those of a provider that was registered; a description that changed begins anew.</summary>
    internal ProviderKeys Of(OidcProvider provider)
    {
        var name = (provider.Arn.Account, provider.Issuer);
        if (_sets.TryGetValue(name, out var keys) && keys.AreOf(provider))
        {
            return keys;
        }

        lock (_changes)
        {
            if (!_sets.TryGetValue(name, out keys) || !keys.AreOf(provider))
            {
                _sets[name] = keys = new ProviderKeys(provider, fetcher, options, clock, logger);
            }

            return keys;
        }
    }
}
