using System.Collections.Immutable;

namespace TokenService.Tests.Authorization;

/// <summary>Short ways to ask the engine: documents of one or more statements, and a request.</summary>
internal static class Deciding
{
    internal const string A = "111122223333";
    internal const string B = "444455556666";

    internal static readonly RequestPrincipal Alice = User(A, "alice", "AIDAALICE00000000001");

    internal static RequestPrincipal User(string account, string name, string? id = null) =>
        RequestPrincipal.User(Arn.Parse($"arn:aws:iam::{account}:user/{name}"), id);

    /// <summary>A session s1 of a role with a path.</summary>
    internal static RequestPrincipal Session(string account = A, string role = "c", string? id = "AROAROLEC00000000001") => RequestPrincipal.RoleSession(
        Arn.AssumedRole("aws", account, role, "s1"), Arn.Parse($"arn:aws:iam::{account}:role/team/{role}"), id);

    internal static PolicyDocument Document(PolicyKind kind, params string[] statements) =>
        PolicyDocument.Parse($$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}]}""", kind);

    internal static Policy Named(PolicyKind kind, params string[] statements) => new(kind.ToString(), null, Document(kind, statements));

    internal static Policy Identity(params string[] statements) => Named(PolicyKind.Identity, statements);

    internal static Decision Decide(
        ApplicablePolicies policies,
        RequestPrincipal? principal = null,
        string action = "s3:GetObject",
        string resource = "arn:aws:s3:::b/k",
        string? owner = A,
        RequestContext? context = null)
    {
        var request = new PolicyRequest(principal ?? Alice, action, new RequestResource(resource), owner, context ?? TableContext.Empty);
        return PolicyEvaluator.Evaluate(in policies, in request);
    }

    /// <summary>Whether one statement of an identity policy lets Alice do it.</summary>
    internal static bool Allows(
        string statement, string action = "s3:GetObject", string resource = "arn:aws:s3:::b/k", RequestContext? context = null) =>
        Decide(new ApplicablePolicies { Identity = [Identity(statement)] }, null, action, resource, A, context).IsAllowed;

    /// <summary>Whether a condition holds.</summary>
    internal static bool Holds(string condition, params (string Key, string[] Values)[] keys) => Allows(
        $$"""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{condition}}}""", context: TableContext.Of(keys));

    /// <summary>A condition of one operator, key and value.</summary>
    internal static string Operator(string name, string key, string value) => $$"""{"{{name}}":{"{{key}}":"{{value}}"} }""";

    internal static bool AllowsResource(string pattern, string resource, params (string Key, string[] Values)[] keys) => Allows(
        $$"""{"Effect":"Allow","Action":"*","Resource":"{{pattern}}"}""", resource: resource, context: TableContext.Of(keys));

    /// <summary>A trust policy that names principals, and a caller with the policies of its own.</summary>
    internal static Decision Assume(
        string trustPrincipal,
        RequestPrincipal caller,
        string[]? identity = null,
        string[]? boundary = null,
        string[]? session = null,
        string effect = "Allow",
        string condition = "{}",
        string action = "sts:AssumeRole",
        RequestContext? context = null,
        ImmutableDictionary<string, string>? pinned = null,
        string[]? more = null)
    {
        var statement = $$"""{"Effect":"{{effect}}","Principal":{{trustPrincipal}},"Action":"sts:AssumeRole","Condition":{{condition}}}""";
        return Decide(
            new ApplicablePolicies
            {
                Identity = identity is null ? [] : [Named(PolicyKind.Identity, identity)],
                Boundary = boundary is null ? null : Named(PolicyKind.Boundary, boundary),
                HasSessionPolicies = session is not null,
                Session = session is null ? [] : [Named(PolicyKind.Session, session)],
                Resource = Document(PolicyKind.Trust, [statement, .. more ?? []]),
                PinnedPrincipals = pinned,
            },
            caller,
            action,
            $"arn:aws:iam::{A}:role/app/target",
            A,
            context);
    }

    internal static string Allow(string action, string resource = "*") => $$"""{"Effect":"Allow","Action":"{{action}}","Resource":"{{resource}}"}""";

    internal static string Deny(string action, string resource = "*") => $$"""{"Effect":"Deny","Action":"{{action}}","Resource":"{{resource}}"}""";

    internal static string Grant(string principal, string effect = "Allow", string element = "Principal") =>
        $$"""{"Effect":"{{effect}}","{{element}}":{{principal}},"Action":"s3:*","Resource":"*"}""";

    internal static string Aws(params string[] names) => $$"""{"AWS":[{{string.Join(',', names.Select(name => $"\"{name}\""))}}]}""";
}
