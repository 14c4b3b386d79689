using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>Ends sessions as AWS does: by an inline policy that denies everything to those that began before an instant.</summary>
/// <remarks>
/// <para>It lives where the role or user lives: it survives restarts, and holds on every node that reads the same store as soon as the store
/// says so. What was ended keeps its identity, so such sessions still learn who they are and are denied all else. It does not reach sessions
/// that were chained into other roles.</para>
/// <para>Source: IAM User Guide, "Revoke IAM role temporary security credentials"; the policy's name and text are the console's.</para>
/// </remarks>
public static class OlderSessions
{
    /// <summary>The name of the policy.</summary>
    public const string PolicyName = "AWSRevokeOlderSessions";

    /// <summary>Denies everything to the sessions of a role that began before an instant; the host puts the role that comes back.</summary>
    /// <param name="role">The role.</param>
    /// <param name="issuedBefore">The instant. Sessions begin at whole seconds, and one that began in the very second of the instant lives on; a
    /// fraction of a second counts as the whole next one. AWS's console gives one that is half a minute ahead, for nodes that hear of it late.</param>
    /// <returns>The role with the policy, in the place of an earlier one of that name, whatever that said.</returns>
    public static Role DenyOlderSessions(this Role role, Instant issuedBefore)
    {
        ArgumentNullException.ThrowIfNull(role);
        return role with { InlinePolicies = WithDenial(role.InlinePolicies, issuedBefore) };
    }

    /// <summary>Denies everything to the sessions of a user that began before an instant; the host puts the user that comes back. The user's
    /// long-term keys have no such time, and go on working.</summary>
    /// <param name="user">The user.</param>
    /// <param name="issuedBefore">The instant, as for roles.</param>
    /// <returns>The user with the policy, in the place of an earlier one of that name, whatever that said.</returns>
    public static User DenyOlderSessions(this User user, Instant issuedBefore)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user with { InlinePolicies = WithDenial(user.InlinePolicies, issuedBefore) };
    }

    private static ImmutableArray<Policy> WithDenial(ImmutableArray<Policy> policies, Instant issuedBefore) =>
    [
        .. policies.Where(policy => !string.Equals(policy.Name, PolicyName, StringComparison.OrdinalIgnoreCase)),
        new Policy(PolicyName, null, PolicyDocument.Parse(Text(issuedBefore), PolicyKind.Identity)),
    ];

    private static string Text(Instant issuedBefore)
    {
        var second = Instant.FromUnixTimeSeconds(issuedBefore.ToUnixTimeSeconds());
        var from = InstantPattern.General.Format(second < issuedBefore ? second + Duration.FromSeconds(1) : second);
        return """
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],
              "Condition":{"DateLessThan":{"aws:TokenIssueTime":"ISSUED_BEFORE"}}}]}
            """.Replace("ISSUED_BEFORE", from, StringComparison.Ordinal);
    }
}
