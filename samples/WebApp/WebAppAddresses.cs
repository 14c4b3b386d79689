namespace WebApp;

/// <summary>The three origins of the sample: the page with its API, the token service, and the identity provider. Different ones, as in life, so that the
/// browser asks the token service whether the page may call it.</summary>
/// <param name="Page">Where the page and its API are.</param>
/// <param name="TokenService">Where the token service is.</param>
/// <param name="Provider">The identity provider, by its issuer.</param>
internal sealed record WebAppAddresses(Uri Page, Uri TokenService, string Provider)
{
    /// <summary>The addresses that a command line says, or the sample's own.</summary>
    internal static WebAppAddresses Read(IConfiguration configuration) => new(
        new Uri(configuration["page"] ?? "http://127.0.0.1:5090"),
        new Uri(configuration["sts"] ?? "http://127.0.0.1:5091"),
        configuration["provider"] ?? "http://127.0.0.1:5092");

    /// <summary>An origin as browsers write it.</summary>
    internal static string OriginOf(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
