using NodaTime;

namespace TokenService;

/// <summary>Credentials that expire: an access key id, a secret, and the session token that every request must carry with them.</summary>
/// <remarks>Source: STS API Reference, <c>Credentials</c>.</remarks>
public sealed class TemporaryCredentials
{
    /// <summary>The length that clients bear in headers and addresses, in characters; tokens are kept below it unless
    /// <see cref="TemporaryCredentialsOptions.PackedPolicyBudget"/> was raised.</summary>
    public const int MaxSessionTokenSize = 4096;

    internal TemporaryCredentials(string accessKeyId, Secret secretAccessKey, string sessionToken, Instant expiration)
    {
        AccessKeyId = accessKeyId;
        SecretAccessKey = secretAccessKey;
        SessionToken = sessionToken;
        Expiration = expiration;
    }

    /// <summary>The access key id, <c>ASIA…</c>; it may stand in logs.</summary>
    public string AccessKeyId { get; }

    /// <summary>The secret that signs requests: forty characters of base64.</summary>
    public Secret SecretAccessKey { get; }

    /// <summary>The session token, ASCII without white space; its length is not fixed and its content is the service's own.</summary>
    public string SessionToken { get; }

    /// <summary>The first instant at which the credentials are refused; whole seconds.</summary>
    public Instant Expiration { get; }

    /// <summary>How much of <see cref="MaxSessionTokenSize"/> the token takes, in percent, rounded up.</summary>
    internal int Utilization => ((100 * SessionToken.Length) + MaxSessionTokenSize - 1) / MaxSessionTokenSize;

    /// <summary>The access key id alone.</summary>
    /// <returns>A text for logs.</returns>
    public override string ToString() => AccessKeyId;
}
