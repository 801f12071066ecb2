using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Git;

namespace DropIt.Server.Tests.Importing;

/// <summary>Bringing code in over the REST API, against a real server, real git and a git host on this machine.</summary>
public sealed class ImportSpecs(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Token = "tok-5b1f0c7e9d";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repository_becomes_a_workspace_with_its_newest_commit_and_a_guess_of_how_to_run_it()
    {
        await using var host = GitServer.Start();
        await using var server = await ServerRig.StartAsync(more: ["--import-private", "yes"]);
        var url = host.Make("site", Files(("old.txt", "old")), Files(("package.json", """{"scripts":{"dev":"vite"},"devDependencies":{"vite":"1"}}"""), ("src/main.ts", "1")));

        var done = await ImportAsync(server, new { url });
        Assert.Equal("done", Text(done, "state"));
        var slug = Text(done, "slug");
        var paths = await PathsAsync(server, slug);
        Assert.Superset(new HashSet<string> { "old.txt", "package.json", "src/main.ts", "dropit.json", ".git/HEAD" }, paths);
        var project = await FileAsync(server, slug, "dropit.json");
        Assert.Contains("npm run dev -- --port ${PORT:-5173}", project, StringComparison.Ordinal);
        Assert.Contains(".git/shallow", paths);
        var listed = await server.GetJsonAsync($"/api/workspaces/{slug}");
        Assert.Equal(("site", "node"), (Text(listed, "name"), Text(listed, "stack")));
        Assert.DoesNotContain("hooksPath", await FileAsync(server, slug, ".git/config"), StringComparison.OrdinalIgnoreCase);

        var whole = await ImportAsync(server, new { url, history = true, name = "With history" });
        Assert.DoesNotContain(".git/shallow", await PathsAsync(server, Text(whole, "slug")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(server.Data, "imports")));
    }

    [Fact]
    public async Task A_private_one_needs_its_token_which_is_kept_nowhere()
    {
        await using var host = GitServer.Start();
        await using var server = await ServerRig.StartAsync(more: ["--import-private", "yes"]);
        var url = host.Make("secret", Files(("a.txt", "a")));
        host.Token = Token;
        var arguments = "";
        host.OnRequest = path =>
        {
            arguments += path.EndsWith("git-upload-pack", StringComparison.Ordinal) ? ArgumentsOfEveryProcess() : "";
            return Task.CompletedTask;
        };

        var refused = await ImportAsync(server, new { url });
        Assert.Equal("failed", Text(refused, "state"));
        Assert.Contains("give a token", Text(refused, "message"), StringComparison.Ordinal);
        var wrong = await ImportAsync(server, new { url, token = "nope" });
        Assert.Contains("to that token", Text(wrong, "message"), StringComparison.Ordinal);

        var done = await ImportAsync(server, new { url, token = Token });
        Assert.Equal("done", Text(done, "state"));
        Assert.Contains("git", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, arguments, StringComparison.Ordinal);
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes("x-access-token:" + Token));
        Assert.DoesNotContain(encoded, arguments, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, await FileAsync(server, Text(done, "slug"), ".git/config"), StringComparison.Ordinal);
        foreach (var path in await PathsAsync(server, Text(done, "slug")))
        {
            var text = await FileAsync(server, Text(done, "slug"), path);
            Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
            Assert.DoesNotContain(encoded, text, StringComparison.Ordinal);
        }

        // Nor in what the server writes: the database and its log of changes, the journal, the packs, what it prints. A socket has no length.
        var written = Directory.EnumerateFiles(server.Data, "*", SearchOption.AllDirectories)
            .Where(path => new FileInfo(path) is { LinkTarget: null, Length: > 0 }).ToArray();
        Assert.Contains(written, path => path.EndsWith(".db", StringComparison.Ordinal));
        foreach (var path in written)
        {
            var bytes = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(path, Cancel));
            Assert.False(bytes.Contains(Token, StringComparison.Ordinal) || bytes.Contains(encoded, StringComparison.Ordinal), $"The token stands in {path}.");
        }

        Assert.DoesNotContain(Token, server.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain(encoded, server.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_address_of_a_repository_is_refused_in_words()
    {
        var server = shared.Server;
        (string Url, string Words)[] cases =
        [
            ("file:///etc", "http and https only"),
            ("/etc/passwd", "http and https only"),
            ("ext::sh -c id", "address of a repository"),
            ("--upload-pack=id", "http and https only"),
            ("https://example.org", "no repository on it"),
            ("", "address of a repository"),
        ];
        await Assert.AllAsync(cases, async refused =>
        {
            var (url, words) = refused;
            using var answer = await server.SendAsync(HttpMethod.Post, "/api/imports/git", new { url });
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(words, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task This_machine_and_its_networks_are_not_asked_unless_the_server_allows_it()
    {
        await using var host = GitServer.Start();
        var server = shared.Server;
        var asked = 0;
        host.OnRequest = _ =>
        {
            asked++;
            return Task.CompletedTask;
        };
        var port = new Uri(host.Origin).Port;
        string[] hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"];
        foreach (var name in hosts)
        {
            var failed = await ImportAsync(server, new { url = $"http://{name}:{port}/a/b" });
            Assert.Contains("private network", Text(failed, "message"), StringComparison.Ordinal);
        }

        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task Past_the_bound_nothing_is_made()
    {
        await using var host = GitServer.Start();
        await using var server = await ServerRig.StartAsync(more: ["--import-private", "yes", "--import-megabytes", "1"]);
        var url = host.Make("large", Files(("zeros.txt", new string('0', 3_000_000))));
        var failed = await ImportAsync(server, new { url });
        Assert.Contains("larger than what is taken", Text(failed, "message"), StringComparison.Ordinal);

        var bomb = await ImportZipAsync(server, Zip(("zeros.txt", new string('0', 3_000_000))));
        Assert.Contains("more than 1 MiB", Text(bomb, "message"), StringComparison.Ordinal);
        Assert.Empty((await server.GetJsonAsync("/api/workspaces")).EnumerateArray());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(server.Data, "imports")));
    }

    [Fact]
    public async Task An_import_is_stopped_and_leaves_nothing()
    {
        await using var host = GitServer.Start();
        await using var server = await ServerRig.StartAsync(more: ["--import-private", "yes"]);
        var url = host.Make("slow", Files(("a.txt", "a")));
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.OnRequest = path =>
        {
            if (!path.EndsWith("git-upload-pack", StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            reached.TrySetResult();
            return Task.Delay(Timeout.Infinite, Cancel);
        };
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/imports/git", new { url });
        var id = Text(await begun.Content.ReadFromJsonAsync<JsonElement>(Cancel), "id");
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        using var stopped = await server.SendAsync(HttpMethod.Delete, $"/api/imports/{id}");
        Assert.Equal(HttpStatusCode.NoContent, stopped.StatusCode);
        Assert.Equal("cancelled", Text(await EndOfAsync(server, id), "state"));
        Assert.Empty((await server.GetJsonAsync("/api/workspaces")).EnumerateArray());
    }

    [Fact]
    public async Task A_zip_becomes_a_workspace_without_the_folder_around_it_and_without_links_that_lead_out()
    {
        var server = shared.Server;
        var zip = Zip(
            ("app-main/requirements.txt", "flask"), ("app-main/app.py", "print(1)"), ("app-main/inside", "-> app.py"), ("app-main/outside", "-> ../../etc/passwd"));
        var done = await ImportZipAsync(server, zip, "app-main");
        Assert.Equal("done", Text(done, "state"));
        var slug = Text(done, "slug");
        Assert.Equal(new HashSet<string> { "requirements.txt", "app.py", "inside", "dropit.json" }, await PathsAsync(server, slug));
        Assert.Contains("-m flask --app app run", await FileAsync(server, slug, "dropit.json"), StringComparison.Ordinal);
        Assert.Equal("python-flask", Text(await server.GetJsonAsync($"/api/workspaces/{slug}"), "stack"));
    }

    [Fact]
    public async Task A_zip_with_a_path_that_leads_out_is_refused()
    {
        await using var server = await ServerRig.StartAsync();
        (string Path, string Words)[] cases =
        [
            ("../evil.txt", "lead out of the folder"),
            ("a/../../evil.txt", "lead out of the folder"),
            ("..\\evil.txt", "lead out of the folder"),
            ("/etc/evil", "root of a machine"),
            ("C:\\evil.txt", "root of a machine"),
        ];
        await Assert.AllAsync(cases, async refused =>
        {
            var (path, words) = refused;
            var failed = await ImportZipAsync(server, Zip((path, "x"), ("fine.txt", "y")));
            Assert.Equal("failed", Text(failed, "state"));
            Assert.Contains(words, Text(failed, "message"), StringComparison.Ordinal);
            Assert.Empty((await server.GetJsonAsync("/api/workspaces")).EnumerateArray());
        });
    }

    [Fact]
    public async Task What_is_no_zip_is_refused_in_words()
    {
        var server = shared.Server;
        Assert.Contains("not a zip", Text(await ImportZipAsync(server, Encoding.UTF8.GetBytes("hello")), "message"), StringComparison.Ordinal);
        var broken = Zip(("a.txt", new string('a', 5000)));
        broken.AsSpan(20, 40).Fill(0xee);
        Assert.Equal("failed", Text(await ImportZipAsync(server, broken), "state"));
    }

    [Fact]
    public async Task A_fork_has_the_files_and_lives_on_its_own()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync();
        using var answer = await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/fork", new { });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var fork = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal("Node.js (fork)", Text(fork, "name"));
        Assert.Equal(await PathsAsync(server, slug), await PathsAsync(server, Text(fork, "slug")));
        (await server.SendAsync(HttpMethod.Delete, $"/api/workspaces/{slug}")).Dispose();
        Assert.Contains("index.js", await PathsAsync(server, Text(fork, "slug")));
    }

    private static Dictionary<string, string> Files(params (string Path, string Text)[] files) => files.ToDictionary(f => f.Path, f => f.Text);

    private static byte[] Zip(params (string Path, string Text)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (path, text) in files)
            {
                var link = text.StartsWith("-> ", StringComparison.Ordinal);
                var entry = zip.CreateEntry(path);
                entry.ExternalAttributes = link ? 0xA1FF << 16 : 0x81A4 << 16;
                using var writer = new StreamWriter(entry.Open());
                writer.Write(link ? text[3..] : text);
            }
        }

        return stream.ToArray();
    }

    private static async Task<JsonElement> ImportAsync(ServerRig server, object request)
    {
        using var answer = await server.SendAsync(HttpMethod.Post, "/api/imports/git", request);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return await EndOfAsync(server, Text(await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel), "id"));
    }

    private static async Task<JsonElement> ImportZipAsync(ServerRig server, byte[] zip, string name = "Zipped")
    {
        using var content = new ByteArrayContent(zip);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        using var answer = await server.SendAsync(HttpMethod.Post, $"/api/imports/zip?name={name}", content);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, text);
        return await EndOfAsync(server, Text(JsonSerializer.Deserialize<JsonElement>(text), "id"));
    }

    private static async Task<JsonElement> EndOfAsync(ServerRig server, string id)
    {
        using var answer = await server.GetAsync($"/api/imports/{id}/events");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        var last = "";
        while (await reader.ReadLineAsync(Cancel) is { } line)
        {
            last = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : last;
        }

        return JsonSerializer.Deserialize<JsonElement>(last);
    }

    private static async Task<HashSet<string>> PathsAsync(ServerRig server, string slug) =>
        [.. (await server.GetJsonAsync($"/api/workspaces/{slug}/files")).EnumerateArray().Select(file => Text(file, "path"))];

    private static async Task<string> FileAsync(ServerRig server, string slug, string path)
    {
        using var answer = await server.GetAsync($"/api/workspaces/{slug}/files/{path}");
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    private static string ArgumentsOfEveryProcess() => string.Concat(Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
        .Select(folder =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ') + "\n";
            }
            catch (IOException)
            {
                return ""; // it has ended
            }
        }));

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";
}
