using System.Text.Json;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Checks ID tokens by the rules of docs/oidc.md, in their order.</summary>
internal sealed class OidcValidator(
    IIdentityProviderStore providers, ProviderKeySets keySets, IReplayGuard replayGuard, IClock clock, ILogger logger) : IOidcValidator
{
    private const string UsedToken = "oidc-token";

    public async ValueTask<StsResult<FederatedIdentity>> ValidateAsync(string accountId, string token, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(accountId);
        ArgumentNullException.ThrowIfNull(token);

        // 1. Size and form.
        using var read = CompactToken.Read(token, out var form);
        if (read is null)
        {
            return Refuse(accountId, null, TokenRefusal.Invalid(form));
        }

        // 3. The issuer, unverified, to find the provider; then 2., the header, which that provider has a say in.
        if (!read.Payload.TryGetProperty("iss", out var iss) || iss.ValueKind != JsonValueKind.String)
        {
            return Refuse(accountId, null, TokenRefusal.Invalid("iss is text"));
        }

        var issuer = OidcProviderDescription.Registered(iss.GetString()!);
        var provider = await providers.FindOidcProviderAsync(accountId, issuer, cancellationToken).ConfigureAwait(false);
        if (provider is null || provider.Issuer != issuer || provider.Arn.Account != accountId)
        {
            keySets.Forget(accountId, issuer);
            return Refuse(accountId, null, NoProvider(issuer));
        }

        if (TokenHeader.Read(read.Header, provider, out var header) is { } rule)
        {
            return Refuse(accountId, provider, TokenRefusal.Invalid(rule));
        }

        // 4. and 5. Key and signature.
        var found = await keySets.Of(provider).FindAsync(header, cancellationToken).ConfigureAwait(false);
        if (found.Refusal is { } noKey)
        {
            return Refuse(accountId, provider, noKey);
        }

        if (!IsSigned(read, header, found))
        {
            return Refuse(accountId, provider, TokenRefusal.Invalid("the signature is that of the provider's key"));
        }

        // 6. Claims.
        if (OidcClaims.Read(read.Payload, provider, clock.GetCurrentInstant(), out var claims) is { } broken)
        {
            return Refuse(accountId, provider, broken);
        }

        // 8. Use.
        return provider.AcceptsTokensOnce && await UseAsync(provider, claims, cancellationToken).ConfigureAwait(false) is { } used
            ? Refuse(accountId, provider, used)
            : claims.Identity;
    }

    private static bool IsSigned(CompactToken token, in TokenHeader header, in FoundKeys found)
    {
        foreach (var key in found.Keys)
        {
            if (key.HasSigned(token, header.Algorithm))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<TokenRefusal?> UseAsync(OidcProvider provider, OidcClaims claims, CancellationToken cancellationToken)
    {
        if (claims.TokenId is not { Length: > 0 } id)
        {
            return TokenRefusal.Invalid("a token that is good once has a jti");
        }

        var key = GuardKey.Create(UsedToken, provider.Arn.ToString(), provider.Issuer, id);
        switch (await replayGuard.TryUseAsync(key, claims.UsableUntil, cancellationToken).ConfigureAwait(false))
        {
            case UseResult.First:
                return null;
            case UseResult.Full:
                Telemetry.GuardFull(logger, "replay guard");
                return TokenRefusal.Invalid("the guard can remember the use");
            default:
                return TokenRefusal.Invalid("the token was not used before");
        }
    }

    /// <summary>The issuer is the client's own word; it is told again as far as an issuer can be one.</summary>
    private static TokenRefusal NoProvider(string issuer) => new(
        StsError.InvalidIdentityToken(issuer.Length <= OidcProvider.MaxLength && issuer.All(character => character is > ' ' and < '\u007f')
            ? $"No OpenIDConnect provider found in your account for {issuer}"
            : "No OpenIDConnect provider found in your account for the issuer of the token"),
        "iss is that of a provider of the account");

    private StsError Refuse(string accountId, OidcProvider? provider, TokenRefusal refusal)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.WebIdentityRefused(logger, accountId, provider?.Arn.ToString(), refusal.Error.Code, refusal.Rule);
        }

        return refusal.Error;
    }
}
