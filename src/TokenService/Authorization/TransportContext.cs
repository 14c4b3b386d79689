using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NodaTime;
using NodaTime.Text;

namespace TokenService;

/// <summary>The condition keys that a request has whoever makes it: the time, and those that the transport vouches for.</summary>
/// <remarks>Source: IAM User Guide, "AWS global condition context keys", properties of the network and of the request.</remarks>
internal abstract class TransportContext(Instant now) : RequestContext
{
    /// <summary>When the request is decided.</summary>
    private protected Instant Now { get; } = now;

    private protected abstract RequestEnvironment? Environment { get; }

    internal override ConditionValues Find(ConditionKey key) => key.Name switch
    {
        "aws:currenttime" => new ConditionValues(InstantPattern.General.Format(Now)),
        "aws:epochtime" => new ConditionValues(Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        "aws:sourceip" => new ConditionValues(Address(Environment?.SourceIp)),
        "aws:useragent" => new ConditionValues(Environment?.UserAgent),
        "aws:referer" => new ConditionValues(Environment?.Referer),
        "aws:requestedregion" => new ConditionValues(Environment?.RequestedRegion),
        "aws:securetransport" => new ConditionValues(Environment?.SecureTransport switch { true => "true", false => "false", null => null }),
        _ => FindOfHost(key),
    };

    internal static ConditionValues TagValue(ImmutableArray<Tag> tags, string key)
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

    internal static ConditionValues TagKeys(ImmutableArray<Tag> tags) => new(tags.Select(tag => tag.Key).ToImmutableArray());

    /// <summary>What an identity provider says, by the name of the key whatever its letter case; a key with several values stands several times.</summary>
    private protected static ConditionValues FederatedKeys(ImmutableArray<KeyValuePair<string, string>> keys, ConditionKey key)
    {
        var values = ImmutableArray.CreateBuilder<string>();
        foreach (var (name, value) in keys)
        {
            if (name.Equals(key.Text, StringComparison.OrdinalIgnoreCase))
            {
                values.Add(value);
            }
        }

        return values.Count > 0 ? new ConditionValues(values.ToImmutable()) : default;
    }

    /// <summary>The address without the interface that a link-local one was reached by: policies know addresses alone.</summary>
    private static string? Address(IPAddress? address) =>
        address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes()).ToString() : address?.ToString();

    // What the service or an identity provider says of a caller can never be said by the request.
    private ConditionValues FindOfHost(ConditionKey key) =>
        !IsReserved(key.Name) && Environment is { } environment && environment.Keys.TryGetValue(key.Text, out var values) ? new ConditionValues(values) : default;

    private static bool IsReserved(string name) =>
        name.StartsWith("aws:principal", StringComparison.Ordinal) || name.StartsWith("aws:multifactorauth", StringComparison.Ordinal)
        || name.StartsWith("aws:resourcetag", StringComparison.Ordinal) || name.StartsWith("aws:requesttag", StringComparison.Ordinal)
        || name.StartsWith("sts:", StringComparison.Ordinal) || name.StartsWith("saml:", StringComparison.Ordinal)
        || name is "aws:tagkeys" or "aws:resourceaccount" or "aws:userid" or "aws:username" or "aws:sourceidentity" or "aws:tokenissuetime" or "aws:assumedroot"
            or "aws:federatedprovider" or "aws:viaawsservice";
}
