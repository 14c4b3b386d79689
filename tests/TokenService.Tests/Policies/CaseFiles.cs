using System.Text.Json;

namespace TokenService.Tests.Policies;

/// <summary>The case files, from the folder that TOKENSERVICE_CASES names, else from the project's copy.</summary>
internal static class CaseFiles
{
    private static readonly string Copy = Path.Combine(AppContext.BaseDirectory, "Cases");

    internal static JsonElement[] Read(string name) => ReadFile(PathOf(name));

    /// <summary>The cases that are this project's own, wherever the others come from.</summary>
    internal static JsonElement[] ReadOwn(string name) => ReadFile(Path.Combine(Copy, name));

    /// <summary>Where a file of the cases is.</summary>
    internal static string PathOf(string name)
    {
        var folder = Environment.GetEnvironmentVariable("TOKENSERVICE_CASES") is { Length: > 0 } set
            ? set
            : Copy;
        return Path.Combine(folder, name);
    }

    private static JsonElement[] ReadFile(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. file.RootElement.Clone().EnumerateArray()];
    }

    /// <summary>One line a failure, under a line of counts.</summary>
    internal static string Report(string file, int ran, IReadOnlyCollection<string> failures) =>
        $"{file}: {ran} cases run, {ran - failures.Count} passed, {failures.Count} failed{string.Concat(failures.Select(line => Environment.NewLine + line))}";
}
