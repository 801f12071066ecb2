using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Access;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Access;

/// <summary>Every route of the runner by everyone who may come: generated from the table. A route without a rule fails every spec: its runner does not start.</summary>
public sealed class RouteRulesSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _runner.StartAsync();

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    [Fact]
    public async Task Everyone_gets_what_the_table_gives_them_and_no_more()
    {
        var wrong = new List<string>();
        var people = await PeopleAsync();
        foreach (var (name, asker) in RouteRules.All)
        {
            var path = name.Split(' ')[1].Replace("{**path}", "a.txt", StringComparison.Ordinal);
            foreach (var method in name.Split(' ') is ["*", ..] ? (string[])["GET", "HEAD", "PUT", "DELETE"] : [name.Split(' ')[0]])
            {
                foreach (var (who, ticket) in people)
                {
                    var got = path.EndsWith("/ws", StringComparison.Ordinal) ? await ConnectAsync(ticket) : await TryAsync(method, path, ticket);
                    var due = DueTo(who, asker, method);
                    if (got != due)
                    {
                        wrong.Add($"{method} {path} by {who}: {got}, not {due}");
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task No_answer_is_guessed_at_shown_framed_or_kept_by_a_browser()
    {
        var faults = new List<string>();
        _runner.WriteNow("page.html", "<script>alert(1)</script>");
        foreach (var name in RouteRules.All.Keys.Append("GET /.dropit/none"))
        {
            var path = name.Split(' ')[1].Replace("{**path}", "page.html", StringComparison.Ordinal);
            var method = name.Split(' ')[0].Replace("*", "GET", StringComparison.Ordinal);
            foreach (var ticket in (string?[])[null, _runner.Ticket(), _runner.Ticket(Role.Runner)])
            {
                using var answer = await SendAsync(method, path, ticket);
                string? Header(string header) => answer.Headers.TryGetValues(header, out var values) ? string.Join(", ", values) : null;
                var policy = Header("Content-Security-Policy") ?? "";
                var good = Header("X-Content-Type-Options") == "nosniff" && Header("Cache-Control") == "no-store" && Header("Server") is null
                    && ((string[])["sandbox;", "default-src 'none'", "frame-ancestors 'none'"]).All(word => policy.Contains(word, StringComparison.Ordinal));
                if (!good)
                {
                    faults.Add($"{method} {path} ({(int)answer.StatusCode}): {answer.Headers}");
                }
            }
        }

        Assert.Empty(faults);
    }

    /// <summary>A host of a port has a table of its own: what it shows is the program's, and a visitor of a public port sees no other.</summary>
    [Fact]
    public async Task A_port_is_shown_to_those_who_may_see_it()
    {
        var wrong = new List<string>();
        foreach (var (who, ticket) in await PeopleAsync())
        {
            foreach (var path in (string[])["/", "/.dropit/port", "/.dropit/console.js", "/.dropit/files/a.txt", "/.dropit/machine", "/.dropit/enter"])
            {
                var enters = path.EndsWith("/enter", StringComparison.Ordinal);
                var got = await TryAsync("GET", enters ? $"{path}?ticket={ticket}" : path, enters ? null : ticket, $"3000--{TestRunner.Slug}.localhost");
                var due = who is "viewer" or "editor" or "owner" or "visitor of the port" ? "let through" : "401";
                if (got != due)
                {
                    wrong.Add($"{path} by {who}: {got}, not {due}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    private static string DueTo(string who, Asker asker, string method) => (who, asker) switch
    {
        (_, Asker.Anyone) => "let through",
        ("orchestrator", Asker.Orchestrator) => "let through",
        (_, Asker.Orchestrator) => "401",
        ("viewer", _) when method == "PUT" => "403",
        ("viewer" or "editor" or "owner", _) => "let through",
        _ => "401",
    };

    /// <summary>Everyone's ticket, of a workspace from which someone has been revoked.</summary>
    private async Task<Dictionary<string, string?>> PeopleAsync()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var far = DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeSeconds();
        string Visitor(int port) => new Ticket(TestRunner.Slug, "", Role.Visitor, far, Access: 1, Port: port).Sign(_runner.Key);
        var people = new Dictionary<string, string?>
        {
            ["anonymous"] = null,
            ["with no ticket but words"] = "nonsense",
            ["with a ticket that is signed by another"] = new Ticket(TestRunner.Slug, "someone", Role.Owner, far, 1, 1).Sign(other),
            ["with a ticket that was written over"] = _runner.Ticket(Role.Owner, access: 1) + "x",
            ["stranger"] = _runner.Ticket(Role.Owner, workspace: "zzzzzzzzzz", access: 1),
            ["orchestrator of another workspace"] = _runner.Ticket(Role.Runner, workspace: "zzzzzzzzzz", access: 1),
            ["expired"] = _runner.Ticket(Role.Owner, seconds: -1, access: 1),
            ["orchestrator of long ago"] = _runner.Ticket(Role.Runner, seconds: -1, access: 1),
            ["revoked"] = _runner.Ticket(Role.Owner),
            ["visitor of the port"] = Visitor(3000),
            ["visitor of another port"] = Visitor(3001),
            ["viewer"] = _runner.Ticket(Role.Viewer, access: 1),
            ["editor"] = _runner.Ticket(Role.Editor, access: 1),
            ["owner"] = _runner.Ticket(Role.Owner, access: 1),
            ["orchestrator"] = _runner.Ticket(Role.Runner, access: 1),
        };
        await using var learns = await _runner.ConnectAsync(people["owner"], TestRunner.Origin);
        return people;
    }

    private async Task<string> ConnectAsync(string? ticket)
    {
        try
        {
            await using var page = await _runner.ConnectAsync(ticket, TestRunner.Origin);
            return "let through";
        }
        catch (TestPage.RefusedException e) when (e.Status == 401)
        {
            return "401";
        }
    }

    private async Task<string> TryAsync(string method, string path, string? ticket, string? host = null)
    {
        using var answer = await SendAsync(method, path, ticket, host);
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "401",
            HttpStatusCode.Forbidden => "403",
            _ => "let through",
        };
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? ticket, string? host = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Host = host;
        request.Headers.Authorization = ticket is null ? null : new AuthenticationHeaderValue("Bearer", ticket);
        using var handler = TestRunner.Handler(_runner.Socket);
        handler.AllowAutoRedirect = false;
        using var client = new HttpClient(handler) { BaseAddress = _runner.Http.BaseAddress };
        return await client.SendAsync(request, Cancel);
    }
}
