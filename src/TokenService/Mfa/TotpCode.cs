using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NodaTime;
using OtpNet;

namespace TokenService;

/// <summary>How a device makes its codes.</summary>
internal readonly record struct TotpParameters(TotpAlgorithm Algorithm, int Digits, Duration Step)
{
    /// <summary>What AWS's virtual devices have, and every app understands.</summary>
    internal static TotpParameters Default { get; } = new(TotpAlgorithm.Sha1, 6, Duration.FromSeconds(30));

    internal static TotpParameters Of(MfaDevice device) => new(device.Algorithm, device.Digits, device.Step);

    internal OtpHashMode HashMode => Algorithm switch
    {
        TotpAlgorithm.Sha256 => OtpHashMode.Sha256,
        TotpAlgorithm.Sha512 => OtpHashMode.Sha512,
        _ => OtpHashMode.Sha1,
    };
}

/// <summary>The codes that a device shows.</summary>
/// <remarks>Source: RFC 6238. A step is named by the instant at which it begins, so that the order of a device's steps outlives a change of their
/// length.</remarks>
internal static class TotpCode
{
    /// <summary>The code of the step that an instant lies in.</summary>
    internal static string Compute(byte[] secret, in TotpParameters parameters, Instant at) =>
        new Totp(secret, (int)parameters.Step.TotalSeconds, parameters.HashMode, parameters.Digits).ComputeTotp(at.ToDateTimeUtc());

    /// <summary>Finds the step whose code this is: the running one, the one before, or the one after.</summary>
    /// <returns>When it begins, in seconds since 1970; <see langword="null"/> for a wrong or untimely code.</returns>
    internal static long? Match(byte[] secret, in TotpParameters parameters, string code, Instant now)
    {
        var step = (long)parameters.Step.TotalSeconds;
        var running = RunningStep(step, now);
        long? matched = null;

        // All three are computed and compared to their end, so that the time tells nothing of which one was near. Of two alike, the later.
        for (var start = Math.Max(0, running - step); start <= running + step; start += step)
        {
            matched = IsCode(secret, parameters, code, start) ? start : matched;
        }

        return matched;
    }

    /// <summary>Finds the second of two steps in a row whose codes these are, where that one is the running one, or the one before or after.</summary>
    internal static long? MatchConsecutive(byte[] secret, in TotpParameters parameters, string first, string second, Instant now)
    {
        var step = (long)parameters.Step.TotalSeconds;
        var running = RunningStep(step, now);
        long? matched = null;
        for (var start = Math.Max(step, running - step); start <= running + step; start += step)
        {
            matched = IsCode(secret, parameters, first, start - step) & IsCode(secret, parameters, second, start) ? start : matched;
        }

        return matched;
    }

    private static long RunningStep(long step, Instant now) => now.ToUnixTimeSeconds() / step * step;

    private static bool IsCode(byte[] secret, in TotpParameters parameters, string code, long start) =>
        CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(Compute(secret, parameters, Instant.FromUnixTimeSeconds(start)).AsSpan()), MemoryMarshal.AsBytes(code.AsSpan()));
}
