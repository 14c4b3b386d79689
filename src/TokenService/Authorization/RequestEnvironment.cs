using System.Collections.Immutable;
using System.Net;

namespace TokenService;

/// <summary>What a transport knows of a request besides its content, for policy conditions.</summary>
/// <remarks>The host vouches for it: a value that a client can choose, such as a forwarded address, belongs here only once it is checked.
/// Source: IAM User Guide, "AWS global condition context keys", properties of the network and of the request.</remarks>
public sealed record RequestEnvironment
{
    /// <summary>The client's address, <c>aws:SourceIp</c>.</summary>
    public IPAddress? SourceIp { get; init; }

    /// <summary>The client's word on itself, <c>aws:UserAgent</c>.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The page the client says it comes from, <c>aws:referer</c>.</summary>
    public string? Referer { get; init; }

    /// <summary>The region the request was signed for, <c>aws:RequestedRegion</c>.</summary>
    public string? RequestedRegion { get; init; }

    /// <summary>Whether the request came over TLS, <c>aws:SecureTransport</c>.</summary>
    public bool? SecureTransport { get; init; }

    /// <summary>Further keys of the host's own, such as <c>aws:SourceVpc</c>, by name whatever its letter case. A key that the service itself
    /// fills, such as <c>aws:PrincipalArn</c> or <c>sts:ExternalId</c>, is never taken from here.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Keys
    {
        get;
        init => field = value.WithComparers(StringComparer.OrdinalIgnoreCase);
    } = ImmutableDictionary.Create<string, ImmutableArray<string>>(StringComparer.OrdinalIgnoreCase);
}
