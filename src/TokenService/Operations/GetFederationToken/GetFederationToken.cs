using Microsoft.Extensions.Logging;

namespace TokenService;

/// <summary>Gives temporary credentials to somebody whom the calling user or root vouches for: what both its own policies and those of the
/// session allow.</summary>
internal sealed class GetFederationToken(IAuthorizer authorizer, SessionPolicies sessionPolicies, SessionMint mint, ILogger logger)
{
    internal async ValueTask<StsResult<GetFederationTokenResponse>> ExecuteAsync(
        Caller caller, GetFederationTokenRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if ((Limits.Check(request) ?? SessionTags.Check(request.Tags, [], callingSession: null)) is { } broken)
        {
            return Refuse(caller, Limits.Echo(request.Name), broken, null);
        }

        if (OwnSessions.MayCall(caller, nameof(GetFederationToken)) is { } refused)
        {
            return Refuse(caller, request.Name, refused, null);
        }

        var federatedUser = new FederatedUser(caller.Account, request.Name!);
        var decision = await AuthorizeAsync(caller, request, federatedUser, environment, cancellationToken).ConfigureAwait(false);
        if (!decision.IsAllowed)
        {
            var denied = StsError.AccessDenied(
                $"User: {caller.Arn} is not authorized to perform: {decision.Action} on resource: {federatedUser.Arn}");
            return Refuse(caller, request.Name, denied, decision.ToString());
        }

        if (!(await sessionPolicies.ReadAsync(request.Policy, request.PolicyArns, caller.Arn, cancellationToken).ConfigureAwait(false))
            .TryGetValue(out var policies, out var unreadable))
        {
            return Refuse(caller, request.Name, unreadable, null);
        }

        var tags = SessionTags.Merge(request.Tags, [], callingSession: null);
        if (mint.CheckPackedSize(policies, tags, out var packedPolicySize) is { } tooLarge)
        {
            return Refuse(caller, request.Name, tooLarge, null);
        }

        var minted = mint.Mint(caller, SessionBasis.OfFederatedUser(caller, request.Name!), new SessionTerms
        {
            AllowedBy = decision,
            Duration = OwnSessions.DurationOf(caller, request.DurationSeconds),
            Policies = policies,
            Tags = tags,
            MinimumTokenSize = request.MinimumSessionTokenSize ?? 0,
        });
        if (!minted.TryGetValue(out var credentials, out var tooLong))
        {
            return Refuse(caller, request.Name, tooLong, null);
        }

        return new GetFederationTokenResponse
        {
            Credentials = credentials,
            FederatedUser = federatedUser,
            PackedPolicySize = packedPolicySize,
        };
    }

    /// <summary>The first denial, or else the last grant.</summary>
    private async ValueTask<Decision> AuthorizeAsync(
        Caller caller, GetFederationTokenRequest request, FederatedUser federatedUser, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        var question = new AuthorizationRequest
        {
            Caller = caller,
            Action = "sts:GetFederationToken",
            Resource = federatedUser.Arn.ToString(),
            RequestTags = request.Tags,
            Environment = environment,
        };
        var decision = await authorizer.AuthorizeAsync(question, cancellationToken).ConfigureAwait(false);
        return !decision.IsAllowed || request.Tags.IsEmpty
            ? decision
            : await authorizer.AuthorizeAsync(question with { Action = "sts:TagSession" }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The caller learns the refusal, the operator its reason too.</summary>
    private StsError Refuse(Caller caller, string? name, StsError refusal, string? reason) =>
        Refusal.Tell(logger, nameof(GetFederationToken), name, caller, refusal, reason);
}
