namespace TokenService;

/// <summary>How the keys of OpenID Connect providers are fetched and kept.</summary>
public sealed class OidcOptions
{
    /// <summary>The least time between two fetches that tokens with unknown key ids cause at one provider, and between two attempts at one that is
    /// down. Tokens in between are refused at once.</summary>
    /// <value>30 seconds where nothing else is said; one second to one hour.</value>
    public TimeSpan UnknownKeyInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the last keys of a provider that is down stay in use after they would have expired.</summary>
    /// <value>24 hours where nothing else is said; none to seven days.</value>
    public TimeSpan StaleKeyLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a fetch may take in all, discovery and keys together.</summary>
    /// <value>Five seconds where nothing else is said; a tenth of a second to thirty seconds.</value>
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What is wrong with the options.</summary>
    internal IEnumerable<string> Faults()
    {
        if (UnknownKeyInterval < TimeSpan.FromSeconds(1) || UnknownKeyInterval > TimeSpan.FromHours(1))
        {
            yield return $"{nameof(UnknownKeyInterval)} is {UnknownKeyInterval}; it is one second to one hour.";
        }

        if (StaleKeyLifetime < TimeSpan.Zero || StaleKeyLifetime > TimeSpan.FromDays(7))
        {
            yield return $"{nameof(StaleKeyLifetime)} is {StaleKeyLifetime}; it is none to seven days.";
        }

        if (FetchTimeout < TimeSpan.FromMilliseconds(100) || FetchTimeout > TimeSpan.FromSeconds(30))
        {
            yield return $"{nameof(FetchTimeout)} is {FetchTimeout}; it is a tenth of a second to thirty seconds.";
        }
    }
}
