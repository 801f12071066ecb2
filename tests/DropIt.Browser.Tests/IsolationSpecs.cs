using System.Text.Json;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Code in a preview, in the browser of someone who is signed in, against everything that is not its own.</summary>
public sealed class IsolationSpecs(Chromium chromium)
{
    /// <summary>Tries an address in every way that a page has; the answer is what got through.</summary>
    private const string Try = """
        async ([origin, path, hides]) => {
          const through = [];
          const read = (name, work) => work().then((got) => { if (got) through.push(`${name}: ${String(got).slice(0, 80)}`); }, () => {});
          await read("fetch", async () => (await fetch(origin + path, { credentials: "include" })).text());
          await read("post", async () => (await fetch(origin + path, { method: "POST", credentials: "include", headers: { "Content-Type": "application/json" }, body: "{}" })).text());
          await read("put", async () => (await fetch(origin + path, { method: "PUT", credentials: "include", body: "x" })).text());
          await read("xhr", () => new Promise((resolve, reject) => {
            const xhr = new XMLHttpRequest();
            xhr.withCredentials = true;
            xhr.onload = () => resolve(xhr.responseText);
            xhr.onerror = reject;
            xhr.open("GET", origin + path);
            xhr.send();
          }));
          await read("events", () => new Promise((resolve, reject) => {
            const events = new EventSource(origin + path, { withCredentials: true });
            events.onopen = () => { events.close(); resolve("open"); };
            events.onerror = () => { events.close(); reject(); };
          }));
          await read("socket", () => new Promise((resolve, reject) => {
            const socket = new WebSocket(origin.replace("http", "ws") + "/.dropit/ws", ["dropit.1"]);
            socket.onopen = () => { socket.close(); resolve("open"); };
            socket.onerror = reject;
          }));
          // Blind ones: what they do is looked for afterwards.
          await fetch(origin + path, { method: "POST", mode: "no-cors", credentials: "include", body: "blind" }).catch(() => {});
          await fetch(origin + path, { mode: "no-cors", credentials: "include" }).catch(() => {});
          if (hides) await fetch(origin + path, { mode: "no-cors", credentials: "include", referrerPolicy: "no-referrer" }).catch(() => {});
          return through.join("; ");
        }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // a name of the network by plain http: all origins are one site, and cookies go along everywhere
    public async Task Code_in_a_preview_neither_reads_nor_acts_on_what_is_not_its_own(bool named)
    {
        await using var server = await TestServer.StartAsync(domain: named ? Chromium.Domain : null); // nobody else makes or starts a workspace there
        await using var visitor = await Visitor.SignInAsync(chromium, server);

        // 1. Someone's program, which counts its visits and is forgiving about who asks; its owner has looked at it.
        var victim = await visitor.CreateAsync("Node.js");
        victim.Write("index.js", """
            import http from "node:http";
            let acted = 0;
            http.createServer((request, response) => {
              if (request.url === "/act") console.log(`acted=${++acted}=`);
              response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
              response.setHeader("Access-Control-Allow-Credentials", "true");
              response.setHeader("Access-Control-Allow-Headers", "content-type");
              response.setHeader("Access-Control-Allow-Methods", "POST, PUT");
              response.setHeader("Content-Type", "text/html");
              response.end("<h1>secret of the victim</h1>");
            }).listen(process.env.PORT);
            """);
        await victim.RunAsync();
        await Expect(victim.Preview.GetByRole(AriaRole.Heading)).ToHaveTextAsync("secret of the victim", new() { Timeout = 60_000 });
        var victimPreview = new Uri((await victim.PreviewFrameAsync()).Url).GetLeftPart(UriPartial.Authority);

        // 2. The attacker's page, in the same browser, in the frame of the output pane and in a tab of its own.
        var attacker = await visitor.CreateAsync("Node.js");
        await attacker.RunAsync();
        await Expect(attacker.Preview.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Hello, Node.js", new() { Timeout = 60_000 });
        var frame = await attacker.PreviewFrameAsync();
        var tab = await visitor.Context.NewPageAsync();
        await tab.GotoAsync(frame.Url);
        await Expect(tab.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Hello, Node.js");
        var before = await ListAsync(victim);
        var workspaceHost = (string slug) => new Uri(server.Origin) is var uri ? $"{uri.Scheme}://{slug}.{uri.Authority}" : "";
        foreach (var page in (IFrame[])[frame, tab.MainFrame])
        {
            foreach (var (origin, path) in ((string, string)[])
            [
                (server.Origin, "/api/workspaces"),
                (server.Origin, $"/api/workspaces/{victim.Slug}/stop"),
                (server.Origin, $"/api/workspaces/{victim.Slug}/files/index.js"),
                (server.Origin, $"/api/workspaces/{victim.Slug}/events"),
                (workspaceHost(victim.Slug), "/.dropit/files/index.js"),
                (workspaceHost(attacker.Slug), "/.dropit/files/index.js"),
                (victimPreview, "/act"),
            ])
            {
                // By plain http on a name, browsers say nothing of a page that hides itself (docs/operations.md, "Threat model").
                Assert.Equal("", await page.EvaluateAsync<string>(Try, new object[] { origin, path, !named }));
            }

            Assert.Equal("", await page.EvaluateAsync<string>("() => document.cookie"));
            foreach (var reach in (string[])["parent.document.title", "parent.localStorage.length", "top.document.cookie"])
            {
                Assert.True(
                    page == tab.MainFrame || await page.EvaluateAsync<bool>($"() => {{ try {{ {reach}; return false; }} catch {{ return true; }} }}"), reach);
            }
        }

        // 3. Nothing was done: not to the workspaces, not to the victim's program.
        Assert.Equal(before, await ListAsync(victim));
        await Expect(victim.Preview.GetByRole(AriaRole.Heading)).ToHaveTextAsync("secret of the victim");
        await Expect(victim.Screen).Not.ToContainTextAsync("acted=");
    }

    private static async Task<string> ListAsync(Workbench bench)
    {
        using var list = JsonDocument.Parse(await bench.Page.EvaluateAsync<string>("async () => (await fetch('/api/workspaces')).text()"));
        var all = list.RootElement.ValueKind == JsonValueKind.Array ? list.RootElement : list.RootElement.EnumerateObject().First().Value;
        return string.Join(", ", all.EnumerateArray().Select(w => w.GetProperty("slug").GetString() + " " + w.GetProperty("state").GetString()).Order());
    }
}
