using System.Text.Json;
using TokenService;

namespace StsServer.Seed;

/// <summary>Reads identity providers and the organization.</summary>
internal sealed class ProviderReader(Account account, string folder)
{
    internal static readonly string[] OidcMembers =
        ["Url", "ClientIDList", "ThumbprintList", "JwksUri", "Jwks", "Algorithms", "Arn", "CreateDate", "Tags"];

    internal static readonly string[] SamlMembers =
        ["Name", "SAMLMetadataFile", "AssertionEncryptionMode", "PrivateKeyFiles", "Arn", "CreateDate", "ValidUntil", "Tags"];

    private static readonly string[] OrganizationMembers = ["Id", "ManagementAccountId", "DelegatedAdministrators", "MemberAccountIds"];


    internal SeedOidcProvider? ReadOidc(SeedObject json)
    {
        var earlier = json.Report.Faults.Count;
        var url = ReadUrl(json, "Url", required: true);
        if (url is { Query.Length: > 0 } or { Fragment.Length: > 0 } || json.Text("Url")?.Length > OidcProvider.MaxLength)
        {
            json.Fault("Url", $"a provider's address has at most {OidcProvider.MaxLength} characters and neither query nor fragment");
        }

        var clients = json.Texts("ClientIDList").ToList();
        if (clients.Count is 0 or > OidcProvider.MaxClientIds)
        {
            json.Fault("ClientIDList", $"1 to {OidcProvider.MaxClientIds} client ids are expected");
        }

        foreach (var client in clients.Where(client => client.Text.Length > OidcProvider.MaxLength))
        {
            json.Report.Fault(client.Place, $"a client id has at most {OidcProvider.MaxLength} characters");
        }

        var keys = json.Member("Jwks");
        if (keys is not null && !(keys.Value.ValueKind == JsonValueKind.Object
            && keys.Value.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array))
        {
            json.Fault("Jwks", "a key set is an object with a list of keys");
        }

        var algorithms = json.Texts("Algorithms").ToList();
        foreach (var algorithm in algorithms.Where(algorithm => !OidcProvider.KnownAlgorithms.Contains(algorithm.Text, StringComparer.Ordinal)))
        {
            json.Report.Fault(algorithm.Place, $"expected is one of {string.Join(", ", OidcProvider.KnownAlgorithms)}");
        }

        var keysAt = ReadUrl(json, "JwksUri", required: false);
        return url is null || json.Report.Faults.Count > earlier ? null : ToProvider(json, clients, keysAt, keys, algorithms);
    }

    private SeedOidcProvider? ToProvider(SeedObject json, List<SeedReference> clients, Uri? keysAt, JsonElement? keys, List<SeedReference> algorithms)
    {
        try
        {
            var provider = new OidcProvider(account, json.Text("Url")!, [.. clients.Select(client => client.Text)], allowPlainHttp: true)
            {
                JwksUri = keysAt,
                Jwks = keys?.GetRawText(),
                Algorithms = algorithms.Count == 0 ? OidcProvider.DefaultAlgorithms : [.. algorithms.Select(algorithm => algorithm.Text)],
            };
            CheckArn(json, provider.Arn.Resource);
            return new SeedOidcProvider(json.Place, provider);
        }
        catch (ArgumentException wrong)
        {
            json.Fault("Url", wrong.Message);
            return null;
        }
    }

    internal SeedSamlProvider? ReadSaml(SeedObject json)
    {
        var earlier = json.Report.Faults.Count;
        var name = json.Required("Name");
        var metadata = json.Required("SAMLMetadataFile") is { } file ? Read(json.Report, json.PlaceOf("SAMLMetadataFile"), file) : null;
        var mode = json.Text("AssertionEncryptionMode");
        if (mode is not (null or nameof(AssertionEncryptionMode.Allowed) or nameof(AssertionEncryptionMode.Required)))
        {
            json.Fault("AssertionEncryptionMode", "Allowed or Required is expected");
        }

        var keys = json.Texts("PrivateKeyFiles").Select(key => Read(json.Report, key.Place, key.Text)).ToList();
        if (mode == nameof(AssertionEncryptionMode.Required) && keys.Count == 0)
        {
            json.Fault("AssertionEncryptionMode", "encrypted assertions are required, and there is no private key to read them");
        }

        CheckArn(json, name is null ? null : $"saml-provider/{name}");
        return json.Report.Faults.Count > earlier ? null : ToProvider(json, name!, metadata!, mode, keys);
    }

    private SeedSamlProvider? ToProvider(SeedObject json, string name, string metadata, string? mode, List<string?> keys)
    {
        var member = "SAMLMetadataFile";
        try
        {
            var provider = new SamlProvider(account, name, metadata);
            member = "PrivateKeyFiles";
            return new SeedSamlProvider(json.Place, provider with
            {
                AssertionEncryptionMode = mode == nameof(AssertionEncryptionMode.Required) ? AssertionEncryptionMode.Required : AssertionEncryptionMode.Allowed,
                PrivateKeys = [.. keys.Select(key => new Secret(key!))],
            });
        }
        catch (FormatException wrong)
        {
            json.Fault(member, wrong.Message);
        }
        catch (ArgumentException wrong)
        {
            json.Fault(wrong.ParamName == "name" ? "Name" : member, wrong.Message);
        }

        return null;
    }

    internal static SeedOrganization? ReadOrganization(SeedObject file)
    {
        if (file.Object("Organization", OrganizationMembers) is not { } json)
        {
            return null;
        }

        var id = json.Required("Id");
        var management = json.Required("ManagementAccountId");
        if (id is not null && !id.StartsWith("o-", StringComparison.Ordinal))
        {
            json.Fault("Id", "an organization's id begins with o-");
        }

        return id is null || management is null
            ? null
            : new SeedOrganization(json.Place, id, management, [.. json.Texts("DelegatedAdministrators")], [.. json.Texts("MemberAccountIds")]);
    }

    private static Uri? ReadUrl(SeedObject json, string member, bool required)
    {
        var text = required ? json.Required(member) : json.Text(member);
        if (text is null)
        {
            return null;
        }

        // Over http anybody on the way could put keys of their own in place of the provider's.
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
        {
            return url;
        }

        json.Fault(member, "an https address is expected; http is accepted for loopback addresses only");
        return null;
    }

    private void CheckArn(SeedObject json, string? resource)
    {
        if (resource is not null && json.Text("Arn") is { } said && said != $"arn:{account.Partition}:iam::{account.Id}:{resource}")
        {
            json.Fault("Arn", $"contradicts the account and the provider; expected is arn:{account.Partition}:iam::{account.Id}:{resource}");
        }
    }

    /// <summary>The text of a file beside the seed file, as far as anything that is named there is long.</summary>
    private string? Read(SeedReport report, string place, string file)
    {
        // The platform throws at a name that no file can have.
        var path = file.Contains('\0', StringComparison.Ordinal) ? null : new FileInfo(Path.GetFullPath(file, folder));
        if (path is not { Exists: true })
        {
            report.Fault(place, $"the file {file} does not exist beside the seed file");
            return null;
        }

        if (path.Length is 0 or > SamlProvider.MaxMetadataLength)
        {
            report.Fault(place, $"the file {file} is empty or longer than {SamlProvider.MaxMetadataLength} bytes");
            return null;
        }

        try
        {
            return File.ReadAllText(path.FullName);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            report.Fault(place, $"the file {file} cannot be read: {wrong.Message}");
            return null;
        }
    }
}
