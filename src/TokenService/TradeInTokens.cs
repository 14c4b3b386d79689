using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>Issues trade-in tokens: somebody approves that another account acts with its permissions for a time, within a policy, and that
/// account redeems the token for credentials with <c>GetDelegatedAccessToken</c>.</summary>
/// <remarks>Source: STS API Reference (2011-06-15), <c>GetDelegatedAccessToken</c>; IAM User Guide, "Temporary delegation". How the request
/// reaches the approver, and the token the requester, is the host's own. Nothing is stored until a token is redeemed. Safe for many
/// threads.</remarks>
public sealed class TradeInTokens
{
    /// <summary>The longest life of what is lent.</summary>
    public static readonly Duration MaxLifetime = Duration.FromHours(12);

    /// <summary>The longest life of what a root lends.</summary>
    public static readonly Duration MaxRootLifetime = Duration.FromHours(4);

    private readonly TradeInTokenSealer _sealer;
    private readonly SessionPolicyCache _policies;
    private readonly SessionMint _mint;
    private readonly IClock _clock;
    private readonly ILogger _logger;

    internal TradeInTokens(TradeInTokenSealer sealer, SessionPolicyCache policies, SessionMint mint, IClock clock, ILogger logger)
    {
        _sealer = sealer;
        _policies = policies;
        _mint = mint;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Issues a token.</summary>
    /// <param name="approver">Who approves: a user or a root, also in a session of <c>GetSessionToken</c>, or a session of a role that no session
    /// policy narrows. That it has approved just this is for the host to know.</param>
    /// <param name="grant">What is approved.</param>
    /// <returns>The token, a secret that belongs into no log; or <c>ValidationError</c>, <c>MalformedPolicyDocument</c>,
    /// <c>PackedPolicyTooLarge</c>, <c>AccessDenied</c> where the caller cannot approve, or <c>ExpiredToken</c> where its session is over.</returns>
    public StsResult<Secret> Issue(Caller approver, TradeInGrant grant)
    {
        ArgumentNullException.ThrowIfNull(approver);
        ArgumentNullException.ThrowIfNull(grant);
        var approvedAt = Instant.FromUnixTimeSeconds(_clock.GetCurrentInstant().ToUnixTimeSeconds());
        if ((CheckApprover(approver, approvedAt) ?? Check(approver, grant)) is { } refused)
        {
            return refused;
        }

        if (!_policies.Read(grant.Policy).TryGetValue(out var policy, out var malformed))
        {
            return malformed;
        }

        if (_mint.CheckPackedSize(policy.PassedAlone, approver.Session?.Tags ?? [], out _) is { } tooLarge)
        {
            return tooLarge;
        }

        var session = Lend(approver, policy, approvedAt, approvedAt + grant.Lifetime);
        var token = _sealer.Seal(new TradeIn(session, policy, grant.IsSingleUse), grant.RequesterAccount);
        if (token.Length > TradeInTokenSealer.MaxCharacters)
        {
            return StsError.PackedPolicyTooLarge(
                $"The trade-in token would have {token.Length} characters, and it must have {TradeInTokenSealer.MaxCharacters} at most.");
        }

        Tell(approver, grant, session);
        return new Secret(token);
    }

    private static StsError? CheckApprover(Caller approver, Instant now)
    {
        if (approver.Session is { } session && now >= session.ExpiresAt)
        {
            // A host that kept a caller must not let it lend what it has not any more.
            return StsError.ExpiredToken();
        }

        // Sessions that are narrowed lend nothing: there is room for one policy, and it is the grant's.
        var mayLend = approver.Kind is CallerKind.User or CallerKind.Root or CallerKind.UserSession or CallerKind.RootSession
            || approver is { Kind: CallerKind.RoleSession, Session.HasSessionPolicies: false };
        return mayLend ? null : StsError.AccessDenied($"{approver.Arn} cannot delegate access: it is not a user, a root, or a session with all permissions of its role.");
    }

    private static StsError? Check(Caller approver, TradeInGrant grant)
    {
        if (!AccountId.IsValid(grant.RequesterAccount))
        {
            return StsError.ValidationError($"The {nameof(grant.RequesterAccount)} of a trade-in token is twelve digits.");
        }

        if (string.IsNullOrEmpty(grant.Policy))
        {
            return StsError.ValidationError($"A trade-in token has a {nameof(grant.Policy)}.");
        }

        var longest = approver.Kind is CallerKind.Root or CallerKind.RootSession ? MaxRootLifetime : MaxLifetime;
        return grant.Lifetime >= Duration.FromSeconds(1) && grant.Lifetime <= longest && grant.Lifetime.SubsecondTicks == 0
            ? null
            : StsError.ValidationError(string.Create(
                CultureInfo.InvariantCulture,
                $"The {nameof(grant.Lifetime)} of a trade-in token of {approver.Arn} is whole seconds, 1 to {longest.TotalSeconds}."));
    }

    private static Session Lend(Caller approver, SessionPolicy policy, Instant approvedAt, Instant expiresAt)
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        var id = BinaryPrimitives.ReadUInt128BigEndian(random);
        var session = approver.Session;
        var kind = approver.Role is not null ? SessionKind.Role : approver.User is not null ? SessionKind.User : SessionKind.Root;

        // Key and secret are drawn when the session begins; until then there is nothing that could be signed with.
        return new Session(new Secret(new string('A', TokenLayout.SecretCharacters)))
        {
            Kind = SessionKind.Delegated,
            Approver = kind,
            AccessKeyId = "",
            Id = id,
            ChainId = session?.ChainId ?? id,
            ChainDepth = session is null ? 0 : session.ChainDepth + 1,
            Account = approver.Account.Id,
            Partition = approver.Role?.Arn.Partition ?? approver.Account.Partition,
            PrincipalPath = approver.Role?.Path ?? approver.User?.Path ?? "/",
            PrincipalName = approver.Role?.Name ?? approver.User?.Name ?? "",
            PrincipalId = approver.Role?.Id ?? approver.User?.Id ?? approver.Account.Id,
            Name = session?.Name ?? "",
            IssuedAt = approvedAt,
            ExpiresAt = expiresAt,
            IssuingAccessKeyId = approver.AccessKeyId,
            InlineSessionPolicy = policy.Policy,
            Tags = session?.Tags ?? [],
            SourceIdentity = session?.SourceIdentity,
            FederatedProvider = session?.FederatedProvider,
            FederatedIssuer = session?.FederatedIssuer,
            FederatedSubject = session?.FederatedSubject,
            FederatedKeys = session?.FederatedKeys ?? [],
        };
    }

    private void Tell(Caller approver, TradeInGrant grant, Session session)
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.TradeInTokenIssued(
                _logger,
                session.Id.ToString("x32", CultureInfo.InvariantCulture),
                approver.Arn.ToString(),
                approver.AccessKeyId,
                grant.RequesterAccount,
                session.ChainId.ToString("x32", CultureInfo.InvariantCulture),
                InstantPattern.General.Format(session.ExpiresAt));
        }
    }
}

/// <summary>What somebody approves: who may act with its permissions, to do what, and for how long.</summary>
public sealed record TradeInGrant
{
    /// <summary>The account whose users, roles and root may redeem the token.</summary>
    /// <value>Twelve digits; otherwise <c>ValidationError</c>.</value>
    public required string RequesterAccount { get; init; }

    /// <summary>What may be done, in JSON: the session has those of the approver's permissions, as they are from time to time, that this policy
    /// allows too, whatever any resource's policy says.</summary>
    /// <value>A session policy; otherwise <c>MalformedPolicyDocument</c>. <c>PackedPolicyTooLarge</c> where a session token has no room for
    /// it.</value>
    public required string Policy { get; init; }

    /// <summary>How long it lasts, from now on: token and credentials end together, whenever the token is redeemed.</summary>
    /// <value>Whole seconds, 1 second to 12 hours, 4 hours where a root approves; otherwise <c>ValidationError</c>.</value>
    public required Duration Lifetime { get; init; }

    /// <summary>Whether the token is used up when it is redeemed.</summary>
    /// <value><see langword="false"/> where nothing else is said: it is redeemed again and again until it expires, as AWS has it.</value>
    public bool IsSingleUse { get; init; }

    /// <summary>The account and the lifetime.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"trade-in token for {RequesterAccount}, {Lifetime}";
}
