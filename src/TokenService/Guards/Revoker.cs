using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>Ends sessions before their time. Each revocation is an audit event, and so is each later request of a session that was ended.</summary>
/// <remarks>A revoked session is refused at its next request; a <c>Caller</c> that the host holds from an earlier one is not called back.</remarks>
public sealed class Revoker
{
    /// <summary>How far ahead an instant may lie: enough for clocks that differ and for nodes that hear of it late.</summary>
    public static readonly Duration MaxAhead = Duration.FromHours(1);

    private readonly IRevocationList _list;
    private readonly IClock _clock;
    private readonly ILogger _logger;

    internal Revoker(IRevocationList list, IClock clock, ILogger logger)
    {
        _list = list;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Ends the sessions that there are now.</summary>
    /// <remarks>Sessions begin at whole seconds. Those of the current second are ended too, also where they begin after this call: somebody
    /// who ends all sessions would rather have a good one ended, which its client replaces a second later, than let a bad one live. A single
    /// session and a chain are ended whatever their time, so that no other node's clock matters to them; for the other targets, a node whose
    /// clock is ahead is met by an instant that is ahead too.</remarks>
    /// <param name="target">Whose sessions are ended.</param>
    /// <param name="cancellationToken">Ends the work early; whether the sessions are ended is then unknown.</param>
    /// <returns>A task that ends when the revocation is remembered.</returns>
    /// <exception cref="RevocationListFullException">The list has no room, and nothing was ended.</exception>
    public ValueTask RevokeAsync(RevocationTarget target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var now = _clock.GetCurrentInstant();
        var nextSecond = Instant.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + 1);
        var endsAll = target.Key.Lever is RevocationLevers.AccessKey or RevocationLevers.Chain;
        return AddAsync(target, endsAll ? Instant.MaxValue : nextSecond, nextSecond + Revocation.Memory, cancellationToken);
    }

    /// <summary>Ends the sessions that began before an instant.</summary>
    /// <remarks>Compared as <c>DateLessThan</c> compares <c>aws:TokenIssueTime</c>: sessions begin at whole seconds, and one that began in the
    /// very second of the instant lives on. A fraction of a second counts as the whole next one.</remarks>
    /// <param name="target">Whose sessions are ended.</param>
    /// <param name="issuedBefore">The instant, at most <see cref="MaxAhead"/> ahead of the clock. Where it lies so far back that no session of
    /// before it can be left, nothing needs to be remembered.</param>
    /// <param name="cancellationToken">Ends the work early; whether the sessions are ended is then unknown.</param>
    /// <returns>A task that ends when the revocation is remembered.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The instant lies too far ahead: until then, every new session would be born dead.</exception>
    /// <exception cref="RevocationListFullException">The list has no room, and nothing was ended.</exception>
    public ValueTask RevokeOlderAsync(RevocationTarget target, Instant issuedBefore, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (issuedBefore > _clock.GetCurrentInstant() + MaxAhead)
        {
            throw new ArgumentOutOfRangeException(nameof(issuedBefore), issuedBefore, "The instant lies more than an hour ahead of the clock.");
        }

        return AddAsync(target, issuedBefore, Instant.Max(issuedBefore, Instant.FromUnixTimeSeconds(0)) + Revocation.Memory, cancellationToken);
    }

    private async ValueTask AddAsync(RevocationTarget target, Instant issuedBefore, Instant until, CancellationToken cancellationToken)
    {
        var revocation = new Revocation { Target = target, IssuedBefore = issuedBefore, Until = until };
        if (!await _list.TryAddAsync(revocation, cancellationToken).ConfigureAwait(false))
        {
            Telemetry.GuardFull(_logger, "revocation list");
            throw new RevocationListFullException(target);
        }

        if (_logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.SessionsRevoked(
                _logger, target.Text, issuedBefore == Instant.MaxValue ? "any time" : InstantPattern.ExtendedIso.Format(issuedBefore), InstantPattern.General.Format(until));
        }
    }
}

/// <summary>A revocation was not made, because the list of them has no room: the sessions live on.</summary>
/// <remarks>An exception and no value, since a revocation that failed must not be overlooked.</remarks>
public sealed class RevocationListFullException : InvalidOperationException
{
    internal RevocationListFullException(RevocationTarget target)
        : base($"The revocation list is full: the sessions of {target} were not ended.") => Target = target;

    /// <summary>Whose sessions live on.</summary>
    public RevocationTarget Target { get; }
}
