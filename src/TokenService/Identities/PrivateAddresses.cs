using System.Net;
using System.Net.Sockets;

namespace TokenService;

/// <summary>The addresses that no public provider has: private networks, this machine, link-local ones such as that of a cloud's metadata.</summary>
/// <remarks>Source: IANA, special-purpose address registries (RFC 6890). An IPv6 address that carries an IPv4 one counts as that one.</remarks>
internal static class PrivateAddresses
{
    private static readonly IPNetwork[] Networks =
    [
        .. ((string[])
        [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",

            // Public by number, but every virtual machine of Azure reaches its own host's agent there.
            "168.63.129.16/32",
        ]).Select(text => IPNetwork.Parse(text)),
    ];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    internal static bool Contain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        else if (address.AddressFamily == AddressFamily.InterNetworkV6 && (Translated.Contains(address) || SixToFour.Contains(address)))
        {
            var bytes = address.GetAddressBytes().AsSpan(Translated.Contains(address) ? 12 : 2, 4);
            address = new IPAddress(bytes);
        }

        foreach (var network in Networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
