namespace TokenService;

/// <summary>Remembers which sessions were ended before their time, and is asked on every request of a session.</summary>
/// <remarks>
/// <para><see cref="Revoker"/> is what hosts call; this is what it writes to, so that something shared by nodes can stand here. Such an
/// implementation writes to what is shared, and lets each node keep an <see cref="InMemoryRevocationList"/> that it feeds from there: asking
/// costs no round trip then, and a revocation reaches another node as fast as it is fed.</para>
/// <para>An implementation that cannot tell, because what is shared was out of reach for too long, throws: the request is refused by that.</para>
/// </remarks>
public interface IRevocationList
{
    /// <summary>Remembers a revocation until the instant that it gives. Of two with the same target the later instants count.</summary>
    /// <param name="revocation">What to remember.</param>
    /// <param name="cancellationToken">Ends the work early; whether it is remembered is then unknown.</param>
    /// <returns><see langword="false"/> where there is no room; nothing is forgotten early to make some.</returns>
    ValueTask<bool> TryAddAsync(Revocation revocation, CancellationToken cancellationToken);

    /// <summary>Finds what ended a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends the look-up early.</param>
    /// <returns>What ended it, or <see langword="null"/> where it was not ended.</returns>
    ValueTask<RevocationTarget?> FindAsync(RevocableSession session, CancellationToken cancellationToken);
}
