using System.Net;
using System.Text.RegularExpressions;
using DropIt.Control.Access;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Access;

/// <summary>What a passive scan of the answers looks for, on every route that can be looked at; a new route is looked at too.</summary>
public sealed partial class HeaderSpecs
{
    private static readonly string[] s_others =
        ["/", "/w/abcdefghijklmn", "/new/node", "/signup", "/no/such/page", "/assets/none.js", "/api/none", "/.dropit/ws", "/..%2fcontrol.db", "/?a=<script>alert(1)</script>"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_answer_of_the_control_origin_lacks_what_keeps_a_browser_safe()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var admin = await Person.AdminAsync(server);
        var slug = (await admin.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" })).GetProperty("slug").GetString()!;
        var paths = RouteRules.All.Keys
            .Select(name => name.Split(' '))
            .Where(name => name[0] == "GET")
            .Select(name => Parameter().Replace(name[1].Replace("{slug}", slug, StringComparison.Ordinal), "1"))
            .Concat(s_others)
            .ToList();
        var faults = new List<string>();
        foreach (var person in (Person[])[admin, new(server)])
        {
            foreach (var path in paths)
            {
                using var answer = await person.SendAsync(HttpMethod.Get, path);
                faults.AddRange((await FaultsAsync(answer)).Select(fault => $"GET {path} ({(int)answer.StatusCode}): {fault}"));
            }

            foreach (var path in (string[])["/api/session", "/api/workspaces", "/api/workspaces/no%20slug/open", "/none"])
            {
                using var answer = await person.SendAsync(HttpMethod.Post, path, "not what is asked for");
                faults.AddRange((await FaultsAsync(answer)).Select(fault => $"POST {path} ({(int)answer.StatusCode}): {fault}"));
            }
        }

        Assert.True(paths.Count > 30);
        Assert.Empty(faults);
    }

    [Fact]
    public async Task No_answer_of_the_product_on_a_workspaces_origins_is_guessed_at_or_tells_of_the_inside()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        var faults = new List<string>();
        var seen = new List<int>();
        foreach (var (host, path, known) in ((string, string, bool)[])
        [
            (slug, "/", false), (slug, "/none", false), (slug, "/..%2fcontrol.db", false), (slug, "/.dropit/health", false), (slug, "/.dropit/ws", false),
            (slug, "/.dropit/files/a.txt", false), (slug, "/.dropit/files/a.txt", true), (slug, "/.dropit/files/..%2f..%2fetc", true), (slug, "/.dropit/none", true),
            ($"3000--{slug}", "/", false), ($"3000--{slug}", "/", true), ($"3000--{slug}", "/.dropit/enter", false), ($"3000--{slug}", "/a?b=<script>alert(1)</script>", false),
            ("abcdefghijklmn", "/", false), ("3000--abcdefghijklmn", "/", false),
        ])
        {
            foreach (var mode in (string[])["navigate", "cors"])
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{host}.localhost:{server.Port}{path}");
                request.Headers.Add("Sec-Fetch-Mode", mode);
                request.Headers.Authorization = known ? new("Bearer", ticket) : null;
                using var answer = await server.Client.SendAsync(request, Cancel);
                seen.Add((int)answer.StatusCode);
                faults.AddRange((await OriginFaultsAsync(answer, own: host == slug && path.StartsWith("/.dropit/", StringComparison.Ordinal) && path != "/.dropit/health")).Select(fault => $"{mode} {host} {path} ({(int)answer.StatusCode}): {fault}"));
            }
        }

        Assert.Empty(faults);
        Assert.All((int[])[302, 401, 404, 426, 502], status => Assert.Contains(status, seen));
    }

    [Fact]
    public async Task No_answer_of_the_storage_services_port_is_guessed_at_framed_or_kept()
    {
        var port = ServerRig.FreePort();
        await using var server = await ServerRig.StartAsync(more: ["--storage-listen", $"127.0.0.1:{port}"]);
        var slug = await server.CreateAsync("empty");
        var paths = (await RouteRulesSpecs.RoutesAsync()).Select(RouteRules.NameOf)
            .Select(name => name.Split(' ')[1])
            .Where(path => path.StartsWith("/storage/", StringComparison.Ordinal))
            .Select(path => Parameter().Replace(path.Replace("{slug}", slug, StringComparison.Ordinal), "1"))
            .Distinct().ToList();
        Assert.NotEmpty(paths);
        var faults = new List<string>();
        using var client = new HttpClient();
        foreach (var path in paths.Concat(["/", "/storage", "/healthz", "/metrics", "/api/session", $"/w/{slug}", "/admin/settle/" + slug, "/storage/..%2fcontrol.db/tree"]))
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Put])
            {
                using var request = new HttpRequestMessage(method, $"http://127.0.0.1:{port}{path}");
                using var answer = await client.SendAsync(request, Cancel);
                var own = path.StartsWith("/storage/", StringComparison.Ordinal);
                faults.AddRange((await OriginFaultsAsync(answer, own: true)).Select(fault => $"{method} {path} ({(int)answer.StatusCode}): {fault}"));
                if ((int)answer.StatusCode is not (403 or 404) && !(own && answer.StatusCode == HttpStatusCode.Unauthorized))
                {
                    faults.Add($"{method} {path}: {(int)answer.StatusCode}");
                }
            }
        }

        Assert.Empty(faults);
    }

    /// <summary>What holds wherever the product answers; pages of an origin without a session need no more.</summary>
    /// <param name="answer">What came.</param>
    /// <param name="own">For programs and the page's own requests: nothing of it is shown in a browser.</param>
    private static async Task<List<string>> OriginFaultsAsync(HttpResponseMessage answer, bool own)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        string? Header(string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
        var type = answer.Content.Headers.ContentType;
        return
        [
            .. ((ValueTuple<bool, string>[])
            [
                (text.Length > 0 && Header("X-Content-Type-Options") != "nosniff", "types are guessed"),
                (text.Length > 0 && (type is null || (type.MediaType!.StartsWith("text/", StringComparison.Ordinal) && type.CharSet != "utf-8")), "the charset is guessed"),
                (own && !(Header("Content-Security-Policy") is { } policy && policy.Contains("default-src 'none'", StringComparison.Ordinal)
                    && policy.Contains("frame-ancestors 'none'", StringComparison.Ordinal)), "it may be shown, or framed"),
                ((own || text.Length > 0) && Header("Cache-Control")?.Contains("no-store", StringComparison.Ordinal) is not true, "it may be kept"),
                (Header("Access-Control-Allow-Origin") is not null, "other origins may read it"),
                (Header("Set-Cookie")?.Contains("domain=", StringComparison.OrdinalIgnoreCase) is true, "a cookie goes to other workspaces"),
                (Header("Server") is not null || Header("X-Powered-By") is not null, "it says what it is made of"),
                (text.Contains("   at ", StringComparison.Ordinal) || text.Contains("Exception", StringComparison.Ordinal), "a stack trace"),
                (text.Contains("<script>alert", StringComparison.Ordinal), "it says back what it was sent"),
                ((int)answer.StatusCode is 500, "the server broke"),
            ]).Where(check => check.Item1).Select(check => check.Item2),
        ];
    }

    private static async Task<List<string>> FaultsAsync(HttpResponseMessage answer)
    {
        var faults = new List<string>();
        string? Header(string name) => answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;
        void Check(bool good, string fault)
        {
            if (!good)
            {
                faults.Add(fault);
            }
        }

        // 1. What a browser may do with it.
        var policy = Header("Content-Security-Policy") ?? "";
        foreach (var directive in (string[])["default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"])
        {
            Check(policy.Contains(directive, StringComparison.Ordinal), $"the policy lacks {directive}");
        }

        var scripts = policy.Split("script-src", 2) is [_, var rest] ? rest.Split(';')[0] : "'unsafe-inline'";
        Check(!scripts.Contains("unsafe", StringComparison.Ordinal) && !scripts.Contains('*'), "scripts from anywhere");
        Check(Header("X-Content-Type-Options") == "nosniff", "types are guessed");
        Check(Header("X-Frame-Options") == "DENY", "it may be framed");
        Check(Header("Referrer-Policy") == "no-referrer", "addresses are told on");
        Check(Header("Cross-Origin-Opener-Policy") == "same-origin", "openers keep a handle");
        Check(Header("Access-Control-Allow-Origin") is null, "other origins may read it");

        // 2. What is kept.
        var cache = Header("Cache-Control") ?? "";
        Check(
            !answer.RequestMessage!.RequestUri!.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal) || cache.Contains("no-store", StringComparison.Ordinal),
            $"what the API says may be kept ({cache})");
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [])
        {
            Check(cookie.Contains("httponly", StringComparison.OrdinalIgnoreCase), "a script may read a cookie");
            Check(cookie.Contains("samesite=", StringComparison.OrdinalIgnoreCase), "a cookie goes along from other sites");
            Check(!cookie.Contains("domain=", StringComparison.OrdinalIgnoreCase), "a cookie goes to workspaces");
        }

        // 3. What is said about the inside.
        Check(Header("Server") is null && Header("X-Powered-By") is null && Header("X-AspNet-Version") is null, "it says what it is made of");
        if (answer.StatusCode != HttpStatusCode.OK || answer.Content.Headers.ContentType?.MediaType == "application/json")
        {
            var text = await answer.Content.ReadAsStringAsync(Cancel);
            Check(!text.Contains("   at ", StringComparison.Ordinal) && !text.Contains("Exception", StringComparison.Ordinal), "a stack trace");
            Check(!text.Contains("<script>alert", StringComparison.Ordinal), "it says back what it was sent");
        }

        var type = answer.Content.Headers.ContentType;
        Check(type is null || !type.MediaType!.StartsWith("text/", StringComparison.Ordinal) || type.MediaType == "text/event-stream" || type.CharSet == "utf-8", "the charset is guessed");
        Check((int)answer.StatusCode < 500, "the server broke");
        return faults;
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
