using DropIt.Control.Accounts;

namespace DropIt.Server.Options;

/// <summary>Reads the options of accounts.</summary>
internal static class AccountReader
{
    /// <summary>Null when there is one user only.</summary>
    public static AccountOptions? Read(Func<string, string?> value, List<string> problems)
    {
        var text = value("accounts") ?? "off";
        SignUp? signUp = text switch
        {
            "closed" => SignUp.Closed,
            "invitation" => SignUp.Invitation,
            "open" => SignUp.Open,
            _ => null,
        };
        if (signUp is null && text != "off")
        {
            problems.Add($"--accounts {text}: say off, closed, invitation or open.");
        }

        var (openId, gitHub) = (ReadOpenId(value, problems), ReadGitHub(value, problems));
        if (signUp is null && (openId ?? (object?)gitHub) is not null)
        {
            problems.Add("--openid-client-id, --github-client-id: they sign people in to accounts. Turn these on with --accounts closed, invitation or open.");
        }

        TeamMakers? teams = (value("teams") ?? "everyone") switch
        {
            "everyone" => TeamMakers.Everyone,
            "admins" => TeamMakers.Admins,
            _ => null,
        };
        if (teams is null)
        {
            problems.Add($"--teams {value("teams")}: say everyone or admins.");
        }

        return signUp is { } who ? new AccountOptions { SignUp = who, Teams = teams ?? TeamMakers.Everyone, OpenId = openId, GitHub = gitHub } : null;
    }

    private static OpenIdOptions? ReadOpenId(Func<string, string?> value, List<string> problems)
    {
        var (address, id, secret) = (value("openid-authority"), value("openid-client-id"), value("openid-client-secret"));
        if (address is null && id is null)
        {
            return null;
        }

        if (address is null || id is null || secret is null)
        {
            problems.Add("--openid-authority, --openid-client-id and DROPIT_OPENID_CLIENT_SECRET: one without the others. Give all three.");
            return null;
        }

        return ReadAddress("openid-authority", address, problems) is { } authority
            ? new OpenIdOptions(authority, id, secret, value("openid-name") ?? authority.Host)
            : null;
    }

    private static GitHubOptions? ReadGitHub(Func<string, string?> value, List<string> problems)
    {
        var (address, id, secret) = (value("github-url"), value("github-client-id"), value("github-client-secret"));
        if (id is null)
        {
            return null;
        }

        if (secret is null)
        {
            problems.Add("--github-client-id: its secret is missing. Set DROPIT_GITHUB_CLIENT_SECRET in the environment, or name it in the --config file.");
            return null;
        }

        if (address is null)
        {
            return new GitHubOptions(new("https://github.com/"), new("https://api.github.com/"), id, secret);
        }

        return ReadAddress("github-url", address.TrimEnd('/') + "/", problems) is { } enterprise
            ? new GitHubOptions(enterprise, new(enterprise, "api/v3/"), id, secret)
            : null;
    }

    private static Uri? ReadAddress(string name, string text, List<string> problems)
    {
        // Secrets go there: over http only on this machine.
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback)))
        {
            return address;
        }

        problems.Add($"--{name} {text}: not an address that begins with https://.");
        return null;
    }
}
