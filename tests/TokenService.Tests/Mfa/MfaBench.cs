using Microsoft.Extensions.DependencyInjection;

namespace TokenService.Tests.Mfa;

/// <summary>A host with alice, who has a device, and bob, who has none.</summary>
internal sealed class MfaBench : IDisposable
{
    internal const string AlicesSerial = "arn:aws:iam::111122223333:mfa/alice";
    internal const string UnknownSerial = "arn:aws:iam::111122223333:mfa/nobody";
    internal const string WrongCode = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";

    internal const string UnknownDevice =
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";

    internal static readonly byte[] Secret = "12345678901234567890"u8.ToArray();

    internal MfaBench(IReplayGuard? guard = null, IAttemptLimiter? limiter = null)
    {
        Host = new TestHost(register: services =>
        {
            if (guard is not null)
            {
                services.AddSingleton(guard);
            }

            if (limiter is not null)
            {
                services.AddSingleton(limiter);
            }
        });
        var device = Host.Get<MfaSecretSealer>().Seal(AlicesSerial, new Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
        Alice = Host.AddUser("alice") with { MfaDevices = [device] };
        Host.Store.Put(Alice);
        Bob = Host.AddUser("bob");
    }

    internal TestHost Host { get; }

    internal User Alice { get; }

    internal User Bob { get; }

    public void Dispose() => Host.Dispose();

    /// <summary>The code that alice's device shows so many steps from the running one.</summary>
    internal string Code(int steps = 0) => TotpCode.Compute(Secret, TotpParameters.Default, Host.Clock.GetCurrentInstant() + Duration.FromSeconds(30 * steps));

    /// <summary>A code that is none of those around now.</summary>
    internal string Wrong() =>
        Enumerable.Range(0, 10).Select(number => $"{number}00000").First(code => Enumerable.Range(-3, 7).All(steps => Code(steps) != code));

    internal Task<StsError?> VerifyAsync(string code, string serial = AlicesSerial) => VerifyAsync(Alice, serial, code);

    internal async Task<StsError?> VerifyAsync(User user, string serial, string code) =>
        await Host.Get<IMfaVerifier>().VerifyAsync(user, serial, code, CancellationToken.None);
}

/// <summary>Guards that keep what they are asked, as kinds of keys, and answer as the true ones do.</summary>
internal sealed class RecordingGuards(IClock clock) : IReplayGuard, IAttemptLimiter
{
    private readonly InMemoryReplayGuard _guard = new(clock);
    private readonly InMemoryAttemptLimiter _limiter = new(clock);

    internal List<string> Calls { get; } = [];

    public ValueTask<UseResult> TryUseAsync(GuardKey key, Instant until, CancellationToken cancellationToken)
    {
        Note("use", key);
        return _guard.TryUseAsync(key, until, cancellationToken);
    }

    public ValueTask<UseResult> TryAdvanceAsync(GuardKey key, long position, Instant until, CancellationToken cancellationToken)
    {
        Note("advance", key);
        return _guard.TryAdvanceAsync(key, position, until, cancellationToken);
    }

    public ValueTask<AttemptDecision> TryBeginAsync(GuardKey key, AttemptPolicy policy, CancellationToken cancellationToken)
    {
        Note("begin", key);
        return _limiter.TryBeginAsync(key, policy, cancellationToken);
    }

    public ValueTask RecordSuccessAsync(GuardKey key, CancellationToken cancellationToken)
    {
        Note("success", key);
        return _limiter.RecordSuccessAsync(key, cancellationToken);
    }

    private void Note(string call, GuardKey key) => Calls.Add($"{call} {key.Text.Split(':')[0]}");
}
