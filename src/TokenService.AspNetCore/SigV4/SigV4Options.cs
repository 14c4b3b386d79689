using Microsoft.AspNetCore.Authentication;

namespace TokenService.AspNetCore;

/// <summary>What a service asks of the signed requests that it authenticates.</summary>
public sealed class SigV4Options : AuthenticationSchemeOptions
{
    private const int LargestMaxBodySize = 1 << 30;

    /// <summary>The rules of the service: its name in the credential scope, its regions, its clock skew.</summary>
    /// <value>Must be set: a signature that was made for another service must not open this one.</value>
    public SignatureRules? Rules { get; set; }

    /// <summary>The largest body of a signed request. A signature covers the body's hash, so the body is read into memory before the endpoint
    /// runs; a larger one is answered 413. Under S3's rules bodies are checked while the endpoint reads them, nothing is kept in memory, and the
    /// server's own limit holds instead.</summary>
    /// <value>Bytes; 1,048,576 where nothing else is said; 0 to 1,073,741,824.</value>
    public int MaxBodySize { get; set; } = 1 << 20;

    /// <summary>Checks the options.</summary>
    /// <exception cref="InvalidOperationException">The rules are missing, or the size is out of its range.</exception>
    public override void Validate()
    {
        base.Validate();
        if (string.IsNullOrEmpty(Rules?.Service))
        {
            throw new InvalidOperationException($"{nameof(SigV4Options)}.{nameof(Rules)} must name the service that requests are signed for.");
        }

        if (MaxBodySize is < 0 or > LargestMaxBodySize)
        {
            throw new InvalidOperationException($"{nameof(SigV4Options)}.{nameof(MaxBodySize)} is not between 0 and {LargestMaxBodySize} bytes.");
        }
    }
}
