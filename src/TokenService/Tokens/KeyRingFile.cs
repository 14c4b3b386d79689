using System.Collections.Frozen;
using System.Collections.Immutable;
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
/// changed. JSON: <c>{ "Keys": [ { "Id": "0a1b2c3d", "Material": "…", "CreatedAt": "2026-01-02T03:04:05Z" } ], "WebIdentityKeys": [ {
/// "Algorithm": "ES384", "Material": "…", "SignsFrom": "2026-01-02T03:04:05Z" } ] }</c>. The second list is there once the host issues web
/// identity tokens; its material is PKCS #8.</para>
/// <para>A key for web identity tokens is published an hour before it signs, so that whoever keeps the published set for a while has it by
/// then, and until the last token that it signed has expired.</para>
/// </remarks>
internal sealed class KeyRingFile : IKeyRing
{

    /// <summary>How long before it signs a key is published: many times what verifiers are told to keep the set for.</summary>
    private static readonly Duration Lead = Duration.FromHours(1);

    /// <summary>The longest web identity token, and an hour for clocks that differ.</summary>
    private static readonly Duration SignedRetention = Duration.FromSeconds(WebIdentityKey.MaxTokenSeconds) + Duration.FromHours(1);

    private static readonly WebIdentityAlgorithm[] Algorithms = Enum.GetValues<WebIdentityAlgorithm>();

    private static readonly Duration BetweenAttempts = Duration.FromMinutes(1);

    private readonly string _path;
    private readonly Duration _rotation;
    private readonly bool _signs;
    private readonly IClock _clock;
    private readonly ILogger _logger;
    private readonly Lock _changes = new();
    private volatile Snapshot? _read;
    private Instant _nextAttempt = Instant.MinValue;

    /// <param name="path">The file.</param>
    /// <param name="rotation">How long a key seals, or signs.</param>
    /// <param name="signs">Whether the host issues web identity tokens, so that there must be keys for them.</param>
    /// <param name="clock">Tells when a key's time is over.</param>
    /// <param name="logger">Is told of changes.</param>
    /// <exception cref="InvalidDataException">The file is no key ring, or others than its owner can read it.</exception>
    /// <exception cref="IOException">The file cannot be read or made.</exception>
    internal KeyRingFile(string path, Duration rotation, bool signs, IClock clock, ILogger logger)
    {
        _path = Path.GetFullPath(path);
        _rotation = rotation;
        _signs = signs;
        _clock = clock;
        _logger = logger;
        if (!File.Exists(_path) || (_signs && LacksSigningKeys(Read())))
        {
            Prepare();
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

    /// <inheritdoc/>
    public ImmutableArray<WebIdentityKey> PublishedKeys
    {
        get
        {
            if (!_signs)
            {
                return [];
            }

            // Another process may have made a key that signs there: asked for on every publication, at the cost of a look at the file's time.
            LookAgain();
            var now = _clock.GetCurrentInstant();
            return [.. NeededForSigning(Renewed(now).SigningKeys, now).Select(stored => stored.Key)];
        }
    }

    /// <inheritdoc/>
    public WebIdentityKey? FindSigningKey(WebIdentityAlgorithm algorithm)
    {
        var now = _clock.GetCurrentInstant();
        WebIdentityKey? found = null;
        foreach (var stored in _signs ? Renewed(now).SigningKeys : [])
        {
            if (stored.Key.Algorithm != algorithm)
            {
                continue;
            }

            found = stored.Key;
            if (stored.SignsFrom <= now)
            {
                break;
            }
        }

        // Where the clock was set back before the first key's time, that key: it is published like any other.
        return found;
    }

    /// <summary>Makes what is missing; of several processes that start together one does, and the others wait for it.</summary>
    private void Prepare()
    {
        var wait = TimeSpan.FromSeconds(10);
        FileStream? turn = null;
        try
        {
            if (!SpinWait.SpinUntil(() => (turn = TryTakeTurn()) is not null, wait))
            {
                throw new IOException($"The key ring {_path} is being made by another process that does not come to an end.");
            }

            var now = _clock.GetCurrentInstant();
            var there = File.Exists(_path) ? Read() : null;
            if (there is null || (_signs && LacksSigningKeys(there)))
            {
                Write(there?.Keys ?? [new StoredKey(RootKey.Generate(), now)], Complete(there?.SigningKeys ?? [], now));
            }
        }
        finally
        {
            turn?.Dispose();
        }
    }

    private static bool LacksSigningKeys(Snapshot ring) => Algorithms.Any(algorithm => !ring.SigningKeys.Any(stored => stored.Key.Algorithm == algorithm));

    /// <summary>The signing keys with those that it is time to publish: the first of an algorithm signs at once, a later one when its
    /// predecessor's time is over, and an hour after it is published at the earliest.</summary>
    private IEnumerable<StoredSigningKey> Complete(IReadOnlyList<StoredSigningKey> keys, Instant now)
    {
        if (!_signs)
        {
            return keys;
        }

        var made = Algorithms.Where(algorithm => IsDue(keys, algorithm, now)).Select(algorithm =>
        {
            var newest = keys.FirstOrDefault(stored => stored.Key.Algorithm == algorithm);
            return new StoredSigningKey(
                WebIdentityKey.Generate(algorithm), newest is null ? now : Instant.Max(newest.SignsFrom + _rotation, now + Lead));
        });
        return [.. made, .. keys];
    }

    private bool IsDue(IReadOnlyList<StoredSigningKey> keys, WebIdentityAlgorithm algorithm, Instant now)
    {
        foreach (var stored in keys)
        {
            if (stored.Key.Algorithm == algorithm)
            {
                return now >= stored.SignsFrom + _rotation - Lead;
            }
        }

        return true;
    }

    private bool IsAnyDue(Snapshot ring, Instant now)
    {
        foreach (var algorithm in Algorithms)
        {
            if (IsDue(ring.SigningKeys, algorithm, now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The ring with the signing keys that there have to be by now.</summary>
    private Snapshot Renewed(Instant now)
    {
        if (_signs && now >= _nextAttempt && IsAnyDue(Known, now))
        {
            Rotate(now);
        }

        return Known;
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
        LookAgain();
        return Known.ById.GetValueOrDefault(id);
    }

    private void LookAgain()
    {
        lock (_changes)
        {
            // Whoever invents key ids makes this ask for the file's time, no more, unless it did change.
            var now = _clock.GetCurrentInstant();
            if (Stamp() != Known.Stamp && now >= _nextAttempt)
            {
                TryReload(now);
            }
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
            if (now < _nextAttempt || (now < Known.Keys[0].CreatedAt + _rotation && !(_signs && IsAnyDue(Known, now))))
            {
                return Known.Keys[0].Key;
            }

            _nextAttempt = now + BetweenAttempts;
            try
            {
                // One process rotates at a time; the one that comes second finds the new key in the file.
                using var turn = TakeTurn();
                var ring = Read();
                var isSealingDue = now >= ring.Keys[0].CreatedAt + _rotation;
                var isSigningDue = _signs && IsAnyDue(ring, now);
                if (isSealingDue || isSigningDue)
                {
                    Write(
                        isSealingDue ? [new StoredKey(RootKey.Generate(), now), .. Needed(ring.Keys, now)] : ring.Keys,
                        NeededForSigning([.. Complete(ring.SigningKeys, now)], now));
                }

                _read = Read();
                Tell(ring, _read);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // The current key bears far more than it has sealed; ending the service over a full disk would help nobody.
                Telemetry.KeyRingNotRotated(_logger, exception, _path);
            }

            return Known.Keys[0].Key;
        }
    }

    private void Tell(Snapshot before, Snapshot after)
    {
        if (after.Keys[0].Key.Id != before.Keys[0].Key.Id)
        {
            Telemetry.KeyRingRotated(_logger, _path);
        }

        foreach (var stored in after.SigningKeys.Where(stored => before.SigningKeys.All(known => known.Key.Id != stored.Key.Id)))
        {
            Telemetry.SigningKeyPublished(_logger, stored.Key.ToString(), InstantPattern.General.Format(stored.SignsFrom), _path);
        }
    }

    /// <summary>The keys that sign, will sign, or signed a token that may not have expired: a key is done with when its successor has signed for
    /// longer than a token lives.</summary>
    private static IEnumerable<StoredSigningKey> NeededForSigning(IReadOnlyList<StoredSigningKey> keys, Instant now)
    {
        var successors = new Dictionary<WebIdentityAlgorithm, Instant>();
        foreach (var stored in keys)
        {
            if (!successors.TryGetValue(stored.Key.Algorithm, out var since) || since + SignedRetention > now)
            {
                yield return stored;
            }

            successors[stored.Key.Algorithm] = stored.SignsFrom;
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
            StoredSigningKey[] signing = json.RootElement.TryGetProperty("WebIdentityKeys", out var list)
                ? [.. list.EnumerateArray().Select(ReadSigningKey).OrderByDescending(key => key.SignsFrom)]
                : [];
            return keys.Length > 0 && keys.DistinctBy(key => key.Key.Id).Count() == keys.Length
                && signing.DistinctBy(key => key.Key.Id, StringComparer.Ordinal).Count() == signing.Length
                ? new Snapshot(keys, keys.ToFrozenDictionary(key => key.Key.Id, key => key.Key), signing, stamp)
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

    private StoredSigningKey ReadSigningKey(JsonElement element)
    {
        var algorithm = element.GetProperty("Algorithm").GetString() switch
        {
            nameof(WebIdentityAlgorithm.RS256) => WebIdentityAlgorithm.RS256,
            nameof(WebIdentityAlgorithm.ES384) => WebIdentityAlgorithm.ES384,
            _ => throw new FormatException("An algorithm for web identity tokens is RS256 or ES384."),
        };
        var key = WebIdentityKey.Import(algorithm, element.GetProperty("Material").GetBytesFromBase64());
        var signsFrom = InstantPattern.ExtendedIso.Parse(element.GetProperty("SignsFrom").GetString() ?? "").GetValueOrThrow();
        return new StoredSigningKey(_read?.SigningKeys.FirstOrDefault(known => known.Key.Id == key.Id)?.Key ?? key, signsFrom);
    }

    /// <summary>Writes a new file beside the old one and puts it in its place, so that nobody ever reads half a ring.</summary>
    private void Write(IEnumerable<StoredKey> keys, IEnumerable<StoredSigningKey> signingKeys)
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
                writer.WriteStartArray("WebIdentityKeys");
                foreach (var key in signingKeys)
                {
                    writer.WriteStartObject();
                    writer.WriteString("Algorithm", key.Key.Algorithm.ToString());
                    writer.WriteString("Material", key.Key.Export());
                    writer.WriteString("SignsFrom", InstantPattern.ExtendedIso.Format(key.SignsFrom));
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

    private sealed record StoredSigningKey(WebIdentityKey Key, Instant SignsFrom);

    /// <param name="Keys">The keys, the youngest first.</param>
    /// <param name="ById">The same by their ids.</param>
    /// <param name="SigningKeys">The keys for web identity tokens, the one that signs last first.</param>
    /// <param name="Stamp">The state of the file that was read.</param>
    private sealed record Snapshot(
        IReadOnlyList<StoredKey> Keys, FrozenDictionary<uint, RootKey> ById, IReadOnlyList<StoredSigningKey> SigningKeys, (DateTime Written, long Length) Stamp);
}
