using StsServer.Seed;

namespace StsServer.Tests;

/// <summary>Everything that is wrong with a seed file is told with its place, and then nothing of the file is loaded.</summary>
public sealed class SeedFaultTests : IDisposable
{
    private readonly Folder _folder = new();

    [Theory]
    [InlineData("[]", "$")]
    [InlineData("{}", "$")]
    [InlineData("{", "$")]
    [InlineData("""{ "Accounts": {} }""", "$.Accounts")]
    [InlineData("""{ "Accounts": [ 1 ] }""", "$.Accounts[0]")]
    [InlineData("""{ "Accounts": [ {} ] }""", "$.Accounts[0].AccountId")]
    [InlineData("""{ "Accounts": [ { "AccountId": "12" } ] }""", "$.Accounts[0].AccountId")]
    [InlineData("""{ "Accounts": [ { "AccountId": "111122223333" }, { "AccountId": "111122223333" } ] }""", "$.Accounts[1]")]
    [InlineData("""{ "Accounts": [], "UserDetailList": [] }""", "$.UserDetailList")]
    [InlineData("""{ "UserDetailList": [ { "UserName": "alice" } ] }""", "$.AccountId")]
    [InlineData("""{ "Accounts": [ { "AccountId": "111122223333", "AccountId": "111122223333" } ] }""", "$.Accounts[0].AccountId")]
    [InlineData("""{ "AccountId": "111122223333", "UserDetailList": [], "IsTruncated": true }""", "$.IsTruncated")]
    [InlineData("""{ "Accounts": [], "Organization": { "Id": "o-x", "ManagementAccountId": "111122223333" } }""", "$.Organization.ManagementAccountId")]
    [InlineData("""{ "Accounts": [ { "AccountId": "111122223333" } ], "Organization": { "Id": "o-x", "ManagementAccountId": "111122223333", "MemberAccountIds": [ "111122223333" ] } }""", "$.Organization.MemberAccountIds[0]")]
    [InlineData("""{ "Accounts": [ { "AccountId": "111122223333" } ], "Organization": { "Id": "o-x", "ManagementAccountId": "111122223333", "DelegatedAdministrators": [ "111122223333" ] } }""", "$.Organization.DelegatedAdministrators[0]")]
    [InlineData("""{ "Accounts": [ { "AccountId": "111122223333" } ], "Organization": { "Id": "o-x", "ManagementAccountId": "111122223333", "MemberAccountIds": [ "222233334444" ] } }""", "$.Organization.MemberAccountIds[0]")]
    [InlineData("""{ "Accounts": [], "AwsManagedPolicies": [ { "Arn": "arn:aws:iam::111122223333:policy/x", "Document": """ + Json.Policy + " } ] }", "$.AwsManagedPolicies[0].Arn")]
    [InlineData("""{ "Accounts": [ { "AccountId": "\ud800" } ] }""", "$")]
    public void File_that_is_none_is_refused_at_its_place(string json, string place) => Expect(json, place);

    [Theory]
    [InlineData("""  "Path": "x" """, "$.Accounts[0].UserDetailList[0].UserName")]
    [InlineData("""  "UserId": "short" """, "$.Accounts[0].UserDetailList[0].UserId")]
    [InlineData("""  "Arn": "nonsense" """, "$.Accounts[0].UserDetailList[0].Arn")]
    [InlineData("""  "Arn": "arn:aws:iam::111122223333:user/bob" """, "$.Accounts[0].UserDetailList[0].Arn")]
    [InlineData("""  "Arn": "arn:aws:iam::444455556666:user/alice" """, "$.Accounts[0].UserDetailList[0].Arn")]
    [InlineData("""  "Path": "/a/", "Arn": "arn:aws:iam::111122223333:user/b/alice" """, "$.Accounts[0].UserDetailList[0].Arn")]
    [InlineData("""  "GroupList": [ "nobody" ] """, "$.Accounts[0].UserDetailList[0].GroupList[0]")]
    [InlineData("""  "GroupList": "nobody" """, "$.Accounts[0].UserDetailList[0].GroupList")]
    [InlineData("""  "UserPolicyList": [ { "PolicyName": "p" } ] """, "$.Accounts[0].UserDetailList[0].UserPolicyList[0].PolicyDocument")]
    [InlineData("""  "UserPolicyList": [ { "PolicyName": "p", "PolicyDocument": 1 } ] """, "$.Accounts[0].UserDetailList[0].UserPolicyList[0].PolicyDocument")]
    [InlineData("""  "UserPolicyList": [ { "PolicyName": "p", "PolicyDocument": "text" } ] """, "$.Accounts[0].UserDetailList[0].UserPolicyList[0].PolicyDocument")]
    [InlineData("""  "UserPolicyList": [ { "PolicyName": "p", "PolicyDocument": "%7B%zz%7D" } ] """, "$.Accounts[0].UserDetailList[0].UserPolicyList[0].PolicyDocument")]
    [InlineData("""  "UserPolicyList": [ { "PolicyName": "p", "PolicyDocument": "%7B%ff%7D" } ] """, "$.Accounts[0].UserDetailList[0].UserPolicyList[0].PolicyDocument")]
    [InlineData("""  "UserPolicyList": [ { "PolicyDocument": """ + Json.Policy + " } ]", "$.Accounts[0].UserDetailList[0].UserPolicyList[0].PolicyName")]
    [InlineData("""  "AttachedManagedPolicies": [ { "PolicyName": "x", "PolicyArn": "arn:aws:iam::aws:policy/x" } ] """, "$.Accounts[0].UserDetailList[0].AttachedManagedPolicies[0].PolicyArn")]
    [InlineData("""  "PermissionsBoundary": { "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/x" } """, "$.Accounts[0].UserDetailList[0].PermissionsBoundary.PermissionsBoundaryArn")]
    [InlineData("""  "Tags": [ { "Key": "a", "Value": "1" }, { "Key": "A", "Value": "2" } ] """, "$.Accounts[0].UserDetailList[0].Tags[1].Key")]
    [InlineData("""  "Tags": [ { "Key": "aws:x", "Value": "1" } ] """, "$.Accounts[0].UserDetailList[0].Tags[0].Key")]
    [InlineData("""  "Tags": [ { "Key": "x", "Value": "aws:1" } ] """, "$.Accounts[0].UserDetailList[0].Tags[0].Key")]
    public void User_is_refused_at_its_place(string members, string place) => Expect(Json.User(members), place);

    [Theory]
    [InlineData("""  "MaxSessionDuration": 3599 """, "$.Accounts[0].RoleDetailList[0].MaxSessionDuration")]
    [InlineData("""  "MaxSessionDuration": 43201 """, "$.Accounts[0].RoleDetailList[0].MaxSessionDuration")]
    [InlineData("""  "MaxSessionDuration": "3600" """, "$.Accounts[0].RoleDetailList[0].MaxSessionDuration")]
    [InlineData("""  "RoleId": 5 """, "$.Accounts[0].RoleDetailList[0].RoleId")]
    public void Role_is_refused_at_its_place(string members, string place) => Expect(Json.Role(members), place);

    [Theory]
    [InlineData("""  "UserName": "nobody" """, "UserName")]
    [InlineData("""  "AccessKeyId": "short" """, "AccessKeyId")]
    [InlineData("""  "AccessKeyId": "ASIARTX3GSDSQAAAAAAA" """, "AccessKeyId")]
    [InlineData("""  "SecretAccessKey": "short" """, "SecretAccessKey")]
    [InlineData("""  "SecretAccessKey": "" """, "SecretAccessKey")]
    [InlineData("""  "SecretAccessKey": "with a blank in its middle" """, "SecretAccessKey")]
    [InlineData("""  "Status": "Sleeping" """, "Status")]
    public void Access_key_is_refused_at_its_place(string member, string name)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["UserName"] = """  "UserName": "<root_account>" """,
            ["AccessKeyId"] = $"\"AccessKeyId\": \"{Json.Key}\"",
            ["SecretAccessKey"] = $"\"SecretAccessKey\": \"{Json.Secret}\"",
        };
        string Keys() => Json.Account($$"""  "AccessKeys": [ { {{string.Join(", ", members.Values)}} } ]  """);
        _folder.Load(Keys()).Directory.Should().NotBeNull();
        members[name] = member;
        var load = Expect(Keys(), $"$.Accounts[0].AccessKeys[0].{name}");
        load.Report.Faults.Should().NotContain(fault => fault.Reason.Contains("blank", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""  "UserDetailList": [ { "UserName": "alice" }, { "UserName": "Alice" } ] """, "$.Accounts[0].UserDetailList[1]")]
    [InlineData("""  "UserDetailList": [ { "UserName": "a", "UserId": "AIDA1234567890123" }, { "UserName": "b", "UserId": "AIDA1234567890123" } ] """, "$.Accounts[0].UserDetailList[1].UserId")]
    [InlineData("""  "MFADevices": [ { "UserName": "x", "SerialNumber": "arn:aws:iam::111122223333:mfa/x", "Base32StringSeed": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } ] """, "$.Accounts[0].MFADevices[0].UserName")]
    [InlineData("""  "MFADevices": [ { "UserName": "<root_account>", "SerialNumber": "arn:aws:iam::111122223333:mfa/x", "Base32StringSeed": "01" } ] """, "$.Accounts[0].MFADevices[0].Base32StringSeed")]
    [InlineData("""  "MFADevices": [ { "UserName": "<root_account>", "SerialNumber": "x", "Base32StringSeed": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } ] """, "$.Accounts[0].MFADevices[0].SerialNumber")]
    [InlineData("""  "OpenIDConnectProviders": [ { "Url": "http://issuer.example/", "ClientIDList": [ "app" ] } ] """, "$.Accounts[0].OpenIDConnectProviders[0].Url")]
    [InlineData("""  "OpenIDConnectProviders": [ { "Url": "https://issuer.example/", "ClientIDList": [] } ] """, "$.Accounts[0].OpenIDConnectProviders[0].ClientIDList")]
    [InlineData("""  "OpenIDConnectProviders": [ { "Url": "https://issuer.example/", "ClientIDList": [ "a" ], "Algorithms": [ "HS256" ] } ] """, "$.Accounts[0].OpenIDConnectProviders[0].Algorithms[0]")]
    [InlineData("""  "OpenIDConnectProviders": [ { "Url": "https://issuer.example/", "ClientIDList": [ "a" ], "Jwks": [] } ] """, "$.Accounts[0].OpenIDConnectProviders[0].Jwks")]
    [InlineData("""  "SAMLProviders": [ { "Name": "corp", "SAMLMetadataFile": "nowhere.xml" } ] """, "$.Accounts[0].SAMLProviders[0].SAMLMetadataFile")]
    [InlineData("""  "SAMLProviders": [ { "Name": "corp", "SAMLMetadataFile": "no\u0000where.xml" } ] """, "$.Accounts[0].SAMLProviders[0].SAMLMetadataFile")]
    [InlineData("""  "SAMLProviders": [ { "Name": "corp", "SAMLMetadataFile": "seed.json", "AssertionEncryptionMode": "Required" } ] """, "$.Accounts[0].SAMLProviders[0].AssertionEncryptionMode")]
    [InlineData("""  "SAMLProviders": [ { "Name": "corp", "SAMLMetadataFile": "seed.json" } ] """, "$.Accounts[0].SAMLProviders[0].SAMLMetadataFile")]
    [InlineData("""  "SAMLProviders": [ { "Name": "co rp", "SAMLMetadataFile": "seed.json" } ] """, "$.Accounts[0].SAMLProviders[0].Name")]
    [InlineData("""  "SAMLProviders": [ { "Name": "corp", "SAMLMetadataFile": "seed.json", "AssertionEncryptionMode": "Perhaps" } ] """, "$.Accounts[0].SAMLProviders[0].AssertionEncryptionMode")]
    [InlineData("""  "Policies": [ { "PolicyName": "p", "DefaultVersionId": "v1", "PolicyVersionList": [] } ] """, "$.Accounts[0].Policies[0].PolicyVersionList")]
    [InlineData("""  "Policies": [ { "PolicyName": "p", "DefaultVersionId": "v1", "PolicyVersionList": [ { "VersionId": "v2", "IsDefaultVersion": true, "Document": """ + Json.Policy + " } ] } ]", "$.Accounts[0].Policies[0].PolicyVersionList[0].IsDefaultVersion")]
    public void Doubles_contradictions_and_references_to_nothing_are_refused_at_their_place(string members, string place) =>
        Expect(Json.Account(members), place);

    [Theory]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Perhaps","Action":"sts:AssumeRole","Resource":"*"}}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Condition":{"Nonsense":{"a":"b"}}}}""")]
    [InlineData("{}")]
    public void Malformed_policy_is_refused_at_its_place_in_every_spelling(string policy)
    {
        foreach (var spelling in new[] { policy, Json.Quote(policy), Json.Quote(Uri.EscapeDataString(policy)) })
        {
            Expect(Json.User($$"""  "UserPolicyList": [ { "PolicyName": "p", "PolicyDocument": {{spelling}} } ]  """),
                "$.Accounts[0].UserDetailList[0].UserPolicyList[0].PolicyDocument")
                .Report.Faults[0].Reason.Should().StartWith("MalformedPolicyDocument: ");
        }
    }

    [Fact]
    public void Trust_policy_that_names_nobody_is_refused_at_its_place() => Expect(
        Json.Account($$"""  "RoleDetailList": [ { "RoleName": "deploy", "AssumeRolePolicyDocument": {{Json.Policy}} } ]  """),
        "$.Accounts[0].RoleDetailList[0].AssumeRolePolicyDocument");

    [Fact]
    public void Access_key_of_two_owners_is_refused()
    {
        var key = $$"""{ "UserName": "<root_account>", "AccessKeyId": "{{Json.Key}}", "SecretAccessKey": "{{Json.Secret}}" }""";
        Expect(Json.Account($"\"AccessKeys\": [ {key}, {key} ]"), "$.Accounts[0].AccessKeys[1].AccessKeyId");
    }

    [Fact]
    public void All_faults_are_told_together()
    {
        var load = _folder.Load(Json.Account(
            """
            "UserDetailList": [ { "UserName": "alice", "GroupList": [ "nobody" ] }, { "UserName": "b c" } ],
            "RoleDetailList": [ { "RoleName": "deploy", "MaxSessionDuration": 1 } ],
            "AccessKeys": [ { "UserName": "alice", "AccessKeyId": "x", "SecretAccessKey": "y" } ],
            "MFADevices": [ { "SerialNumber": "x", "Base32StringSeed": "y" } ]
            """));
        load.Directory.Should().BeNull();
        load.Report.Faults.Select(fault => fault.Place).Should().BeEquivalentTo(
            "$.Accounts[0].UserDetailList[0].GroupList[0]",
            "$.Accounts[0].UserDetailList[1].UserName",
            "$.Accounts[0].RoleDetailList[0].MaxSessionDuration",
            "$.Accounts[0].RoleDetailList[0].AssumeRolePolicyDocument",
            "$.Accounts[0].AccessKeys[0].AccessKeyId",
            "$.Accounts[0].AccessKeys[0].SecretAccessKey",
            "$.Accounts[0].MFADevices[0].UserName",
            "$.Accounts[0].MFADevices[0].SerialNumber",
            "$.Accounts[0].MFADevices[0].Base32StringSeed");
    }

    [Fact]
    public void Missing_file_is_a_fault_and_no_exception() =>
        new SeedFile(_folder.PathOf("nowhere.json")).Load().Report.Faults.Should().ContainSingle().Which.Place.Should().Be("$");

    [Fact]
    public void Broken_files_never_throw()
    {
        var source = new Random(20260104);
        var shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "seed.json"));
        for (var round = 0; round < 300; round++)
        {
            var text = shipped.ToCharArray();
            for (var change = 0; change < 3; change++)
            {
                text[source.Next(text.Length)] = "{}[]\",:0a\\%"[source.Next(11)];
            }

            var load = _folder.Load(new string(text));
            (load.Directory is null).Should().Be(load.Report.Faults.Count > 0);
        }
    }

    public void Dispose() => _folder.Dispose();

    private SeedLoad Expect(string json, string place)
    {
        var load = _folder.Load(json);
        load.Directory.Should().BeNull();
        load.Report.Faults.Should().ContainSingle().Which.Place.Should().Be(place);
        return load;
    }
}
