using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Sign-in of a person with a browser: the identity provider posts its response to a page of the host, which lists the roles that it offers, and the
/// person picks one.</summary>
/// <remarks>The response is validated once, and used up then; what it offers is sealed into a text that the page keeps in its form, good for
/// <see cref="Lifetime"/> and for one pick. The role's trust policy decides as it does for <c>AssumeRoleWithSAML</c>, with the same permission and the
/// same conditions, at the time of the pick. Nothing is stored but the uses. Sources: SAML 2.0 Profiles, 4.1 (Web Browser SSO); IAM User Guide, "Enabling
/// SAML 2.0 federated principals to access the AWS Management Console". Safe for many threads.</remarks>
public sealed class SamlOffers
{
    /// <summary>How long an offer is good.</summary>
    public static readonly Duration Lifetime = Duration.FromMinutes(5);

    private const string UsedOffer = "saml-offer";

    private readonly ISamlValidator _validator;
    private readonly SamlOfferSealer _sealer;
    private readonly IIdentityProviderStore _providers;
    private readonly AssumeRoleWithSaml _operation;
    private readonly IReplayGuard _replayGuard;
    private readonly IClock _clock;
    private readonly ILogger _logger;

    internal SamlOffers(
        ISamlValidator validator, SamlOfferSealer sealer, IIdentityProviderStore providers, AssumeRoleWithSaml operation, IReplayGuard replayGuard, IClock clock,
        ILogger logger)
    {
        _validator = validator;
        _sealer = sealer;
        _providers = providers;
        _operation = operation;
        _replayGuard = replayGuard;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Validates a response, against each of some providers that is its issuer, and uses it up.</summary>
    /// <param name="providers">The providers that may have sent it: of one account or of several.</param>
    /// <param name="response">The <c>SAMLResponse</c> that the browser posted.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>What it offers; or <c>InvalidIdentityToken</c>, <c>ExpiredTokenException</c>, <c>IDPRejectedClaim</c>, <c>AccessDenied</c> where it offers no
    /// role, or <c>PackedPolicyTooLarge</c> where it says more than a form can keep.</returns>
    public async ValueTask<StsResult<SamlOffer>> ReceiveAsync(
        IReadOnlyCollection<SamlProvider> providers, string response, CancellationToken cancellationToken = default)
    {
        var validated = await _validator.ValidateEachAsync(providers, response, cancellationToken).ConfigureAwait(false);
        if (!validated.TryGetValue(out var identities, out var refused))
        {
            return refused;
        }

        ImmutableArray<SamlRole> roles = [.. identities.SelectMany(RolesOf).Distinct()];
        if (roles.IsEmpty)
        {
            return StsError.AccessDenied("The SAML response offers no role.");
        }

        var expiresAt = Instant.FromUnixTimeSeconds((_clock.GetCurrentInstant() + Lifetime).ToUnixTimeSeconds());
        var text = _sealer.Seal(SamlOfferContent.Write(identities), expiresAt);
        return text.Length <= SamlOfferSealer.MaxCharacters
            ? new SamlOffer(new Secret(text), identities[0].Federated.Subject, roles, expiresAt)
            : StsError.PackedPolicyTooLarge("The SAML response says more than can be kept while a role is picked.");
    }

    /// <summary>Gives credentials of a role that was offered, and uses the offer up whatever comes of it, unless it never had that role.</summary>
    /// <param name="offer">The text of <see cref="SamlOffer.Text"/>, as the form has it.</param>
    /// <param name="roleArn">The role that was picked.</param>
    /// <param name="principalArn">The provider that it was offered with.</param>
    /// <param name="environment">What the transport knows of the request, for conditions such as <c>aws:SourceIp</c>.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The credentials; or <c>InvalidIdentityToken</c> where the text is none of this service's or was used, <c>ExpiredTokenException</c> where its
    /// time is over, <c>AccessDenied</c> where it does not offer the role with the provider or the role does not trust it.</returns>
    public async ValueTask<StsResult<AssumeRoleWithSamlResponse>> PickAsync(
        string offer, string roleArn, string principalArn, RequestEnvironment? environment = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(roleArn);
        ArgumentNullException.ThrowIfNull(principalArn);
        if (!TryOpen(offer, out var identities, out var expiresAt))
        {
            return Refuse(null, roleArn, StsError.InvalidIdentityToken("The offer is not valid."), "the offer is none of this service's");
        }

        if (_clock.GetCurrentInstant() >= expiresAt)
        {
            return Refuse(identities[0].Federated, roleArn, StsError.ExpiredIdentityToken("The offer has expired."), null);
        }

        var role = new SamlRole(roleArn, principalArn);
        if (identities.FirstOrDefault(each => RolesOf(each).Contains(role)) is not { } identity)
        {
            return Refuse(identities[0].Federated, roleArn, StsError.AccessDenied("The role was not offered."), null);
        }

        var key = GuardKey.Create(UsedOffer, identity.Federated.Issuer, identity.AssertionId);
        if (await _replayGuard.TryUseAsync(key, expiresAt, cancellationToken).ConfigureAwait(false) != UseResult.First)
        {
            return Refuse(identity.Federated, roleArn, StsError.InvalidIdentityToken("The offer was used before."), "the offer was used, or the guard cannot remember it");
        }

        // Whom the account does not trust any more, vouches for nobody.
        var arn = identity.Federated.ProviderArn;
        var provider = SamlProvider.NameIn(principalArn, arn.Account) is { } name
            ? await _providers.FindSamlProviderAsync(arn.Account, name, cancellationToken).ConfigureAwait(false)
            : null;
        if (provider is null || provider.EntityId != identity.Federated.Issuer)
        {
            return Refuse(identity.Federated, roleArn, StsError.InvalidIdentityToken("Specified provider doesn't exist."), "the provider was removed or is another now");
        }

        var request = new AssumeRoleWithSamlRequest { RoleArn = roleArn, PrincipalArn = principalArn, SamlAssertion = null };
        return await _operation.ExecuteVerifiedAsync(identity, request, environment, cancellationToken).ConfigureAwait(false);
    }

    private bool TryOpen(string offer, out SamlIdentity[] identities, out Instant expiresAt)
    {
        var isWhole = _sealer.TryOpen(offer, out var content, out expiresAt);
        identities = isWhole ? SamlOfferContent.Read(content.ToArray()) : [];
        return isWhole;
    }

    private StsError Refuse(FederatedIdentity? federated, string roleArn, StsError refusal, string? reason) =>
        Refusal.Tell(_logger, "AssumeRoleWithSAML", Limits.Echo(roleArn), federated, refusal, reason);

    private static IEnumerable<SamlRole> RolesOf(SamlIdentity identity) =>
        (identity.Federated.Roles ?? []).Select(role => new SamlRole(role, identity.Federated.ProviderArn.ToString()));
}

/// <summary>What a response offers to the person who brought it.</summary>
/// <param name="Text">The offer, sealed, for the page's form: whoever has it can pick a role. Characters of <c>A-Z a-z 0-9 - _</c>, 262,144 at most.</param>
/// <param name="Subject">Who it is, as the provider calls them.</param>
/// <param name="Roles">The roles, each with the provider that it is offered with; one at least.</param>
/// <param name="ExpiresAt">The first instant at which the offer is worth nothing.</param>
public sealed record SamlOffer(Secret Text, string Subject, ImmutableArray<SamlRole> Roles, Instant ExpiresAt);
