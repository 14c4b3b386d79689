using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>The condition keys that every request has: those of the caller, from its session and its identity alone, and those that the
/// transport vouches for.</summary>
/// <remarks>Source: IAM User Guide, "AWS global condition context keys"; which caller has which, reference 7.2 and 7.3. A key is made when a
/// policy asks for it.</remarks>
internal abstract class CallerContext(Instant now) : TransportContext(now)
{
    /// <summary>Whom the keys describe.</summary>
    internal Caller Described => Caller;

    private protected abstract Caller Caller { get; }

    internal override ConditionValues Find(ConditionKey key) => key.Name switch
    {
        "aws:principalarn" => new ConditionValues(Caller.PrincipalArn.ToString()),
        "aws:principalaccount" => new ConditionValues(Caller.Account.Id),
        "aws:principalorgid" => new ConditionValues(Caller.Account.OrganizationId),
        "aws:principalorgpaths" => new ConditionValues(Caller.Account.OrganizationPaths),
        "aws:principaltype" => new ConditionValues(Caller.PrincipalType),
        "aws:principaltag/" => PrincipalTag(key.TagKey!),
        "aws:principalisawsservice" or "aws:viaawsservice" => new ConditionValues("false"),
        "aws:userid" => new ConditionValues(Caller.UserId),
        "aws:username" => new ConditionValues(Caller.Standing is CallerKind.User or CallerKind.UserSession ? Caller.User?.Name : null),
        "aws:sourceidentity" => new ConditionValues(Caller.Session?.SourceIdentity),
        "aws:federatedprovider" => new ConditionValues(Caller.Session?.FederatedProvider),
        "aws:assumedroot" => new ConditionValues(Caller.Kind == CallerKind.AssumedRoot ? "true" : null),
        "aws:tokenissuetime" => new ConditionValues(Caller.Session is { } session ? InstantPattern.General.Format(session.IssuedAt) : null),
        "aws:multifactorauthpresent" => new ConditionValues(MfaAuthenticatedAt is not null ? "true" : KnowsMfa ? "false" : null),
        "aws:multifactorauthage" => new ConditionValues(
            MfaAuthenticatedAt is { } at ? Math.Floor((Now - at).TotalSeconds).ToString(CultureInfo.InvariantCulture) : null),
        _ => FindOther(key),
    };

    /// <summary>When a second factor was proved for this request, if it was.</summary>
    protected virtual Instant? MfaAuthenticatedAt =>
        Caller.Kind is CallerKind.UserSession or CallerKind.RootSession ? Caller.Session!.MfaAuthenticatedAt : null;

    /// <summary>Long-term keys and federated identities say nothing of a second factor, neither yes nor no; a session that was assumed from a
    /// federated one says no, and so does a delegated one, whoever approved it and how.</summary>
    private bool KnowsMfa =>
        Caller.Kind is CallerKind.UserSession or CallerKind.RootSession or CallerKind.Delegated
        || (Caller.Kind == CallerKind.RoleSession && Caller.Session!.FederatedProvider is null);


    /// <summary>The session's own tag, or else that of the role or user it stands on, as that is now.</summary>
    private ConditionValues PrincipalTag(string key)
    {
        foreach (var tag in Caller.Session?.Tags ?? [])
        {
            if (tag.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return new ConditionValues(tag.Value);
            }
        }

        return TagValue(Caller.Role?.Tags ?? Caller.User?.Tags ?? [], key);
    }

    private ConditionValues FindOther(ConditionKey key) =>
        Caller.Session is { FederatedKeys.IsEmpty: false } session && FederatedKeys(session.FederatedKeys, key) is { Count: > 0 } said ? said : base.Find(key);
}
