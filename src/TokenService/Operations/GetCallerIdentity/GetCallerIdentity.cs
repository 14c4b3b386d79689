namespace TokenService;

/// <summary>Says who the caller is. No policy is asked: whoever can sign may know under which name.</summary>
internal static class GetCallerIdentity
{
    internal static StsResult<GetCallerIdentityResponse> Execute(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return new GetCallerIdentityResponse { Account = caller.Account.Id, Arn = caller.Arn, UserId = caller.UserId };
    }
}
