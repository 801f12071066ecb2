using System.Net;
using System.Net.Sockets;

namespace DropIt.Control.Importing;

/// <summary>
/// Which addresses are of the internet, not of this machine or its networks: the server may be sent to the former by whoever names a repository, and a pod may
/// connect to them.
/// </summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] s_closed =
    [
        .. ClosedV4.Concat(["::/96", "100::/64", "2001::/32", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"]).Select(text => IPNetwork.Parse(text)),
    ];

    /// <summary>Networks of IPv4 that are not of the internet, after IANA's registry of special-purpose addresses; multicast is with them.</summary>
    public static IReadOnlyList<string> ClosedV4 =>
    [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    ];

    /// <summary>True when it is an address of the internet. Addresses that carry another one (IPv4 in IPv6, NAT64, 6to4) count as that.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            var bytes = address.GetAddressBytes();
            if (bytes is [0x20, 0x02, ..])
            {
                return Is(new IPAddress(bytes.AsSpan(2, 4)));
            }

            if (bytes is [0, 0x64, 0xff, 0x9b, ..])
            {
                return Is(new IPAddress(bytes.AsSpan(12, 4)));
            }
        }

        return !s_closed.Any(network => network.Contains(address));
    }
}
