namespace TokenService;

/// <summary>What a policy is attached to, which decides what it may contain and what its statements can do.</summary>
/// <remarks>Source: IAM User Guide, "Policies and permissions", policy types.</remarks>
public enum PolicyKind
{
    /// <summary>A policy of a user, group or role: what they may do.</summary>
    Identity,

    /// <summary>A policy passed when a session begins: what the session may do at most.</summary>
    Session,

    /// <summary>A permissions boundary: what a user or role may do at most.</summary>
    Boundary,

    /// <summary>A policy of a resource: who may do what with it.</summary>
    Resource,

    /// <summary>The resource policy of a role: who may assume it. It names no resource and only actions of <c>sts</c>.</summary>
    Trust,

    /// <summary>A policy of an organization, for its callers or its resources: what is possible at most.</summary>
    Control,
}

/// <summary>What a statement does to the requests it applies to.</summary>
public enum PolicyEffect
{
    /// <summary>Allows them, unless another statement denies.</summary>
    Allow,

    /// <summary>Denies them, whatever allows.</summary>
    Deny,
}

/// <summary>How much a policy may be: bounds that hold before anything is read.</summary>
internal static class PolicyLimits
{
    /// <summary>The longest text that is looked at, white space included, in characters (IAM API Reference, <c>policyDocumentType</c>).</summary>
    internal const int MaxTextLength = 131_072;

    /// <summary>How deep a document nests: document, statements, statement, condition, operator, values.</summary>
    internal const int MaxDepth = 6;

    /// <summary>The most statements of a document.</summary>
    internal const int MaxStatements = 1_000;

    /// <summary>The most values of one element or condition key.</summary>
    internal const int MaxValues = 4_096;

    /// <summary>The size of a kind where the host sets none, in characters, white space outside strings not counted.</summary>
    /// <remarks>Source: IAM User Guide, "IAM and AWS STS quotas" (a role's inline policies, managed policies, trust policies, session
    /// policies); Amazon S3 User Guide, "Bucket policies" (20 KB); AWS Organizations User Guide, "Quotas".</remarks>
    internal static int DefaultSize(PolicyKind kind) => kind switch
    {
        PolicyKind.Identity => 10_240,
        PolicyKind.Boundary => 6_144,
        PolicyKind.Resource => 20_480,
        PolicyKind.Control => 5_120,
        _ => 2_048,
    };
}
