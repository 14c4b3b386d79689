using NodaTime;

namespace TokenService;

/// <summary>What became of an attempt to use something that works once.</summary>
public enum UseResult
{
    /// <summary>It was used before, or its time is over, so that the guard could not tell: refuse.</summary>
    Used,

    /// <summary>This is the first use, and is remembered: nobody else gets this answer.</summary>
    First,

    /// <summary>The guard has no room to remember the use, so none was made: refuse for now, and tell the operator.</summary>
    Full,
}

/// <summary>Remembers what may be used once: codes, assertions, tokens.</summary>
/// <remarks>
/// <para>Each call is one atomic step, also between nodes where the implementation is shared by them; of any number of calls at once one is
/// first. In Redis the first method is <c>SET … NX PXAT</c> and the second a script; in SQL they are an insert, and an update with a
/// condition. One that is down throws, and the use is refused by that.</para>
/// <para>What was used is remembered until the instant that the caller gives. An implementation that has no room left says so; it never makes
/// room by forgetting early, and bounds each <see cref="GuardKey.Kind"/> by itself, so that none takes the room of another.</para>
/// </remarks>
public interface IReplayGuard
{
    /// <summary>Uses something with a name of its own: an assertion's id, a token's <c>jti</c>.</summary>
    /// <param name="key">What is used.</param>
    /// <param name="until">The first instant at which it is worth nothing any more, whoever has it.</param>
    /// <param name="cancellationToken">Ends the work early; whether the use was made is then unknown.</param>
    /// <returns>Whether this was the first use.</returns>
    ValueTask<UseResult> TryUseAsync(GuardKey key, Instant until, CancellationToken cancellationToken);

    /// <summary>Uses a position of something that only moves forward, such as the step of a one-time code, and with it all before.</summary>
    /// <param name="key">What moves: a device.</param>
    /// <param name="position">Where it stands. At or below the last one used it is <see cref="UseResult.Used"/>.</param>
    /// <param name="until">The first instant at which the last position need not be known any more; a longer time that was given before, stays.</param>
    /// <param name="cancellationToken">Ends the work early; whether the use was made is then unknown.</param>
    /// <returns>Whether this was the first use.</returns>
    ValueTask<UseResult> TryAdvanceAsync(GuardKey key, long position, Instant until, CancellationToken cancellationToken);
}
