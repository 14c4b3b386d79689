using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>Checks time-based one-time codes against the user's devices.</summary>
/// <remarks>
/// <para>Accepted is the code of the running step, of the one before and of the one after; each once, and none at or before the last one used,
/// on whatever node shares the <see cref="IReplayGuard"/>, and however the clock is moved. Source: RFC 6238, 5.2 and 6.</para>
/// <para>After five wrong codes in a row the device is locked for a minute, then for twice as long each time, up to an hour; after ten, over
/// all devices and serial numbers that were tried, the user is (<see cref="IAttemptLimiter"/>).</para>
/// <para>A host that has other kinds of devices too registers its own <see cref="IMfaVerifier"/>, which may ask this one.</para>
/// </remarks>
public sealed class TotpMfaVerifier : IMfaVerifier
{
    internal static readonly AttemptPolicy PerDevice = new() { FailuresBeforeLock = 5 };
    internal static readonly AttemptPolicy PerUser = new() { FailuresBeforeLock = 10 };

    private readonly MfaSecretSealer _secrets;
    private readonly IAttemptLimiter _attempts;
    private readonly IReplayGuard _uses;
    private readonly IClock _clock;
    private readonly ILogger _logger;

    /// <summary>Stands in for a device that the user does not have, so that asking for one takes the same work.</summary>
    private readonly MfaDevice _nobodys;

    internal TotpMfaVerifier(MfaSecretSealer secrets, IAttemptLimiter attempts, IReplayGuard uses, IClock clock, ILogger logger)
    {
        const string nobody = "nobodys-device";
        _secrets = secrets;
        _attempts = attempts;
        _uses = uses;
        _clock = clock;
        _logger = logger;
        _nobodys = new MfaDevice(nobody, secrets.Seal(nobody, RandomNumberGenerator.GetBytes(20), MfaSecretState.Active));
    }

    /// <inheritdoc/>
    public async ValueTask<StsError?> VerifyAsync(User user, string serialNumber, string tokenCode, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(serialNumber);
        ArgumentNullException.ThrowIfNull(tokenCode);
        var device = user.MfaDevices.FirstOrDefault(device => device.SerialNumber == serialNumber);

        // The user first: whoever invents serial numbers is stopped before each of them costs the limiter an entry. The device's key has the
        // user in it, so that nobody can lock somebody else's device by guessing at it.
        var userKey = GuardKey.Create("mfa-user", user.Id);
        var deviceKey = GuardKey.Create("mfa-device", user.Id, serialNumber);
        var attempt = await _attempts.TryBeginAsync(userKey, PerUser, cancellationToken).ConfigureAwait(false);
        if (attempt.IsAllowed)
        {
            attempt = await _attempts.TryBeginAsync(deviceKey, PerDevice, cancellationToken).ConfigureAwait(false);
        }

        if (attempt.Status == AttemptStatus.Full)
        {
            return Unavailable(nameof(IAttemptLimiter));
        }

        if (!attempt.IsAllowed)
        {
            return Refuse(user, device, $"locked until {InstantPattern.General.Format(attempt.LockedUntil ?? _clock.GetCurrentInstant())}");
        }

        var step = Match(device ?? _nobodys, tokenCode);
        if (device is null || step is null)
        {
            return Refuse(user, device, "the code is wrong or untimely");
        }

        switch (await MfaUses.TryAdvanceAsync(_uses, user.Account, serialNumber, step.Value, cancellationToken).ConfigureAwait(false))
        {
            case UseResult.First:
                await _attempts.RecordSuccessAsync(deviceKey, cancellationToken).ConfigureAwait(false);
                await _attempts.RecordSuccessAsync(userKey, cancellationToken).ConfigureAwait(false);
                return null;
            case UseResult.Full:
                return Unavailable(nameof(IReplayGuard));
            default:
                return Refuse(user, device, "the code, or a later one, is used up");
        }
    }

    private long? Match(MfaDevice device, string tokenCode)
    {
        if (!_secrets.TryOpen(device.SerialNumber, device.SealedSecret, MfaSecretState.Active, out var secret))
        {
            // Only what somebody put into the store comes to this; the caller's code may well be right.
            Telemetry.MfaSecretUnreadable(_logger, device.SerialNumber);
            return null;
        }

        var step = TotpCode.Match(secret, TotpParameters.Of(device), tokenCode, _clock.GetCurrentInstant());
        CryptographicOperations.ZeroMemory(secret);
        return step;
    }

    /// <summary>The caller learns that it was refused, the operator why too. A serial number is told only where it is the user's: anything may
    /// have been typed in its place.</summary>
    private StsError Refuse(User user, MfaDevice? device, string reason)
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.MfaRefused(_logger, user.Arn.ToString(), device?.SerialNumber, device is null ? "the device is not the user's" : reason);
        }

        return device is null ? MfaRefusals.UnknownDevice : MfaRefusals.WrongCode;
    }

    private StsError Unavailable(string guard)
    {
        Telemetry.GuardFull(_logger, guard);
        return StsError.ServiceUnavailable();
    }
}
