using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>The keys of all providers, each with its own: no key is ever looked for in another provider's set.</summary>
internal sealed class ProviderKeySets(KeyFetcher fetcher, OidcOptions options, IClock clock, ILogger logger)
{
    private readonly ConcurrentDictionary<(string Account, string Issuer), ProviderKeys> _sets = new();
    private readonly Lock _changes = new();

    /// <summary>How many providers have keys here.</summary>
    internal int Count => _sets.Count;

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
                Sweep(clock.GetCurrentInstant());
                _sets[name] = keys = new ProviderKeys(provider, fetcher, options, clock, logger);
            }

            return keys;
        }
    }

    /// <summary>Those of a provider that is not registered any more go with it.</summary>
    internal void Forget(string account, string issuer)
    {
        if (_sets.ContainsKey((account, issuer)))
        {
            lock (_changes)
            {
                _sets.TryRemove((account, issuer), out _);
            }
        }
    }

    /// <summary>Lets go of what no token asks for any more: a provider that was removed may never be heard of again. Keys are renewed by requests alone,
    /// so what was fetched for such a provider is long unusable.</summary>
    private void Sweep(Instant now)
    {
        foreach (var (name, keys) in _sets)
        {
            if (keys.AreIdle(now))
            {
                _sets.TryRemove(name, out _);
            }
        }
    }
}
