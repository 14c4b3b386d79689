namespace TokenService;

/// <summary>Temporary credentials of a federated user.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>GetFederationToken</c>, response elements.</remarks>
public sealed record GetFederationTokenResponse
{
    /// <summary>The credentials. Of this service they reach <c>GetCallerIdentity</c> alone.</summary>
    public required TemporaryCredentials Credentials { get; init; }

    /// <summary>The federated user's ARN and id.</summary>
    public required FederatedUser FederatedUser { get; init; }

    /// <summary>How much of the room for session policies and tags these take, in percent, rounded up; 0 where none was passed.</summary>
    public required int PackedPolicySize { get; init; }

    /// <summary>The length of the session token, in characters.</summary>
    public int SessionTokenSize => Credentials.SessionToken.Length;

    /// <summary>How much of <see cref="TemporaryCredentials.MaxSessionTokenSize"/> the session token takes, in percent, rounded up.</summary>
    public int SessionTokenUtilization => Credentials.Utilization;
}

/// <summary>A federated user, as ARN and id.</summary>
/// <remarks>Source: STS API Reference, <c>FederatedUser</c>.</remarks>
public sealed class FederatedUser
{
    internal FederatedUser(Account account, string name)
    {
        Arn = Arn.FederatedUser(account.Partition, account.Id, name);
        FederatedUserId = $"{account.Id}:{name}";
    }

    /// <summary>The ARN by which resource policies may name it, <c>arn:P:sts::ACCOUNT:federated-user/NAME</c>.</summary>
    public Arn Arn { get; }

    /// <summary>The account and the name, <c>ACCOUNT:NAME</c>.</summary>
    public string FederatedUserId { get; }

    /// <summary>The ARN.</summary>
    /// <returns>The text of <see cref="Arn"/>.</returns>
    public override string ToString() => Arn.ToString();
}
