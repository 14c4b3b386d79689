using Microsoft.Extensions.Logging;

namespace TokenService;

/// <summary>What the service tells its operator: events with stable ids, none of which holds a secret, a token or a policy.</summary>
internal static partial class Telemetry
{
    internal const string LoggerName = "TokenService";

    [LoggerMessage(
        1000, LogLevel.Information,
        "Issued {AccessKeyId} (session {SessionId}) to {Caller} (key {IssuingAccessKeyId}) as {SessionArn}, source identity {SourceIdentity}, chain {ChainId}, until {Expiration}")]
    internal static partial void SessionIssued(
        ILogger logger, string accessKeyId, string sessionId, string caller, string? issuingAccessKeyId, string sessionArn, string? sourceIdentity, string chainId, string expiration);

    [LoggerMessage(1001, LogLevel.Information, "Refused {Operation} on {Target} to {Caller}: {Code}, {Reason}")]
    internal static partial void Refused(ILogger logger, string operation, string? target, string caller, string code, string? reason);

    [LoggerMessage(1010, LogLevel.Information, "Refused a multi-factor code of {User} for {SerialNumber}: {Reason}")]
    internal static partial void MfaRefused(ILogger logger, string user, string? serialNumber, string reason);

    [LoggerMessage(1020, LogLevel.Information, "Revoked the sessions of {Target} issued before {IssuedBefore}, remembered until {Until}")]
    internal static partial void SessionsRevoked(ILogger logger, string target, string issuedBefore, string until);

    [LoggerMessage(1021, LogLevel.Information, "Refused {AccessKeyId} (session {SessionId}, chain {ChainId}), whose session was revoked by {Target}")]
    internal static partial void RevokedSessionRefused(ILogger logger, string accessKeyId, string sessionId, string chainId, string target);

    [LoggerMessage(
        2000, LogLevel.Warning,
        "No key ring is configured: session tokens are sealed with a key that this process alone has. They end with it, and no other node accepts them. "
        + "Set KeyRingFile or Keys in TemporaryCredentialsOptions.")]
    internal static partial void EphemeralKey(ILogger logger);

    [LoggerMessage(2001, LogLevel.Information, "A new key seals from now on; the ring is {KeyRing}")]
    internal static partial void KeyRingRotated(ILogger logger, string keyRing);

    [LoggerMessage(2003, LogLevel.Error, "The key ring {KeyRing} could not be read again; the keys that are known go on serving")]
    internal static partial void KeyRingNotRead(ILogger logger, Exception exception, string keyRing);

    [LoggerMessage(2002, LogLevel.Error, "The key ring {KeyRing} could not be rotated; the current key goes on sealing")]
    internal static partial void KeyRingNotRotated(ILogger logger, Exception exception, string keyRing);

    [LoggerMessage(
        2010, LogLevel.Error,
        "The secret of the multi-factor device {SerialNumber} cannot be opened: another key ring sealed it, or it was changed. Its codes are refused")]
    internal static partial void MfaSecretUnreadable(ILogger logger, string serialNumber);

    [LoggerMessage(2011, LogLevel.Error, "The {Guard} is full of what may not be forgotten yet; what would need it is refused until there is room")]
    internal static partial void GuardFull(ILogger logger, string guard);
}
