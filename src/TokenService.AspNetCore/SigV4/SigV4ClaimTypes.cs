namespace TokenService.AspNetCore;

/// <summary>The claims of a caller whom a signature proved. Where AWS has a condition key for the fact, the claim has its name.</summary>
/// <remarks>Source: IAM User Guide, "AWS global condition context keys". Besides these, <c>ClaimTypes.NameIdentifier</c> is the same as
/// <see cref="UserId"/>, and the identity's name is the same as <see cref="Arn"/>.</remarks>
public static class SigV4ClaimTypes
{
    /// <summary>The caller's ARN as <c>GetCallerIdentity</c> gives it; for a role session that of the session.</summary>
    public const string Arn = "arn";

    /// <summary>The ARN that policies name; for a role session that of the role.</summary>
    public const string PrincipalArn = "aws:PrincipalArn";

    /// <summary>The unique id: <c>AIDA…</c>, <c>AROA…:session</c>, <c>ACCOUNT:name</c>, or the account of a root.</summary>
    public const string UserId = "aws:userid";

    /// <summary>The caller's account, twelve digits.</summary>
    public const string Account = "aws:PrincipalAccount";

    /// <summary><c>Account</c> for a root, <c>User</c>, <c>AssumedRole</c> or <c>FederatedUser</c>.</summary>
    public const string PrincipalType = "aws:PrincipalType";

    /// <summary>The id of the key that signed the request.</summary>
    public const string AccessKeyId = "access_key_id";

    /// <summary>The session's name, for sessions that have one.</summary>
    public const string SessionName = "sts:RoleSessionName";

    /// <summary>Who is behind the session, where that was set.</summary>
    public const string SourceIdentity = "aws:SourceIdentity";

    /// <summary>The region that the request was signed for.</summary>
    public const string Region = "aws:RequestedRegion";
}
