using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>A ring of keys in a file, so that a restart ends no session.</summary>
/// <remarks>
/// <para>The file is made when it is missing, for its owner alone; one that others can read is refused. A key seals for the time that the host
/// sets, then a new one takes over; the old one opens tokens until the last of its sessions has ended.</para>
/// <para>Several processes of one machine may share the file: each looks into it again when it meets a key id it does not know and the file has
/// changed. JSON: <c>{ "Keys": [ { "Id": "0a1b2c3d", "Material": "…", "CreatedAt": "2026-01-02T03:04:05Z" } ] }</c>.</para>
/// </remarks>
internal sealed class KeyRingFile : IKeyRing
{

    private static readonly Duration BetweenAttempts = Duration.FromMinutes(1);

    private readonly string _path;
    private readonly Duration _rotation;
    private readonly IClock _clock;
    private readonly ILogger _logger;
    private readonly Lock _changes = new();
    private volatile Snapshot? _read;
    private Instant _nextAttempt = Instant.MinValue;

    /// <exception cref="InvalidDataException">The file is no key ring, or others than its owner can read it.</exception>
    /// <exception cref="IOException">The file cannot be read or made.</exception>
    internal KeyRingFile(string path, Duration rotation, IClock clock, ILogger logger)
    {
        _path = Path.GetFullPath(path);
        _rotation = rotation;
        _clock = clock;
        _logger = logger;
        if (!File.Exists(_path))
        {
            Create();
        }

        _read = Read();
    }

    private Snapshot Known => _read!;

    /// <inheritdoc/>
    public RootKey Current
    {
        get
        {
            var snapshot = Known;
            var now = _clock.GetCurrentInstant();
            return now < snapshot.Keys[0].CreatedAt + _rotation || now < _nextAttempt ? snapshot.Keys[0].Key : Rotate(now);
        }
    }

    /// <inheritdoc/>
    public RootKey? Find(uint id) => Known.ById.TryGetValue(id, out var key) ? key : LookAgain(id);

    /// <summary>Makes the ring; of several processes that start together one does, and the others wait for it.</summary>
    private void Create()
    {
        var wait = TimeSpan.FromSeconds(10);
        FileStream? turn = null;
        try
        {
            if (!SpinWait.SpinUntil(() => (turn = TryTakeTurn()) is not null, wait))
            {
                throw new IOException($"The key ring {_path} is being made by another process that does not come to an end.");
            }

            if (!File.Exists(_path))
            {
                Write([new StoredKey(RootKey.Generate(), _clock.GetCurrentInstant())]);
            }
        }
        finally
        {
            turn?.Dispose();
        }
    }

    /// <summary>One process changes the file at a time.</summary>
    private FileStream TakeTurn() => new(
        _path + ".lock", Owned(new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None }));

    private FileStream? TryTakeTurn()
    {
        try
        {
            return TakeTurn();
        }
        catch (IOException) when (File.Exists(_path + ".lock"))
        {
            // Somebody else has it, which is what the caller waits to be over.
            return null;
        }
    }

    private RootKey? LookAgain(uint id)
    {
        lock (_changes)
        {
            // Whoever invents key ids makes this ask for the file's time, no more, unless it did change.
            var snapshot = Known;
            var now = _clock.GetCurrentInstant();
            if (Stamp() != snapshot.Stamp && now >= _nextAttempt)
            {
                TryReload(now);
            }

            return Known.ById.GetValueOrDefault(id);
        }
    }

    private void TryReload(Instant now)
    {
        try
        {
            _read = Read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            _nextAttempt = now + BetweenAttempts;
            Telemetry.KeyRingNotRead(_logger, exception, _path);
        }
    }

    /// <summary>What tells one state of the file from another.</summary>
    private (DateTime Written, long Length) Stamp()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private RootKey Rotate(Instant now)
    {
        lock (_changes)
        {
            if (now < Known.Keys[0].CreatedAt + _rotation || now < _nextAttempt)
            {
                return Known.Keys[0].Key;
            }

            _nextAttempt = now + BetweenAttempts;
            try
            {
                // One process rotates at a time; the one that comes second finds the new key in the file.
                using var turn = TakeTurn();
                var keys = Read().Keys;
                if (now >= keys[0].CreatedAt + _rotation)
                {
                    Write([new StoredKey(RootKey.Generate(), now), .. Needed(keys, now)]);
                    Telemetry.KeyRingRotated(_logger, _path);
                }

                _read = Read();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // The current key bears far more than it has sealed; ending the service over a full disk would help nobody.
                Telemetry.KeyRingNotRotated(_logger, exception, _path);
            }

            return Known.Keys[0].Key;
        }
    }

    /// <summary>The keys under which a session may still live: a key is done with when its successor is older than the longest session.</summary>
    private static IEnumerable<StoredKey> Needed(IReadOnlyList<StoredKey> keys, Instant now)
    {
        for (var index = 0; index < keys.Count; index++)
        {
            if (index == 0 || keys[index - 1].CreatedAt + SessionLifetime.Remembered > now)
            {
                yield return keys[index];
            }
        }
    }

    private Snapshot Read()
    {
        const int mostBytes = 1 << 20;
        var stamp = Stamp();
        if (!OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(_path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) is var others and not UnixFileMode.None)
        {
            throw new InvalidDataException($"The key ring {_path} is open to others than its owner ({others}); it must be for its owner alone (mode 600).");
        }

        if (new FileInfo(_path).Length > mostBytes)
        {
            throw new InvalidDataException($"The key ring {_path} is larger than {mostBytes} bytes.");
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(_path));
            StoredKey[] keys = [.. json.RootElement.GetProperty("Keys").EnumerateArray().Select(ReadKey).OrderByDescending(key => key.CreatedAt)];
            return keys.Length > 0 && keys.DistinctBy(key => key.Key.Id).Count() == keys.Length
                ? new Snapshot(keys, keys.ToFrozenDictionary(key => key.Key.Id, key => key.Key), stamp)
                : throw new InvalidDataException($"The key ring {_path} has no key, or two with one id.");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The key ring {_path} cannot be read: {exception.Message}", exception);
        }
    }

    private StoredKey ReadKey(JsonElement element)
    {
        var key = new RootKey(
            uint.Parse(element.GetProperty("Id").GetString() ?? "", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            element.GetProperty("Material").GetBytesFromBase64());
        var createdAt = InstantPattern.ExtendedIso.Parse(element.GetProperty("CreatedAt").GetString() ?? "").GetValueOrThrow();

        // A key that was here before stays the same object: what was derived from it goes on serving.
        return new StoredKey(_read?.ById.GetValueOrDefault(key.Id) is { } known && known.IsSameAs(key) ? known : key, createdAt);
    }

    /// <summary>Writes a new file beside the old one and puts it in its place, so that nobody ever reads half a ring.</summary>
    private void Write(IEnumerable<StoredKey> keys)
    {
        var beside = $"{_path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.new";
        try
        {
            using (var stream = new FileStream(beside, Owned(new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write })))
            using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
            {
                writer.WriteStartObject();
                writer.WriteStartArray("Keys");
                foreach (var key in keys)
                {
                    writer.WriteStartObject();
                    writer.WriteString("Id", key.Key.ToString());
                    writer.WriteString("Material", key.Key.Export());
                    writer.WriteString("CreatedAt", InstantPattern.ExtendedIso.Format(key.CreatedAt));
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
                writer.Flush();
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, _path, overwrite: true);
        }
        finally
        {
            // Nothing to delete once it was moved; what stays behind after a fault holds keys.
            File.Delete(beside);
        }
    }

    private static FileStreamOptions Owned(FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private sealed record StoredKey(RootKey Key, Instant CreatedAt);

    /// <param name="Keys">The keys, the youngest first.</param>
    /// <param name="ById">The same by their ids.</param>
    /// <param name="Stamp">The state of the file that was read.</param>
    private sealed record Snapshot(IReadOnlyList<StoredKey> Keys, FrozenDictionary<uint, RootKey> ById, (DateTime Written, long Length) Stamp);
}
