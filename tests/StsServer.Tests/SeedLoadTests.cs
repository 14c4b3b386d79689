using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using TokenService;

namespace StsServer.Tests;

public sealed class SeedLoadTests : IDisposable
{
    private readonly Folder _folder = new();

    [Fact]
    public async Task Shipped_seed_has_no_fault_and_its_keys_carry_their_account()
    {
        var load = new Seed.SeedFile(Path.Combine(AppContext.BaseDirectory, "seed.json")).Load();
        load.Report.Faults.Should().BeEmpty();
        load.Report.Notes.Should().BeEmpty();
        var store = load.Directory!.Identities;
        foreach (var name in new[] { "alice", "bob" })
        {
            var user = (await store.FindUserAsync("111122223333", name, CancellationToken.None))!;
            AccessKeyId.TryGetAccount(user.AccessKeys.Single().Id, out var account).Should().BeTrue();
            account.Should().Be("111122223333");
        }

        (await store.FindRoleAsync("444455556666", "deploy", CancellationToken.None))!.Arn.ToString()
            .Should().Be("arn:aws:iam::444455556666:role/ci/deploy");
        (await store.FindRoleAsync("444455556666", "partner", CancellationToken.None))!.TrustPolicy.Text.Should().Contain("sts:ExternalId");
    }

    [Theory]
    [InlineData(Json.Policy)]
    [InlineData("text")]
    [InlineData("percent")]
    public async Task Policy_documents_are_read_in_all_three_spellings(string spelling)
    {
        var document = spelling switch
        {
            "text" => Json.Quote(Json.Policy),
            "percent" => Json.Quote(Uri.EscapeDataString(Json.Policy)),
            _ => spelling,
        };
        var load = _folder.Load(Json.User($$"""  "UserPolicyList": [ { "PolicyName": "p", "PolicyDocument": {{document}} } ]  """));
        load.Report.Faults.Should().BeEmpty();
        var user = await load.Directory!.Identities.FindUserAsync("111122223333", "alice", CancellationToken.None);
        user!.InlinePolicies.Single().Document.Text.Should().Be(Json.Policy);
    }

    [Fact]
    public async Task Output_of_the_aws_command_is_one_account_that_its_ARNs_name()
    {
        var load = _folder.Load(
            $$"""
            {
              "UserDetailList": [ { "Path": "/a/", "UserName": "alice", "UserId": "AIDA12345678901234567", "Arn": "arn:aws-cn:iam::111122223333:user/a/alice",
                "CreateDate": "2020-01-01T00:00:00Z", "GroupList": [ "g" ], "AttachedManagedPolicies": [ { "PolicyName": "R", "PolicyArn": "arn:aws-cn:iam::aws:policy/R" } ] } ],
              "GroupDetailList": [ { "Path": "/", "GroupName": "g", "GroupId": "AGPA12345678901234567", "Arn": "arn:aws-cn:iam::111122223333:group/g",
                "CreateDate": "2020-01-01T00:00:00Z", "GroupPolicyList": [], "AttachedManagedPolicies": [] } ],
              "RoleDetailList": [ { "Path": "/", "RoleName": "r", "RoleId": "AROA12345678901234567", "Arn": "arn:aws-cn:iam::111122223333:role/r",
                "CreateDate": "2020-01-01T00:00:00Z", "AssumeRolePolicyDocument": {{Json.Trust}}, "InstanceProfileList": [], "RolePolicyList": [],
                "AttachedManagedPolicies": [], "RoleLastUsed": {}, "Tags": [] } ],
              "Policies": [ { "PolicyName": "R", "PolicyId": "ANPA1", "Arn": "arn:aws-cn:iam::aws:policy/R", "Path": "/", "DefaultVersionId": "v2", "AttachmentCount": 1,
                "PermissionsBoundaryUsageCount": 0, "IsAttachable": true, "CreateDate": "2020-01-01T00:00:00Z", "UpdateDate": "2020-01-01T00:00:00Z",
                "PolicyVersionList": [ { "Document": {{Json.Policy}}, "VersionId": "v2", "IsDefaultVersion": true, "CreateDate": "2020-01-01T00:00:00Z" } ] } ]
            }
            """);
        load.Report.Faults.Should().BeEmpty();
        load.Report.Notes.Should().BeEmpty();
        var store = load.Directory!.Identities;
        (await store.FindAccountAsync("111122223333", CancellationToken.None))!.Partition.Should().Be("aws-cn");
        (await store.FindUserAsync("111122223333", "alice", CancellationToken.None))!.Id.Should().Be("AIDA12345678901234567");
        (await store.FindRoleAsync("111122223333", "r", CancellationToken.None))!.MaxSessionDuration.Should().Be(Duration.FromHours(1));
        (await store.FindPolicyAsync(Arn.Parse("arn:aws-cn:iam::aws:policy/R"), CancellationToken.None)).Should().NotBeNull();
    }

    [Fact]
    public async Task Ids_that_the_file_does_not_give_stay_the_same_from_load_to_load()
    {
        async Task<(string?, string?)> Ids(string json)
        {
            var store = _folder.Load(json).Directory!.Identities;
            return ((await store.FindUserAsync("111122223333", "alice", CancellationToken.None))?.Id,
                (await store.FindRoleAsync("111122223333", "deploy", CancellationToken.None))?.Id);
        }

        var first = await Ids(Json.User(""" "Path": "/" """));
        (await Ids(Json.User(""" "Path": "/moved/", "Tags": [ { "Key": "a", "Value": "" } ] """))).Should().Be(first);
        (await Ids(Json.Role(""" "Path": "/" """))).Item2.Should().StartWith("AROA").And.NotBe(first.Item1);
    }

    [Theory]
    [InlineData("111122223333", "o-example", true)]
    [InlineData("222233334444", "o-example", true)]
    [InlineData("333344445555", "o-example", false)]
    [InlineData("444455556666", null, false)]
    public async Task Organization_says_which_accounts_belong_to_it_and_which_manage_the_roots_of_the_others(string account, string? organization, bool manages)
    {
        var load = _folder.Load("""
            {
              "Accounts": [ { "AccountId": "111122223333" }, { "AccountId": "222233334444" }, { "AccountId": "333344445555" }, { "AccountId": "444455556666" } ],
              "Organization": { "Id": "o-example", "ManagementAccountId": "111122223333", "DelegatedAdministrators": [ "222233334444" ], "MemberAccountIds": [ "333344445555" ] }
            }
            """);
        load.Report.Faults.Should().BeEmpty();
        load.Report.Notes.Should().BeEmpty();
        var loaded = (await load.Directory!.Identities.FindAccountAsync(account, CancellationToken.None))!;
        (loaded.OrganizationId, loaded.ManagesMemberRoots).Should().Be((organization, manages));
    }

    [Fact]
    public async Task Without_an_organization_no_account_belongs_to_one()
    {
        var load = _folder.Load("""{ "Accounts": [ { "AccountId": "111122223333" } ] }""");
        var loaded = (await load.Directory!.Identities.FindAccountAsync("111122223333", CancellationToken.None))!;
        (loaded.OrganizationId, loaded.ManagesMemberRoots).Should().Be((null, false));
    }

    [Fact]
    public async Task Root_keys_and_devices_find_their_owners()
    {
        var load = _folder.Load(Json.Account(
            $$"""
            "UserDetailList": [ { "UserName": "alice" } ],
            "AccessKeys": [ { "UserName": "<root_account>", "AccessKeyId": "{{Json.Key}}", "SecretAccessKey": "{{Json.Secret}}", "Status": "Inactive" } ],
            "MFADevices": [ { "UserName": "ALICE", "SerialNumber": "arn:aws:iam::111122223333:mfa/alice", "Base32StringSeed": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } ]
            """));
        var store = load.Directory!.Identities;
        var owner = await store.FindAccessKeyAsync(Json.Key, CancellationToken.None);
        owner!.User.Should().BeNull();
        owner.Key.IsActive.Should().BeFalse();
        (await store.FindUserAsync("111122223333", "alice", CancellationToken.None))!.MfaDevices.Single().SerialNumber
            .Should().Be("arn:aws:iam::111122223333:mfa/alice");
    }

    [Theory, InlineData("alice", true), InlineData("bob", false)]
    public async Task Device_of_the_file_shows_codes_that_count_for_its_user_alone(string user, bool counts)
    {
        var file = new Seed.SeedFile(_folder.Write("seed.json", Json.Account(
            """
            "UserDetailList": [ { "UserName": "alice" }, { "UserName": "bob" } ],
            "MFADevices": [ { "UserName": "alice", "SerialNumber": "arn:aws:iam::111122223333:mfa/alice", "Base32StringSeed": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } ]
            """)));
        var services = new ServiceCollection();
        services.AddSingleton<IClock>(new NodaTime.Testing.FakeClock(Instant.FromUnixTimeSeconds(1111111109)));
        services.AddSingleton(file.MfaSecrets);
        services.AddTemporaryCredentials();
        await using var provider = services.BuildServiceProvider();

        // The second load stands for a file that changed while the host runs; what the first one sealed is not needed for it.
        var load = file.Load();
        load.Report.Notes.Should().BeEmpty();
        var found = (await file.Load().Directory!.Identities.FindUserAsync("111122223333", user, CancellationToken.None))!;
        var refusal = await provider.GetRequiredService<IMfaVerifier>()
            .VerifyAsync(found, "arn:aws:iam::111122223333:mfa/alice", "081804", CancellationToken.None);
        (refusal is null).Should().Be(counts);
        load.Directory!.Document.ToString().Should().NotContain("GEZDGNBV");
        load.Directory.Document.Accounts.Single().MfaDevices.Single().ToString().Should().NotContain("GEZDGNBV");
    }

    [Fact]
    public void Device_of_the_root_user_is_noted_because_no_operation_takes_its_codes() =>
        _folder.Load(Json.Account(
            """
            "MFADevices": [ { "UserName": "<root_account>", "SerialNumber": "arn:aws:iam::111122223333:mfa/root", "Base32StringSeed": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } ]
            """)).Report.Notes.Should().ContainSingle().Which.Place.Should().Be("$.Accounts[0].MFADevices[0]");

    [Fact]
    public void Unknown_members_and_what_is_not_used_yet_are_noted_and_loaded_over()
    {
        var load = _folder.Load(Json.Account(
            """
            "Colour": "red",
            "OpenIDConnectProviders": [ { "Url": "http://127.0.0.1:9000/", "ClientIDList": [ "app" ], "Jwks": { "keys": [] } } ]
            """));
        load.Directory!.Document.Accounts.Single().OidcProviders.Should().ContainSingle();
        load.Report.Notes.Select(note => note.Place).Should().Equal("$.Accounts[0].Colour");
    }

    [Fact]
    public async Task Every_section_is_read_and_files_are_found_beside_the_seed()
    {
        using var key = RSA.Create(2048);
        _folder.Write("corp-metadata.xml", Json.Metadata(key));
        _folder.Write("sp-key.pem", key.ExportPkcs8PrivateKeyPem());
        var load = _folder.Load(
            $$"""
            {
              "Accounts": [ {
                "AccountId": "111122223333",
                "UserDetailList": [ { "UserName": "alice", "UserPolicyList": [], "GroupList": [], "Tags": [ { "Key": "team", "Value": "blue" } ],
                  "AttachedManagedPolicies": [ { "PolicyName": "own", "PolicyArn": "arn:aws:iam::111122223333:policy/a/own" } ],
                  "PermissionsBoundary": { "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/ReadOnlyAccess" } } ],
                "RoleDetailList": [ { "RoleName": "deploy", "PermissionsBoundary": {}, "AssumeRolePolicyDocument": {{Json.Trust}} } ],
                "Policies": [ { "PolicyName": "own", "Path": "/a/", "DefaultVersionId": "v1", "PolicyVersionList": [ { "VersionId": "v1", "IsDefaultVersion": true, "Document": {{Json.Policy}} } ] } ],
                "MFADevices": [ { "UserName": "alice", "SerialNumber": "arn:aws:iam::111122223333:mfa/alice", "Base32StringSeed": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } ],
                "OpenIDConnectProviders": [ { "Url": "https://issuer.example/", "ClientIDList": [ "app" ], "JwksUri": "https://issuer.example/keys", "Algorithms": [ "RS256" ] } ],
                "SAMLProviders": [ { "Name": "corp", "SAMLMetadataFile": "corp-metadata.xml", "AssertionEncryptionMode": "Allowed", "PrivateKeyFiles": [ "sp-key.pem" ] } ]
              } ],
              "AwsManagedPolicies": [ { "Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "Document": {{Json.Policy}} } ],
              "Organization": { "Id": "o-example", "ManagementAccountId": "111122223333", "DelegatedAdministrators": [], "MemberAccountIds": [] }
            }
            """);
        load.Report.Faults.Should().BeEmpty();
        load.Report.Notes.Should().BeEmpty();
        var corp = (await load.Directory!.Identities.FindSamlProviderAsync("111122223333", "corp", CancellationToken.None))!;
        (corp.EntityId, corp.AssertionEncryptionMode, corp.PrivateKeys.Length).Should().Be(("https://idp.example/saml", AssertionEncryptionMode.Allowed, 1));
        var alice = (await load.Directory.Identities.FindUserAsync("111122223333", "alice", CancellationToken.None))!;
        alice.PermissionsBoundary!.ToString().Should().Be("arn:aws:iam::aws:policy/ReadOnlyAccess");
        (await load.Directory.Identities.FindPolicyAsync(alice.ManagedPolicies.Single(), CancellationToken.None)).Should().NotBeNull();
    }

    [Theory]
    [InlineData("AKIARTX3GSDSQAAAAAAA", 0)]
    [InlineData("AKIAIOSFODNN7EXAMPLE", 0)]
    [InlineData("AKIARZPUZDIKAAAAAAAA", 1)]
    public void Access_key_id_that_seems_another_accounts_is_noted(string id, int notes)
    {
        var load = _folder.Load(Json.Account(
            $$"""  "AccessKeys": [ { "UserName": "<root_account>", "AccessKeyId": "{{id}}", "SecretAccessKey": "{{Json.Secret}}" } ]  """));
        load.Directory.Should().NotBeNull();
        load.Report.Notes.Should().HaveCount(notes);
    }

    [Fact]
    public void Policy_of_AWS_may_stand_in_two_accounts_if_it_is_the_same()
    {
        string File(string second) =>
            $$"""
            { "Accounts": [ { "AccountId": "111122223333", "Policies": [ {{Policy(Json.Policy)}} ] }, { "AccountId": "444455556666", "Policies": [ {{Policy(second)}} ] } ] }
            """;
        string Policy(string document) =>
            $$"""{ "Arn": "arn:aws:iam::aws:policy/R", "DefaultVersionId": "v1", "PolicyVersionList": [ { "VersionId": "v1", "Document": {{document}} } ] }""";

        _folder.Load(File(Json.Policy)).Report.Faults.Should().BeEmpty();
        _folder.Load(File(Json.Policy.Replace("*", "arn:aws:iam::111122223333:role/x", StringComparison.Ordinal))).Report.Faults.Should().ContainSingle()
            .Which.Place.Should().Be("$.Accounts[1].Policies[0]");
    }

    public void Dispose() => _folder.Dispose();
}
