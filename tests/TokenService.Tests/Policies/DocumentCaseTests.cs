using Xunit.Abstractions;

namespace TokenService.Tests.Policies;

public sealed class DocumentCaseTests(ITestOutputHelper output)
{
    private const string File = "policy-documents-open.json";

    /// <summary>Cases whose verdict contradicts the reference, by id, each with the reason.</summary>
    private static readonly Dictionary<string, string> LeftOut = [];

    [Fact]
    public void Every_document_is_read_or_refused_as_its_case_says()
    {
        var failures = new List<string>();
        var cases = CaseFiles.Read(File).Where(entry => !LeftOut.ContainsKey(entry.GetProperty("id").GetString()!)).ToList();
        foreach (var entry in cases)
        {
            var kind = Enum.Parse<PolicyKind>(entry.GetProperty("kind").GetString()!, ignoreCase: true);
            var isRead = PolicyDocument.TryParse(entry.GetProperty("document").GetString(), kind, out _, out var error);
            var expected = entry.GetProperty("expected").GetString() == "accept";
            if (isRead != expected || (!isRead && error!.Code != "MalformedPolicyDocument"))
            {
                failures.Add($"{entry.GetProperty("id")}: expected {entry.GetProperty("expected")}, got {(isRead ? "accept" : error!.Message)}");
            }
        }

        var report = CaseFiles.Report(File, cases.Count, failures);
        output.WriteLine(report);
        Console.WriteLine(report);
        cases.Should().NotBeEmpty();
        failures.Should().BeEmpty("{0}", report);
    }
}
