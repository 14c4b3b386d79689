namespace TokenService;

/// <summary>Asks for temporary credentials that act as the root of a member account of the organization, for one task.</summary>
/// <remarks>Source: AWS STS API Reference (2011-06-15), <c>AssumeRoot</c>. Limits are checked when the request is executed, so a client's
/// mistake is an <see cref="StsError"/> and never an exception.</remarks>
public sealed record AssumeRootRequest
{
    /// <summary>The account whose root is to be assumed.</summary>
    /// <value>Its id, or its root's ARN; otherwise <c>ValidationError</c>.</value>
    public required string? TargetPrincipal { get; init; }

    /// <summary>The task, of which the session can do what belongs to it and no more.</summary>
    /// <value><c>arn:P:iam::aws:policy/root-task/</c> and one of <c>IAMAuditRootUserCredentials</c>, <c>IAMCreateRootUserPassword</c>,
    /// <c>IAMDeleteRootUserCredentials</c>, <c>S3UnlockBucketPolicy</c>, <c>SQSUnlockQueuePolicy</c>; otherwise <c>ValidationError</c>.</value>
    public required string? TaskPolicyArn { get; init; }

    /// <summary>How long the credentials live, in seconds.</summary>
    /// <value>0 to 900; otherwise <c>ValidationError</c>. 900 where it is absent.</value>
    public int? DurationSeconds { get; init; }

    /// <summary>Pads the session token up to this many characters, so that its length tells nothing of its content.</summary>
    /// <value>0 to 4,096; otherwise <c>ValidationError</c>.</value>
    public int? MinimumSessionTokenSize { get; init; }

    /// <summary>The account and the task.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"AssumeRoot of {TargetPrincipal} for {TaskPolicyArn}";
}
