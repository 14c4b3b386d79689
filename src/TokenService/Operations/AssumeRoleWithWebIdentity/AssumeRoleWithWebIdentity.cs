using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Gives temporary credentials that act as a role to somebody whom an identity provider vouches for. Nobody signs the request: what counts is
/// the token, and the role's trust policy.</summary>
/// <remarks>Reference 5.1 and 9. The token is judged before the role is looked for, so that nobody without one learns which roles there are.</remarks>
internal sealed class AssumeRoleWithWebIdentity(
    IRoleStore roles,
    IAccountStore accounts,
    IOidcValidator idTokens,
    IOAuth2TokenValidator accessTokens,
    ITrustPolicyEvaluator trust,
    SessionPolicies sessionPolicies,
    SessionMint mint,
    WebIdentityIssuer issuer,
    ILogger logger)
{
    private const string Action = "sts:AssumeRoleWithWebIdentity";

    private static readonly ImmutableArray<string> Alone = [Action];
    private static readonly ImmutableArray<string> WithTags = [Action, "sts:TagSession"];
    private static readonly ImmutableArray<string> WithSourceIdentity = [Action, "sts:SetSourceIdentity"];
    private static readonly ImmutableArray<string> WithBoth = [Action, "sts:TagSession", "sts:SetSourceIdentity"];

    private static readonly Duration DefaultDuration = Duration.FromHours(1);

    internal async ValueTask<StsResult<AssumeRoleWithWebIdentityResponse>> ExecuteAsync(
        AssumeRoleWithWebIdentityRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Limits.Check(request) is { } broken)
        {
            return Refuse(null, request, broken, null);
        }

        if (!EntityName.TryReadRole(request.RoleArn, out var accountId, out var roleName))
        {
            return Refuse(null, request, StsError.ValidationError("Request ARN is invalid"), null);
        }

        var validated = request.ProviderId is { } providerId
            ? await accessTokens.ValidateAsync(accountId, providerId, request.WebIdentityToken!, cancellationToken).ConfigureAwait(false)
            : await idTokens.ValidateAsync(accountId, request.WebIdentityToken!, cancellationToken).ConfigureAwait(false);
        if (!validated.TryGetValue(out var federated, out var invalid))
        {
            return Refuse(null, request, invalid, "the token is not accepted");
        }

        if (issuer.IsOwn(federated.Issuer))
        {
            // Whoever has a session would begin another with it: outside its chain, beyond its end, and under any source identity.
            return Refuse(
                federated, request, StsError.InvalidIdentityToken($"No OpenIDConnect provider found in your account for {federated.Issuer}"),
                "a token of this service opens none of its roles");
        }

        if (federated.Roles is { } authorized && !authorized.Contains(request.RoleArn!, StringComparer.Ordinal))
        {
            return Refuse(
                federated, request, StsError.InvalidIdentityToken("The target role ARN is not present in the roles claim of the identity token"), null);
        }

        if (SessionTags.Check(federated.Tags, federated.TransitiveTagKeys, callingSession: null) is { } badTags)
        {
            return Refuse(federated, request, badTags, null);
        }

        // A missing role and a role that does not trust the provider answer alike. A role is called by its whole ARN.
        var role = await roles.FindRoleAsync(accountId, roleName, cancellationToken).ConfigureAwait(false);
        var account = await accounts.FindAccountAsync(accountId, cancellationToken).ConfigureAwait(false);
        if (role is null || account is null || role.Arn.ToString() != request.RoleArn)
        {
            return Refuse(federated, request, NotAuthorized(Action), "the role does not exist");
        }

        var question = new TrustRequest
        {
            Federated = federated,
            Role = role,
            Actions = ActionsOf(federated),
            RoleSessionName = request.RoleSessionName!,
            SourceIdentity = federated.SourceIdentity,
            Tags = federated.Tags,
            TransitiveTagKeys = federated.TransitiveTagKeys,
            Environment = environment,
        };
        var decision = await trust.EvaluateAsync(question, cancellationToken).ConfigureAwait(false);
        if (!decision.IsAllowed)
        {
            return Refuse(federated, request, NotAuthorized(decision.Action), decision.ToString());
        }

        var duration = request.DurationSeconds is { } seconds ? Duration.FromSeconds(seconds) : DefaultDuration;
        if (duration > role.MaxSessionDuration)
        {
            return Refuse(
                federated, request, StsError.ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."), null);
        }

        if (!(await sessionPolicies.ReadAsync(request.Policy, request.PolicyArns, role.Arn, cancellationToken).ConfigureAwait(false))
            .TryGetValue(out var policies, out var unreadable))
        {
            return Refuse(federated, request, unreadable, null);
        }

        var tags = SessionTags.Merge(federated.Tags, federated.TransitiveTagKeys, callingSession: null);
        if (mint.CheckPackedSize(policies, tags, out var packedPolicySize) is { } tooLarge)
        {
            return Refuse(federated, request, tooLarge, null);
        }

        var minted = mint.Mint(caller: null, SessionBasis.Of(account, role, request.RoleSessionName!), new SessionTerms
        {
            Duration = duration,
            Policies = policies,
            Tags = tags,
            SourceIdentity = federated.SourceIdentity,
            Federated = federated,
            MinimumTokenSize = request.MinimumSessionTokenSize ?? 0,
        });
        if (!minted.TryGetValue(out var credentials, out var tooLong))
        {
            return Refuse(federated, request, tooLong, null);
        }

        return new AssumeRoleWithWebIdentityResponse
        {
            Credentials = credentials,
            AssumedRoleUser = new AssumedRoleUser(role, request.RoleSessionName!),
            SubjectFromWebIdentityToken = federated.Subject,
            Audience = federated.Audience,
            Provider = federated.ProviderName,
            PackedPolicySize = packedPolicySize > 0 ? packedPolicySize : null,
            SourceIdentity = federated.SourceIdentity,
        };
    }

    /// <summary>The permissions that the token takes (reference 6.6 and 6.7).</summary>
    private static ImmutableArray<string> ActionsOf(FederatedIdentity federated) => (federated.Tags.IsEmpty, federated.SourceIdentity is null) switch
    {
        (true, true) => Alone,
        (false, true) => WithTags,
        (true, false) => WithSourceIdentity,
        (false, false) => WithBoth,
    };

    private static StsError NotAuthorized(string action) => StsError.AccessDenied($"Not authorized to perform {action}");

    /// <summary>The client learns the refusal, the operator its reason too.</summary>
    private StsError Refuse(FederatedIdentity? federated, AssumeRoleWithWebIdentityRequest request, StsError refusal, string? reason) =>
        Refusal.Tell(logger, nameof(AssumeRoleWithWebIdentity), Limits.Echo(request.RoleArn), federated, refusal, reason);
}
