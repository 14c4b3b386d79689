using StsServer.Seed;

namespace StsServer;

/// <summary>Looks every second whether the seed file has changed, and takes the new one over whole or not at all.</summary>
/// <remarks>It looks, rather than waits for the file system's word, because that word does not come on every kind of volume that a
/// container mounts.</remarks>
internal sealed partial class SeedReloader(SeedFile file, SeedLoad first, SeedStore store, ILogger<SeedReloader> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private (DateTime Written, long Length) _seen = first.Stamp;

    /// <summary>Loads the file again if it is another one than last time.</summary>
    /// <returns>Whether the store answers from a new directory.</returns>
    internal bool Refresh()
    {
        if (file.Stamp() == _seen)
        {
            return false;
        }

        var load = file.Load();
        _seen = load.Stamp;
        if (load.Directory is null)
        {
            foreach (var fault in load.Report.Faults)
            {
                Fault(logger, file.Path, fault.Place, fault.Reason);
            }

            Kept(logger, file.Path, load.Report.Faults.Count);
            return false;
        }

        LogNotes(logger, file, load.Report);
        store.Exchange(load.Directory);
        Loaded(logger, file.Path);
        return true;
    }

    internal static void LogNotes(ILogger logger, SeedFile file, SeedReport report)
    {
        foreach (var note in report.Notes)
        {
            Note(logger, file.Path, note.Place, note.Reason);
        }
    }

    /// <summary>Goes on looking until the host stops.</summary>
    internal async Task RunAsync(TimeProvider time, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Period, time);

        // A timer that is disposed ends its loop without an exception.
        await using var stop = stopping.Register(timer.Dispose);
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            Refresh();
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{File}: {Place}: {Reason}")]
    private static partial void Fault(ILogger logger, string file, string place, string reason);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "{File} has {Count} faults; what was loaded before stays")]
    private static partial void Kept(ILogger logger, string file, int count);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "{File} is loaded")]
    private static partial void Loaded(ILogger logger, string file);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "{File}: {Place}: {Reason}")]
    private static partial void Note(ILogger logger, string file, string place, string reason);
}
