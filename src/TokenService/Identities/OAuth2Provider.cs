using System.Collections.Immutable;

namespace TokenService;

/// <summary>A provider whose access tokens say nothing by themselves: it is asked about each of them.</summary>
/// <remarks>Source: STS API Reference, <c>AssumeRoleWithWebIdentity</c>, <c>ProviderId</c>: only Login with Amazon and Facebook Login have this.</remarks>
public sealed record OAuth2Provider
{
    private OAuth2Provider(Account account, string id, ImmutableArray<string> appIds, Uri endpoint, Secret? secret)
    {
        ArgumentNullException.ThrowIfNull(account);
        Account = account.Id;
        ProviderArn = Arn.Parse($"arn:{account.Partition}:iam::{account.Id}:oidc-provider/{id}");
        Id = id;
        AppIds = appIds.IsDefault ? [] : appIds;
        CheckEndpoint = endpoint;
        AppAccessToken = secret;
    }

    /// <summary>The account that trusts it.</summary>
    public string Account { get; }

    /// <summary>The <c>ProviderId</c> that asks for it, which is also the name by which policies call it.</summary>
    public string Id { get; }

    /// <summary>The applications whose tokens are accepted; with none, nothing is.</summary>
    public ImmutableArray<string> AppIds { get; }

    /// <summary>Where the provider is asked about a token.</summary>
    /// <exception cref="ArgumentException">The address is neither https nor a loopback one.</exception>
    public Uri CheckEndpoint
    {
        get;
        init => field = value is { IsAbsoluteUri: true } && (value.Scheme == Uri.UriSchemeHttps || value.IsLoopback)
            ? value
            : throw new ArgumentException("A token is shown over https alone.", nameof(value));
    }

    internal Arn ProviderArn { get; }

    /// <summary>What the application itself is known by at the provider, where it asks for that.</summary>
    internal Secret? AppAccessToken { get; }

    /// <summary>Login with Amazon, <c>www.amazon.com</c>, which is asked at <c>/auth/o2/tokeninfo</c>.</summary>
    /// <param name="account">The account that trusts it.</param>
    /// <param name="clientIds">The applications' client ids, the <c>aud</c> of their tokens.</param>
    /// <returns>The provider.</returns>
    public static OAuth2Provider Amazon(Account account, ImmutableArray<string> clientIds) =>
        new(account, "www.amazon.com", clientIds, new Uri("https://api.amazon.com/auth/o2/tokeninfo"), null);

    /// <summary>Facebook Login, <c>graph.facebook.com</c>, which is asked at <c>/debug_token</c>.</summary>
    /// <param name="account">The account that trusts it.</param>
    /// <param name="appId">The application's id.</param>
    /// <param name="appAccessToken">The application's access token, <c>APP_ID|APP_SECRET</c>.</param>
    /// <returns>The provider.</returns>
    public static OAuth2Provider Facebook(Account account, string appId, Secret appAccessToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(appId);
        ArgumentNullException.ThrowIfNull(appAccessToken);
        return new(account, "graph.facebook.com", [appId], new Uri("https://graph.facebook.com/debug_token"), appAccessToken);
    }

    /// <summary>The id alone.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => $"{Id} of {Account}";
}
