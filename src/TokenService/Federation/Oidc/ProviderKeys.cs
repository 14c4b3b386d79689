using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>The keys of one provider: kept as long as they are fresh, renewed before they are not, and never asked for more often than a bound,
/// whatever anonymous callers send.</summary>
/// <remarks>docs/oidc.md, rule 7. A token whose key is known and fresh takes no lock here and waits for nothing.</remarks>
internal sealed class ProviderKeys
{
    /// <summary>The part of their life after which keys are renewed in the background, in percent.</summary>
    private const int RenewalPercent = 80;

    private readonly OidcProvider _provider;
    private readonly KeyFetcher _fetcher;
    private readonly Duration _interval;
    private readonly Duration _staleLifetime;
    private readonly IClock _clock;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private volatile Kept? _kept;
    private long _askedAt;

    // Under the gate.
    private Task? _running;
    private Instant? _lastAttempt;
    private Instant? _lastExtra;
    private FetchedKeys _lastFailure;

    internal ProviderKeys(OidcProvider provider, KeyFetcher fetcher, OidcOptions options, IClock clock, ILogger logger)
    {
        _provider = provider;
        _fetcher = fetcher;
        _interval = Duration.FromTimeSpan(options.UnknownKeyInterval);
        _staleLifetime = Duration.FromTimeSpan(options.StaleKeyLifetime);
        _clock = clock;
        _logger = logger;
        _askedAt = clock.GetCurrentInstant().ToUnixTimeSeconds();
        if (provider.Jwks is { } inline)
        {
            _kept = new Kept(ReadInline(inline), Instant.MinValue, Instant.MaxValue, Instant.MaxValue, Instant.MaxValue);
        }
    }

    /// <summary>Whether these are the keys of a provider as it is described now.</summary>
    internal bool AreOf(OidcProvider provider) =>
        ReferenceEquals(provider, _provider)
        || (provider.Arn == _provider.Arn && provider.Issuer == _provider.Issuer && provider.JwksUri == _provider.JwksUri && provider.Jwks == _provider.Jwks
            && provider.AllowsPlainHttp == _provider.AllowsPlainHttp && provider.AllowsPrivateAddresses == _provider.AllowsPrivateAddresses);

    /// <summary>Whether nobody has asked for so long that whatever was fetched is unusable.</summary>
    internal bool AreIdle(Instant now) =>
        now - Instant.FromUnixTimeSeconds(Volatile.Read(ref _askedAt)) > KeyFetcher.MaxLifetime + _staleLifetime;

    /// <summary>Finds the keys that may have signed a token.</summary>
    /// <returns>The keys, or the refusal.</returns>
    internal async ValueTask<FoundKeys> FindAsync(TokenHeader header, CancellationToken cancellationToken)
    {
        var now = _clock.GetCurrentInstant();
        Volatile.Write(ref _askedAt, now.ToUnixTimeSeconds());
        var kept = _kept;
        var isNew = false;
        if (kept is null || !kept.IsFresh(now))
        {
            await RenewAsync(now, cancellationToken).ConfigureAwait(false);
            (kept, isNew) = (_kept, true);
            if (kept is null || now >= kept.UsableUntil)
            {
                return new FoundKeys([], RefusalOfLastFailure());
            }
        }
        else if (now >= kept.RenewAt)
        {
            lock (_gate)
            {
                StartIfDue(now);
            }
        }

        var keys = kept.Set.Find(header, out var isUnknown);
        if (keys.IsEmpty && isUnknown && !isNew && _provider.Jwks is null && await RenewForUnknownAsync(now, cancellationToken).ConfigureAwait(false))
        {
            keys = _kept!.Set.Find(header, out _);
        }

        return keys.IsEmpty ? new FoundKeys([], TokenRefusal.NoKey("the provider has a key that fits kid and alg")) : new FoundKeys(keys, null);
    }

    /// <summary>Fetches, or waits for the fetch that runs, unless there was one just now that failed.</summary>
    private async ValueTask RenewAsync(Instant now, CancellationToken cancellationToken)
    {
        Task? running;
        lock (_gate)
        {
            running = StartIfDue(now);
        }

        if (running is not null)
        {
            await running.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Whether a fetch was made, or waited for: within the interval there is one for all tokens with unknown keys.</returns>
    private async ValueTask<bool> RenewForUnknownAsync(Instant now, CancellationToken cancellationToken)
    {
        Task running;
        lock (_gate)
        {
            if (_running is null)
            {
                if (!IsDue(_lastExtra, now))
                {
                    return false;
                }

                _lastExtra = now;
                Start(now);
            }

            running = _running!;
        }

        await running.WaitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private Task? StartIfDue(Instant now)
    {
        if (_running is null && IsDue(_lastAttempt, now))
        {
            Start(now);
        }

        return _running;
    }

    private void Start(Instant now)
    {
        _lastAttempt = now;
        _running = Task.Run(() => FetchAsync(now));
    }

    // A clock that was set back must not keep a fetch away until it has caught up.
    private bool IsDue(Instant? last, Instant now) => last is not { } at || now < at || now - at >= _interval;

    private async Task FetchAsync(Instant now)
    {
        FetchedKeys fetched;
        try
        {
            fetched = await _fetcher.FetchAsync(_provider).ConfigureAwait(false);
        }
        catch (Exception broken)
        {
            // The host's own HttpClient may throw whatever it likes; nobody may wait for this fetch, so nobody else would be told.
            fetched = new FetchedKeys(null, default, broken.GetType().Name, IsUnreachable: true);
        }

        Telemetry.CountKeyFetch(_provider.Arn.ToString(), fetched.Set is not null ? "ok" : fetched.IsUnreachable ? "unreachable" : "unusable");
        lock (_gate)
        {
            _running = null;
            if (fetched.Set is not null)
            {
                var expires = now + fetched.Lifetime;
                _kept = new Kept(fetched.Set, now, now + (fetched.Lifetime * RenewalPercent / 100), expires, expires + _staleLifetime);
            }
            else
            {
                _lastFailure = fetched;
            }
        }

        Tell(fetched, _kept);
    }

    private void Tell(in FetchedKeys fetched, Kept? kept)
    {
        if (fetched.Failure is not null)
        {
            Telemetry.ProviderKeysNotFetched(
                _logger, _provider.Arn.ToString(), fetched.Failure, kept is null ? "there are none" : $"those from before serve until {InstantPattern.General.Format(kept.UsableUntil)}");
        }

        foreach (var flaw in fetched.Set?.Flaws ?? [])
        {
            Telemetry.ProviderKeyDropped(_logger, _provider.Arn.ToString(), flaw);
        }
    }

    private TokenRefusal RefusalOfLastFailure()
    {
        lock (_gate)
        {
            return _lastFailure is { Failure: { } answered, IsUnreachable: false }
                ? TokenRefusal.NoKey(answered)
                : TokenRefusal.Unreachable(_lastFailure.Failure ?? "the provider was not asked");
        }
    }

    private KeySet ReadInline(string json)
    {
        if (!KeySet.TryRead(Encoding.UTF8.GetBytes(json), out var set, out var rule))
        {
            Telemetry.ProviderKeyDropped(_logger, _provider.Arn.ToString(), rule);
            return KeySet.Empty;
        }

        foreach (var flaw in set.Flaws)
        {
            Telemetry.ProviderKeyDropped(_logger, _provider.Arn.ToString(), flaw);
        }

        return set;
    }

    /// <param name="Set">The keys.</param>
    /// <param name="FetchedAt">When they were asked for.</param>
    /// <param name="RenewAt">When they are renewed in the background.</param>
    /// <param name="FreshUntil">When they are no more used without asking.</param>
    /// <param name="UsableUntil">When they are no more used although nobody answers.</param>
    private sealed record Kept(KeySet Set, Instant FetchedAt, Instant RenewAt, Instant FreshUntil, Instant UsableUntil)
    {
        internal bool IsFresh(Instant now) => now >= FetchedAt && now < FreshUntil;
    }
}

/// <summary>What came of looking for a token's key.</summary>
/// <param name="Keys">The keys that may have signed it.</param>
/// <param name="Refusal">The refusal, where there is none.</param>
internal readonly record struct FoundKeys(ImmutableArray<VerificationKey> Keys, TokenRefusal? Refusal);
