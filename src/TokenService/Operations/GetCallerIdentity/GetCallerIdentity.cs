using Microsoft.Extensions.Logging;

namespace TokenService;

/// <summary>Says who the caller is. No policy is asked: whoever can sign may know under which name.</summary>
internal sealed class GetCallerIdentity(ILogger logger)
{
    internal StsResult<GetCallerIdentityResponse> Execute(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        Grant.Tell(logger, "sts:GetCallerIdentity", "*", caller, decision: null);
        return new GetCallerIdentityResponse { Account = caller.Account.Id, Arn = caller.Arn, UserId = caller.UserId };
    }
}
