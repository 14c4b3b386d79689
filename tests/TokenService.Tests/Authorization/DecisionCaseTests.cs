using TokenService.Tests.Policies;
using Xunit.Abstractions;

namespace TokenService.Tests.Authorization;

public sealed class DecisionCaseTests(ITestOutputHelper output)
{
    private const string File = "policy-open.json";

    /// <summary>Cases whose verdict contradicts the reference, by id, each with the reason.</summary>
    private static readonly Dictionary<string, string> LeftOut = [];

    [Fact]
    public void Every_request_is_decided_as_its_case_says()
    {
        var failures = new List<string>();
        var cases = CaseFiles.Read(File).Where(entry => !LeftOut.ContainsKey(entry.GetProperty("id").GetString()!)).ToList();
        foreach (var entry in cases)
        {
            var id = entry.GetProperty("id").GetString()!;
            try
            {
                var decision = DecisionCases.Evaluate(entry);
                if (decision.Outcome.ToString() != entry.GetProperty("expected").GetString())
                {
                    failures.Add($"{id}: expected {entry.GetProperty("expected")}, got {decision}");
                }
            }
            catch (FormatException exception)
            {
                failures.Add($"{id}: {exception.Message}");
            }
        }

        var report = CaseFiles.Report(File, cases.Count, failures);
        output.WriteLine(report);
        Console.WriteLine(report);
        cases.Should().NotBeEmpty();
        failures.Should().BeEmpty("{0}", report);
    }
}
