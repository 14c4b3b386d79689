using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Gives temporary credentials that act as a role to somebody for whom a SAML provider vouches. Nobody signs the request: what counts is the
/// assertion, and the role's trust policy.</summary>
/// <remarks>Reference 5.1 and 8. The assertion is judged before the role is looked for, so that nobody without one learns which roles there are.</remarks>
internal sealed class AssumeRoleWithSaml(IIdentityProviderStore providers, ISamlValidator? validator, FederatedSignIn signIn, ILogger logger)
{
    private const string Name = "AssumeRoleWithSAML";
    private const string Action = $"sts:{Name}";
    private const string Version = "2011-06-15";

    /// <summary>Roles that AWS's sign-in portal makes for itself (reference 3.2).</summary>
    private const string ReservedRole = "AWSReservedSSO_";

    internal async ValueTask<StsResult<AssumeRoleWithSamlResponse>> ExecuteAsync(
        AssumeRoleWithSamlRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (validator is null)
        {
            return Refuse(null, request, StsError.InvalidAction(Name, Version), "the host did not call AddSaml");
        }

        if (Limits.Check(request) is { } broken)
        {
            return Refuse(null, request, broken, null);
        }

        if (!EntityName.TryReadRole(request.RoleArn, out var accountId, out _))
        {
            return Refuse(null, request, StsError.ValidationError("Request ARN is invalid"), null);
        }

        // A provider is of the role's account: what another account trusts says nothing here.
        var provider = SamlProvider.NameIn(request.PrincipalArn, accountId) is { } name
            ? await providers.FindSamlProviderAsync(accountId, name, cancellationToken).ConfigureAwait(false)
            : null;
        if (provider is null || provider.Arn.ToString() != request.PrincipalArn)
        {
            return Refuse(null, request, StsError.InvalidIdentityToken("Specified provider doesn't exist."), "the role's account has no such provider");
        }

        var validated = await validator.ValidateAsync(provider, request.SamlAssertion!, cancellationToken).ConfigureAwait(false);
        if (!validated.TryGetValue(out var identity, out var invalid))
        {
            return Refuse(null, request, invalid, "the response is not accepted");
        }

        return await ExecuteVerifiedAsync(identity, request, environment, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Goes on where an identity was verified: by this operation, or earlier for a person who then picked a role.</summary>
    internal async ValueTask<StsResult<AssumeRoleWithSamlResponse>> ExecuteVerifiedAsync(
        SamlIdentity identity, AssumeRoleWithSamlRequest request, RequestEnvironment? environment, CancellationToken cancellationToken)
    {
        var federated = identity.Federated;
        if (federated.Roles is not { } asserted || !asserted.Contains(request.RoleArn!, StringComparer.Ordinal)
            || !EntityName.TryReadRole(request.RoleArn, out _, out var roleName) || roleName.StartsWith(ReservedRole, StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(federated, request, StsError.AccessDenied($"Not authorized to perform {Action}"), "the assertion does not give the role with the provider");
        }

        var signedIn = await signIn.ExecuteAsync(
            new FederatedTerms
            {
                Operation = Name,
                Action = Action,
                Identity = federated,
                RoleArn = request.RoleArn!,
                RoleSessionName = identity.RoleSessionName,
                DurationSeconds = request.DurationSeconds,
                LongestDuration = identity.SessionDuration is { } seconds ? Duration.FromSeconds(seconds) : Duration.MaxValue,
                NotOnOrAfter = identity.SessionNotOnOrAfter,
                Policy = request.Policy,
                PolicyArns = request.PolicyArns,
                MinimumTokenSize = request.MinimumSessionTokenSize ?? 0,
                Environment = environment,
            },
            cancellationToken).ConfigureAwait(false);
        if (!signedIn.TryGetValue(out var session, out var refused))
        {
            return refused;
        }

        return new AssumeRoleWithSamlResponse
        {
            Credentials = session.Credentials,
            AssumedRoleUser = session.AssumedRoleUser,
            Subject = federated.Subject,
            SubjectType = identity.SubjectType,
            Issuer = federated.Issuer,
            Audience = federated.Audience,
            NameQualifier = identity.NameQualifier,
            PackedPolicySize = session.PackedPolicySize,
            SourceIdentity = federated.SourceIdentity,
        };
    }

    private StsError Refuse(FederatedIdentity? federated, AssumeRoleWithSamlRequest request, StsError refusal, string? reason) =>
        Refusal.Tell(logger, Name, Limits.Echo(request.RoleArn), federated, refusal, reason);
}
