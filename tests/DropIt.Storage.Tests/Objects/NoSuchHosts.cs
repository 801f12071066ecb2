using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;

namespace DropIt.Storage.Tests.Objects;

/// <summary>
/// Names of hosts that no resolver knows: requests to one of them, or to a name below it, go where a spec says, as they go to a proxy. Installed ahead of all
/// specs, because the SDK keeps its HTTP clients, and a client its proxy.
/// </summary>
internal sealed class NoSuchHosts(IWebProxy others) : IWebProxy
{
    private static readonly ConcurrentDictionary<string, Uri> s_addresses = new(StringComparer.Ordinal);

    public ICredentials? Credentials { get; set; }

    /// <summary>A fresh name, served at that address.</summary>
    public static string At(Uri address)
    {
        var name = $"{Guid.NewGuid():n}.test";
        s_addresses[name] = address;
        return name;
    }

    public Uri? GetProxy(Uri destination) => AddressOf(destination) ?? others.GetProxy(destination);

    public bool IsBypassed(Uri host) => AddressOf(host) is null && others.IsBypassed(host);

    private static Uri? AddressOf(Uri uri) =>
        uri.Host.EndsWith(".test", StringComparison.Ordinal) && s_addresses.TryGetValue(string.Join('.', uri.Host.Split('.')[^2..]), out var address) ? address : null;

    [ModuleInitializer]
    internal static void Install() => HttpClient.DefaultProxy = new NoSuchHosts(HttpClient.DefaultProxy);
}
