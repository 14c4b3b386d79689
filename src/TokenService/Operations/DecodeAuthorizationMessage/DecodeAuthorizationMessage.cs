using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Reads an encoded authorization message to those of the account that it is for. Whatever else it is, is refused alike.</summary>
internal sealed class DecodeAuthorizationMessage(AuthorizationMessageSealer sealer, OperationPermissions permissions, IClock clock, ILogger logger)
{
    private const string Action = "sts:DecodeAuthorizationMessage";

    internal async ValueTask<StsResult<DecodeAuthorizationMessageResponse>> ExecuteAsync(
        Caller caller, DecodeAuthorizationMessageRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if (Limits.Check(request) is { } broken)
        {
            return Refuse(caller, broken, null);
        }

        var permission = await permissions.AskAsync(caller, Action, environment, cancellationToken).ConfigureAwait(false);
        if (permission.Refusal is { } refused)
        {
            return Refuse(caller, refused, permission.Reason);
        }

        if (!sealer.TryOpen(request.EncodedMessage!, caller.Account.Id, clock.GetCurrentInstant(), out var document))
        {
            return Refuse(caller, StsError.InvalidAuthorizationMessage(), null);
        }

        Grant.Tell(logger, Action, "*", caller, permission.Decision);
        return new DecodeAuthorizationMessageResponse { DecodedMessage = document };
    }

    private StsError Refuse(Caller caller, StsError refusal, string? reason) =>
        Refusal.Tell(logger, nameof(DecodeAuthorizationMessage), null, caller, refusal, reason);
}
