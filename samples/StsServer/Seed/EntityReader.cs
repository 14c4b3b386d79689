using System.Collections.Immutable;
using NodaTime;
using TokenService;

namespace StsServer.Seed;

/// <summary>Reads the users, groups, roles and managed policies of one account.</summary>
internal sealed class EntityReader(Account account)
{
    internal static readonly string[] UserMembers =
    [
        "UserName", "Path", "UserId", "Arn", "CreateDate", "UserPolicyList", "GroupList", "AttachedManagedPolicies", "PermissionsBoundary", "Tags",
    ];

    internal static readonly string[] GroupMembers = ["GroupName", "Path", "GroupId", "Arn", "CreateDate", "GroupPolicyList", "AttachedManagedPolicies"];

    internal static readonly string[] RoleMembers =
    [
        "RoleName", "Path", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument", "InstanceProfileList", "RolePolicyList",
        "AttachedManagedPolicies", "PermissionsBoundary", "Tags", "RoleLastUsed", "MaxSessionDuration", "Description",
    ];

    internal static readonly string[] PolicyMembers =
    [
        "PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "AttachmentCount", "PermissionsBoundaryUsageCount", "IsAttachable", "Description",
        "CreateDate", "UpdateDate", "PolicyVersionList", "Tags",
    ];

    internal static readonly string[] AwsPolicyMembers = ["Arn", "PolicyName", "Document"];

    private static readonly string[] InlineMembers = ["PolicyName", "PolicyDocument"];
    private static readonly string[] AttachedMembers = ["PolicyName", "PolicyArn"];
    private static readonly string[] BoundaryMembers = ["PermissionsBoundaryType", "PermissionsBoundaryArn"];
    private static readonly string[] VersionMembers = ["VersionId", "IsDefaultVersion", "Document", "CreateDate"];
    private static readonly string[] TagMembers = ["Key", "Value"];

    private const int MaxTags = 50;
    private const string Reserved = "aws:";
    private const int MaxKey = 128;
    private const int MaxValue = 256;

    internal SeedEntity? ReadUser(SeedObject json) => ReadEntity(json, "user", "UserName", "UserId", "UserPolicyList") is not { } user
        ? null
        : user with { PermissionsBoundary = ReadBoundary(json), Tags = ReadTags(json), Groups = [.. json.Texts("GroupList")] };

    internal SeedEntity? ReadGroup(SeedObject json) => ReadEntity(json, "group", "GroupName", "GroupId", "GroupPolicyList");

    internal SeedEntity? ReadRole(SeedObject json)
    {
        var role = ReadEntity(json, "role", "RoleName", "RoleId", "RolePolicyList");
        var trust = PolicyReader.Read(json, "AssumeRolePolicyDocument", PolicyKind.Trust);
        var longest = Duration.FromSeconds(json.Integer("MaxSessionDuration") ?? (long)Role.MinMaxSessionDuration.TotalSeconds);
        if (longest < Role.MinMaxSessionDuration || longest > Role.MaxMaxSessionDuration)
        {
            json.Fault("MaxSessionDuration", "3600 to 43200 seconds are expected");
            longest = Role.MinMaxSessionDuration;
        }

        var boundary = ReadBoundary(json);
        var tags = ReadTags(json);
        return role is null ? null : role with { TrustPolicy = trust, MaxSessionDuration = longest, PermissionsBoundary = boundary, Tags = tags };
    }

    internal SeedManagedPolicy? ReadManagedPolicy(SeedObject json)
    {
        var document = ReadDefaultVersion(json);
        if (!json.Has("Arn"))
        {
            return ComposeArn(json, "policy", "PolicyName") is var (composed, named) ? new SeedManagedPolicy(json.Place, named, composed, document) : null;
        }

        if (ReadArn(json) is not { } arn)
        {
            return null;
        }

        // An export also lists those of AWS's own policies that are attached.
        if (arn.Service != "iam" || !arn.Resource.StartsWith("policy/", StringComparison.Ordinal) || arn.Partition != account.Partition
            || (arn.Account != account.Id && arn.Account != "aws"))
        {
            json.Fault("Arn", $"not the ARN of a managed policy of account {account.Id} or of AWS");
            return null;
        }

        var name = arn.Resource[(arn.Resource.LastIndexOf('/') + 1)..];
        if (json.Text("PolicyName") is { } said && said != name)
        {
            json.Fault("PolicyName", $"contradicts the ARN, which names {name}");
        }

        return new SeedManagedPolicy(json.Place, name, arn, document);
    }

    internal static SeedManagedPolicy? ReadAwsManagedPolicy(SeedObject json)
    {
        var document = PolicyReader.Read(json, "Document", PolicyKind.Identity);
        if (json.Required("Arn") is null || ReadArn(json) is not { } arn)
        {
            return null;
        }

        if (arn is not { Service: "iam", Account: "aws" } || !arn.Resource.StartsWith("policy/", StringComparison.Ordinal))
        {
            json.Fault("Arn", "not the ARN of one of AWS's managed policies, arn:PARTITION:iam::aws:policy/NAME");
            return null;
        }

        return new SeedManagedPolicy(json.Place, arn.Resource[(arn.Resource.LastIndexOf('/') + 1)..], arn, document);
    }

    private SeedEntity? ReadEntity(SeedObject json, string kind, string nameMember, string idMember, string inlineMember)
    {
        var inline = json.Objects(inlineMember, InlineMembers).Select(ReadInline).OfType<Policy>().ToImmutableArray();
        foreach (var twice in inline.GroupBy(policy => policy.Name, StringComparer.Ordinal).Where(policies => policies.Skip(1).Any()))
        {
            json.Fault(inlineMember, $"two policies are named {twice.Key}");
        }

        var attached = json.Objects("AttachedManagedPolicies", AttachedMembers)
            .Select(policy => policy.Required("PolicyArn") is { } arn ? new SeedReference(policy.PlaceOf("PolicyArn"), arn) : null)
            .OfType<SeedReference>().ToImmutableArray();
        var id = json.Text(idMember);
        if (id is not null && !UniqueId.IsValid(id, prefix: ""))
        {
            json.Fault(idMember, "a unique id has 16 to 128 letters, digits or underscores");
            id = null;
        }

        if (ComposeArn(json, kind, nameMember) is not var (composed, name))
        {
            return null;
        }

        if (json.Has("Arn") && ReadArn(json) is { } said && said != composed)
        {
            json.Fault("Arn", $"contradicts account, path and name; expected is {composed}");
        }

        return new SeedEntity(json.Place, name, composed)
        {
            Id = id is null ? null : new SeedReference(json.PlaceOf(idMember), id),
            InlinePolicies = inline,
            ManagedPolicies = attached,
        };
    }

    /// <summary>The ARN that account, path and name make; without a path that of the ARN which is given counts.</summary>
    private (Arn Arn, string Name)? ComposeArn(SeedObject json, string kind, string nameMember)
    {
        if (json.Required(nameMember) is not { } name)
        {
            return null;
        }

        var path = json.Text("Path");
        if (path is null && json.Has("Arn") && Arn.TryParse(json.Text("Arn"), out var said)
            && said.Resource.StartsWith(kind + "/", StringComparison.Ordinal))
        {
            path = said.Resource[kind.Length..(said.Resource.LastIndexOf('/') + 1)];
        }

        try
        {
            // The three kinds share one rule for paths and names; a group is the lightest thing to check it with.
            var checkedName = Group.Create(account, name, path ?? "/");
            return (Arn.Parse($"arn:{account.Partition}:iam::{account.Id}:{kind}{checkedName.Path}{checkedName.Name}"), name);
        }
        catch (ArgumentException)
        {
            json.Fault(nameMember, "the path is / or /…/ of visible ASCII, the name 1 to 128 characters of A-Z a-z 0-9 _ + = , . @ -");
            return null;
        }
    }

    private static Arn? ReadArn(SeedObject json)
    {
        if (json.Text("Arn") is not { } text)
        {
            return null;
        }

        if (Arn.TryParse(text, out var arn))
        {
            return arn;
        }

        json.Fault("Arn", "not an ARN");
        return null;
    }

    private static Policy? ReadInline(SeedObject json)
    {
        var name = json.Required("PolicyName");
        var document = PolicyReader.Read(json, "PolicyDocument", PolicyKind.Identity);
        return name is null || document is null ? null : new Policy(name, null, document);
    }

    private static PolicyDocument? ReadDefaultVersion(SeedObject json)
    {
        PolicyDocument? found = null;
        var defaults = 0;
        var said = json.Text("DefaultVersionId");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var version in json.Objects("PolicyVersionList", VersionMembers))
        {
            var id = version.Text("VersionId");
            if (id is not null && !ids.Add(id))
            {
                version.Fault("VersionId", $"two versions are named {id}");
            }

            var isDefault = version.Flag("IsDefaultVersion") || (!version.Has("IsDefaultVersion") && id is not null && id == said);
            if (isDefault && said is not null && id != said)
            {
                version.Fault("IsDefaultVersion", $"contradicts DefaultVersionId, which is {said}");
            }

            var document = PolicyReader.Read(version, "Document", PolicyKind.Identity);
            if (isDefault)
            {
                found = document;
                defaults++;
            }
        }

        if (defaults != 1)
        {
            json.Fault("PolicyVersionList", "exactly one version is the default");
        }

        return found;
    }

    private static SeedReference? ReadBoundary(SeedObject json)
    {
        if (json.Object("PermissionsBoundary", BoundaryMembers) is not { } boundary || (!boundary.Has("PermissionsBoundaryArn") && !boundary.Has("PermissionsBoundaryType")))
        {
            return null;
        }

        // The API says Policy, the command line PermissionsBoundaryPolicy.
        if (boundary.Text("PermissionsBoundaryType") is not (null or "Policy" or "PermissionsBoundaryPolicy"))
        {
            boundary.Fault("PermissionsBoundaryType", "Policy is expected");
        }

        return boundary.Required("PermissionsBoundaryArn") is { } arn ? new SeedReference(boundary.PlaceOf("PermissionsBoundaryArn"), arn) : null;
    }

    private static ImmutableArray<Tag> ReadTags(SeedObject json)
    {
        var tags = ImmutableArray.CreateBuilder<Tag>();
        var keys = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var tag in json.Objects("Tags", TagMembers))
        {
            var key = tag.Required("Key");
            var value = tag.Text("Value") ?? "";
            if (key is null)
            {
                continue;
            }

            if (key.Length > MaxKey || value.Length > MaxValue || key.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase)
                || value.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase))
            {
                tag.Fault("Key", $"a tag has a key of 1 to {MaxKey} characters and a value of at most {MaxValue}, neither beginning with {Reserved}");
            }

            if (!keys.Add(key))
            {
                tag.Fault("Key", $"two tags have the key {key}, whatever its letter case");
            }

            tags.Add(new Tag(key, value));
        }

        if (tags.Count > MaxTags)
        {
            json.Fault("Tags", $"at most {MaxTags} tags are expected");
        }

        return tags.ToImmutable();
    }
}
