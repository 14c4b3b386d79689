using System.Collections.Immutable;
using System.Text.Json;
using TokenService.Tests.Policies;
using Xunit.Abstractions;

namespace TokenService.Tests.Federation;

/// <summary>Every token of the case file: accepted, or refused with the code of <c>AssumeRoleWithWebIdentity</c>.</summary>
public sealed class JwtCaseTests(ITestOutputHelper output)
{
    private const string File = "jwt-open.json";

    [Fact]
    public async Task Every_token_is_accepted_or_refused_as_its_case_says()
    {
        var failures = new List<string>();
        var cases = CaseFiles.Read(File);
        foreach (var entry in cases)
        {
            var isOptIn = entry.TryGetProperty("tier", out var tier) && tier.GetString() == "opt-in";
            var expected = entry.GetProperty("expected").GetString() == "accept" ? "accept" : entry.GetProperty("code").GetString()!;
            await CheckAsync(entry, OidcProvider.DefaultAlgorithms, isOptIn ? "InvalidIdentityToken" : expected, failures);
            if (isOptIn)
            {
                await CheckAsync(entry, OidcProvider.KnownAlgorithms, expected, failures);
            }
        }

        var report = CaseFiles.Report(File, cases.Length, failures);
        output.WriteLine(report);
        Console.WriteLine(report);
        cases.Should().NotBeEmpty();
        failures.Should().BeEmpty("{0}", report);
    }

    private static async Task CheckAsync(JsonElement entry, ImmutableArray<string> algorithms, string expected, List<string> failures)
    {
        using var host = new TestHost();
        host.Clock.Reset(Instant.FromUnixTimeSeconds(entry.GetProperty("now").GetInt64()));
        var jwks = entry.GetProperty("jwks");
        host.Store.Put(new OidcProvider(host.Home, entry.GetProperty("issuer").GetString()!, [entry.GetProperty("audience").GetString()!])
        {
            Jwks = jwks.ValueKind == JsonValueKind.String ? jwks.GetString() : jwks.GetRawText(),
            Algorithms = algorithms,
        });
        var token = entry.GetProperty("token").GetString()!;
        string answer;
        try
        {
            answer = (await host.Get<IOidcValidator>().ValidateAsync(host.Home.Id, token)).Error?.Code ?? "accept";
        }
        catch (Exception broken)
        {
            answer = broken.ToString();
        }

        var refusals = host.Log.Entries.Where(line => line.Id.Id == 1030).ToList();
        if (answer != expected)
        {
            failures.Add($"{entry.GetProperty("id")}: expected {expected}, got {answer} {string.Join(';', refusals.Select(line => line.Text))}");
        }

        if ((refusals.Count == 1) != (answer != "accept")
            || host.Log.Entries.Any(line => token.Split('.').Any(part => part.Length > 8 && line.Text.Contains(part, StringComparison.Ordinal))))
        {
            failures.Add($"{entry.GetProperty("id")}: the log says {string.Join(';', host.Log.Entries.Select(line => line.Text))}");
        }
    }
}
