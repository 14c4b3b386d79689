using System.Text.Json;
using TokenService;

namespace StsServer.Seed;

/// <summary>What came of a seed file: a directory, or the faults that kept it from being one.</summary>
/// <param name="Directory">The directory, where there is no fault.</param>
/// <param name="Report">Faults and notes.</param>
/// <param name="Stamp">What the file's <see cref="SeedFile.Stamp"/> was before it was read: one that changes meanwhile is another one.</param>
internal sealed record SeedLoad(SeedDirectory? Directory, SeedReport Report, (DateTime Written, long Length) Stamp);

/// <summary>A seed file on disk.</summary>
internal sealed class SeedFile(string path)
{
    /// <summary>The largest file that is read, in bytes; a real account's export has a few million.</summary>
    internal const int MaxSize = 64 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, CommentHandling = JsonCommentHandling.Disallow };

    internal string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Seals the seeds of multi-factor devices, under a key that this process alone has: it reads them again whenever it starts.</summary>
    internal MfaSecretSealer MfaSecrets { get; } = new(KeyRing.Ephemeral());

    /// <summary>Reads the file whole, and everything that is wrong with it.</summary>
    internal SeedLoad Load()
    {
        var report = new SeedReport();
        var stamp = Stamp();
        try
        {
            using var file = File.OpenRead(Path);
            if (file.Length > MaxSize)
            {
                report.Fault("$", $"the file has more than {MaxSize} bytes");
                return new SeedLoad(null, report, stamp);
            }

            return new SeedLoad(Parse(file, report), report, stamp);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            report.Fault("$", $"the file cannot be read: {unreadable.Message}");
        }

        return new SeedLoad(null, report, stamp);
    }

    /// <summary>When and how large the file is now: what changes with every change of its content.</summary>
    internal (DateTime Written, long Length) Stamp()
    {
        var file = new FileInfo(Path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private SeedDirectory? Parse(Stream json, SeedReport report)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            var read = new SeedReader(report, System.IO.Path.GetDirectoryName(Path)!, MfaSecrets).Read(document.RootElement);
            return new SeedAssembler(read, report).Assemble();
        }
        catch (JsonException broken)
        {
            // The exception's own message repeats what it stumbled over, which may be half a secret.
            report.Fault(broken.Path ?? "$", $"not JSON, at line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}");
        }
        catch (InvalidOperationException)
        {
            // What the platform says of a text that it cannot decode, once the text is asked for.
            report.Fault("$", "a text is not valid UTF-8, or holds half a surrogate pair");
        }

        return null;
    }
}
