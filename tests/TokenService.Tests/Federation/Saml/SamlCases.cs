using System.Text;
using System.Text.Json;
using NodaTime.Text;
using TokenService.Tests.Policies;

namespace TokenService.Tests.Federation.Saml;

/// <summary>The cases of the manifest, each with the provider, the options and the clock that it is to be judged by.</summary>
internal static class SamlCases
{
    internal const string Folder = "saml-open";

    private static readonly string OwnFolder = Path.Combine(AppContext.BaseDirectory, "Cases", Folder);

    private static readonly Account Home = new("111122223333");

    /// <summary>Those that the suite is run on.</summary>
    internal static JsonElement[] All { get; } = CaseFiles.Read(Path.Combine(Folder, "manifest.json"));

    /// <summary>Those of the project's own copy, whatever the suite is run on.</summary>
    internal static JsonElement[] Own { get; } = ReadOwn();

    internal static string Id(this JsonElement entry) => entry.GetProperty("id").GetString()!;

    /// <summary>The response in base64, as a form posts it.</summary>
    internal static string Response(this JsonElement entry, bool isOwn = false)
    {
        var bytes = File.ReadAllBytes(PathOf(entry.Text("file")!, isOwn));
        return entry.Text("encoding") == "base64" ? Encoding.UTF8.GetString(bytes) : Convert.ToBase64String(bytes);
    }

    internal static Instant Now(this JsonElement entry) => InstantPattern.ExtendedIso.Parse(entry.Text("now")!).Value;

    internal static SamlOptions Options(this JsonElement entry)
    {
        var options = new SamlOptions { Audience = entry.Text("audience")! };
        options.Recipients.Add(entry.Text("recipient")!);
        return options;
    }

    internal static SamlProvider Provider(this JsonElement entry, bool isOwn = false)
    {
        string[] certificates = entry.TryGetProperty("idpCertificatesPem", out var several)
            ? [.. several.EnumerateArray().Select(certificate => certificate.GetString()!)]
            : [entry.Text("idpCertificatePem")!];
        var name = entry.Text("principalArn")!.Split('/')[^1];
        SamlProvider provider;
        try
        {
            provider = new SamlProvider(Home, name, IdentityProvider.Metadata(entry.Text("issuer")!, certificates));
        }
        catch (FormatException)
        {
            // A key that is too weak is not taken, and a provider with no other is none: a stranger's key beside it makes it one.
            provider = new SamlProvider(Home, name, IdentityProvider.Metadata(entry.Text("issuer")!, [.. certificates, IdentityProvider.Stranger.CertificatePem]));
        }

        return provider with
        {
            PrivateKeys = entry.Text("spDecryptionKeyFile") is { } file
                ? [new Secret(File.ReadAllText(PathOf(file, isOwn)))]
                : [],
            ClockTolerance = entry.TryGetProperty("skewSeconds", out var skew) ? Duration.FromSeconds(skew.GetInt32()) : provider.ClockTolerance,
        };
    }

    private static JsonElement[] ReadOwn()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(OwnFolder, "manifest.json")));
        return [.. file.RootElement.Clone().EnumerateArray()];
    }

    private static string PathOf(string file, bool isOwn) => isOwn ? Path.Combine(OwnFolder, file) : CaseFiles.PathOf(Path.Combine(Folder, file));

    internal static string? Text(this JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
