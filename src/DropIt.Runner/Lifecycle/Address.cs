using System.Diagnostics.CodeAnalysis;

namespace DropIt.Runner.Lifecycle;

/// <summary>Where something listens: a Unix socket or HTTP address.</summary>
/// <param name="Socket">Path of the socket; null for HTTP.</param>
/// <param name="Http">The base address; for a socket one that only fills the Host header.</param>
internal sealed record Address(string? Socket, Uri Http)
{
    private const string UnixPrefix = "unix:";

    /// <summary>Longest path of a Unix socket, in bytes; the kernel's bound with its NUL.</summary>
    private const int MaxSocketPath = 107;

    /// <summary>Reads <c>unix:/path</c> or <c>http://host:port</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Address? address)
    {
        address = null;
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            var path = text[UnixPrefix.Length..];
            if (Path.IsPathRooted(path) && System.Text.Encoding.UTF8.GetByteCount(path) <= MaxSocketPath)
            {
                address = new Address(path, new Uri("http://localhost"));
            }
        }
        else if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            address = new Address(null, uri);
        }

        return address is not null;
    }
}
