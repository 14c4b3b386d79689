namespace TokenService;

/// <summary>What this service is called in SAML.</summary>
public sealed class SamlOptions
{
    private const string Scheme = "https://";
    private const string ProviderPath = "/saml/acs/";
    private const int MaxLabelLength = 63;

    private static readonly string[] SignInHosts = ["signin.aws.amazon.com", "signin.amazonaws.cn", "signin.amazonaws-us-gov.com"];

    /// <summary>Whom assertions have to be for: the entity id of this service.</summary>
    /// <value>AWS's own where nothing else is said, <c>urn:amazon:webservices</c>.</value>
    public string Audience { get; set; } = "urn:amazon:webservices";

    /// <summary>The addresses that assertions may be delivered to: each <c>Recipient</c>, and the <c>Destination</c> of a response, is one of
    /// them to the letter.</summary>
    /// <value>None where nothing else is said, which stands for AWS's own sign-in addresses, <c>https://signin.aws.amazon.com/saml</c> and those of
    /// its regions and partitions.</value>
    public IList<string> Recipients { get; } = [];

    /// <summary>Whether a signed response has to say its <c>Destination</c>, as SAML 2.0 Bindings (3.5.5.2) has it. Providers forget it.</summary>
    public bool RequiresDestination { get; set; }

    /// <summary>Whether an address is one of this service.</summary>
    internal bool Accepts(string? address) => address is not null && (Recipients.Count > 0 ? Recipients.Contains(address) : IsAwsSignIn(address));

    /// <summary>What is wrong with the options.</summary>
    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Audience))
        {
            yield return $"{nameof(Audience)} is empty.";
        }

        if (Recipients.Any(string.IsNullOrWhiteSpace))
        {
            yield return $"One of {nameof(Recipients)} is empty.";
        }
    }

    // IAM User Guide, "Configure SAML assertions for the authentication response"; reference 8.1.
    private static bool IsAwsSignIn(string address)
    {
        var slash = address.StartsWith(Scheme, StringComparison.Ordinal) ? address.IndexOf('/', Scheme.Length) : -1;
        if (slash < 0)
        {
            return false;
        }

        var host = address[Scheme.Length..slash];
        var path = address[slash..];
        return (path is "/saml" or "/static/saml" || IsProviderPath(path))
            && SignInHosts.Any(known => host == known || (host.EndsWith($".{known}", StringComparison.Ordinal) && IsRegion(host[..^(known.Length + 1)])));
    }

    /// <summary>Where a provider that has to encrypt delivers: the address has an id that AWS gave it.</summary>
    private static bool IsProviderPath(string path) =>
        path.StartsWith(ProviderPath, StringComparison.Ordinal) && path.Length > ProviderPath.Length && path.Length <= ProviderPath.Length + MaxLabelLength
        && path[ProviderPath.Length..].All(char.IsAsciiLetterOrDigit);

    private static bool IsRegion(string label) =>
        label.Length is > 0 and <= MaxLabelLength && label[0] != '-' && label[^1] != '-'
        && label.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
