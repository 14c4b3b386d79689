using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Gives a user or a root temporary credentials of its own. No policy is asked: whoever holds the key may (reference 3.1).</summary>
internal sealed class GetSessionToken(IMfaVerifier mfa, SessionMint mint, IClock clock, ILogger logger)
{
    internal async ValueTask<StsResult<GetSessionTokenResponse>> ExecuteAsync(
        Caller caller, GetSessionTokenRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if ((Limits.Check(request) ?? CheckPair(request)) is { } broken)
        {
            return Refuse(caller, broken);
        }

        if (OwnSessions.MayCall(caller, nameof(GetSessionToken)) is { } refused)
        {
            return Refuse(caller, refused);
        }

        Instant? mfaAuthenticatedAt = null;
        if (request.SerialNumber is { } serialNumber)
        {
            // A root has no devices here: MFA-protected access is nothing that AWS offers to it (reference 3.2).
            var wrongCode = caller.User is { } user
                ? await mfa.VerifyAsync(user, serialNumber, request.TokenCode!, cancellationToken).ConfigureAwait(false)
                : MfaRefusals.UnknownDevice;
            if (wrongCode is not null)
            {
                return Refuse(caller, wrongCode);
            }

            mfaAuthenticatedAt = clock.GetCurrentInstant();
        }

        var minted = mint.Mint(caller, SessionBasis.Of(caller), new SessionTerms
        {
            Duration = OwnSessions.DurationOf(caller, request.DurationSeconds),
            MfaAuthenticatedAt = mfaAuthenticatedAt,
        });
        return minted.TryGetValue(out var credentials, out var tooLong)
            ? new GetSessionTokenResponse { Credentials = credentials }
            : Refuse(caller, tooLong);
    }

    private static StsError? CheckPair(GetSessionTokenRequest request) =>
        request.SerialNumber is null != request.TokenCode is null ? MfaRefusals.HalfGiven : null;

    private StsError Refuse(Caller caller, StsError refusal) =>
        Refusal.Tell(logger, nameof(GetSessionToken), caller.Arn.ToString(), caller, refusal, reason: null);
}
