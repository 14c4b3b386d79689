namespace TokenService;

/// <summary>Temporary credentials that act as a member account's root, for one task.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>AssumeRoot</c>, response elements.</remarks>
public sealed record AssumeRootResponse
{
    /// <summary>The credentials.</summary>
    public required TemporaryCredentials Credentials { get; init; }

    /// <summary>The source identity of the calling session, which the new one has too, if any.</summary>
    public string? SourceIdentity { get; init; }
}
