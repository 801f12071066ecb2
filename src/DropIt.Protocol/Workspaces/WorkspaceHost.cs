using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DropIt.Protocol.Workspaces;

/// <summary>What a host name below the workspace domain names: a runner, or one port of one.</summary>
/// <param name="Slug">The workspace.</param>
/// <param name="Port">The previewed port, 1 to 65535; null for the runner itself.</param>
public sealed record WorkspaceHost(Slug Slug, int? Port)
{
    /// <summary>
    /// Reads <c>&lt;slug&gt;.&lt;domain&gt;</c> or <c>&lt;port&gt;--&lt;slug&gt;.&lt;domain&gt;</c> (without a port number behind it).
    /// </summary>
    /// <param name="host">The host of a request, any case.</param>
    /// <param name="domain">The workspace domain, such as <c>localhost</c>.</param>
    public static bool TryParse(string host, string domain, [NotNullWhen(true)] out WorkspaceHost? result)
    {
        result = null;
        if (host.Length <= domain.Length + 1
            || host[^(domain.Length + 1)] != '.'
            || !host.EndsWith(domain, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var label = host[..^(domain.Length + 1)].ToLowerInvariant();
        int? port = null;
        var split = label.IndexOf("--", StringComparison.Ordinal);
        if (split >= 0)
        {
            if (!int.TryParse(label.AsSpan(0, split), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number is < 1 or > 65535
                || label[0] == '0')
            {
                return false;
            }

            port = number;
            label = label[(split + 2)..];
        }

        if (!Slug.TryParse(label, out var slug))
        {
            return false;
        }

        result = new WorkspaceHost(slug, port);
        return true;
    }

    /// <summary>The host name of this address below <paramref name="domain"/>.</summary>
    public string Under(string domain) => Port is { } port ? $"{port}--{Slug}.{domain}" : $"{Slug}.{domain}";
}
