using Microsoft.Extensions.Logging;

namespace TokenService;

/// <summary>Tells the operator that somebody may do something, and why; the counterpart of a refusal.</summary>
internal static class Grant
{
    /// <param name="logger">The audit log.</param>
    /// <param name="action">What may be done.</param>
    /// <param name="resource">What with.</param>
    /// <param name="caller">Who asked.</param>
    /// <param name="decision">What allowed it; absent where no policy is asked.</param>
    internal static void Tell(ILogger logger, string action, string resource, Caller caller, Decision? decision)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            var session = caller.Session;
            Telemetry.Allowed(
                logger, Telemetry.Bounded(action)!, Telemetry.Bounded(resource), caller.Arn.ToString(), caller.AccessKeyId, session?.IdText, session?.SourceIdentity,
                session?.ChainIdText, decision?.Ground ?? "whoever can sign");
        }
    }
}
