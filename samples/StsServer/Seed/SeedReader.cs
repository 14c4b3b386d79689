using System.Collections.Immutable;
using System.Text.Json;
using TokenService;

namespace StsServer.Seed;

/// <summary>Reads a seed file's JSON: the shape that <c>aws iam get-account-authorization-details</c> prints, once per account, with what that
/// command does not print.</summary>
internal sealed class SeedReader(SeedReport report, string folder, MfaSecretSealer mfaSecrets)
{
    private const string DefaultPartition = "aws";

    private static readonly string[] EntityLists = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

    private static readonly string[] AccountMembers =
    [
        "AccountId", .. EntityLists, "AccessKeys", "MFADevices", "OpenIDConnectProviders", "SAMLProviders", "IsTruncated", "Marker",
    ];

    private static readonly string[] RootMembers = ["Accounts", "AwsManagedPolicies", "Organization", .. AccountMembers];

    internal SeedDocument Read(JsonElement root)
    {
        if (SeedObject.Read(root, "$", report, RootMembers) is not { } file)
        {
            return new SeedDocument([], [], null);
        }

        var accounts = new List<SeedAccount?>();
        if (file.Has("Accounts"))
        {
            foreach (var name in AccountMembers.Where(file.Has))
            {
                file.Fault(name, "stands beside Accounts; it belongs into one of them");
            }

            accounts.AddRange(file.Objects("Accounts", AccountMembers).Select(ReadAccount));
        }
        else if (EntityLists.Any(file.Has))
        {
            accounts.Add(ReadAccount(file));
        }
        else
        {
            report.Fault("$", "there is neither Accounts nor the output of aws iam get-account-authorization-details");
        }

        return new SeedDocument(
            [.. accounts.OfType<SeedAccount>()],
            [.. file.Objects("AwsManagedPolicies", EntityReader.AwsPolicyMembers).Select(EntityReader.ReadAwsManagedPolicy).OfType<SeedManagedPolicy>()],
            ProviderReader.ReadOrganization(file));
    }

    private SeedAccount? ReadAccount(SeedObject json)
    {
        if (json.Flag("IsTruncated"))
        {
            json.Fault("IsTruncated", "the export is not complete; fetch the other pages too");
        }

        if (Identify(json) is not { } account)
        {
            return null;
        }

        var entities = new EntityReader(account);
        var credentials = new CredentialReader(account, mfaSecrets);
        var providers = new ProviderReader(account, folder);
        return new SeedAccount(json.Place, account)
        {
            Users = [.. json.Objects("UserDetailList", EntityReader.UserMembers).Select(entities.ReadUser).OfType<SeedEntity>()],
            Groups = [.. json.Objects("GroupDetailList", EntityReader.GroupMembers).Select(entities.ReadGroup).OfType<SeedEntity>()],
            Roles = [.. json.Objects("RoleDetailList", EntityReader.RoleMembers).Select(entities.ReadRole).OfType<SeedEntity>()],
            Policies = [.. json.Objects("Policies", EntityReader.PolicyMembers).Select(entities.ReadManagedPolicy).OfType<SeedManagedPolicy>()],
            AccessKeys = [.. json.Objects("AccessKeys", CredentialReader.AccessKeyMembers).Select(credentials.ReadAccessKey).OfType<SeedAccessKey>()],
            MfaDevices = [.. json.Objects("MFADevices", CredentialReader.MfaDeviceMembers).Select(credentials.ReadMfaDevice).OfType<SeedMfaDevice>()],
            OidcProviders = [.. json.Objects("OpenIDConnectProviders", ProviderReader.OidcMembers).Select(providers.ReadOidc).OfType<SeedOidcProvider>()],
            SamlProviders = [.. json.Objects("SAMLProviders", ProviderReader.SamlMembers).Select(providers.ReadSaml).OfType<SeedSamlProvider>()],
        };
    }

    /// <summary>The account's id as it is said or as its ARNs have it, and the partition that these name.</summary>
    private static Account? Identify(SeedObject json)
    {
        var arns = EntityLists.SelectMany(list => ArnsOf(json, list)).ToImmutableArray();
        var own = arns.FirstOrDefault(arn => AccountId.IsValid(arn.Account));
        var partition = (own ?? arns.FirstOrDefault())?.Partition ?? DefaultPartition;
        if (!json.Has("AccountId"))
        {
            if (own is null)
            {
                json.Fault("AccountId", "the account's id is missing, and no ARN tells it");
                return null;
            }

            return new Account(own.Account, partition);
        }

        if (json.Text("AccountId") is not { } id)
        {
            return null;
        }

        if (AccountId.IsValid(id))
        {
            return new Account(id, partition);
        }

        json.Fault("AccountId", "an account id is twelve digits");
        return null;
    }

    private static IEnumerable<Arn> ArnsOf(SeedObject json, string list)
    {
        if (json.Member(list) is not { ValueKind: JsonValueKind.Array } items)
        {
            yield break;
        }

        foreach (var item in items.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("Arn", out var text) && text.ValueKind == JsonValueKind.String
                && Arn.TryParse(text.GetString(), out var arn))
            {
                yield return arn;
            }
        }
    }
}
