using TokenService;

namespace StsServer.Seed;

/// <summary>A loaded seed: what the stores answer from, and what later parts of the service will ask for.</summary>
internal sealed record SeedDirectory(InMemoryIdentityStore Identities, SeedDocument Document);

/// <summary>Puts what was read together: finds doubles, contradictions and references to nothing, and fills the store.</summary>
internal sealed class SeedAssembler(SeedDocument document, SeedReport report)
{
    private readonly InMemoryIdentityStore _store = new();
    private readonly Dictionary<string, SeedManagedPolicy> _policies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _uniqueIds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _accessKeys = new(StringComparer.Ordinal);

    /// <returns>The directory, or <see langword="null"/> where the report has any fault.</returns>
    internal SeedDirectory? Assemble()
    {
        CheckAccounts();
        foreach (var policy in document.AwsManagedPolicies.Concat(document.Accounts.SelectMany(account => account.Policies)))
        {
            Add(policy);
        }

        foreach (var account in document.Accounts)
        {
            Check(account);
        }

        NoteWhatIsNotUsedYet();
        if (report.Faults.Count > 0)
        {
            return null;
        }

        foreach (var account in document.Accounts)
        {
            Fill(account);
        }

        // Twice: a role pins the users and roles that its trust policy names, and those may come after it.
        Role[] roles = [.. document.Accounts.SelectMany(account => account.Roles.Select(role => ToRole(account, role)))];
        foreach (var role in roles.Concat(roles))
        {
            _store.Put(role);
        }

        return new SeedDirectory(_store, document);
    }

    private void CheckAccounts()
    {
        foreach (var same in document.Accounts.GroupBy(account => account.Account.Id, StringComparer.Ordinal))
        {
            foreach (var again in same.Skip(1))
            {
                report.Fault(again.Place, $"account {same.Key} stands twice");
            }
        }

        if (document.Organization is not { } organization)
        {
            return;
        }

        SeedReference[] named =
        [
            new($"{organization.Place}.ManagementAccountId", organization.ManagementAccountId),
            .. organization.DelegatedAdministrators, .. organization.MemberAccountIds,
        ];
        foreach (var account in named.Where(account => document.Accounts.All(known => known.Account.Id != account.Text)))
        {
            report.Fault(account.Place, $"there is no account {account.Text}");
        }

        foreach (var account in organization.DelegatedAdministrators.Concat(organization.MemberAccountIds).Where(account => account.Text == organization.ManagementAccountId))
        {
            report.Fault(account.Place, $"{account.Text} is the management account, which is neither a member nor a delegated administrator");
        }
    }

    private void Add(SeedManagedPolicy policy)
    {
        var arn = policy.Arn.ToString();
        if (_policies.TryAdd(arn, policy))
        {
            if (policy.Document is not null)
            {
                _store.Put(new Policy(policy.Name, policy.Arn, policy.Document));
            }
        }
        else if (policy.Arn.Account != "aws")
        {
            report.Fault(policy.Place, $"{arn} stands twice");
        }
        else if (policy.Document?.Text != _policies[arn].Document?.Text)
        {
            // Two accounts' exports both list AWS's policies; that is a contradiction only where they differ.
            report.Fault(policy.Place, $"{arn} stands twice with different documents");
        }
    }

    private void Check(SeedAccount account)
    {
        CheckNames(account.Users, "user", account);
        CheckNames(account.Groups, "group", account);
        CheckNames(account.Roles, "role", account);
        foreach (var group in account.Users.SelectMany(user => user.Groups).Where(group => !Contains(account.Groups, group.Text)))
        {
            report.Fault(group.Place, $"there is no group {group.Text} in account {account.Account.Id}");
        }

        foreach (var key in account.AccessKeys)
        {
            if (key.UserName != SeedAccessKey.RootUserName && !Contains(account.Users, key.UserName))
            {
                report.Fault($"{key.Place}.UserName", $"there is no user {key.UserName} in account {account.Account.Id}");
            }

            if (!_accessKeys.TryAdd(key.Id, key.Place))
            {
                report.Fault($"{key.Place}.AccessKeyId", $"{key.Id} also stands at {_accessKeys[key.Id]}");
            }
        }

        var serials = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var device in account.MfaDevices)
        {
            if (device.UserName != SeedAccessKey.RootUserName && !Contains(account.Users, device.UserName))
            {
                report.Fault($"{device.Place}.UserName", $"there is no user {device.UserName} in account {account.Account.Id}");
            }

            if (!serials.TryAdd(device.Device.SerialNumber, device.Place))
            {
                report.Fault($"{device.Place}.SerialNumber", $"{device.Device} also stands at {serials[device.Device.SerialNumber]}");
            }
        }

        foreach (var same in account.OidcProviders.GroupBy(provider => provider.Provider.Arn).SelectMany(same => same.Skip(1)))
        {
            report.Fault($"{same.Place}.Url", $"{same.Provider.Issuer} stands twice");
        }

        foreach (var same in account.SamlProviders.GroupBy(provider => provider.Provider.Name, StringComparer.OrdinalIgnoreCase).SelectMany(same => same.Skip(1)))
        {
            report.Fault($"{same.Place}.Name", $"{same.Provider.Name} stands twice");
        }
    }

    private void CheckNames(IEnumerable<SeedEntity> entities, string kind, SeedAccount account)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entity in entities)
        {
            if (!names.TryAdd(entity.Name, entity.Place))
            {
                report.Fault(entity.Place, $"the {kind} {entity.Name}, whatever its letter case, also stands at {names[entity.Name]}");
            }

            if (entity.Id is { } id && !_uniqueIds.TryAdd(id.Text, id.Place))
            {
                report.Fault(id.Place, $"{id.Text} also stands at {_uniqueIds[id.Text]}");
            }

            foreach (var policy in entity.PermissionsBoundary is { } boundary ? entity.ManagedPolicies.Add(boundary) : entity.ManagedPolicies)
            {
                if (!_policies.TryGetValue(policy.Text, out var found))
                {
                    report.Fault(policy.Place, $"there is no managed policy {policy.Text}");
                }
                else if (found.Arn.Account != "aws" && found.Arn.Account != account.Account.Id)
                {
                    report.Fault(policy.Place, $"{policy.Text} belongs to another account");
                }
            }
        }
    }

    private void Fill(SeedAccount seed)
    {
        var root = seed.AccessKeys.Where(key => key.UserName == SeedAccessKey.RootUserName).Select(key => key.Key).OfType<AccessKey>();
        _store.Put(seed.Account with
        {
            RootAccessKeys = [.. root],
            OrganizationId = document.Organization is { } organization && organization.Has(seed.Account.Id) ? organization.Id : null,
            ManagesMemberRoots = document.Organization?.Manages(seed.Account.Id) ?? false,
        });
        foreach (var provider in seed.OidcProviders)
        {
            _store.Put(provider.Provider);
        }

        foreach (var provider in seed.SamlProviders)
        {
            _store.Put(provider.Provider);
        }

        foreach (var group in seed.Groups)
        {
            _store.Put(new Group(group.Arn) { InlinePolicies = group.InlinePolicies, ManagedPolicies = [.. group.ManagedPolicies.Select(each => Arn.Parse(each.Text))] });
        }

        foreach (var user in seed.Users)
        {
            bool IsTheirs(string name) => string.Equals(name, user.Name, StringComparison.OrdinalIgnoreCase);
            _store.Put(new User(user.Arn, user.Id?.Text ?? UniqueId.Derive(UniqueId.UserPrefix, seed.Account.Id, user.Name))
            {
                AccessKeys = [.. seed.AccessKeys.Where(key => IsTheirs(key.UserName)).Select(key => key.Key).OfType<AccessKey>()],
                Groups = [.. user.Groups.Select(group => group.Text)],
                InlinePolicies = user.InlinePolicies,
                ManagedPolicies = [.. user.ManagedPolicies.Select(each => Arn.Parse(each.Text))],
                PermissionsBoundary = user.PermissionsBoundary is { } boundary ? Arn.Parse(boundary.Text) : null,
                Tags = user.Tags,
                MfaDevices = [.. seed.MfaDevices.Where(device => IsTheirs(device.UserName)).Select(device => device.Device)],
            });
        }
    }

    private static Role ToRole(SeedAccount seed, SeedEntity role) =>
        new(role.Arn, role.Id?.Text ?? UniqueId.Derive(UniqueId.RolePrefix, seed.Account.Id, role.Name), role.TrustPolicy!)
        {
            InlinePolicies = role.InlinePolicies,
            ManagedPolicies = [.. role.ManagedPolicies.Select(each => Arn.Parse(each.Text))],
            PermissionsBoundary = role.PermissionsBoundary is { } boundary ? Arn.Parse(boundary.Text) : null,
            MaxSessionDuration = role.MaxSessionDuration,
            Tags = role.Tags,
        };

    private void NoteWhatIsNotUsedYet()
    {
        foreach (var account in document.Accounts)
        {
            foreach (var device in account.MfaDevices)
            {
                // AWS documents that multi-factor protected access is not available to root.
                Note(device.UserName != SeedAccessKey.RootUserName, device.Place, "no operation takes a code of the root user's device");
            }

            foreach (var provider in account.SamlProviders)
            {
                Note(provider.Provider.UnusedKeys.IsEmpty, $"{provider.Place}.SAMLMetadataFile", $"not all keys are used: {string.Join("; ", provider.Provider.UnusedKeys)}");
            }
        }
    }

    private void Note(bool isAbsent, string place, string reason)
    {
        if (!isAbsent)
        {
            report.Note(place, reason);
        }
    }

    private static bool Contains(IEnumerable<SeedEntity> entities, string name) =>
        entities.Any(entity => string.Equals(entity.Name, name, StringComparison.OrdinalIgnoreCase));
}
