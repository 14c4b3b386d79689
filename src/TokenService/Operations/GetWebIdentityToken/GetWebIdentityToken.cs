using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>Gives a user or a session of a role a signed token that tells a service elsewhere who it is. The steps are those of reference
/// 5.7.</summary>
internal sealed class GetWebIdentityToken(WebIdentityIssuer issuer, CallerPolicies policies, IClock clock, ILogger logger)
{
    private const string Action = "sts:GetWebIdentityToken";
    private const string TaggingAction = "sts:TagGetWebIdentityToken";

    internal async ValueTask<StsResult<GetWebIdentityTokenResponse>> ExecuteAsync(
        Caller caller, GetWebIdentityTokenRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if ((Limits.Check(request) ?? SessionTags.Check(request.Tags, [], callingSession: null)) is { } broken)
        {
            return Refuse(caller, broken, null);
        }

        var resource = $"arn:{caller.Account.Partition}:sts::{caller.Account.Id}:self";
        if (caller.Kind is not (CallerKind.User or CallerKind.RoleSession))
        {
            return Refuse(caller, NotAuthorized(caller, Action, resource), "callers of this kind may not");
        }

        var now = Instant.FromUnixTimeSeconds(clock.GetCurrentInstant().ToUnixTimeSeconds());
        var seconds = request.DurationSeconds ?? Limits.DefaultWebIdentityDurationSeconds;
        var decision = await AuthorizeAsync(
            caller, resource, new WebIdentityTokenContext(caller, request, seconds, environment, now), cancellationToken).ConfigureAwait(false);
        if (!decision.IsAllowed)
        {
            return Refuse(caller, NotAuthorized(caller, decision.Action, resource), decision.ToString());
        }

        var algorithm = Enum.Parse<WebIdentityAlgorithm>(request.SigningAlgorithm!);
        if (issuer.IssuerOf(caller.Account) is not { } name)
        {
            return Refuse(caller, StsError.OutboundWebIdentityFederationDisabled(), "the host has no public address, or the account issues no tokens");
        }

        if (issuer.FindKey(algorithm) is not { } key)
        {
            return Refuse(caller, StsError.OutboundWebIdentityFederationDisabled(), "the key ring has no key that signs");
        }

        var expiration = now + Duration.FromSeconds(seconds);
        if (caller.Session is { } session && Outlives(session, now, expiration) is { } escalating)
        {
            return Refuse(caller, escalating, null);
        }

        var tokenId = WebIdentityClaims.NewTokenId();
        var token = WebIdentityIssuer.Sign(key, new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [JwtRegisteredClaimNames.Iss] = name,
            [JwtRegisteredClaimNames.Sub] = caller.PrincipalArn.ToString(),
            [JwtRegisteredClaimNames.Aud] = request.Audience is [var only] ? only : request.Audience.ToArray(),
            [JwtRegisteredClaimNames.Iat] = now.ToUnixTimeSeconds(),
            [JwtRegisteredClaimNames.Exp] = expiration.ToUnixTimeSeconds(),
            [JwtRegisteredClaimNames.Jti] = tokenId,
            [WebIdentityClaims.Namespace] = WebIdentityClaims.Of(caller, request.Tags, environment?.RequestedRegion),
        });
        if (token.Length > GetWebIdentityTokenResponse.MaxTokenSize)
        {
            return Refuse(caller, StsError.JWTPayloadSizeExceeded(string.Create(
                CultureInfo.InvariantCulture,
                $"The token would have {token.Length} characters, and it must have {GetWebIdentityTokenResponse.MaxTokenSize} at most. Pass fewer tags or audiences.")), null);
        }

        Tell(caller, request, decision, name, key, tokenId, expiration);
        return new GetWebIdentityTokenResponse { WebIdentityToken = token, Expiration = expiration };
    }

    private static StsError? Outlives(Session session, Instant now, Instant expiration) =>

        // A host that kept a caller must not give it a life beyond its session.
        now >= session.ExpiresAt ? StsError.ExpiredToken()
        : expiration > session.ExpiresAt ? StsError.SessionDurationEscalation()
        : null;

    /// <summary>The first denial, or else the last grant.</summary>
    private async ValueTask<Decision> AuthorizeAsync(
        Caller caller, string resource, WebIdentityTokenContext context, CancellationToken cancellationToken)
    {
        var applicable = await policies.FindAsync(caller, caller.Account, cancellationToken).ConfigureAwait(false);
        var decision = Ask(Action);
        return decision.IsAllowed && context.HasTags ? Ask(TaggingAction) : decision;

        Decision Ask(string action) => PolicyEvaluator.Evaluate(
            applicable, new PolicyRequest(caller.Principal, action, new RequestResource(resource), caller.Account.Id, context));
    }

    private static StsError NotAuthorized(Caller caller, string action, string resource) =>
        StsError.AccessDenied($"User: {caller.Arn} is not authorized to perform: {action} on resource: {resource}");

    /// <summary>The caller learns the refusal, the operator its reason too.</summary>
    private StsError Refuse(Caller caller, StsError refusal, string? reason) =>
        Refusal.Tell(logger, nameof(GetWebIdentityToken), null, caller, refusal, reason);

    private void Tell(Caller caller, GetWebIdentityTokenRequest request, Decision decision, string name, WebIdentityKey key, string tokenId, Instant expiration)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.WebIdentityTokenIssued(
                logger,
                tokenId,
                key.Id,
                caller.Arn.ToString(),
                caller.AccessKeyId,
                caller.Session?.IdText,
                caller.Session?.SourceIdentity,
                caller.Session?.ChainIdText,
                caller.PrincipalArn.ToString(),
                name,
                string.Join(", ", request.Audience.Select(Limits.Echo)),
                decision.Ground,
                InstantPattern.General.Format(expiration));
        }
    }
}

/// <summary>The condition keys of a request for a web identity token.</summary>
/// <param name="caller">Who asks.</param>
/// <param name="request">What for.</param>
/// <param name="seconds">How long the token shall live, also where the request leaves that to the service.</param>
/// <param name="environment">What the transport knows.</param>
/// <param name="now">The time.</param>
internal sealed class WebIdentityTokenContext(
    Caller caller, GetWebIdentityTokenRequest request, int seconds, RequestEnvironment? environment, Instant now) : CallerContext(now)
{
    internal bool HasTags => !request.Tags.IsEmpty;

    private protected override Caller Caller => caller;

    private protected override RequestEnvironment? Environment => environment;

    internal override ConditionValues Find(ConditionKey key) => key.Name switch
    {
        "sts:identitytokenaudience" => new ConditionValues(request.Audience),
        "sts:durationseconds" => new ConditionValues(seconds.ToString(CultureInfo.InvariantCulture)),
        "sts:signingalgorithm" => new ConditionValues(request.SigningAlgorithm),
        "aws:requesttag/" => TagValue(request.Tags, key.TagKey!),
        "aws:tagkeys" => TagKeys(request.Tags),
        "aws:resourceaccount" => new ConditionValues(caller.Account.Id),
        _ => base.Find(key),
    };
}
