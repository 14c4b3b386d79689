using NodaTime;

namespace TokenService;

/// <summary>The refusals of multi-factor authentication. Which of the two that are in AWS's wording (reference 6.8) depends on nothing but
/// whether the device is the user's.</summary>
internal static class MfaRefusals
{
    /// <summary>A code that is wrong, untimely or used, or comes while the device is locked. The blank at its end is AWS's.</summary>
    internal static readonly StsError WrongCode =
        StsError.AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");

    /// <summary>A device that nobody has, or somebody else. The two blanks are AWS's.</summary>
    internal static readonly StsError UnknownDevice = StsError.AccessDenied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.");

    /// <summary>A device without a code, or a code without a device.</summary>
    internal static readonly StsError HalfGiven = StsError.ValidationError("SerialNumber and TokenCode are given together or not at all.");
}

/// <summary>How uses of a device's codes are remembered.</summary>
internal static class MfaUses
{
    /// <summary>A code is good for a minute and a half at most; a day bears a clock that is moved back by hours.</summary>
    private static readonly Duration Memory = Duration.FromHours(24);

    /// <summary>Uses up a step of a device, and all before it.</summary>
    /// <param name="guard">The guard.</param>
    /// <param name="accountId">The account: serial numbers are unique in one.</param>
    /// <param name="serialNumber">The device.</param>
    /// <param name="step">When the step begins, in seconds since 1970.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Whether this was its first use.</returns>
    internal static ValueTask<UseResult> TryAdvanceAsync(
        IReplayGuard guard, string accountId, string serialNumber, long step, CancellationToken cancellationToken) =>
        guard.TryAdvanceAsync(
            GuardKey.Create("mfa-code", accountId, serialNumber), step, Instant.FromUnixTimeSeconds(step) + Memory, cancellationToken);
}
