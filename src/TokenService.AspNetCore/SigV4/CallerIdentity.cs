using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace TokenService.AspNetCore;

/// <summary>A claims identity that keeps the caller it was made of: whoever holds the principal that authorization went by, holds the caller
/// that belongs to it.</summary>
internal sealed class CallerIdentity : ClaimsIdentity
{
    internal CallerIdentity(Caller caller, string region, string scheme)
        : base(Describe(caller, region), scheme, SigV4ClaimTypes.Arn, DefaultRoleClaimType) => Caller = caller;

    private CallerIdentity(CallerIdentity other)
        : base(other) => Caller = other.Caller;

    internal Caller Caller { get; }

    /// <inheritdoc/>
    public override ClaimsIdentity Clone() => new CallerIdentity(this);

    private static IEnumerable<Claim> Describe(Caller caller, string region)
    {
        yield return new Claim(SigV4ClaimTypes.Arn, caller.Arn.ToString());
        yield return new Claim(SigV4ClaimTypes.PrincipalArn, caller.PrincipalArn.ToString());
        yield return new Claim(SigV4ClaimTypes.UserId, caller.UserId);
        yield return new Claim(ClaimTypes.NameIdentifier, caller.UserId);
        yield return new Claim(SigV4ClaimTypes.Account, caller.Account.Id);
        yield return new Claim(SigV4ClaimTypes.PrincipalType, caller.PrincipalType);
        yield return new Claim(SigV4ClaimTypes.Region, region);
        if (caller.AccessKeyId is { } key)
        {
            yield return new Claim(SigV4ClaimTypes.AccessKeyId, key);
        }

        if (caller.Session is { Name.Length: > 0 } session)
        {
            yield return new Claim(SigV4ClaimTypes.SessionName, session.Name);
        }

        if (caller.Session?.SourceIdentity is { } source)
        {
            yield return new Claim(SigV4ClaimTypes.SourceIdentity, source);
        }
    }
}

/// <summary>Finds the caller of a request that <c>AddSigV4</c> authenticated.</summary>
public static class CallerHttpContextExtensions
{
    /// <summary>The caller whose signature the request bears.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The caller, or <see langword="null"/> where the request was not authenticated by its signature.</returns>
    public static Caller? GetCaller(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.User.GetCaller();
    }

    /// <summary>The caller that a principal was made of.</summary>
    /// <param name="principal">The principal.</param>
    /// <returns>The caller, or <see langword="null"/> where a signature was not what made the principal.</returns>
    public static Caller? GetCaller(this ClaimsPrincipal principal)
    {
        ArgumentNullException.ThrowIfNull(principal);
        return principal.Identities.OfType<CallerIdentity>().FirstOrDefault()?.Caller;
    }
}
