using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace TokenService;

/// <summary>What the service tells its operator: events with stable ids, spans and figures, none of which holds a secret, a token or a policy.</summary>
/// <remarks>Names, tags and events stand in <c>docs/telemetry.md</c>. Costs next to nothing while nobody listens.</remarks>
internal static partial class Telemetry
{
    /// <summary>The name of the log's category, of the source of spans and of the meter.</summary>
    internal const string Name = "TokenService";

    /// <summary>As long as an ARN may be.</summary>
    private const int MaxLoggedCharacters = 2048;

    private const string ClauseSeparator = ", ";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    internal static readonly Histogram<double> Durations = Meter.CreateHistogram<double>(
        "tokenservice.operation.duration", "s", "How long operations take, by operation and by the code they end with.");

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "tokenservice.credential.refusals", "{request}", "Requests whose credentials or signature were refused, by the code of the refusal.");

    private static readonly Counter<long> Decisions = Meter.CreateCounter<long>(
        "tokenservice.authorization.decisions", "{decision}", "What callers may do and may not, by the outcome.");

    private static readonly Counter<long> Throttlings = Meter.CreateCounter<long>(
        "tokenservice.throttlings", "{request}", "Requests that were refused because there were too many, by the rate that they exceed.");

    private static readonly Counter<long> KeyFetches = Meter.CreateCounter<long>(
        "tokenservice.oidc.key_fetches", "{fetch}", "Fetches of the keys of OpenID Connect providers, by provider and by what came of them.");

    /// <summary>A text that a client chose, as it may stand in a log: so long at most, and on one line.</summary>
    internal static string? Bounded(string? text)
    {
        if (text is null || (text.Length <= MaxLoggedCharacters && !text.Any(IsUnprintable)))
        {
            return text;
        }

        return string.Concat(text.Take(MaxLoggedCharacters).Select(character => IsUnprintable(character) ? '\uFFFD' : character));
    }

    /// <summary>Whether a character ends a line, turns the direction of others, or cannot be seen.</summary>
    private static bool IsUnprintable(char character) => char.GetUnicodeCategory(character) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string CallerFacts(string? accessKeyId, string? sessionId, string? sourceIdentity, string? chainId) =>
        InBrackets(("key ", accessKeyId), ("session ", sessionId), ("source identity ", sourceIdentity), ("chain ", chainId));

    private static string InBrackets(params ReadOnlySpan<(string Label, string? Fact)> facts) =>
        Clauses(facts) is { Length: > 0 } clauses ? $" ({clauses[ClauseSeparator.Length..]})" : "";

    /// <summary>What is known, each after a comma.</summary>
    private static string Clauses(params ReadOnlySpan<(string Label, string? Fact)> facts)
    {
        var clauses = "";
        foreach (var (label, fact) in facts)
        {
            if (!string.IsNullOrEmpty(fact))
            {
                clauses += $"{ClauseSeparator}{label}{fact}";
            }
        }

        return clauses;
    }

    internal static void CountRefusedCredential(string code) => Refusals.Add(1, new KeyValuePair<string, object?>("code", code));

    internal static void CountDecision(string outcome) => Decisions.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    internal static void CountThrottled(string limit) => Throttlings.Add(1, new KeyValuePair<string, object?>("limit", limit));

    internal static void CountKeyFetch(string provider, string result) =>
        KeyFetches.Add(1, new KeyValuePair<string, object?>("provider", provider), new KeyValuePair<string, object?>("result", result));

    // What is not known leaves no gap in a line: each of these makes the clauses of its own, and the fields stand beside them, absent where they are.
    internal static void SessionIssued(
        ILogger logger, string accessKeyId, string sessionId, string caller, string? callerId, string? issuingAccessKeyId, string? callingSessionId, string sessionArn,
        string principalId, string? sourceIdentity, string? federatedSubject, string? federatedIssuer, string? ground, string chainId, string expiration) =>
        TellSessionIssued(
            logger, accessKeyId, sessionId, caller, callerId, issuingAccessKeyId, callingSessionId, sessionArn, principalId, sourceIdentity, federatedSubject,
            federatedIssuer, ground, chainId, expiration,
            InBrackets(("", callerId), ("key ", issuingAccessKeyId), ("session ", callingSessionId)),
            Clauses(("source identity ", sourceIdentity), ("subject ", federatedSubject), ("issuer ", federatedIssuer), ("allowed by ", ground)));

    [LoggerMessage(
        1000, LogLevel.Information,
        "Issued {AccessKeyId} (session {SessionId}) to {Caller}{CallerFacts} as {SessionArn} ({PrincipalId}){SessionFacts}, chain {ChainId}, until {Expiration}")]
    private static partial void TellSessionIssued(
        ILogger logger, string accessKeyId, string sessionId, string caller, string? callerId, string? issuingAccessKeyId, string? callingSessionId, string sessionArn,
        string principalId, string? sourceIdentity, string? federatedSubject, string? federatedIssuer, string? ground, string chainId, string expiration,
        string callerFacts, string sessionFacts);

    internal static void Refused(
        ILogger logger, string operation, string? target, string caller, string? accessKeyId, string? sessionId, string? sourceIdentity, string? chainId, string code, string? reason) =>
        TellRefused(
            logger, operation, target, caller, accessKeyId, sessionId, sourceIdentity, chainId, code, reason,
            target is null ? "" : $" on {target}", CallerFacts(accessKeyId, sessionId, sourceIdentity, chainId), Clauses(("", reason)));

    [LoggerMessage(1001, LogLevel.Information, "Refused {Operation}{OnTarget} to {Caller}{CallerFacts}: {Code}{Because}")]
    private static partial void TellRefused(
        ILogger logger, string operation, string? target, string caller, string? accessKeyId, string? sessionId, string? sourceIdentity, string? chainId, string code, string? reason,
        string onTarget, string callerFacts, string because);

    internal static void Allowed(
        ILogger logger, string action, string? resource, string caller, string? accessKeyId, string? sessionId, string? sourceIdentity, string? chainId, string reason) =>
        TellAllowed(
            logger, action, resource, caller, accessKeyId, sessionId, sourceIdentity, chainId, reason, CallerFacts(accessKeyId, sessionId, sourceIdentity, chainId));

    [LoggerMessage(1002, LogLevel.Debug, "Allowed {Action} on {Resource} to {Caller}{CallerFacts}: {Reason}")]
    private static partial void TellAllowed(
        ILogger logger, string action, string? resource, string caller, string? accessKeyId, string? sessionId, string? sourceIdentity, string? chainId, string reason,
        string callerFacts);

    internal static void Denied(
        ILogger logger, string action, string? resource, string caller, string? accessKeyId, string? sessionId, string? sourceIdentity, string? chainId, string reason) =>
        TellDenied(
            logger, action, resource, caller, accessKeyId, sessionId, sourceIdentity, chainId, reason, CallerFacts(accessKeyId, sessionId, sourceIdentity, chainId));

    [LoggerMessage(1003, LogLevel.Information, "Denied {Action} on {Resource} to {Caller}{CallerFacts}: {Reason}")]
    private static partial void TellDenied(
        ILogger logger, string action, string? resource, string caller, string? accessKeyId, string? sessionId, string? sourceIdentity, string? chainId, string reason,
        string callerFacts);

    internal static void CredentialRefused(
        ILogger logger, string service, string code, string? reason, string? accessKeyId, string? account, string? owner, string? sessionId, string? sourceIdentity, string? chainId) =>
        TellCredentialRefused(
            logger, service, code, reason, accessKeyId, account, owner, sessionId, sourceIdentity, chainId,
            Clauses(("", reason)),
            InBrackets(
                ("key ", accessKeyId), ("account ", account), ("", owner), ("session ", sessionId), ("source identity ", sourceIdentity), ("chain ", chainId)));

    [LoggerMessage(1004, LogLevel.Information, "Refused the credentials of a request to {Service}: {Code}{Because}{CallerFacts}")]
    private static partial void TellCredentialRefused(
        ILogger logger, string service, string code, string? reason, string? accessKeyId, string? account, string? owner, string? sessionId, string? sourceIdentity, string? chainId,
        string because, string callerFacts);

    internal static void BodyRefused(
        ILogger logger, string service, string code, string caller, string? accessKeyId, string? sessionId, string? sourceIdentity, string? chainId) =>
        TellBodyRefused(
            logger, service, code, caller, accessKeyId, sessionId, sourceIdentity, chainId,
            InBrackets(("key ", accessKeyId), ("session ", sessionId), ("source identity ", sourceIdentity), ("chain ", chainId)));

    [LoggerMessage(1008, LogLevel.Information, "Refused the body of a request to {Service} by {Caller}: {Code}{CallerFacts}")]
    private static partial void TellBodyRefused(
        ILogger logger, string service, string code, string caller, string? accessKeyId, string? sessionId, string? sourceIdentity, string? chainId, string callerFacts);

    internal static void Throttled(ILogger logger, string limit, string? key) => TellThrottled(logger, limit, key, key is null ? "" : $" {key}");

    [LoggerMessage(1005, LogLevel.Information, "Throttled the {Limit}{Named}")]
    private static partial void TellThrottled(ILogger logger, string limit, string? key, string named);

    internal static void WebIdentityTokenIssued(
        ILogger logger, string tokenId, string keyId, string caller, string? callingAccessKeyId, string? sessionId, string? sourceIdentity, string? chainId, string subject,
        string issuer, string audience, string ground, string expiration) =>
        TellWebIdentityTokenIssued(
            logger, tokenId, keyId, caller, callingAccessKeyId, sessionId, sourceIdentity, chainId, subject, issuer, audience, ground, expiration,
            CallerFacts(callingAccessKeyId, sessionId, sourceIdentity, chainId));

    [LoggerMessage(
        1006, LogLevel.Information,
        "Issued the web identity token {TokenId}, signed with {KeyId}, to {Caller}{CallerFacts} as {Subject} of {Issuer} for {Audience}, allowed by {Ground}, until {Expiration}")]
    private static partial void TellWebIdentityTokenIssued(
        ILogger logger, string tokenId, string keyId, string caller, string? callingAccessKeyId, string? sessionId, string? sourceIdentity, string? chainId, string subject,
        string issuer, string audience, string ground, string expiration, string callerFacts);

    internal static void TradeInTokenIssued(
        ILogger logger, string tokenId, string approver, string? approvingAccessKeyId, string requester, string chainId, string expiration) =>
        TellTradeInTokenIssued(logger, tokenId, approver, approvingAccessKeyId, requester, chainId, expiration, InBrackets(("key ", approvingAccessKeyId)));

    [LoggerMessage(
        1007, LogLevel.Information,
        "Issued the trade-in token {TokenId} of {Approver}{ApproverFacts} to the account {Requester}, chain {ChainId}, until {Expiration}")]
    private static partial void TellTradeInTokenIssued(
        ILogger logger, string tokenId, string approver, string? approvingAccessKeyId, string requester, string chainId, string expiration, string approverFacts);

    internal static void MfaRefused(ILogger logger, string user, string? serialNumber, string reason) =>
        TellMfaRefused(logger, user, serialNumber, reason, serialNumber is null ? "" : $" for {serialNumber}");

    [LoggerMessage(1010, LogLevel.Information, "Refused a multi-factor code of {User}{ForDevice}: {Reason}")]
    private static partial void TellMfaRefused(ILogger logger, string user, string? serialNumber, string reason, string forDevice);

    [LoggerMessage(1020, LogLevel.Information, "Revoked the sessions of {Target} issued before {IssuedBefore}, remembered until {Until}")]
    internal static partial void SessionsRevoked(ILogger logger, string target, string issuedBefore, string until);

    [LoggerMessage(1021, LogLevel.Information, "Refused {AccessKeyId} (session {SessionId}, chain {ChainId}), whose session was revoked by {Target}")]
    internal static partial void RevokedSessionRefused(ILogger logger, string accessKeyId, string sessionId, string chainId, string target);

    internal static void WebIdentityRefused(ILogger logger, string account, string? provider, string code, string rule) =>
        TellWebIdentityRefused(logger, account, provider, code, rule, Clauses(("provider ", provider)));

    [LoggerMessage(1030, LogLevel.Information, "Refused a web identity token in account {Account}{OfProvider}: {Code}, for want of: {Rule}")]
    private static partial void TellWebIdentityRefused(ILogger logger, string account, string? provider, string code, string rule, string ofProvider);

    [LoggerMessage(1031, LogLevel.Information, "Refused a SAML response of {Provider}: {Code}, for want of: {Rule}")]
    internal static partial void SamlRefused(ILogger logger, string provider, string code, string rule);

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

    [LoggerMessage(2004, LogLevel.Information, "The key {Key} for web identity tokens is published from now on and signs from {SignsFrom}; the ring is {KeyRing}")]
    internal static partial void SigningKeyPublished(ILogger logger, string key, string signsFrom, string keyRing);

    [LoggerMessage(
        2010, LogLevel.Error,
        "The secret of the multi-factor device {SerialNumber} cannot be opened: another key ring sealed it, or it was changed. Its codes are refused")]
    internal static partial void MfaSecretUnreadable(ILogger logger, string serialNumber);

    [LoggerMessage(2011, LogLevel.Error, "The {Guard} is full of what may not be forgotten yet; what would need it is refused until there is room")]
    internal static partial void GuardFull(ILogger logger, string guard);

    [LoggerMessage(2030, LogLevel.Warning, "The keys of {Provider} could not be fetched: {Reason}; {Remaining}")]
    internal static partial void ProviderKeysNotFetched(ILogger logger, string provider, string reason, string remaining);

    [LoggerMessage(2031, LogLevel.Warning, "A key of {Provider} is not used: {Reason}")]
    internal static partial void ProviderKeyDropped(ILogger logger, string provider, string reason);

    [LoggerMessage(2032, LogLevel.Warning, "A signature of {Provider} stands on SHA-1, of which collisions can be made; it is accepted because the provider's AcceptsSha1 says so")]
    internal static partial void Sha1Accepted(ILogger logger, string provider);
}
