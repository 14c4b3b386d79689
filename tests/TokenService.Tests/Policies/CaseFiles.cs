using System.Text.Json;

namespace TokenService.Tests.Policies;

/// <summary>The case files, from the folder that TOKENSERVICE_CASES names, else from the project's copy.</summary>
internal static class CaseFiles
{
    internal static JsonElement[] Read(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(PathOf(name)));
        return [.. file.RootElement.Clone().EnumerateArray()];
    }

    /// <summary>Where a file of the cases is.</summary>
    internal static string PathOf(string name)
    {
        var folder = Environment.GetEnvironmentVariable("TOKENSERVICE_CASES") is { Length: > 0 } set
            ? set
            : Path.Combine(AppContext.BaseDirectory, "Cases");
        return Path.Combine(folder, name);
    }

    /// <summary>One line a failure, under a line of counts.</summary>
    internal static string Report(string file, int ran, IReadOnlyCollection<string> failures) =>
        $"{file}: {ran} cases run, {ran - failures.Count} passed, {failures.Count} failed{string.Concat(failures.Select(line => Environment.NewLine + line))}";
}
