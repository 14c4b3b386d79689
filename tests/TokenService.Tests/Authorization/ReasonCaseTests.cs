using System.Text.Json;
using TokenService.Tests.Policies;

namespace TokenService.Tests.Authorization;

/// <summary>Which statement decides, and what a denial says was missing: every statement of these cases has a <c>Sid</c>.</summary>
public sealed class ReasonCaseTests
{
    private const string File = "policy-reasons.json";

    [Fact]
    public void Every_decision_names_the_statement_that_decided_and_every_denial_what_was_missing()
    {
        var failures = new List<string>();
        var count = 0;
        foreach (var entry in CaseFiles.ReadOwn(File))
        {
            count++;
            var decision = DecisionCases.Evaluate(entry);
            var wanted = new[] { entry.GetProperty("expected").GetString()!, Text(entry, "decidedBy") }.Concat(Lines(entry)).ToList();
            var got = new[] { decision.Outcome.ToString(), DecidedBy(decision) }.Concat(decision.Reasons.Select(Tell)).ToList();
            if (!wanted.SequenceEqual(got, StringComparer.Ordinal))
            {
                failures.Add($"{entry.GetProperty("id")}: expected {string.Join(" / ", wanted)}, got {string.Join(" / ", got)}");
            }
        }

        count.Should().BeGreaterThan(40);
        failures.Should().BeEmpty();
    }

    private static string Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.GetString()! : "";

    private static IEnumerable<string> Lines(JsonElement entry) =>
        entry.TryGetProperty("reasons", out var reasons) ? reasons.EnumerateArray().Select(reason => reason.GetString()!) : [];

    private static string DecidedBy(Decision decision) =>
        decision.Statement is { } statement ? $"{decision.Kind} {statement.Sid}" : decision.IsAllowed ? "root" : "";

    private static string Tell(DenialReason reason) => string.Join(
        "; ",
        new[] { $"{reason.Kind} {reason.Cause} {reason.Statement?.Sid}".TrimEnd() }
            .Concat(reason.SilentPolicies.Select(silent => $"{silent.Policy?.Name} lacks {silent.Missing}"))
            .Concat(reason.NearMisses.Select(miss => miss.Operator is null
                ? $"{miss.Statement.Sid} does not name the caller"
                : $"{miss.Statement.Sid} needs {miss.Operator} {miss.Key} [{string.Join(", ", miss.PolicyValues)}] has [{string.Join(", ", miss.RequestValues)}]")));
}
