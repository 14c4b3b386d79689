using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Redeems a trade-in token for credentials. The steps are those of reference 5.8; the account that the token names may redeem it, and
/// no policy has to allow that, but one that denies it counts.</summary>
internal sealed class GetDelegatedAccessToken(
    TradeInTokenSealer sealer,
    IAuthorizer authorizer,
    IRevocationList revocations,
    LiveIdentities identities,
    IReplayGuard uses,
    SessionMint mint,
    IClock clock,
    ILogger logger)
{
    private const string Action = "sts:GetDelegatedAccessToken";

    internal async ValueTask<StsResult<GetDelegatedAccessTokenResponse>> ExecuteAsync(
        Caller caller, GetDelegatedAccessTokenRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if (Limits.Check(request) is { } broken)
        {
            return Refuse(caller, null, broken, null);
        }

        if (caller.HasEnded(clock.GetCurrentInstant()))
        {
            // A host that kept a caller: nothing is used up for a session that would not be minted.
            return Refuse(caller, null, StsError.ExpiredToken(), null);
        }

        var notAuthorized = StsError.AccessDenied($"User: {caller.Arn} is not authorized to perform: {Action}");
        if (caller.Kind is not (CallerKind.User or CallerKind.Root or CallerKind.RoleSession))
        {
            return Refuse(caller, null, notAuthorized, "callers of this kind may not");
        }

        var decision = await authorizer.AuthorizeAsync(
            new AuthorizationRequest { Caller = caller, Action = Action, Resource = "*", Environment = environment }, cancellationToken).ConfigureAwait(false);
        if (Denies(decision))
        {
            return Refuse(caller, null, notAuthorized, decision.ToString());
        }

        // Another account's token and no token at all answer alike: whose it is, is nobody else's business.
        if (!sealer.TryOpen(request.TradeInToken!, caller.Account.Id, out var tradeIn))
        {
            return Refuse(caller, null, notAuthorized, "it is no trade-in token, or one for another account");
        }

        if (await FindApproverAsync(tradeIn, cancellationToken).ConfigureAwait(false) is not { } approver)
        {
            return Refuse(caller, tradeIn, StsError.ExpiredTradeInToken(), "it has expired, or its approver is gone or was revoked");
        }

        switch (await UseAsync(tradeIn, cancellationToken).ConfigureAwait(false))
        {
            case UseResult.First:
                break;
            case UseResult.Full:
                Telemetry.GuardFull(logger, nameof(IReplayGuard));
                return Refuse(caller, tradeIn, StsError.ServiceUnavailable(), null);
            default:
                return Refuse(caller, tradeIn, StsError.ExpiredTradeInToken(), "it was redeemed before");
        }

        var minted = mint.Mint(caller, SessionBasis.OfDelegation(approver), SessionTerms.OfDelegation(tradeIn));
        if (!minted.TryGetValue(out var credentials, out var tooLong))
        {
            return Refuse(caller, tradeIn, tooLong, null);
        }

        return new GetDelegatedAccessTokenResponse { Credentials = credentials, AssumedPrincipal = approver.Arn };
    }

    /// <summary>That nothing allows it is no matter. A deny is, a policy that cannot be found and may hold one, and the no of a host that decides by
    /// other means, which has no reasons.</summary>
    private static bool Denies(Decision decision) =>
        !decision.IsAllowed && (decision.Reasons.IsEmpty || decision.Reasons.Any(reason => reason.Cause != DenialCause.NothingAllows));

    /// <summary>The approver as it is now, in the session that has not begun.</summary>
    /// <returns><see langword="null"/> where what it lent is over: by its time, or by what ends its sessions.</returns>
    private async ValueTask<Caller?> FindApproverAsync(TradeIn tradeIn, CancellationToken cancellationToken)
    {
        // A revocation counts from the approval on: else it would be outlived by redeeming later.
        var session = tradeIn.Session;
        return clock.GetCurrentInstant() < session.ExpiresAt
            && await revocations.FindAsync(CredentialDirectory.Revocable(session), cancellationToken).ConfigureAwait(false) is null
                ? await identities.FindAsync(session, cancellationToken).ConfigureAwait(false)
                : null;
    }

    private async ValueTask<UseResult> UseAsync(TradeIn tradeIn, CancellationToken cancellationToken) => tradeIn.IsSingleUse
        ? await uses.TryUseAsync(GuardKey.Create("trade-in", tradeIn.Session.IdText), tradeIn.Session.ExpiresAt, cancellationToken).ConfigureAwait(false)
        : UseResult.First;

    /// <summary>The caller learns the refusal, the operator its reason too.</summary>
    private StsError Refuse(Caller caller, TradeIn? tradeIn, StsError refusal, string? reason) =>
        Refusal.Tell(logger, nameof(GetDelegatedAccessToken), tradeIn?.Session.IdText, caller, refusal, reason);
}
