using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>The condition keys that every request has: those of the caller, from its session and its identity alone, and those that the
/// transport vouches for.</summary>
/// <remarks>Source: IAM User Guide, "AWS global condition context keys"; which caller has which, reference 7.2 and 7.3. A key is made when a
/// policy asks for it.</remarks>
internal abstract class CallerContext(Instant now) : RequestContext
{
    /// <summary>Whom the keys describe.</summary>
    internal Caller Described => Caller;

    private protected abstract Caller Caller { get; }

    private protected abstract RequestEnvironment? Environment { get; }

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
            MfaAuthenticatedAt is { } at ? Math.Floor((now - at).TotalSeconds).ToString(CultureInfo.InvariantCulture) : null),
        "aws:currenttime" => new ConditionValues(InstantPattern.General.Format(now)),
        "aws:epochtime" => new ConditionValues(now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        "aws:sourceip" => new ConditionValues(Address(Environment?.SourceIp)),
        "aws:useragent" => new ConditionValues(Environment?.UserAgent),
        "aws:referer" => new ConditionValues(Environment?.Referer),
        "aws:requestedregion" => new ConditionValues(Environment?.RequestedRegion),
        "aws:securetransport" => new ConditionValues(Environment?.SecureTransport switch { true => "true", false => "false", null => null }),
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

    /// <summary>The address without the interface that a link-local one was reached by: policies know addresses alone.</summary>
    private static string? Address(IPAddress? address) =>
        address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes()).ToString() : address?.ToString();

    private protected static ConditionValues TagValue(ImmutableArray<Tag> tags, string key)
    {
        foreach (var tag in tags)
        {
            if (tag.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return new ConditionValues(tag.Value);
            }
        }

        return default;
    }

    private protected static ConditionValues TagKeys(ImmutableArray<Tag> tags) => new(tags.Select(tag => tag.Key).ToImmutableArray());

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

    private ConditionValues FindOther(ConditionKey key)
    {
        if (Caller.Session is { FederatedKeys.IsEmpty: false } session)
        {
            var federated = ImmutableArray.CreateBuilder<string>();
            foreach (var (name, value) in session.FederatedKeys)
            {
                if (name.Equals(key.Text, StringComparison.OrdinalIgnoreCase))
                {
                    federated.Add(value);
                }
            }

            if (federated.Count > 0)
            {
                return new ConditionValues(federated.ToImmutable());
            }
        }

        // What the service or an identity provider says of a caller can never be said by the request.
        return !IsReserved(key.Name) && Environment is { } environment && environment.Keys.TryGetValue(key.Text, out var values) ? new ConditionValues(values) : default;
    }

    private static bool IsReserved(string name) =>
        name.StartsWith("aws:principal", StringComparison.Ordinal) || name.StartsWith("aws:multifactorauth", StringComparison.Ordinal)
        || name.StartsWith("aws:resourcetag", StringComparison.Ordinal) || name.StartsWith("aws:requesttag", StringComparison.Ordinal)
        || name.StartsWith("sts:", StringComparison.Ordinal) || name.StartsWith("saml:", StringComparison.Ordinal)
        || name is "aws:tagkeys" or "aws:resourceaccount";
}
