using NodaTime;

namespace TokenService;

/// <summary>Whether an attempt may be made.</summary>
public enum AttemptStatus
{
    /// <summary>There were too many wrong ones; none is made until the lock is over.</summary>
    LockedOut,

    /// <summary>The attempt may be made, and counts as wrong until it is known to be right.</summary>
    Allowed,

    /// <summary>The limiter has no room to count the attempt, so none is made: refuse for now, and tell the operator.</summary>
    Full,
}

/// <summary>A limiter's answer; that of nobody, <see langword="default"/>, refuses.</summary>
/// <param name="Status">Whether the attempt may be made.</param>
/// <param name="LockedUntil">Where it is locked out: the first instant at which one may be made again.</param>
public readonly record struct AttemptDecision(AttemptStatus Status, Instant? LockedUntil)
{
    /// <summary>The attempt may be made.</summary>
    public static readonly AttemptDecision Allowed = new(AttemptStatus.Allowed, null);

    /// <summary>The attempt cannot be counted, and so not be made.</summary>
    public static readonly AttemptDecision Full = new(AttemptStatus.Full, null);

    /// <summary>Whether the attempt may be made.</summary>
    public bool IsAllowed => Status == AttemptStatus.Allowed;

    /// <summary>The attempt may not be made yet.</summary>
    /// <param name="until">The first instant at which one may.</param>
    /// <returns>The decision.</returns>
    public static AttemptDecision LockedOut(Instant until) => new(AttemptStatus.LockedOut, until);
}

/// <summary>Bounds how often somebody may guess: after repeated wrong attempts a key is locked, longer each time.</summary>
/// <remarks>
/// <para>An attempt counts as wrong from the moment it begins, and success takes that back. So there is no gap between asking and telling
/// through which a thousand guesses at once could pass, and an attempt that breaks off has cost its maker one.</para>
/// <para>Each call is one atomic step, also between nodes where the implementation is shared by them: a compare-and-set over
/// <see cref="AttemptPolicy.Begin"/>. One that is down throws, and the attempt is refused by that. One that has no room left says so; it never
/// makes room by letting a locked key out.</para>
/// </remarks>
public interface IAttemptLimiter
{
    /// <summary>Begins an attempt, if one may be made now.</summary>
    /// <param name="key">Who or what is guessed at.</param>
    /// <param name="policy">How many wrong ones are borne; always the same for a key.</param>
    /// <param name="cancellationToken">Ends the work early; whether the attempt was counted is then unknown.</param>
    /// <returns>Whether it may be made. If not, nothing was counted, and no lock grows.</returns>
    ValueTask<AttemptDecision> TryBeginAsync(GuardKey key, AttemptPolicy policy, CancellationToken cancellationToken);

    /// <summary>Tells that an attempt was right: all that were wrong before it are forgotten.</summary>
    /// <param name="key">Who or what was guessed at.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>When it is done.</returns>
    ValueTask RecordSuccessAsync(GuardKey key, CancellationToken cancellationToken);
}
