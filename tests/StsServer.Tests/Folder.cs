using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StsServer.Seed;

namespace StsServer.Tests;

/// <summary>A folder of its own for each test, gone with it.</summary>
internal sealed class Folder : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sts-seed-");

    internal string PathOf(string name) => Path.Combine(_directory.FullName, name);

    internal string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    internal SeedLoad Load(string json) => new SeedFile(Write("seed.json", json)).Load();

    public void Dispose() => _directory.Delete(recursive: true);
}

internal static class Json
{
    internal const string Policy = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}""";

    /// <summary>The metadata of a SAML provider that signs with a key.</summary>
    internal static string Metadata(RSA key)
    {
        var request = new CertificateRequest("CN=idp.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var from = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = request.CreateSelfSigned(from, from.AddYears(50));
        return $"""
            <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/saml"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
            <KeyDescriptor><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{Convert.ToBase64String(certificate.RawData)}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
            </IDPSSODescriptor></EntityDescriptor>
            """;
    }

    internal const string Trust =
        """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}""";

    internal const string Key = "AKIARTX3GSDSQAAAAAAA";
    internal const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    /// <summary>One account with the members that a test is about.</summary>
    internal static string Account(string members) => $$"""{ "Accounts": [ { "AccountId": "111122223333", {{members}} } ] }""";

    internal static string User(string members) => Account($$"""  "UserDetailList": [ { "UserName": "alice", {{members}} } ]  """);

    internal static string Role(string members) =>
        Account($$"""  "RoleDetailList": [ { "RoleName": "deploy", "AssumeRolePolicyDocument": {{Trust}}, {{members}} } ]  """);

    internal static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
