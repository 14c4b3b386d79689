using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Gives temporary credentials that act as a role. The steps stand in the order of reference 5.1.</summary>
internal sealed class AssumeRole(
    IRoleStore roles,
    IAccountStore accounts,
    ITrustPolicyEvaluator trust,
    IMfaVerifier mfa,
    SessionPolicies sessionPolicies,
    SessionMint mint,
    IClock clock,
    ILogger logger)
{
    private static readonly ImmutableArray<string> Alone = ["sts:AssumeRole"];
    private static readonly ImmutableArray<string> WithTags = ["sts:AssumeRole", "sts:TagSession"];
    private static readonly ImmutableArray<string> WithSourceIdentity = ["sts:AssumeRole", "sts:SetSourceIdentity"];
    private static readonly ImmutableArray<string> WithBoth = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

    private static readonly Duration DefaultDuration = Duration.FromHours(1);

    /// <summary>The longest session of a role that is assumed by a session of a role.</summary>
    private static readonly Duration ChainedDuration = Duration.FromHours(1);

    internal async ValueTask<StsResult<AssumeRoleResponse>> ExecuteAsync(
        Caller caller, AssumeRoleRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if (CheckParameters(caller, request, out var accountId, out var roleName) is { } broken)
        {
            return Refuse(caller, request, broken, null);
        }

        if (MayCall(caller, request) is { } refused)
        {
            return Refuse(caller, request, refused, null);
        }

        // A missing role and a role that does not trust the caller answer alike; otherwise the error would let anyone with an access key
        // list the roles of another account. A role is called by its whole ARN, with another path it is another role; and nothing is delegated
        // across partitions.
        var role = await roles.FindRoleAsync(accountId, roleName, cancellationToken).ConfigureAwait(false);
        role = role is not null && role.Arn.ToString() == request.RoleArn && role.Arn.Partition == caller.Account.Partition ? role : null;

        Instant? mfaAuthenticatedAt = null;
        if (request.SerialNumber is { } serialNumber)
        {
            if (await VerifyMfaAsync(caller, serialNumber, request.TokenCode!, cancellationToken).ConfigureAwait(false) is { } wrongCode)
            {
                return Refuse(caller, request, wrongCode, null);
            }

            mfaAuthenticatedAt = clock.GetCurrentInstant();
        }

        var account = await accounts.FindAccountAsync(accountId, cancellationToken).ConfigureAwait(false);
        if (role is null || account is null)
        {
            return Refuse(caller, request, NotAuthorized(caller, "sts:AssumeRole", request), "the role does not exist");
        }

        var sourceIdentity = request.SourceIdentity ?? caller.Session?.SourceIdentity;
        var question = new TrustRequest
        {
            Caller = caller,
            Role = role,
            Actions = ActionsOf(request, caller, sourceIdentity),
            RoleSessionName = request.RoleSessionName!,
            ExternalId = request.ExternalId,
            SourceIdentity = sourceIdentity,
            Tags = request.Tags,
            TransitiveTagKeys = request.TransitiveTagKeys,
            MfaAuthenticatedAt = mfaAuthenticatedAt,
            Environment = environment,
        };
        var decision = await trust.EvaluateAsync(question, cancellationToken).ConfigureAwait(false);
        if (!decision.IsAllowed)
        {
            return Refuse(caller, request, NotAuthorized(caller, decision.Action, request), decision.ToString());
        }

        var duration = request.DurationSeconds is { } seconds ? Duration.FromSeconds(seconds) : DefaultDuration;
        if (CheckDuration(caller, role, duration) is { } lasting)
        {
            return Refuse(caller, request, lasting, null);
        }

        if (!(await sessionPolicies.ReadAsync(request.Policy, request.PolicyArns, role.Arn, cancellationToken).ConfigureAwait(false))
            .TryGetValue(out var policies, out var unreadable))
        {
            return Refuse(caller, request, unreadable, null);
        }

        var tags = SessionTags.Merge(request.Tags, request.TransitiveTagKeys, caller.Session);
        if (mint.CheckPackedSize(policies, tags, out var packedPolicySize) is { } tooLarge)
        {
            return Refuse(caller, request, tooLarge, null);
        }

        var minted = mint.Mint(caller, SessionBasis.Of(account, role, request.RoleSessionName!), new SessionTerms
        {
            AllowedBy = decision,
            Duration = duration,
            Policies = policies,
            Tags = tags,
            SourceIdentity = sourceIdentity,
            MinimumTokenSize = request.MinimumSessionTokenSize ?? 0,
        });
        if (!minted.TryGetValue(out var credentials, out var tooLong))
        {
            return Refuse(caller, request, tooLong, null);
        }

        return new AssumeRoleResponse
        {
            Credentials = credentials,
            AssumedRoleUser = new AssumedRoleUser(role, request.RoleSessionName!),
            PackedPolicySize = packedPolicySize > 0 ? packedPolicySize : null,
            SourceIdentity = sourceIdentity,
        };
    }

    /// <summary>What can be said of the request without looking at any role.</summary>
    private static StsError? CheckParameters(Caller caller, AssumeRoleRequest request, out string accountId, out string roleName)
    {
        accountId = roleName = "";
        if (Limits.Check(request) is { } broken)
        {
            return broken;
        }

        if (!EntityName.TryReadRole(request.RoleArn, out var account, out var name))
        {
            return StsError.ValidationError($"{request.RoleArn} is invalid");
        }

        (accountId, roleName) = (account, name);
        return request.SerialNumber is null != request.TokenCode is null
                ? MfaRefusals.HalfGiven
            : !request.ProvidedContexts.IsDefaultOrEmpty
                ? StsError.ValidationError("ProvidedContexts are not supported: no validator of their assertions is configured.")
            : request.SourceIdentity is not null && caller.Session?.SourceIdentity is { } already && already != request.SourceIdentity
                ? StsError.ValidationError("The source identity is already set for this assume role session")
            : SessionTags.Check(request.Tags, request.TransitiveTagKeys, caller.Session);
    }

    /// <summary>Reference 3.1 and 3.2: which kinds of caller may ask at all.</summary>
    private StsError? MayCall(Caller caller, AssumeRoleRequest request) => caller.Kind switch
    {
        // A host that kept a caller must not give it a life beyond its session.
        _ when caller.HasEnded(clock.GetCurrentInstant()) => StsError.ExpiredToken(),
        CallerKind.User or CallerKind.RoleSession or CallerKind.UserSession => null,
        CallerKind.Root or CallerKind.RootSession or CallerKind.AssumedRoot => StsError.AccessDenied("Roles may not be assumed by root accounts."),
        _ => NotAuthorized(caller, "sts:AssumeRole", request),
    };

    /// <summary>A role's session has no device, and nobody who could have one (reference 5.1).</summary>
    private async ValueTask<StsError?> VerifyMfaAsync(Caller caller, string serialNumber, string tokenCode, CancellationToken cancellationToken) =>
        caller is { Kind: CallerKind.User or CallerKind.UserSession, User: { } user }
            ? await mfa.VerifyAsync(user, serialNumber, tokenCode, cancellationToken).ConfigureAwait(false)
            : MfaRefusals.UnknownDevice;

    /// <summary>The permissions that the request takes (reference 6.6 and 6.7); what is inherited counts like what is passed.</summary>
    private static ImmutableArray<string> ActionsOf(AssumeRoleRequest request, Caller caller, string? sourceIdentity) =>
        (SessionTags.Any(request.Tags, caller.Session), sourceIdentity is not null) switch
        {
            (false, false) => Alone,
            (true, false) => WithTags,
            (false, true) => WithSourceIdentity,
            (true, true) => WithBoth,
        };

    private static StsError? CheckDuration(Caller caller, Role role, Duration duration) =>
        duration > role.MaxSessionDuration
            ? StsError.ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        : caller.Kind == CallerKind.RoleSession && duration > ChainedDuration
            ? StsError.ValidationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
            : null;

    private static StsError NotAuthorized(Caller caller, string action, AssumeRoleRequest request) =>
        StsError.AccessDenied($"User: {caller.Arn} is not authorized to perform: {action} on resource: {request.RoleArn}");

    /// <summary>The caller learns the refusal, the operator its reason too.</summary>
    private StsError Refuse(Caller caller, AssumeRoleRequest request, StsError refusal, string? reason) =>
        Refusal.Tell(logger, nameof(AssumeRole), Limits.Echo(request.RoleArn), caller, refusal, reason);
}
