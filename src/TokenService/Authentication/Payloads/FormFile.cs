using System.Collections.Immutable;

namespace TokenService;

/// <summary>The file of an upload by form, whose length is known at its end alone.</summary>
/// <remarks>Source: S3 API Reference, "POST Policy", <c>content-length-range</c>.</remarks>
internal sealed class FormFile(Stream wire, long minLength, long maxLength, ImmutableArray<Checksum> checksums) : PayloadStream(null, checksums)
{
    private protected override async ValueTask<int> ReadPartAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int read;
        try
        {
            read = await wire.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Readers of forms have this for a form without an end.
            throw EndedEarly();
        }

        return read > maxLength - BytesRead ? throw new PayloadException(StsError.EntityTooLarge()) : read;
    }

    private protected override ValueTask FinishAsync(CancellationToken cancellationToken) =>
        BytesRead < minLength ? throw new PayloadException(StsError.EntityTooSmall()) : ValueTask.CompletedTask;
}
