using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;

namespace TokenService.Conformance;

/// <summary>What a process that has ended left behind.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors);

/// <summary>A process with an environment of its own, that is waited for by what it says and stopped by its own id.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>How long a test waits for a line or an end before it gives up. No test asserts how long anything took.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly DirectoryInfo _home;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private ChildProcess(Process process, DirectoryInfo home)
    {
        _process = process;
        _home = home;
        _reading = ReadAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    internal TextWriter Input => _process.StandardInput;

    /// <summary>The host that runs this very test, which runs other programs of the platform too.</summary>
    internal static string DotnetHost { get; } =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    internal static ChildProcess Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var home = Directory.CreateTempSubdirectory("tokenservice-home-");
        var start = new ProcessStartInfo(file)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = home.FullName,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Nothing is inherited but where programs are: no credentials, no region, no proxy, no profile, and no home that would keep anything.
        start.Environment.Clear();
        foreach (var name in (string[])["PATH", "SystemRoot", "TEMP", "TMPDIR"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        start.Environment["HOME"] = start.Environment["USERPROFILE"] = home.FullName;
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["NO_PROXY"] = start.Environment["no_proxy"] = "127.0.0.1,localhost";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        start.Environment["AWS_CONFIG_FILE"] = start.Environment["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(home.FullName, "no-such-file");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        try
        {
            return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{file} does not start."), home);
        }
        catch
        {
            home.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    internal static async Task<Outcome> RunAsync(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var process = Start(file, arguments, environment);
        process.Input.Close();
        return await process.EndAsync();
    }

    /// <summary>Whether a program is there and ends well, and what it printed.</summary>
    internal static string? Probe(string file, params string[] arguments)
    {
        try
        {
            var outcome = RunAsync(file, arguments).GetAwaiter().GetResult();
            return outcome.ExitCode == 0 ? outcome.Output + outcome.Errors : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no such program.
            return null;
        }
    }

    /// <summary>The next line that has what is looked for.</summary>
    internal async Task<string> WaitForLineAsync(Predicate<string> isWanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (await _lines.Reader.WaitToReadAsync(patience.Token))
            {
                while (_lines.Reader.TryRead(out var line))
                {
                    if (isWanted(line))
                    {
                        return line;
                    }
                }
            }
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"The line did not come. Until now: {Output()}", late);
        }

        throw new InvalidOperationException($"The process ended without that line. It said: {Output()} {await _errors}");
    }

    internal async Task<Outcome> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _reading.WaitAsync(Patience);
        return new Outcome(_process.ExitCode, Output(), await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
        _home.Delete(recursive: true);
    }

    /// <summary>What it has printed until now.</summary>
    internal string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.Append(line).Append('\n');
            }

            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }
}
