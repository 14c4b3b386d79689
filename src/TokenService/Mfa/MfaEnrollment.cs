using System.Security.Cryptography;
using NodaTime;
using OtpNet;

namespace TokenService;

/// <summary>A device that is made and shown, and not in use yet.</summary>
/// <remarks>The host keeps it until the user has read two codes from the device; it holds nothing in clear, and its secret verifies no code
/// of a request.</remarks>
/// <param name="SerialNumber">What will name the device.</param>
/// <param name="SealedSecret">Its secret, sealed.</param>
public sealed record PendingMfaDevice(string SerialNumber, string SealedSecret)
{
    /// <summary>The hash that its codes are made with.</summary>
    public TotpAlgorithm Algorithm { get; init; }

    /// <summary>The serial number alone.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => SerialNumber;
}

/// <summary>What the user is shown, once, to set a device up.</summary>
/// <param name="Device">What the host keeps.</param>
/// <param name="Base32Secret">The secret for typing in: base32 (RFC 4648) without padding.</param>
/// <param name="Uri">The same for scanning, as <c>otpauth://totp/…</c>; it contains the secret.</param>
public sealed record MfaEnrollmentOffer(PendingMfaDevice Device, Secret Base32Secret, Secret Uri);

/// <summary>Sets up a user's multi-factor device: a new secret, shown once, and two codes in a row that prove the device has it.</summary>
/// <remarks>Source: IAM API Reference, <c>CreateVirtualMFADevice</c> and <c>EnableMFADevice</c>. The codes have six digits and change every 30
/// seconds.</remarks>
public sealed class MfaEnrollment
{
    private readonly MfaSecretSealer _secrets;
    private readonly IReplayGuard _uses;
    private readonly IClock _clock;

    internal MfaEnrollment(MfaSecretSealer secrets, IReplayGuard uses, IClock clock)
    {
        _secrets = secrets;
        _uses = uses;
        _clock = clock;
    }

    /// <summary>Makes a device, which is not in use until <see cref="ActivateAsync"/>.</summary>
    /// <param name="user">Whose device it will be.</param>
    /// <param name="deviceName">What it is called: the serial number is <c>arn:P:iam::ACCOUNT:mfa/NAME</c>, unique in the account.</param>
    /// <param name="issuer">Who asks for the codes, as the user's app will show it; any text without a colon.</param>
    /// <param name="accountLabel">What the codes are for, as the user's app will show it, without a colon; <c>USER@ACCOUNT</c> where nothing else is said.</param>
    /// <param name="algorithm">The hash; many apps know <see cref="TotpAlgorithm.Sha1"/> alone, whatever they are told.</param>
    /// <returns>What to show and what to keep.</returns>
    /// <exception cref="ArgumentException">The device's name makes no serial number, or a text is empty or has a colon.</exception>
    public MfaEnrollmentOffer Begin(
        User user, string deviceName, string issuer, string? accountLabel = null, TotpAlgorithm algorithm = TotpAlgorithm.Sha1)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentException.ThrowIfNullOrEmpty(deviceName);
        accountLabel ??= $"{user.Name}@{user.Account}";
        CheckShown(issuer, nameof(issuer));
        CheckShown(accountLabel, nameof(accountLabel));
        var serialNumber = $"arn:{user.Arn.Partition}:iam::{user.Account}:mfa/{deviceName}";
        if (!MfaDevice.IsSerialNumber(serialNumber))
        {
            throw new ArgumentException("The device's name has characters that a serial number cannot have, or too many.", nameof(deviceName));
        }

        var parameters = TotpParameters.Default with { Algorithm = algorithm };
        var secret = KeyGeneration.GenerateRandomKey(parameters.HashMode);
        var pending = _secrets.Seal(serialNumber, secret, MfaSecretState.Pending);
        var uri = new OtpUri(
            OtpType.Totp, secret, accountLabel, issuer, parameters.HashMode, parameters.Digits, (int)parameters.Step.TotalSeconds).ToString();
        var base32 = Base32Encoding.ToString(secret).TrimEnd('=');
        CryptographicOperations.ZeroMemory(secret);
        return new MfaEnrollmentOffer(
            new PendingMfaDevice(serialNumber, pending) { Algorithm = algorithm }, new Secret(base32), new Secret(uri));
    }

    /// <summary>Puts a device into use, once it has shown two codes in a row; both are used up by that.</summary>
    /// <param name="user">Whose device it is.</param>
    /// <param name="device">What <see cref="Begin"/> gave to keep.</param>
    /// <param name="firstCode">A code.</param>
    /// <param name="secondCode">The code that the device showed after it: the running one, the one before or the one after.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The device, which the host adds to the user's; or <c>AccessDenied</c> where these are not two such codes, or were used, or the
    /// device is none that was kept unchanged; or <c>ServiceUnavailable</c> where the use of the codes cannot be remembered.</returns>
    public async ValueTask<StsResult<MfaDevice>> ActivateAsync(
        User user, PendingMfaDevice device, string firstCode, string secondCode, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(firstCode);
        ArgumentNullException.ThrowIfNull(secondCode);
        if (!_secrets.TryOpen(device.SerialNumber, device.SealedSecret, MfaSecretState.Pending, out var secret))
        {
            return MfaRefusals.WrongCode;
        }

        try
        {
            var parameters = TotpParameters.Default with { Algorithm = device.Algorithm };
            if (TotpCode.MatchConsecutive(secret, parameters, firstCode, secondCode, _clock.GetCurrentInstant()) is not { } step)
            {
                return MfaRefusals.WrongCode;
            }

            return await MfaUses.TryAdvanceAsync(_uses, user.Account, device.SerialNumber, step, cancellationToken).ConfigureAwait(false) switch
            {
                UseResult.First => new MfaDevice(device.SerialNumber, _secrets.Seal(device.SerialNumber, secret, MfaSecretState.Active))
                {
                    Algorithm = device.Algorithm,
                },
                UseResult.Full => StsError.ServiceUnavailable(),
                _ => MfaRefusals.WrongCode,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static void CheckShown(string text, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, name);
        if (text.Contains(':', StringComparison.Ordinal))
        {
            // Apps split the label at its first colon, escaped or not.
            throw new ArgumentException("The text that an app shows has no colon.", name);
        }
    }
}
