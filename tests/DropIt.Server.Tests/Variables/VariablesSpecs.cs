using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Variables;

public sealed class VariablesOnSqliteSpecs() : VariablesSpecs(TestDatabase.Sqlite)
{
    [Fact]
    public async Task Values_whose_key_was_lost_are_said_to_be_so_and_can_be_set_again()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync("empty");
        await SetAsync(server, slug, "TOKEN", "before", secret: true);
        Assert.Equal(0, await server.StopAsync());
        Directory.Delete(Path.Combine(server.Data, "keys"), recursive: true);
        await server.StartAgainAsync();
        Assert.False((await ListAsync(server, slug))[0].GetProperty("readable").GetBoolean());
        var ticket = await server.OpenAsync(slug);
        using var socket = await server.SocketAsync(slug, ticket, Cancel);
        Assert.Equal("none", await RunAsync(server, slug, ticket, socket, "printf %s \"${TOKEN-none}\""));
        var version = await SetAsync(server, slug, "TOKEN", "after", secret: true);
        await ServerRig.ReadUntilAsync(socket, $$"""{"event":"variables","version":{{version}}}""");
        Assert.Equal("after", await RunAsync(server, slug, ticket, socket, "printf %s \"${TOKEN-none}\""));
    }
}

public sealed class VariablesOnPostgresSpecs(PostgresServer postgres) : VariablesSpecs(TestDatabase.Postgres(postgres));

/// <summary>Environment variables and secrets: what programs get, who may see what, and where they are not.</summary>
public abstract class VariablesSpecs(TestDatabase database)
{
    // Programs print its hash, so that it is nowhere but where the product puts it.
    private const string HashToken = """printf %s "$TOKEN" | sha256sum | cut -c1-64""";

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_programs_get_what_was_set_and_a_secret_lies_nowhere_as_it_is()
    {
        await using var server = await database.StartAsync();
        var slug = await server.CreateAsync("empty");
        var (first, second) = ("first-" + Guid.NewGuid(), "second-" + Guid.NewGuid() + "\n\"=$'é");
        await SetAsync(server, slug, "TOKEN", first, secret: true);
        await SetAsync(server, slug, "GREETING", "hello there", secret: false);

        // 1. A workspace that wakes has them.
        var ticket = await server.OpenAsync(slug);
        var socket = await server.SocketAsync(slug, ticket, Cancel);
        Assert.Contains("\"variables\":2", (await ServerRig.ReadUntilAsync(socket, "hello"))[^1], StringComparison.Ordinal);
        Assert.Equal(HashOf(first), await RunAsync(server, slug, ticket, socket, HashToken));
        Assert.Equal("hello there", await RunAsync(server, slug, ticket, socket, "printf %s \"$GREETING\""));

        // 2. One that is awake is told; a terminal that is open keeps what it had.
        var before = await TerminalAsync(socket, channel: 1);
        var version = await SetAsync(server, slug, "TOKEN", second, secret: true);
        await ServerRig.ReadUntilAsync(socket, $$"""{"event":"variables","version":{{version}}}""");
        await TypeAsync(socket, 1, $"{HashToken} > before.txt && echo do''ne\n");
        await ServerRig.ReadUntilAsync(socket, "done");
        Assert.Equal(HashOf(first), await ReadAsync(server, slug, ticket, "before.txt"));
        Assert.NotEqual(before, await TerminalAsync(socket, channel: 2));
        await TypeAsync(socket, 2, $"{HashToken} > after.txt && echo do''ne\n");
        await ServerRig.ReadUntilAsync(socket, "done");
        Assert.Equal(HashOf(second), await ReadAsync(server, slug, ticket, "after.txt"));

        version = await RemoveAsync(server, slug, "GREETING");
        await ServerRig.ReadUntilAsync(socket, $$"""{"event":"variables","version":{{version}}}""");
        Assert.Equal("none", await RunAsync(server, slug, ticket, socket, "printf %s \"${GREETING-none}\""));

        // 3. Nothing that others may see of the runner's process holds one, nor any answer.
        using (var runner = server.RunnerOf(slug))
        {
            foreach (var file in (string[])["environ", "cmdline"])
            {
                Assert.DoesNotContain(second[..40], await File.ReadAllTextAsync($"/proc/{runner.Id}/{file}", Cancel), StringComparison.Ordinal);
            }
        }

        foreach (var path in (string[])["variables", "", "view"])
        {
            using var answer = await server.GetAsync($"/api/workspaces/{slug}/{path}".TrimEnd('/'));
            Assert.DoesNotContain(second[..40], await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        var entries = (await server.GetJsonAsync($"/api/audit?workspace={slug}")).GetProperty("entries").EnumerateArray()
            .Select(e => $"{e.GetProperty("act").GetString()} {e.GetProperty("about").GetString()}").ToList();
        Assert.Contains("secretSet TOKEN", entries);
        Assert.Contains("variableSet GREETING", entries);
        Assert.Contains("variableRemoved GREETING", entries);
        socket.Dispose();

        // 4. Another server on the same data has them too; no file of either holds the secret as it is.
        Assert.Equal(0, await server.StopAsync());
        var said = await server.LogAsync();
        Assert.DoesNotContain(first, said, StringComparison.Ordinal);
        Assert.DoesNotContain(second[..40], said, StringComparison.Ordinal);
        await server.StartAgainAsync();
        ticket = await server.OpenAsync(slug);
        using var again = await server.SocketAsync(slug, ticket, Cancel);
        Assert.Equal(HashOf(second), await RunAsync(server, slug, ticket, again, HashToken));
        again.Dispose();
        Assert.Equal(0, await server.StopAsync()); // nobody holds or removes a file that is being read here
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }; // what links lead to is not data
        var files = Directory.EnumerateFiles(server.Data, "*", all)
            .Where(f => Path.GetFileName(f) is not "lock" and not "sock" && !f.EndsWith(".sock", StringComparison.Ordinal) && !f.EndsWith("-socket", StringComparison.Ordinal));
        foreach (var file in files)
        {
            var content = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, Cancel));
            Assert.False(content.Contains(first, StringComparison.Ordinal) || content.Contains(second[..40], StringComparison.Ordinal), file);
        }
    }

    [Fact]
    public async Task What_no_program_could_be_given_is_refused_in_words()
    {
        await using var server = await database.StartAsync();
        var slug = await server.CreateAsync("empty");
        (string Name, string? Value, string Words)[] cases =
        [
            ("PATH", "x", "Choose another name"),
            ("PORT", "1", "Choose another name"),
            ("DROPIT_WORKSPACE", "x", "Choose another name"),
            ("LD_PRELOAD", "x", "Choose another name"),
            ("1ST", "x", "does not begin with a digit"),
            ("A-B", "x", "letters (a to z)"),
            ("A%0A", "x", "letters (a to z)"),
            ("NAME", null, "There is no value"),
            ("NAME", "a\0b", "NUL"),
        ];
        await Assert.AllAsync(cases, async refused =>
        {
            var (name, value, words) = refused;
            using var answer = await server.SendAsync(HttpMethod.Put, $"/api/workspaces/{slug}/variables/{name}", new { value, secret = false });
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(words, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.Empty((await ListAsync(server, slug)).EnumerateArray());
        });
    }

    [Fact]
    public async Task A_workspace_has_100_of_64_KiB_in_all_and_all_of_them_reach_its_programs()
    {
        await using var server = await database.StartAsync();
        var slug = await server.CreateAsync("empty");
        for (var i = 0; i < 100; i++)
        {
            await SetAsync(server, slug, $"V{i:00}", $"{i}", secret: false);
        }

        Assert.Equal(HttpStatusCode.Conflict, await TrySetAsync(server, slug, "ONE_MORE", ""));
        await SetAsync(server, slug, "V07", "seven", secret: false);
        for (var i = 10; i < 16; i++)
        {
            await SetAsync(server, slug, $"V{i}", new string('"', 10 * 1024), secret: false);
        }

        Assert.Equal(HttpStatusCode.BadRequest, await TrySetAsync(server, slug, "V16", new string('x', (10 * 1024) + 1)));
        Assert.Equal(HttpStatusCode.Conflict, await TrySetAsync(server, slug, "V16", new string('x', 10 * 1024)));
        await SetAsync(server, slug, "V16", new string('"', 3 * 1024), secret: false);

        var ticket = await server.OpenAsync(slug);
        using var socket = await server.SocketAsync(slug, ticket, Cancel);
        Assert.Equal("100 10240 seven", await RunAsync(server, slug, ticket, socket, "printf '%s %s %s' $(env | grep -c '^V[0-9][0-9]=') ${#V12} $V07"));
    }

    [Fact]
    public async Task A_fork_has_the_variables_and_no_secret_and_that_of_a_viewer_none()
    {
        await using var server = await database.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var olga = await Person.SignedUpAsync(server, "olga");
        var eddy = await Person.SignedUpAsync(server, "eddy");
        var vera = await Person.SignedUpAsync(server, "vera");
        var slug = (await olga.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" })).GetProperty("slug").GetString()!;
        await olga.StatusAsync(HttpMethod.Post, $"/api/workspaces/{slug}/people", new { userName = "eddy", role = "editor" });
        await olga.StatusAsync(HttpMethod.Post, $"/api/workspaces/{slug}/people", new { userName = "vera", role = "viewer" });
        await olga.JsonAsync(HttpMethod.Put, $"/api/workspaces/{slug}/variables/LEVEL", new { value = "debug", secret = false });
        await eddy.JsonAsync(HttpMethod.Put, $"/api/workspaces/{slug}/variables/TOKEN", new { value = "hush", secret = true });

        Assert.Equal(["LEVEL=debug", "TOKEN="], await NamesAsync(eddy, slug));
        Assert.Equal(HttpStatusCode.Forbidden, await vera.StatusAsync(HttpMethod.Get, $"/api/workspaces/{slug}/variables"));
        Assert.Equal(["LEVEL=debug"], await NamesAsync(eddy, await ForkAsync(eddy, slug)));
        Assert.Empty(await NamesAsync(vera, await ForkAsync(vera, slug)));
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private protected static async Task<long> SetAsync(ServerRig server, string slug, string name, string value, bool secret)
    {
        using var answer = await server.SendAsync(HttpMethod.Put, $"/api/workspaces/{slug}/variables/{name}", new { value, secret });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("version").GetInt64();
    }

    private static async Task<HttpStatusCode> TrySetAsync(ServerRig server, string slug, string name, string value)
    {
        using var answer = await server.SendAsync(HttpMethod.Put, $"/api/workspaces/{slug}/variables/{name}", new { value, secret = false });
        return answer.StatusCode;
    }

    private static async Task<long> RemoveAsync(ServerRig server, string slug, string name)
    {
        using var answer = await server.SendAsync(HttpMethod.Delete, $"/api/workspaces/{slug}/variables/{name}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("version").GetInt64();
    }

    private protected static async Task<JsonElement> ListAsync(ServerRig server, string slug) =>
        (await server.GetJsonAsync($"/api/workspaces/{slug}/variables")).GetProperty("variables");

    private static async Task<List<string>> NamesAsync(Person person, string slug) =>
        [.. (await person.GetAsync($"/api/workspaces/{slug}/variables")).GetProperty("variables").EnumerateArray()
            .Select(v => $"{v.GetProperty("name").GetString()}={v.GetProperty("value").GetString()}")];

    private static async Task<string> ForkAsync(Person person, string slug) =>
        (await person.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/fork", new { })).GetProperty("slug").GetString()!;

    /// <summary>What a command prints that the workspace's Run starts.</summary>
    private protected static async Task<string> RunAsync(ServerRig server, string slug, string ticket, ClientWebSocket socket, string command)
    {
        await server.PutFileAsync(slug, ticket, "print.sh", command);
        var project = new JsonObject { ["run"] = $"sh print.sh > printed.txt && echo pri''nted-{Guid.NewGuid():n}" };
        await server.PutFileAsync(slug, ticket, "dropit.json", project.ToJsonString());
        await SendAsync(socket, [0, 1, .. """{"id":7,"op":"run.start","task":"run"}"""u8]);
        await ServerRig.ReadUntilAsync(socket, """
            "state":"exited"
            """);
        return await ReadAsync(server, slug, ticket, "printed.txt");
    }

    /// <summary>Opens a terminal and waits for its prompt; the answer is its name.</summary>
    private static async Task<string> TerminalAsync(ClientWebSocket socket, byte channel)
    {
        await SendAsync(socket, [0, 1, .. """{"id":8,"op":"terminal.create","columns":80,"rows":24}"""u8]);
        var reply = JsonNode.Parse((await ServerRig.ReadUntilAsync(socket, "\"id\":8"))[^1][2..])!;
        var terminal = reply["result"]!["terminal"]!.GetValue<string>();
        await SendAsync(socket, [0, 1, .. Encoding.UTF8.GetBytes($$"""{"id":9,"op":"terminal.attach","channel":{{channel}},"terminal":"{{terminal}}","columns":80,"rows":24}""")]);
        await ServerRig.ReadUntilAsync(socket, "\"id\":9");

        // What is typed before the shell has its prompt may be lost.
        string said;
        do
        {
            said = (await ServerRig.ReadUntilAsync(socket, ""))[^1];
        }
        while (!said.Contains("$ ", StringComparison.Ordinal) && !said.Contains("# ", StringComparison.Ordinal));
        return terminal;
    }

    private static Task TypeAsync(ClientWebSocket socket, byte channel, string text) => SendAsync(socket, [channel, 0x20, .. Encoding.UTF8.GetBytes(text)]);

    private static Task SendAsync(ClientWebSocket socket, byte[] frame) => socket.SendAsync(frame, WebSocketMessageType.Binary, true, Cancel);

    private static async Task<string> ReadAsync(ServerRig server, string slug, string ticket, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{slug}.localhost:{server.Port}/.dropit/files/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ticket);
        using var answer = await server.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync(Cancel)).TrimEnd('\n');
    }
}
