using System.Collections.Immutable;

namespace TokenService;

/// <summary>A request as it came on the wire, for its signature to be checked.</summary>
/// <remarks>Path and query stay as the client sent them, percent-encoding included: a server that decodes and writes them anew checks
/// another request than the one that was signed. Source: IAM User Guide, "Signature Version 4 signing process".</remarks>
public sealed class SignedRequest
{
    /// <summary>The method, such as <c>POST</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The path as it came, such as <c>/</c>; without the query.</summary>
    public required string Path { get; init; }

    /// <summary>The query as it came, without the question mark; empty where there is none.</summary>
    public required string Query { get; init; }

    /// <summary>Every header line in the order of arrival, <c>Host</c> (or HTTP/2's <c>:authority</c>, under the name <c>host</c>) among them;
    /// a header that came twice stands twice. The letter case of names does not count.</summary>
    public required ImmutableArray<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>The body's bytes; empty where there is none, and where <see cref="IsBodyToFollow"/> says so.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whether the body is not here: it is read, and checked while it is, through <see cref="AuthenticatedRequest.Payload"/>. For services
    /// of S3's kind alone; the signatures of the others cannot be checked without the body.</summary>
    public bool IsBodyToFollow { get; init; }

    /// <summary>Method and path: headers and query hold signatures and tokens.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"{Method} {Path}";
}
