using System.Collections.Immutable;

namespace TokenService;

/// <summary>The fields of a form that a browser uploads a file with, up to the file itself.</summary>
/// <remarks>Source: S3 API Reference, "Browser-Based Uploads Using POST".</remarks>
public sealed record PostForm
{
    /// <summary>The fields in their order, without the file. Letter case of names does not count; a name stands once. 100 fields and 20,480 characters at
    /// most, names and values together.</summary>
    public required ImmutableArray<KeyValuePair<string, string>> Fields { get; init; }

    /// <summary>The bucket that the form is sent to, from the request's address (<see cref="S3Address"/>).</summary>
    public required string Bucket { get; init; }

    /// <summary>The name that the browser gives the file, for <c>${filename}</c> in the key; only what follows its last slash or backslash counts.</summary>
    public string? FileName { get; init; }

    /// <summary>How many fields there are: they hold the signature and the session token.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"POST to {Bucket}";
}
