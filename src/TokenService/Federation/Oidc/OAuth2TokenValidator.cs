using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace TokenService;

/// <summary>Asks Login with Amazon and Facebook Login about their access tokens.</summary>
/// <remarks>Source: Login with Amazon, "Verify the access token" (<c>/auth/o2/tokeninfo</c>); Facebook Login, "Inspecting access tokens"
/// (<c>/debug_token</c>). Both take the token in the query of the address, so that address is never logged here.</remarks>
internal sealed class OAuth2TokenValidator(IIdentityProviderStore providers, ProviderHttp http, TimeSpan timeout, IClock clock, ILogger logger)
    : IOAuth2TokenValidator
{
    private const string AmazonId = "www.amazon.com";
    private const string FacebookId = "graph.facebook.com";
    private const int MaxId = 255;

    public async ValueTask<StsResult<FederatedIdentity>> ValidateAsync(
        string accountId, string providerId, string accessToken, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(accountId);
        ArgumentNullException.ThrowIfNull(accessToken);
        if (providerId is not (AmazonId or FacebookId))
        {
            return Refuse(accountId, null, new TokenRefusal(
                StsError.ValidationError($"ProviderId is {AmazonId} or {FacebookId}; tokens of OpenID Connect providers are sent without it."),
                "ProviderId is that of a provider of access tokens"));
        }

        if (accessToken.Length is < CompactToken.MinLength or > CompactToken.MaxLength)
        {
            return Refuse(accountId, providerId, TokenRefusal.Invalid("length"));
        }

        if (accessToken.StartsWith("eyJ", StringComparison.Ordinal))
        {
            // A JSON object in base64url. Somebody else's ID token is not shown to this provider.
            return Refuse(accountId, providerId, TokenRefusal.Invalid("an ID token is sent without ProviderId"));
        }

        if (await providers.FindOAuth2ProviderAsync(accountId, providerId, cancellationToken).ConfigureAwait(false) is not { } provider
            || provider.Id != providerId || provider.Account != accountId)
        {
            return Refuse(accountId, providerId, new TokenRefusal(
                StsError.InvalidIdentityToken($"No identity provider found in your account for {providerId}"), "ProviderId is that of a provider of the account"));
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ending.CancelAfter(timeout);
        var answer = await http.GetAsync(AddressOf(provider, accessToken), provider.CheckEndpoint.IsLoopback, ending.Token).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return Judge(provider, answer, out var identity) is { } refusal ? Refuse(accountId, providerId, refusal) : identity!;
    }

    private static Uri AddressOf(OAuth2Provider provider, string accessToken) => new(provider.Id == AmazonId
        ? $"{provider.CheckEndpoint}?access_token={Uri.EscapeDataString(accessToken)}"
        : $"{provider.CheckEndpoint}?input_token={Uri.EscapeDataString(accessToken)}&access_token={Uri.EscapeDataString(provider.AppAccessToken!.Reveal())}");

    private TokenRefusal? Judge(OAuth2Provider provider, in ProviderAnswer answer, out FederatedIdentity? identity)
    {
        identity = null;
        if (answer.Failure is { } failure)
        {
            // The provider answered, and it was no: for the others, asking again may help.
            return answer.Status is 400 or 401 or 403 ? Rejected() : TokenRefusal.Unreachable(failure);
        }

        if (!StrictJson.TryRead(answer.Body, endsWithObject: false, out var document))
        {
            return TokenRefusal.Unreachable("the provider answers with a JSON object");
        }

        using (document)
        {
            return provider.Id == AmazonId ? JudgeAmazon(provider, document.RootElement, out identity) : JudgeFacebook(provider, document.RootElement, out identity);
        }
    }

    private static TokenRefusal? JudgeAmazon(OAuth2Provider provider, JsonElement json, out FederatedIdentity? identity)
    {
        identity = null;
        return Seconds(json, "exp") is not > 0 ? Expired()
            : Identify(provider, Text(json, "aud"), Text(json, "user_id"), "user_id", out identity);
    }

    private TokenRefusal? JudgeFacebook(OAuth2Provider provider, JsonElement json, out FederatedIdentity? identity)
    {
        identity = null;
        if (!json.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object
            || !data.TryGetProperty("is_valid", out var isValid) || isValid.ValueKind != JsonValueKind.True)
        {
            return Rejected();
        }

        // 0 is what it says of tokens that do not expire.
        return Seconds(data, "expires_at") is { } expires && (expires == 0 || expires > clock.GetCurrentInstant().ToUnixTimeSeconds())
            ? Identify(provider, Text(data, "app_id"), Text(data, "user_id"), "id", out identity)
            : Expired();
    }

    private static TokenRefusal? Identify(OAuth2Provider provider, string? app, string? user, string userKey, out FederatedIdentity? identity)
    {
        identity = null;
        if (app is null || !provider.AppIds.Contains(app, StringComparer.Ordinal))
        {
            return new TokenRefusal(StsError.InvalidIdentityToken("Incorrect token audience"), "the token is for one of the provider's applications");
        }

        if (user is not { Length: >= 1 and <= MaxId } || user.Any(character => char.IsControl(character) || char.IsWhiteSpace(character)))
        {
            return TokenRefusal.Invalid("the provider says whose token it is");
        }

        ImmutableArray<KeyValuePair<string, string>> keys = [new($"{provider.Id}:app_id", app), new($"{provider.Id}:{userKey}", user)];
        identity = new FederatedIdentity
        {
            ProviderArn = provider.ProviderArn,
            BuiltInName = provider.Id,
            Issuer = provider.Id,
            Subject = user,
            Audience = app,
            Keys = keys,
            SessionKeys = keys,
        };
        return null;
    }

    private static TokenRefusal Rejected() =>
        new(StsError.IdpRejectedClaim("The identity provider does not accept the token."), "the provider accepts the token");

    private static TokenRefusal Expired() => new(StsError.ExpiredIdentityToken("The token has expired."), "the provider says that the token has not expired");

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Seconds(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) ? seconds : null;

    private StsError Refuse(string accountId, string? providerId, TokenRefusal refusal)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Telemetry.WebIdentityRefused(logger, accountId, providerId, refusal.Error.Code, refusal.Rule);
        }

        return refusal.Error;
    }
}
