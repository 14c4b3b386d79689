using NodaTime;

namespace TokenService;

/// <summary>How long what belongs to a session must be kept: the keys that open its token, and what ended it.</summary>
internal static class SessionLifetime
{
    /// <summary>The longest session of any operation. Source: STS API Reference, <c>GetSessionToken</c>, 129,600 seconds.</summary>
    internal static readonly Duration Longest = Duration.FromHours(36);

    /// <summary>The longest session, and an hour for clocks that differ.</summary>
    internal static readonly Duration Remembered = Longest + Duration.FromHours(1);
}
