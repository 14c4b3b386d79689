using NodaTime;

namespace TokenService;

/// <summary>What the sessions have in common that users and roots make of themselves: who may ask for one, and how long it lasts.</summary>
/// <remarks>Source: STS API Reference, <c>GetSessionToken</c> and <c>GetFederationToken</c>; reference 3.1 to 3.3.</remarks>
internal static class OwnSessions
{
    private static readonly Duration DefaultDuration = Duration.FromHours(12);

    /// <summary>The session of a root: what it asks for beyond that is cut off and not refused.</summary>
    private static readonly Duration RootDuration = Duration.FromHours(1);

    /// <returns>The refusal of whoever has no long-term credentials.</returns>
    internal static StsError? MayCall(Caller caller, string operation) => caller.Kind is CallerKind.User or CallerKind.Root
        ? null
        : StsError.AccessDenied($"Cannot call {operation} with session credentials");

    internal static Duration DurationOf(Caller caller, int? seconds)
    {
        var duration = seconds is { } asked ? Duration.FromSeconds(asked) : DefaultDuration;
        return caller.Kind == CallerKind.Root ? Duration.Min(duration, RootDuration) : duration;
    }
}
