using System.Collections.Immutable;
using System.Text.Json;

namespace TokenService.Tests.Authorization;

/// <summary>A request's condition keys from a table of names.</summary>
internal sealed class TableContext(IReadOnlyDictionary<string, ImmutableArray<string>> keys) : RequestContext
{
    internal static readonly TableContext Empty = new(ImmutableDictionary<string, ImmutableArray<string>>.Empty);

    internal static TableContext Of(params (string Key, string[] Values)[] keys) => new(
        keys.ToDictionary(entry => entry.Key, entry => entry.Values.ToImmutableArray(), StringComparer.OrdinalIgnoreCase));

    internal override ConditionValues Find(ConditionKey key) =>
        keys.TryGetValue(key.Text, out var values) ? values.Length == 1 ? new ConditionValues(values[0]) : new ConditionValues(values) : default;
}

/// <summary>A case of the evaluation format, made into what the engine takes.</summary>
internal static class DecisionCases
{
    internal static Decision Evaluate(JsonElement entry)
    {
        var policies = entry.GetProperty("policies");
        var request = entry.GetProperty("request");
        var context = new TableContext(request.GetProperty("context").EnumerateObject().ToDictionary(
            key => key.Name, key => Values(key.Value), StringComparer.OrdinalIgnoreCase));
        var resource = policies.TryGetProperty("trust", out var trust) ? PolicyDocument.Parse(trust.GetRawText(), PolicyKind.Trust)
            : policies.TryGetProperty("resource", out var own) ? PolicyDocument.Parse(own.GetRawText(), PolicyKind.Resource)
            : null;
        var session = All(policies, "session", PolicyKind.Session);
        var applicable = new ApplicablePolicies
        {
            Identity = All(policies, "identity", PolicyKind.Identity),
            Boundary = All(policies, "boundary", PolicyKind.Boundary).SingleOrDefault(),
            HasSessionPolicies = policies.TryGetProperty("session", out _),
            Session = session,
            Control = All(policies, "control", PolicyKind.Control),
            Resource = resource,
        };
        var id = request.TryGetProperty("principalId", out var given) ? given.GetString() : null;
        var account = request.GetProperty("resourceAccount");
        var asked = new PolicyRequest(
            Principal(request.GetProperty("principal").GetString()!, id, context),
            request.GetProperty("action").GetString()!,
            new RequestResource(request.GetProperty("resource").GetString()!),
            account.ValueKind == JsonValueKind.String ? account.GetString() : null,
            context);
        return PolicyEvaluator.Evaluate(in applicable, in asked);
    }

    /// <summary>The caller behind an ARN. The cases know only a session's own ARN: its role is the one in aws:PrincipalArn, which has the path,
    /// or else one without a path; and a federated user's maker is a user that no policy names.</summary>
    internal static RequestPrincipal Principal(string name, string? id, RequestContext context)
    {
        if (name == "anonymous")
        {
            return RequestPrincipal.Anonymous;
        }

        if (!Arn.TryParse(name, out var arn))
        {
            return name.EndsWith(".amazonaws.com", StringComparison.Ordinal) && !name.StartsWith("cognito-", StringComparison.Ordinal)
                ? RequestPrincipal.Service(name)
                : RequestPrincipal.Provider(name);
        }

        var kind = arn.Resource.Split('/');
        switch (kind[0])
        {
            case "root":
                return RequestPrincipal.Root(arn);
            case "user":
                return RequestPrincipal.User(arn, id);
            case "federated-user":
                return RequestPrincipal.FederatedUser(arn, Arn.Parse($"arn:{arn.Partition}:iam::{arn.Account}:user/maker-of-federated-users"), null);
            case "assumed-role":
                var known = context.Find(new ConditionKey("aws:PrincipalArn"));
                var role = known.Count == 1 && Arn.TryParse(known[0], out var withPath) && withPath.Resource.StartsWith("role/", StringComparison.Ordinal)
                    ? withPath
                    : Arn.Parse($"arn:{arn.Partition}:iam::{arn.Account}:role/{kind[1]}");
                return RequestPrincipal.RoleSession(arn, role, id?.Split(':')[0]);
            default:
                return RequestPrincipal.Provider(name);
        }
    }

    private static ImmutableArray<Policy> All(JsonElement policies, string name, PolicyKind kind) =>
        !policies.TryGetProperty(name, out var found) ? []
            : found.ValueKind == JsonValueKind.Array
                ? [.. found.EnumerateArray().Select((policy, index) => new Policy($"{name}-{index}", null, PolicyDocument.Parse(policy.GetRawText(), kind)))]
                : [new Policy(name, null, PolicyDocument.Parse(found.GetRawText(), kind))];

    private static ImmutableArray<string> Values(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Text)] : [Text(value)];

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
