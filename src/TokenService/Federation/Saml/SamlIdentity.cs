using System.Collections.Immutable;
using NodaTime;

namespace TokenService;

/// <summary>What a verified SAML response says of somebody, and of the session that it asks for.</summary>
/// <remarks>Sources: IAM User Guide, "Configure SAML assertions for the authentication response"; STS API Reference (2011-06-15),
/// <c>AssumeRoleWithSAML</c>; reference 8.2 and 8.3. Whoever makes one says that it was verified; here only the validator does.</remarks>
public sealed record SamlIdentity
{
    /// <summary>Who it is, in the terms of trust policies. Its audience is the <c>Recipient</c>, and its roles are those that are asserted
    /// together with this provider.</summary>
    public required FederatedIdentity Federated { get; init; }

    /// <summary>The assertion's id, which is used up.</summary>
    public required string AssertionId { get; init; }

    /// <summary>The <c>RoleSessionName</c> attribute.</summary>
    public required string RoleSessionName { get; init; }

    /// <summary>The <c>Format</c> of the name, if it has one.</summary>
    public string? NameIdFormat { get; init; }

    /// <summary>The format of the name as the operation tells it: without the prefix of SAML 2.0's own, whole otherwise.</summary>
    public required string SubjectType { get; init; }

    /// <summary>A digest of issuer, account and provider that makes the subject unique, in base64.</summary>
    public required string NameQualifier { get; init; }

    /// <summary>The <c>SessionDuration</c> attribute in seconds, 900 to 43,200, if there is one.</summary>
    public int? SessionDuration { get; init; }

    /// <summary>When the session at the provider ends, and with it every session here; absent where the provider does not say.</summary>
    public Instant? SessionNotOnOrAfter { get; init; }

    /// <summary>All roles that are asserted, each with its provider.</summary>
    public ImmutableArray<SamlRole> Roles { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The provider and the subject.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => Federated.ToString();
}

/// <summary>A role that an assertion lets its subject assume by a provider.</summary>
/// <param name="RoleArn">The role's ARN.</param>
/// <param name="ProviderArn">The provider's ARN.</param>
public sealed record SamlRole(string RoleArn, string ProviderArn)
{
    private const string Separator = ",arn:";

    /// <summary>Reads the value of a <c>Role</c> attribute: two ARNs in either order with a comma between, which a role's name may hold too;
    /// nothing is a wildcard.</summary>
    internal static SamlRole? Read(string value)
    {
        var comma = value.IndexOf(Separator, StringComparison.Ordinal);
        if (comma < 0 || value.AsSpan().ContainsAny('*', '?'))
        {
            return null;
        }

        var (first, second) = (value[..comma], value[(comma + 1)..]);
        return EntityName.TryReadRole(first, out _, out _) && SamlProvider.IsArn(second) ? new SamlRole(first, second)
            : EntityName.TryReadRole(second, out _, out _) && SamlProvider.IsArn(first) ? new SamlRole(second, first)
            : null;
    }
}
