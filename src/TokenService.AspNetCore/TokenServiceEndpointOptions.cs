using System.Buffers;
using Microsoft.Extensions.Options;

namespace TokenService.AspNetCore;

/// <summary>How the Security Token Service answers on HTTP. What cannot be is refused when the endpoint is mapped, all faults at once.</summary>
public sealed class TokenServiceEndpointOptions
{
    /// <summary>The largest body that may be set as <see cref="MaxBodySize"/>: 100,000,000 bytes.</summary>
    public const int LargestMaxBodySize = 100_000_000;

    private const int SmallestMaxBodySize = 1024;

    /// <summary>What would be a pattern, a query or an escape and not a plain path.</summary>
    private static readonly SearchValues<char> NotInPaths = SearchValues.Create("{}*?#%\\");

    /// <summary>The path of the endpoint.</summary>
    /// <value><c>/</c>, as AWS has it, where nothing else is said; otherwise a plain path that begins with a slash.</value>
    public string Path { get; set; } = "/";

    /// <summary>The largest body that is read; a larger one is answered 413.</summary>
    /// <value>Bytes; 10,000,000, as AWS has it, where nothing else is said; 1,024 to <see cref="LargestMaxBodySize"/>. A server's own limit, if
    /// lower, comes first.</value>
    public int MaxBodySize { get; set; } = 10_000_000;

    /// <summary>The origins, such as <c>https://console.example</c>, whose pages may call the endpoint from a browser.</summary>
    /// <value>None where nothing else is said. Each is a scheme, a host and perhaps a port, in the letters in which a browser sends it.</value>
    public IList<string> CorsOrigins { get; } = [];

    /// <summary>The regions that requests may be signed for.</summary>
    /// <value>None where nothing else is said, which means any name of a region's form: clients sign with the region they are set to.</value>
    public IList<string> SigningRegions { get; } = [];

    /// <summary>Whether a request that names no operation is sent to AWS's product page, as AWS does, and not refused as
    /// <c>MissingAction</c>.</summary>
    /// <value><see langword="false"/> where nothing else is said.</value>
    public bool RedirectWhenNoAction { get; set; }

    /// <summary>Whether a client that asks for <c>application/json</c> is answered in JSON.</summary>
    /// <value><see langword="true"/> where nothing else is said.</value>
    public bool AnswerJson { get; set; } = true;

    /// <summary>How often the endpoint may be asked; more is <c>Throttling</c>. The address of a client is that of the connection: behind a proxy
    /// the host restores it with its forwarded-headers middleware, or all clients are one.</summary>
    /// <value>Where nothing else is said: of each principal 400 requests at once and 200 a second, of each account and of each source address
    /// 1,200 at once and 600 a second, and of each source address 200 without a signature at once and 50 a second. A rate that is set to
    /// <see langword="null"/> does not limit.</value>
    /// <remarks>The figures are this library's choice.</remarks>
    public ThrottlingOptions Throttling { get; } = new()
    {
        Principal = new RequestRate(400, 200),
        Account = new RequestRate(1200, 600),
        Source = new RequestRate(1200, 600),
        Unsigned = new RequestRate(200, 50),
    };

    /// <exception cref="OptionsValidationException">Something is wrong; everything that is, is named.</exception>
    internal void Validate()
    {
        List<string> faults = [];
        if (Path is not ['/', ..] || Path.AsSpan().ContainsAny(NotInPaths) || Path.Contains("//", StringComparison.Ordinal))
        {
            faults.Add($"{nameof(Path)}: '{Path}' is not a plain path that begins with a slash.");
        }

        if (MaxBodySize is < SmallestMaxBodySize or > LargestMaxBodySize)
        {
            faults.Add($"{nameof(MaxBodySize)}: {MaxBodySize} is not between {SmallestMaxBodySize} and {LargestMaxBodySize} bytes.");
        }

        for (var index = 0; index < CorsOrigins.Count; index++)
        {
            if (!CorsRules.IsOrigin(CorsOrigins[index]))
            {
                faults.Add($"{nameof(CorsOrigins)}[{index}]: '{CorsOrigins[index]}' is not an origin such as https://console.example.");
            }
        }

        for (var index = 0; index < SigningRegions.Count; index++)
        {
            if (string.IsNullOrWhiteSpace(SigningRegions[index]))
            {
                faults.Add($"{nameof(SigningRegions)}[{index}]: a region has a name.");
            }
        }

        if (faults.Count > 0)
        {
            throw new OptionsValidationException(nameof(TokenServiceEndpointOptions), typeof(TokenServiceEndpointOptions), faults);
        }
    }
}
