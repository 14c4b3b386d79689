namespace TokenService;

/// <summary>Temporary credentials that act as a role.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>AssumeRole</c>, response elements.</remarks>
public sealed record AssumeRoleResponse
{
    /// <summary>The credentials.</summary>
    public required TemporaryCredentials Credentials { get; init; }

    /// <summary>The session's ARN and id.</summary>
    public required AssumedRoleUser AssumedRoleUser { get; init; }

    /// <summary>How much of the room for session policies and tags these take, in percent, rounded up; absent where none was passed.</summary>
    public int? PackedPolicySize { get; init; }

    /// <summary>The length of the session token, in characters.</summary>
    public int SessionTokenSize => Credentials.SessionToken.Length;

    /// <summary>How much of <see cref="TemporaryCredentials.MaxSessionTokenSize"/> the session token takes, in percent, rounded up.</summary>
    public int SessionTokenUtilization => Credentials.Utilization;

    /// <summary>The source identity of the session, passed or inherited, if any.</summary>
    public string? SourceIdentity { get; init; }
}

/// <summary>A role session, as ARN and id.</summary>
/// <remarks>Source: STS API Reference, <c>AssumedRoleUser</c>.</remarks>
public sealed class AssumedRoleUser
{
    private readonly Role _role;
    private readonly string _sessionName;

    internal AssumedRoleUser(Role role, string sessionName)
    {
        _role = role;
        _sessionName = sessionName;
    }

    /// <summary>The session's ARN, <c>arn:P:sts::ACCOUNT:assumed-role/ROLE/SESSION</c>, without the role's path.</summary>
    public Arn Arn => Arn.AssumedRole(_role.Arn.Partition, _role.Account, _role.Name, _sessionName);

    /// <summary>The role's unique id and the session's name, <c>AROA…:SESSION</c>.</summary>
    public string AssumedRoleId => $"{_role.Id}:{_sessionName}";

    /// <summary>The ARN.</summary>
    /// <returns>The text of <see cref="Arn"/>.</returns>
    public override string ToString() => Arn.ToString();
}
