using Microsoft.Extensions.Logging;

namespace TokenService;

/// <summary>Tells the operator that an operation was refused, to whom and why; the caller learns the refusal alone.</summary>
internal static class Refusal
{
    /// <param name="logger">The audit log.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="target">What it was to act on, bounded.</param>
    /// <param name="caller">Who asked.</param>
    /// <param name="refusal">What the caller is told.</param>
    /// <param name="reason">Why, where that says more.</param>
    /// <returns>The refusal.</returns>
    internal static StsError Tell(ILogger logger, string operation, string? target, Caller caller, StsError refusal, string? reason)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            var session = caller.Session;
            Telemetry.Refused(
                logger, operation, target, caller.Arn.ToString(), caller.AccessKeyId, session?.IdText, session?.SourceIdentity, session?.ChainIdText, refusal.Code,
                Telemetry.Bounded(reason?.ReplaceLineEndings("; ")));
        }

        return refusal;
    }

    /// <param name="logger">The audit log.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="target">What it was to act on, bounded.</param>
    /// <param name="federated">Whom an identity provider vouches for, where it got that far.</param>
    /// <param name="refusal">What the client is told.</param>
    /// <param name="reason">Why, where that says more.</param>
    /// <returns>The refusal.</returns>
    internal static StsError Tell(ILogger logger, string operation, string? target, FederatedIdentity? federated, StsError refusal, string? reason)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.Refused(
                logger, operation, target, Telemetry.Bounded(federated?.ToString()) ?? "anonymous", null, null, federated?.SourceIdentity, null, refusal.Code,
                Telemetry.Bounded(reason?.ReplaceLineEndings("; ")));
        }

        return refusal;
    }
}
