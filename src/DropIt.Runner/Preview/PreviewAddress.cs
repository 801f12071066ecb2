using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Preview;

/// <summary>The addresses of one workspace, and the way between them and what its programs take for their own. Pure.</summary>
internal sealed class PreviewAddress
{
    private static readonly string[] LocalHosts = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];

    private readonly string _scheme;
    private readonly string _domain;

    /// <summary>Of one workspace.</summary>
    public PreviewAddress(RunnerOptions options)
    {
        Slug = options.Workspace;
        ControlOrigin = options.ControlOrigin;
        _domain = options.Domain;
        _scheme = options.ControlOrigin.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var colon = _domain.LastIndexOf(':');
        DomainHost = colon < 0 ? _domain : _domain[..colon];
    }

    /// <summary>The workspace.</summary>
    public string Slug { get; }

    /// <summary>The page's origin.</summary>
    public string ControlOrigin { get; }

    /// <summary>The workspace domain without the port number.</summary>
    public string DomainHost { get; }

    /// <summary>http or https: what the browser used.</summary>
    public string Scheme => _scheme;

    /// <summary>Browsers keep cookies marked as secure: those of https, and of localhost.</summary>
    public bool KeepsSecureCookies =>
        _scheme == "https"
        || DomainHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || DomainHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>The preview's origin of a port.</summary>
    public string OriginOf(int port) => string.Create(CultureInfo.InvariantCulture, $"{_scheme}://{port}--{Slug}.{_domain}");

    /// <summary>What a program on the port takes for its own origin.</summary>
    public static string LocalOriginOf(int port) => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");

    /// <summary>What kind of address a request came to.</summary>
    /// <param name="host">Without a port number.</param>
    /// <param name="port">The previewed port; null for the workspace itself.</param>
    /// <returns>Null when it is none of this workspace; false when it is, with a port that cannot be.</returns>
    public bool? Reads(string host, out int? port)
    {
        port = null;
        if (WorkspaceHost.TryParse(host, DomainHost, out var address) && address.Slug.Value == Slug)
        {
            port = address.Port;
            return true;
        }

        return host.EndsWith($"--{Slug}.{DomainHost}", StringComparison.OrdinalIgnoreCase) ? false : null;
    }

    /// <summary>An origin or a URL of a preview of this workspace as its program knows it: on localhost. Others stay as they are.</summary>
    public string ToLocal(string url) => TrySplit(url, out var port, out var rest) ? LocalOriginOf(port) + rest : url;

    /// <summary>True when <paramref name="origin"/> is a preview of this workspace.</summary>
    public bool IsPreview(string origin) => TrySplit(origin, out _, out var rest) && rest.Length == 0;

    /// <summary>True for every host of the server: its domain, and all workspaces and previews below it.</summary>
    public bool IsOfDomain(string host) =>
        host.Equals(DomainHost, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + DomainHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>A URL on localhost as the browser reaches it: the preview of that port. Others stay as they are.</summary>
    public string ToPublic(string url)
    {
        foreach (var scheme in (string[])["http://", "https://"])
        {
            foreach (var host in LocalHosts)
            {
                if (url.StartsWith(scheme + host + ":", StringComparison.OrdinalIgnoreCase)
                    && TryPort(url.AsSpan(scheme.Length + host.Length + 1), out var port, out var rest))
                {
                    return OriginOf(port) + rest;
                }
            }
        }

        return url;
    }

    /// <summary>A path on the same origin and nothing else: no scheme, no host, nothing that a browser reads as one.</summary>
    public static bool IsLocalPath([NotNullWhen(true)] string? to) =>
        to is ['/', ..] && (to.Length == 1 || to[1] is not ('/' or '\\')) && !to.Any(char.IsControl);

    private bool TrySplit(string url, out int port, out string rest)
    {
        port = 0;
        rest = "";
        var prefix = _scheme + "://";
        var end = $"--{Slug}.{_domain}";
        if (!url.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var at = url.IndexOf(end, StringComparison.OrdinalIgnoreCase);
        if (at < 0
            || !int.TryParse(url.AsSpan(prefix.Length, at - prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out port))
        {
            return false;
        }

        rest = url[(at + end.Length)..];
        return rest.Length == 0 || rest[0] == '/';
    }

    private static bool TryPort(ReadOnlySpan<char> text, out int port, out string rest)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        rest = end < 0 ? "" : text[end..].ToString();
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65535
            && (rest.Length == 0 || rest[0] is '/' or '?' or '#');
    }
}
