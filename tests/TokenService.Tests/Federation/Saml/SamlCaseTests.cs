using System.Collections.Immutable;
using System.Text.Json;
using NodaTime.Text;
using TokenService.Tests.Policies;
using Xunit.Abstractions;

namespace TokenService.Tests.Federation.Saml;

/// <summary>Responses of a dozen producers, and what was made of them to break in.</summary>
public sealed class SamlCaseTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_response_is_judged_as_the_case_file_says()
    {
        var failures = new List<string>();
        using var host = TestHost.WithSaml();
        foreach (var entry in SamlCases.All)
        {
            if (await FailureOfAsync(host, entry) is { } failure)
            {
                failures.Add($"{entry.Id()}: {failure}");
            }
        }

        var report = CaseFiles.Report("saml-open", SamlCases.All.Length, failures);
        output.WriteLine(report);
        failures.Should().BeEmpty(report);
    }

    private static async Task<string?> FailureOfAsync(TestHost host, JsonElement entry)
    {
        using var log = new RecordingLog();
        host.Clock.Reset(entry.Now());
        var provider = entry.Provider();
        host.Store.Put(provider);
        host.AddRole(entry.Text("roleArn")!.Split('/')[^1], $$"""
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"{{provider.Arn}}"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"]} }
            """);
        var validator = new SamlValidator(entry.Options(), new InMemoryReplayGuard(host.Clock), host.Clock, log);
        if (entry.Text("replayOf") is { } original && !(await validator.ValidateAsync(provider, SamlCases.All.Single(other => other.Id() == original).Response())).IsSuccess)
        {
            return $"{original} is not accepted";
        }

        var operation = new AssumeRoleWithSaml(host.Store, validator, host.Get<FederatedSignIn>(), log);
        var request = new AssumeRoleWithSamlRequest { RoleArn = entry.Text("roleArn"), PrincipalArn = entry.Text("principalArn"), SamlAssertion = entry.Response() };
        var code = (await operation.ExecuteAsync(request, null, CancellationToken.None)).Error?.Code;
        if (entry.Text("expected") == "reject")
        {
            return code == entry.Text("code") ? null : $"expected is {entry.Text("code")}, found {code ?? "accepted"} ({string.Join("; ", log.Entries.Select(line => line.Text))})";
        }

        var again = new SamlValidator(entry.Options(), new InMemoryReplayGuard(host.Clock), host.Clock, log);
        return code is not null ? $"expected is acceptance, found {code} ({string.Join("; ", log.Entries.Select(line => line.Text))})"
            : DifferenceOf(entry.GetProperty("expectedIdentity"), (await again.ValidateAsync(provider, entry.Response())).Value);
    }

    private static string? DifferenceOf(JsonElement expected, SamlIdentity identity)
    {
        var found = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["issuer"] = identity.Federated.Issuer,
            ["nameId"] = identity.Federated.Subject,
            ["nameIdFormat"] = identity.NameIdFormat,
            ["assertionId"] = identity.AssertionId,
            ["sessionNotOnOrAfter"] = Time(identity.SessionNotOnOrAfter),
            ["roles"] = string.Join('|', identity.Roles.Select(role => $"{role.RoleArn},{role.ProviderArn}")),
            ["roleSessionName"] = identity.RoleSessionName,
            ["sessionDuration"] = identity.SessionDuration?.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["principalTags"] = Joined(identity.Federated.Tags.Select(tag => $"{tag.Key}={tag.Value}")),
            ["transitiveTagKeys"] = Joined(identity.Federated.TransitiveTagKeys),
            ["sourceIdentity"] = identity.Federated.SourceIdentity,
        };
        var wanted = expected.EnumerateObject().ToDictionary(
            member => member.Name,
            member => member.Value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.Array => string.Join('|', member.Value.EnumerateArray().Select(item => item.GetString())),
                JsonValueKind.Object => Joined(member.Value.EnumerateObject().Select(tag => $"{tag.Name}={tag.Value.GetString()}")),
                _ => member.Name == "sessionNotOnOrAfter" ? Time(InstantPattern.ExtendedIso.Parse(member.Value.GetString()!).Value) : member.Value.ToString(),
            },
            StringComparer.Ordinal);
        foreach (var name in found.Keys.Union(wanted.Keys, StringComparer.Ordinal))
        {
            if (found.GetValueOrDefault(name) != wanted.GetValueOrDefault(name))
            {
                return $"{name} is {found.GetValueOrDefault(name)}, expected is {wanted.GetValueOrDefault(name)}";
            }
        }

        return null;

        static string? Time(Instant? instant) => instant is { } some ? InstantPattern.ExtendedIso.Format(some) : null;

        static string? Joined(IEnumerable<string> parts) => parts.ToImmutableArray() is { IsEmpty: false } some ? string.Join('|', some) : null;
    }
}
