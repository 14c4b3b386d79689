using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Lets somebody whom an identity provider vouches for act as a role: what all federated operations have in common once the token or assertion
/// is verified.</summary>
/// <remarks>Reference 5.1, 6.6, 6.7. Nobody signs such a request, so what counts is the provider's word and the role's trust policy.</remarks>
internal sealed class FederatedSignIn(
    IRoleStore roles, IAccountStore accounts, ITrustPolicyEvaluator trust, SessionPolicies sessionPolicies, SessionMint mint, ILogger logger)
{
    private static readonly Duration DefaultDuration = Duration.FromHours(1);

    internal async ValueTask<StsResult<FederatedSession>> ExecuteAsync(FederatedTerms terms, CancellationToken cancellationToken)
    {
        // A missing role and a role that does not trust the provider answer alike. A role is called by its whole ARN.
        var role = EntityName.TryReadRole(terms.RoleArn, out var accountId, out var roleName)
            ? await roles.FindRoleAsync(accountId, roleName, cancellationToken).ConfigureAwait(false)
            : null;
        var account = role is null ? null : await accounts.FindAccountAsync(role.Account, cancellationToken).ConfigureAwait(false);
        if (role is null || account is null || role.Arn.ToString() != terms.RoleArn)
        {
            return Refuse(terms, NotAuthorized(terms.Action), "the role does not exist");
        }

        var question = new TrustRequest
        {
            Federated = terms.Identity,
            Role = role,
            Actions = ActionsOf(terms),
            RoleSessionName = terms.RoleSessionName,
            SourceIdentity = terms.Identity.SourceIdentity,
            Tags = terms.Identity.Tags,
            TransitiveTagKeys = terms.Identity.TransitiveTagKeys,
            Environment = terms.Environment,
        };
        var decision = await trust.EvaluateAsync(question, cancellationToken).ConfigureAwait(false);
        if (!decision.IsAllowed)
        {
            return Refuse(terms, NotAuthorized(terms.NamesDeniedPermission ? decision.Action : terms.Action), decision.ToString());
        }

        var duration = terms.DurationSeconds is { } seconds ? Duration.FromSeconds(seconds) : DefaultDuration;
        if (duration > role.MaxSessionDuration)
        {
            return Refuse(terms, StsError.ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."), null);
        }

        if (!(await sessionPolicies.ReadAsync(terms.Policy, terms.PolicyArns, role.Arn, cancellationToken).ConfigureAwait(false))
            .TryGetValue(out var policies, out var unreadable))
        {
            return Refuse(terms, unreadable, null);
        }

        var tags = SessionTags.Merge(terms.Identity.Tags, terms.Identity.TransitiveTagKeys, callingSession: null);
        if (mint.CheckPackedSize(policies, tags, out var packedPolicySize) is { } tooLarge)
        {
            return Refuse(terms, tooLarge, null);
        }

        var minted = mint.Mint(caller: null, SessionBasis.Of(account, role, terms.RoleSessionName), new SessionTerms
        {
            AllowedBy = decision,
            Duration = Duration.Min(duration, terms.LongestDuration),
            NotOnOrAfter = terms.NotOnOrAfter,
            Policies = policies,
            Tags = tags,
            SourceIdentity = terms.Identity.SourceIdentity,
            Federated = terms.Identity,
            MinimumTokenSize = terms.MinimumTokenSize,
        });
        return minted.TryGetValue(out var credentials, out var refused)
            ? new FederatedSession(credentials, new AssumedRoleUser(role, terms.RoleSessionName), packedPolicySize > 0 ? packedPolicySize : null)
            : Refuse(terms, refused, null);
    }

    /// <summary>The permissions that it takes (reference 6.6 and 6.7).</summary>
    private static ImmutableArray<string> ActionsOf(FederatedTerms terms) => (terms.Identity.Tags.IsEmpty, terms.Identity.SourceIdentity is null) switch
    {
        (true, true) => [terms.Action],
        (false, true) => [terms.Action, "sts:TagSession"],
        (true, false) => [terms.Action, "sts:SetSourceIdentity"],
        (false, false) => [terms.Action, "sts:TagSession", "sts:SetSourceIdentity"],
    };

    private static StsError NotAuthorized(string action) => StsError.AccessDenied($"Not authorized to perform {action}");

    private StsError Refuse(FederatedTerms terms, StsError refusal, string? reason) =>
        Refusal.Tell(logger, terms.Operation, Limits.Echo(terms.RoleArn), terms.Identity, refusal, reason);
}

/// <summary>What somebody federated asks for.</summary>
internal sealed record FederatedTerms
{
    /// <summary>The operation's name in the log.</summary>
    internal required string Operation { get; init; }

    /// <summary>The permission that it takes of the trust policy.</summary>
    internal required string Action { get; init; }

    /// <summary>Whom the provider vouches for.</summary>
    internal required FederatedIdentity Identity { get; init; }

    internal required string RoleArn { get; init; }

    internal required string RoleSessionName { get; init; }

    /// <summary>How long the session is asked to last; an hour where it is not said.</summary>
    internal int? DurationSeconds { get; init; }

    /// <summary>How long the provider lets it last.</summary>
    internal Duration LongestDuration { get; init; } = Duration.MaxValue;

    /// <summary>When it ends whatever its duration, where the provider says so.</summary>
    internal Instant? NotOnOrAfter { get; init; }

    internal string? Policy { get; init; }

    internal ImmutableArray<string> PolicyArns { get; init; } = [];

    internal int MinimumTokenSize { get; init; }

    internal RequestEnvironment? Environment { get; init; }

    /// <summary>Whether a denial tells which of the permissions was missing; otherwise it tells <see cref="Action"/>.</summary>
    internal bool NamesDeniedPermission { get; init; }
}

/// <summary>What somebody federated gets.</summary>
internal sealed record FederatedSession(TemporaryCredentials Credentials, AssumedRoleUser AssumedRoleUser, int? PackedPolicySize);
