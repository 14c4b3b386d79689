using System.Collections.Immutable;
using NodaTime;

namespace TokenService;

/// <summary>What a service asks of the signatures on its requests.</summary>
/// <remarks>Source: IAM User Guide, "Signature Version 4 signing process"; where services differ, reference 11.2 to 11.7.</remarks>
public sealed record SignatureRules
{
    /// <summary>The rules of the Security Token Service itself.</summary>
    public static readonly SignatureRules Sts = new() { Service = "sts", HonorsExpires = false };

    /// <summary>The service that the credential scope must name; a signature made for another one is refused.</summary>
    public required string Service { get; init; }

    /// <summary>The regions that the credential scope may name; where there are none, any name of a region's form, such as
    /// <c>us-east-1</c>.</summary>
    public ImmutableArray<string> Regions { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>How far the client's clock may be from the service's, either way.</summary>
    /// <value>Fifteen minutes where nothing else is said; zero to one hour.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public Duration ClockSkew
    {
        get;
        init => field = value < Duration.Zero || value > Duration.FromHours(1)
            ? throw new ArgumentOutOfRangeException(nameof(value), value, "Clocks may be off by zero to one hour.")
            : value;
    } = Duration.FromMinutes(15);

    /// <summary>Whether a presigned request lives for its <c>X-Amz-Expires</c> (1 second to 7 days). Where not, as in STS, that parameter is
    /// ignored and the clock skew alone counts.</summary>
    public bool HonorsExpires { get; init; } = true;

    /// <summary>Whether the service signs as S3 does: paths encoded once and never normalized, <c>x-amz-content-sha256</c> required,
    /// <c>UNSIGNED-PAYLOAD</c> allowed, and S3's own error codes. Only for S3-like services: the body may then be another than was sent.</summary>
    public bool IsS3 { get; init; }
}
