using System.Text.Json;
using System.Text.Json.Nodes;
using TokenService.Tests.Policies;
using Xunit.Abstractions;

namespace TokenService.Tests.Authorization;

/// <summary>What holds of every set of policies: the requests and policies are those of the case files, changed at random.</summary>
public sealed class PolicyPropertyTests(ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("TOKENSERVICE_LONG") == "1";

    private static readonly string[] Kinds = ["identity", "boundary", "session", "control", "resource", "trust"];

    private readonly JsonElement[] _cases = CaseFiles.Read("policy-open.json");

    [Fact]
    public void Adding_a_statement_that_denies_never_allows_more() => ForEachCase((random, policies, principal) =>
    {
        var kinds = Kinds.Where(kind => policies[kind] is not null).ToList();
        if (kinds.Count == 0)
        {
            return false;
        }

        var kind = kinds[random.Next(kinds.Count)];
        var statements = Documents(policies[kind]!).Select(document => document["Statement"]).OfType<JsonArray>().ToList();
        if (statements.Count == 0)
        {
            return false;
        }

        var denial = Borrow(random, kind);
        denial["Effect"] = "Deny";
        denial.Remove("Sid");
        var target = statements[random.Next(statements.Count)];
        target.Insert(random.Next(target.Count + 1), denial);
        return true;
    }, static (before, after) => before.IsAllowed || !after.IsAllowed);

    [Fact]
    public void Adding_a_boundary_or_a_session_policy_never_allows_more() => ForEachCase((random, policies, principal) =>
    {
        // A federated user has nothing without a session policy.
        var kind = random.Next(2) == 0 || principal.Contains("federated-user", StringComparison.Ordinal) ? "boundary" : "session";
        if (policies[kind] is not null)
        {
            return false;
        }

        var document = new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = new JsonArray(Borrow(random, "identity")) };
        policies[kind] = kind == "boundary" ? new JsonArray(document) : document;
        return true;
    }, static (before, after) => before.IsAllowed || !after.IsAllowed);

    [Fact]
    public void Order_of_statements_and_of_policies_never_matters() => ForEachCase((random, policies, principal) =>
    {
        foreach (var kind in Kinds.Where(kind => policies[kind] is not null))
        {
            foreach (var document in Documents(policies[kind]!))
            {
                Shuffle(random, document["Statement"] as JsonArray);
            }

            Shuffle(random, policies[kind] as JsonArray);
        }

        return true;
    }, static (before, after) => before.Outcome == after.Outcome);

    [Fact]
    public void What_is_printed_and_read_again_decides_the_same_and_prints_the_same() => ForEachCase((random, policies, principal) =>
    {
        foreach (var kind in Kinds.Where(kind => policies[kind] is not null))
        {
            if (policies[kind] is JsonArray several)
            {
                for (var index = 0; index < several.Count; index++)
                {
                    several[index] = Printed(several[index]!, kind);
                }
            }
            else
            {
                policies[kind] = Printed(policies[kind]!, kind);
            }
        }

        return true;
    }, static (before, after) => before.Outcome == after.Outcome);

    private static JsonNode Printed(JsonNode document, string kind)
    {
        var read = PolicyDocument.Parse(document.ToJsonString(), KindOf(kind));
        var printed = read.ToString();
        var again = PolicyDocument.Parse(printed, KindOf(kind)).ToString();
        again.Should().Be(printed);
        return JsonNode.Parse(printed)!;
    }

    private static PolicyKind KindOf(string kind) => kind switch
    {
        "identity" => PolicyKind.Identity,
        "boundary" => PolicyKind.Boundary,
        "session" => PolicyKind.Session,
        "control" => PolicyKind.Control,
        "resource" => PolicyKind.Resource,
        _ => PolicyKind.Trust,
    };

    private static IEnumerable<JsonNode> Documents(JsonNode policies) => policies is JsonArray several ? several.Select(document => document!) : [policies];

    private static void Shuffle(Random random, JsonArray? array)
    {
        if (array is not null)
        {
            var nodes = array.ToArray();
            array.Clear();
            random.Shuffle(nodes);
            foreach (var node in nodes)
            {
                array.Add(node);
            }
        }
    }

    /// <summary>A statement of some other case, fit for a kind of policy.</summary>
    private JsonObject Borrow(Random random, string kind)
    {
        while (true)
        {
            var policies = JsonNode.Parse(_cases[random.Next(_cases.Length)].GetProperty("policies").GetRawText())!;
            var like = kind is "boundary" or "session" or "control" ? "identity" : kind;
            if (policies[like] is { } found && Documents(found).FirstOrDefault()?["Statement"] is JsonArray { Count: > 0 } statements)
            {
                return (JsonObject)statements[random.Next(statements.Count)]!.DeepClone();
            }
        }
    }

    private void ForEachCase(Func<Random, JsonObject, string, bool> change, Func<Decision, Decision, bool> holds)
    {
        var seed = Environment.GetEnvironmentVariable("TOKENSERVICE_SEED") is { } given ? int.Parse(given, null) : Environment.TickCount;
        output.WriteLine($"TOKENSERVICE_SEED={seed}");
        var random = new Random(seed);
        var (changed, allowed) = (0, 0);
        var failures = new List<string>();
        for (var round = 0; round < (IsLong ? 50 : 2); round++)
        {
            foreach (var entry in _cases)
            {
                var before = DecisionCases.Evaluate(entry);
                var node = JsonNode.Parse(entry.GetRawText())!.AsObject();
                if (!change(random, node["policies"]!.AsObject(), node["request"]!["principal"]!.GetValue<string>()))
                {
                    continue;
                }

                changed++;
                using var text = JsonDocument.Parse(node.ToJsonString());
                var after = DecisionCases.Evaluate(text.RootElement);
                allowed += after.IsAllowed ? 1 : 0;
                if (!holds(before, after))
                {
                    failures.Add($"seed {seed}, {before.Outcome} became {after.Outcome}: {node.ToJsonString()}");
                }
            }
        }

        failures.Should().BeEmpty();
        changed.Should().BeGreaterThan(_cases.Length / 4);
        allowed.Should().BePositive("a change that forbids everything proves nothing");
    }
}
