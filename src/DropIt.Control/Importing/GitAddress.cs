using System.Text.RegularExpressions;

namespace DropIt.Control.Importing;

/// <summary>Where a repository is, as git is told it: http or https, nothing secret in it.</summary>
/// <param name="Url">Without user and password.</param>
/// <param name="User">Name to sign in with; null: none was given.</param>
/// <param name="Secret">A token or password that stood in the address; null: none did.</param>
internal sealed partial record GitAddress(Uri Url, string? User, string? Secret)
{
    // Longer than any host allows a repository's path to be.
    private const int MaxLength = 2000;

    /// <summary>The last name of the path, for the workspace; without <c>.git</c>.</summary>
    public string Name
    {
        get
        {
            var last = Uri.UnescapeDataString(Url.Segments[^1].Trim('/'));
            last = last.EndsWith(".git", StringComparison.Ordinal) ? last[..^4] : last;
            return Workspaces.WorkspaceRegister.NameOf(last) ?? Url.Host;
        }
    }

    /// <summary>
    /// Reads what people paste: an address, one without its scheme, the form of ssh (<c>git@host:owner/name</c>), a page of the repository on its host.
    /// </summary>
    /// <returns>The address, or why it is none, for the user.</returns>
    public static (GitAddress? Address, string? Error) Of(string? text)
    {
        text = text?.Trim() ?? "";
        if (text.Length is 0 or > MaxLength || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            return (null, "Give the address of a repository, such as https://github.com/owner/name.");
        }

        if (SshForm().Match(text) is { Success: true } ssh)
        {
            text = $"https://{ssh.Groups["host"].Value}/{ssh.Groups["path"].Value}";
        }
        else if (!text.Contains("://", StringComparison.Ordinal) && BareForm().IsMatch(text))
        {
            text = "https://" + text;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            return (null, $"Repositories are fetched over http and https only. "
                + "Give an address such as https://github.com/owner/name.");
        }

        if (url.AbsolutePath is "" or "/")
        {
            return (null, $"The address names {url.Host} but no repository on it. Add its path, such as /owner/name.");
        }

        var parts = url.UserInfo.Split(':', 2);
        var (user, secret) = parts is [var name, var password]
            ? (Uri.UnescapeDataString(name), Uri.UnescapeDataString(password))
            : url.UserInfo.Length > 0 ? (null, Uri.UnescapeDataString(url.UserInfo)) : ((string?)null, (string?)null);
        var path = HostPage().Match(url.AbsolutePath) is { Success: true } page && url.Host is "github.com" or "gitlab.com"
            ? HostPage().Match(url.AbsolutePath).Groups[1].Value
            : url.AbsolutePath;
        var clean = new UriBuilder(url.Scheme, url.Host, url.Port, path.TrimEnd('/')).Uri;
        return (new GitAddress(clean, user, secret), null);
    }

    [GeneratedRegex("^(ssh://)?git@(?<host>[A-Za-z0-9.-]+)[:/](?<path>[A-Za-z0-9._~/-]+)$")]
    private static partial Regex SshForm();

    [GeneratedRegex("^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+(:[0-9]+)?/")]
    private static partial Regex BareForm();

    [GeneratedRegex("^(/[^/]+/[^/]+)/(-/)?(tree|blob|commits?|issues|pulls?|releases|actions|merge_requests)(/|$)")]
    private static partial Regex HostPage();
}
