using Microsoft.Extensions.Logging;

namespace TokenService;

/// <summary>Decides for services of the host, and tells the audit log and the meter what was decided.</summary>
/// <remarks>An operation asks <see cref="Decides"/>: its own event says what came of the request, and a decision has one.</remarks>
internal sealed class AuditedAuthorizer(Authorizer decides, ILogger logger) : IAuthorizer
{
    /// <summary>The same decisions, of which nothing is told.</summary>
    internal Authorizer Decides => decides;

    public async ValueTask<Decision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken = default)
    {
        var decision = await decides.AuthorizeAsync(request, cancellationToken).ConfigureAwait(false);
        Telemetry.CountDecision(decision.Outcome switch
        {
            DecisionOutcome.Allow => "allow",
            DecisionOutcome.ExplicitDeny => "explicit_deny",
            _ => "implicit_deny",
        });
        if (decision.IsAllowed)
        {
            Grant.Tell(logger, request.Action, request.Resource, request.Caller, decision);
        }
        else if (logger.IsEnabled(LogLevel.Information))
        {
            var (caller, session) = (request.Caller, request.Caller.Session);
            Telemetry.Denied(
                logger, Telemetry.Bounded(request.Action)!, Telemetry.Bounded(request.Resource), caller.Arn.ToString(), caller.AccessKeyId, session?.IdText,
                session?.SourceIdentity, session?.ChainIdText, Telemetry.Bounded(string.Join("; ", decision.Reasons))!);
        }

        return decision;
    }
}
