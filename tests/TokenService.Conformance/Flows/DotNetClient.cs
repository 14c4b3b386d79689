using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace TokenService.Conformance;

/// <summary>The SDK for .NET.</summary>
internal sealed class DotNetClient(Uri endpoint) : IStsClient
{
    internal static AmazonSecurityTokenServiceClient Create(Uri endpoint, Keys keys) => new(
        keys.Token is null ? new BasicAWSCredentials(keys.Id, keys.Secret) : new SessionAWSCredentials(keys.Id, keys.Secret, keys.Token),
        new AmazonSecurityTokenServiceConfig { ServiceURL = endpoint.ToString(), AuthenticationRegion = "us-east-1" });

    internal static Amazon.SecurityToken.Model.AssumeRoleRequest Request(JsonObject parameters) => new()
    {
        RoleArn = (string?)parameters["RoleArn"],
        RoleSessionName = (string?)parameters["RoleSessionName"],
        DurationSeconds = (int?)parameters["DurationSeconds"],
        Policy = (string?)parameters["Policy"],
        PolicyArns = parameters["PolicyArns"]?.AsArray().Select(member => new PolicyDescriptorType { Arn = (string?)member!["arn"] }).ToList(),
        Tags = parameters["Tags"]?.AsArray().Select(member => new Amazon.SecurityToken.Model.Tag { Key = (string?)member!["Key"], Value = (string?)member["Value"] }).ToList(),
        TransitiveTagKeys = parameters["TransitiveTagKeys"]?.AsArray().Select(member => (string)member!).ToList(),
        ExternalId = (string?)parameters["ExternalId"],
        SourceIdentity = (string?)parameters["SourceIdentity"],
        SerialNumber = (string?)parameters["SerialNumber"],
        TokenCode = (string?)parameters["TokenCode"],
        ProvidedContexts = parameters["ProvidedContexts"]?.AsArray().Select(member => new Amazon.SecurityToken.Model.ProvidedContext
        {
            ProviderArn = (string?)member!["ProviderArn"],
            ContextAssertion = (string?)member["ContextAssertion"],
        }).ToList(),
    };

    public async Task<ClientAnswer> CallAsync(string operation, Keys keys, JsonObject parameters)
    {
        using var client = Create(endpoint, keys);
        try
        {
            return operation switch
            {
                "AssumeRole" => ToAnswer(await client.AssumeRoleAsync(Request(parameters))),
                "GetSessionToken" => ToAnswer(await client.GetSessionTokenAsync(new Amazon.SecurityToken.Model.GetSessionTokenRequest
                {
                    DurationSeconds = (int?)parameters["DurationSeconds"],
                    SerialNumber = (string?)parameters["SerialNumber"],
                    TokenCode = (string?)parameters["TokenCode"],
                })),
                "GetFederationToken" => ToAnswer(await client.GetFederationTokenAsync(new Amazon.SecurityToken.Model.GetFederationTokenRequest
                {
                    Name = (string?)parameters["Name"],
                    Policy = (string?)parameters["Policy"],
                    DurationSeconds = (int?)parameters["DurationSeconds"],
                    Tags = parameters["Tags"]?.AsArray().Select(member => new Amazon.SecurityToken.Model.Tag { Key = (string?)member!["Key"], Value = (string?)member["Value"] }).ToList(),
                })),
                "AssumeRoleWithSAML" => ToAnswer(await client.AssumeRoleWithSAMLAsync(new AssumeRoleWithSAMLRequest
                {
                    RoleArn = (string?)parameters["RoleArn"],
                    PrincipalArn = (string?)parameters["PrincipalArn"],
                    SAMLAssertion = (string?)parameters["SAMLAssertion"],
                })),
                "AssumeRoot" => ToAnswer(await client.AssumeRootAsync(new Amazon.SecurityToken.Model.AssumeRootRequest
                {
                    TargetPrincipal = (string?)parameters["TargetPrincipal"],
                    TaskPolicyArn = new PolicyDescriptorType { Arn = (string?)parameters["TaskPolicyArn"]!["arn"] },
                    DurationSeconds = (int?)parameters["DurationSeconds"],
                })),
                "GetAccessKeyInfo" => ToAnswer(await client.GetAccessKeyInfoAsync(
                    new Amazon.SecurityToken.Model.GetAccessKeyInfoRequest { AccessKeyId = (string?)parameters["AccessKeyId"] })),
                "DecodeAuthorizationMessage" => ToAnswer(await client.DecodeAuthorizationMessageAsync(
                    new Amazon.SecurityToken.Model.DecodeAuthorizationMessageRequest { EncodedMessage = (string?)parameters["EncodedMessage"] })),
                "GetDelegatedAccessToken" => ToAnswer(await client.GetDelegatedAccessTokenAsync(
                    new Amazon.SecurityToken.Model.GetDelegatedAccessTokenRequest { TradeInToken = (string?)parameters["TradeInToken"] })),
                "GetWebIdentityToken" => ToAnswer(await client.GetWebIdentityTokenAsync(new Amazon.SecurityToken.Model.GetWebIdentityTokenRequest
                {
                    Audience = parameters["Audience"]?.AsArray().Select(member => (string)member!).ToList(),
                    SigningAlgorithm = (string?)parameters["SigningAlgorithm"],
                    DurationSeconds = (int?)parameters["DurationSeconds"],
                    Tags = parameters["Tags"]?.AsArray().Select(member => new Amazon.SecurityToken.Model.Tag { Key = (string?)member!["Key"], Value = (string?)member["Value"] }).ToList(),
                })),
                _ => ToAnswer(await client.GetCallerIdentityAsync(new GetCallerIdentityRequest())),
            };
        }
        catch (AmazonSecurityTokenServiceException refusal)
        {
            var isTyped = refusal.GetType() != typeof(AmazonSecurityTokenServiceException);
            return new ClientAnswer(null, isTyped ? refusal.GetType().Name : refusal.ErrorCode, (int)refusal.StatusCode, refusal.Message);
        }
    }

    public string NameOf(string code) => code is "MalformedPolicyDocument" or "PackedPolicyTooLarge" or "InvalidIdentityToken" or "IDPRejectedClaim" ? code + "Exception" : code;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static ClientAnswer ToAnswer(Amazon.SecurityToken.Model.AssumeRoleResponse response) => new(
        new JsonObject
        {
            ["Credentials"] = ToNode(response.Credentials),
            ["AssumedRoleUser"] = new JsonObject { ["AssumedRoleId"] = response.AssumedRoleUser.AssumedRoleId, ["Arn"] = response.AssumedRoleUser.Arn },
#pragma warning disable CS0618 // The SDK calls it the old name of SessionTokenUtilization; other clients know only the old one.
            ["PackedPolicySize"] = response.PackedPolicySize,
#pragma warning restore CS0618
            ["SourceIdentity"] = response.SourceIdentity,
        },
        Status: (int)response.HttpStatusCode);

    private static ClientAnswer ToAnswer(AssumeRoleWithSAMLResponse response) => new(
        new JsonObject
        {
            ["Credentials"] = ToNode(response.Credentials),
            ["AssumedRoleUser"] = new JsonObject { ["AssumedRoleId"] = response.AssumedRoleUser.AssumedRoleId, ["Arn"] = response.AssumedRoleUser.Arn },
            ["Subject"] = response.Subject,
            ["SubjectType"] = response.SubjectType,
            ["Issuer"] = response.Issuer,
            ["Audience"] = response.Audience,
            ["NameQualifier"] = response.NameQualifier,
        },
        Status: (int)response.HttpStatusCode);

    private static ClientAnswer ToAnswer(Amazon.SecurityToken.Model.GetSessionTokenResponse response) =>
        new(new JsonObject { ["Credentials"] = ToNode(response.Credentials) }, Status: (int)response.HttpStatusCode);

    private static ClientAnswer ToAnswer(Amazon.SecurityToken.Model.GetFederationTokenResponse response) => new(
        new JsonObject
        {
            ["Credentials"] = ToNode(response.Credentials),
            ["FederatedUser"] = new JsonObject { ["FederatedUserId"] = response.FederatedUser.FederatedUserId, ["Arn"] = response.FederatedUser.Arn },
        },
        Status: (int)response.HttpStatusCode);

    private static ClientAnswer ToAnswer(Amazon.SecurityToken.Model.AssumeRootResponse response) => new(
        new JsonObject { ["Credentials"] = ToNode(response.Credentials), ["SourceIdentity"] = response.SourceIdentity }, Status: (int)response.HttpStatusCode);

    private static ClientAnswer ToAnswer(Amazon.SecurityToken.Model.GetAccessKeyInfoResponse response) =>
        new(new JsonObject { ["Account"] = response.Account }, Status: (int)response.HttpStatusCode);

    private static ClientAnswer ToAnswer(Amazon.SecurityToken.Model.DecodeAuthorizationMessageResponse response) =>
        new(new JsonObject { ["DecodedMessage"] = response.DecodedMessage }, Status: (int)response.HttpStatusCode);

    private static ClientAnswer ToAnswer(Amazon.SecurityToken.Model.GetDelegatedAccessTokenResponse response) => new(
        new JsonObject { ["Credentials"] = ToNode(response.Credentials), ["AssumedPrincipal"] = response.AssumedPrincipal }, Status: (int)response.HttpStatusCode);

    private static ClientAnswer ToAnswer(Amazon.SecurityToken.Model.GetWebIdentityTokenResponse response) => new(
        new JsonObject
        {
            ["WebIdentityToken"] = response.WebIdentityToken,
            ["Expiration"] = response.Expiration!.Value.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        },
        Status: (int)response.HttpStatusCode);

    private static JsonObject ToNode(Credentials credentials) => new()
    {
        ["AccessKeyId"] = credentials.AccessKeyId,
        ["SecretAccessKey"] = credentials.SecretAccessKey,
        ["SessionToken"] = credentials.SessionToken,
        ["Expiration"] = credentials.Expiration!.Value.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
    };

    private static ClientAnswer ToAnswer(Amazon.SecurityToken.Model.GetCallerIdentityResponse response) => new(
        new JsonObject { ["Account"] = response.Account, ["Arn"] = response.Arn, ["UserId"] = response.UserId }, Status: (int)response.HttpStatusCode);
}
