using System.Text.RegularExpressions;
using DropIt.Storage.Objects;

namespace DropIt.Server.Options;

/// <summary>Reads the options that begin with <c>s3</c>.</summary>
internal static partial class S3Reader
{
    /// <summary>Null without <c>--s3</c>, and when there are problems, which are added to the others.</summary>
    public static S3Options? Read(Func<string, string?> value, List<string> problems)
    {
        var (place, before) = (value("s3"), problems.Count);
        if (place is null)
        {
            foreach (var name in (string[])["s3-endpoint", "s3-region", "s3-path-style", "s3-checksums", "s3-access-key", "s3-secret-key"])
            {
                if (value(name) is not null)
                {
                    problems.Add($"--{name}: says nothing without --s3. Name the bucket with --s3 s3://bucket/prefix.");
                }
            }

            return null;
        }

        if (PlacePattern().Match(place) is not { Success: true } match)
        {
            problems.Add($"--s3 {place}: not a bucket with a prefix, such as s3://workspaces or s3://company/dropit.");
            return null;
        }

        var endpoint = Endpoint(value("s3-endpoint"), problems);
        var (access, secret) = (value("s3-access-key"), value("s3-secret-key"));
        if (access is null != secret is null)
        {
            problems.Add("DROPIT_S3_ACCESS_KEY and DROPIT_S3_SECRET_KEY: one without the other. Set both, or neither to use what the AWS SDK finds.");
        }

        var own = endpoint is null ? "no" : "yes";
        var pathStyle = Choice("s3-path-style", own, ["yes", "no"]) == "yes";
        var checksums = Choice("s3-checksums", endpoint is null ? "supported" : "required", ["supported", "required"]) == "supported";
        var prefix = match.Groups["prefix"].Value.Trim('/');
        return problems.Count > before ? null : new S3Options
        {
            Bucket = match.Groups["bucket"].Value,
            Prefix = prefix.Length == 0 ? "" : prefix + "/",
            Endpoint = endpoint,
            Region = value("s3-region"),
            PathStyle = pathStyle,
            Checksums = checksums,
            Credentials = access is null ? null : new S3Credentials(access, secret!, value("s3-session-token")),
        };

        string Choice(string name, string otherwise, string[] choices)
        {
            var text = value(name) ?? otherwise;
            if (!choices.Contains(text))
            {
                problems.Add($"--{name} {text}: say {string.Join(" or ", choices)}.");
            }

            return text;
        }
    }

    private static Uri? Endpoint(string? text, List<string> problems)
    {
        if (text is null || (Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/" && uri.UserInfo == ""))
        {
            return text is null ? null : new Uri(text);
        }

        problems.Add($"--s3-endpoint {text}: not an address. Give scheme, host and port only, such as https://s3.example.org or http://10.0.0.7:9000.");
        return null;
    }

    /// <summary>What S3 allows as a bucket's name, and prefixes that need no escaping anywhere.</summary>
    [GeneratedRegex(@"^s3://(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?<prefix>(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)/?$")]
    private static partial Regex PlacePattern();
}
