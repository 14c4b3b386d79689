using StsServer.Seed;
using StsServer.SignIn;
using TokenService;

namespace StsServer;

/// <summary>What the host is told by the command line, the environment and <c>appsettings.json</c>.</summary>
internal sealed class ServerSettings
{
    internal const string DefaultUrl = "http://127.0.0.1:5080";

    private const string ShippedSeed = "seed.json";

    private static readonly string[] Options =
    [
        "urls", "seed", "keys", "public-address", "environment", "contentRoot", "applicationName", "AllowedHosts", "http_ports", "https_ports",
    ];

    private readonly List<string> _faults = [];
    private readonly IConfigurationRoot _configuration;

    internal ServerSettings(IConfigurationRoot configuration, string[] args)
    {
        _configuration = configuration;
        CheckArguments(args);
        IsShippedSeed = configuration["seed"] is null;
        Seed = new SeedFile(Value("seed") ?? Path.Combine(AppContext.BaseDirectory, ShippedSeed));
        KeyRingFile = Value("keys") is { } keys ? Path.GetFullPath(keys) : null;
        CheckKeyRing();
        CheckUrls();
    }

    internal SeedFile Seed { get; }

    internal bool IsShippedSeed { get; }

    /// <summary>The key ring's file, or <see langword="null"/> for a key of this process alone.</summary>
    internal string? KeyRingFile { get; }

    /// <summary>The address that web identity tokens are issued under: the one that is said, or the host's own where that is one of this machine
    /// alone or has TLS; <see langword="null"/> where the port is not known before the host listens.</summary>
    internal string? PublicAddress => _configuration["public-address"] ?? OwnAddress;

    /// <summary>The address that identity providers deliver SAML responses to, where <see cref="PublicAddress"/> is known.</summary>
    internal string? SignInAddress => PublicAddress is { } address ? address.TrimEnd('/') + SignInEndpoint.Path : null;

    /// <summary>Everything that is wrong, each with the option's name and where its value came from.</summary>
    internal IReadOnlyList<string> Faults => _faults;

    /// <summary>Whether no address is configured anywhere, so that the default one is served.</summary>
    internal bool NeedsDefaultUrl => _configuration["urls"] is null && _configuration["http_ports"] is null
        && _configuration["https_ports"] is null && !_configuration.GetSection("Kestrel:Endpoints").Exists();

    internal SeedLoad LoadSeed()
    {
        var load = Seed.Load();
        _faults.AddRange(load.Report.Faults.Select(fault => $"seed ({Source("seed")}): {Seed.Path}: {fault}"));
        return load;
    }

    /// <summary>A path, or <see langword="null"/> where none is said or it is empty, which is reported.</summary>
    private string? Value(string name)
    {
        var value = _configuration[name];
        if (value is not null && string.IsNullOrWhiteSpace(value))
        {
            _faults.Add($"{name} ({Source(name)}): a path is expected");
            return null;
        }

        return value;
    }

    private string? OwnAddress =>
        Uri.TryCreate(NeedsDefaultUrl ? DefaultUrl : _configuration["urls"]?.Split(';')[0].Trim(), UriKind.Absolute, out var url)
        && url.Port > 0 && (url.IsLoopback || url.Scheme == Uri.UriSchemeHttps)
            ? url.GetLeftPart(UriPartial.Authority)
            : null;

    private void CheckArguments(string[] args)
    {
        for (var index = 0; index < args.Length; index++)
        {
            var isOption = args[index].StartsWith("--", StringComparison.Ordinal);
            var name = isOption ? args[index][2..] : args[index];
            var equals = name.IndexOf('=', StringComparison.Ordinal);
            name = equals < 0 ? name : name[..equals];
            if (!isOption)
            {
                _faults.Add($"{name} (command line): not an option; options are {string.Join(", ", Options.Take(4).Select(option => $"--{option}"))}");
            }
            else if (!name.Contains(':', StringComparison.Ordinal) && !Options.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                _faults.Add($"--{name} (command line): unknown option; options are {string.Join(", ", Options.Take(4).Select(option => $"--{option}"))}");
            }

            if (isOption && equals < 0)
            {
                index++;
                if (index == args.Length)
                {
                    _faults.Add($"--{name} (command line): its value is missing");
                }
            }
        }
    }

    private void CheckKeyRing()
    {
        if (KeyRingFile is null)
        {
            return;
        }

        if (Directory.Exists(KeyRingFile))
        {
            _faults.Add($"keys ({Source("keys")}): {KeyRingFile} is a folder, and a file is expected");
        }
        else if (!Directory.Exists(Path.GetDirectoryName(KeyRingFile)))
        {
            _faults.Add($"keys ({Source("keys")}): the folder of {KeyRingFile} does not exist");
        }
        else if (File.Exists(KeyRingFile))
        {
            OpenKeyRing();
        }
    }

    /// <summary>Reads an existing key ring as the service will, so that what is wrong with it is told with the rest.</summary>
    private void OpenKeyRing()
    {
        var services = new ServiceCollection();
        services.AddTemporaryCredentials(options => options.KeyRingFile = KeyRingFile);
        using var provider = services.BuildServiceProvider();
        try
        {
            provider.GetRequiredService<IKeyRing>();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            _faults.Add($"keys ({Source("keys")}): {unreadable.Message}");
        }
    }

    private void CheckUrls()
    {
        if (_configuration["urls"] is not { } urls)
        {
            return;
        }

        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0)
        {
            _faults.Add($"urls ({Source("urls")}): an address such as {DefaultUrl} is expected");
        }

        foreach (var address in addresses)
        {
            try
            {
                var parsed = BindingAddress.Parse(address);
                if (parsed.Scheme is not ("http" or "https") || parsed.PathBase.Length > 0 || parsed.Port is < 0 or > ushort.MaxValue)
                {
                    _faults.Add($"urls ({Source("urls")}): '{address}' is not an address such as {DefaultUrl}");
                }
            }
            catch (FormatException)
            {
                _faults.Add($"urls ({Source("urls")}): '{address}' is not an address such as {DefaultUrl}");
            }
        }
    }

    /// <summary>Where the value that counts came from.</summary>
    private string Source(string name) =>
        _configuration.Providers.LastOrDefault(provider => provider.TryGet(name, out _)) switch
        {
            null => "default",
            Microsoft.Extensions.Configuration.CommandLine.CommandLineConfigurationProvider => "command line",
            Microsoft.Extensions.Configuration.EnvironmentVariables.EnvironmentVariablesConfigurationProvider => "environment",
            FileConfigurationProvider file => file.Source.Path ?? "file",
            var other => other.ToString() ?? "configuration",
        };
}
