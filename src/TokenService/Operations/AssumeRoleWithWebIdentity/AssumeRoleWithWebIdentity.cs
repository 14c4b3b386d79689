using Microsoft.Extensions.Logging;

namespace TokenService;

/// <summary>Gives temporary credentials that act as a role to somebody whom an identity provider vouches for. Nobody signs the request: what counts is
/// the token, and the role's trust policy.</summary>
/// <remarks>Reference 5.1 and 9. The token is judged before the role is looked for, so that nobody without one learns which roles there are.</remarks>
internal sealed class AssumeRoleWithWebIdentity(
    IOidcValidator idTokens, IOAuth2TokenValidator accessTokens, FederatedSignIn signIn, WebIdentityIssuer issuer, ILogger logger)
{
    private const string Name = nameof(AssumeRoleWithWebIdentity);

    internal async ValueTask<StsResult<AssumeRoleWithWebIdentityResponse>> ExecuteAsync(
        AssumeRoleWithWebIdentityRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Limits.Check(request) is { } broken)
        {
            return Refuse(null, request, broken, null);
        }

        if (!EntityName.TryReadRole(request.RoleArn, out var accountId, out _))
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

        var signedIn = await signIn.ExecuteAsync(
            new FederatedTerms
            {
                Operation = Name,
                Action = $"sts:{Name}",
                Identity = federated,
                RoleArn = request.RoleArn!,
                RoleSessionName = request.RoleSessionName!,
                DurationSeconds = request.DurationSeconds,
                Policy = request.Policy,
                PolicyArns = request.PolicyArns,
                MinimumTokenSize = request.MinimumSessionTokenSize ?? 0,
                Environment = environment,
                NamesDeniedPermission = true,
            },
            cancellationToken).ConfigureAwait(false);
        if (!signedIn.TryGetValue(out var session, out var refused))
        {
            return refused;
        }

        return new AssumeRoleWithWebIdentityResponse
        {
            Credentials = session.Credentials,
            AssumedRoleUser = session.AssumedRoleUser,
            SubjectFromWebIdentityToken = federated.Subject,
            Audience = federated.Audience,
            Provider = federated.ProviderName,
            PackedPolicySize = session.PackedPolicySize,
            SourceIdentity = federated.SourceIdentity,
        };
    }

    /// <summary>The client learns the refusal, the operator its reason too.</summary>
    private StsError Refuse(FederatedIdentity? federated, AssumeRoleWithWebIdentityRequest request, StsError refusal, string? reason) =>
        Refusal.Tell(logger, Name, Limits.Echo(request.RoleArn), federated, refusal, reason);
}
