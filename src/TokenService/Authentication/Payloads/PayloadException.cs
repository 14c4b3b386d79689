namespace TokenService;

/// <summary>A body that is not the one that was signed, or not laid out as its request said.</summary>
/// <remarks>Thrown by the stream of <see cref="Payload.Open"/> in place of the end of the body: whoever gets it keeps nothing of what was read.
/// Bodies are read while they arrive, so this refusal cannot be a value as the others are.</remarks>
public sealed class PayloadException : IOException
{
    internal PayloadException(StsError error)
        : base($"{error.Code}: {error.Message}") => Error = error;

    /// <summary>The refusal, with S3's code.</summary>
    public StsError Error { get; }
}
