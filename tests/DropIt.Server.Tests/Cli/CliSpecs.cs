using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Cli;

/// <summary>What the command line client does against a real server and real runners, as a process of its own.</summary>
public sealed class CliSpecs(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspace_is_made_listed_and_woken()
    {
        var server = shared.Server;
        var token = await TokenAsync(server, "write");
        var made = await RunAsync(server, token, "create", "empty", "--name", "from a shell");
        Assert.Equal((0, ""), (made.Code, made.Errors));
        var (slug, address) = made.Output.Trim().Split("  ") is [var s, var a] ? (s, a) : throw new InvalidOperationException(made.Output);
        Assert.Equal($"{server.Origin}/w/{slug}", address);

        var listed = await RunAsync(server, token, "list");
        Assert.Equal(0, listed.Code);
        Assert.Contains(listed.Output.Split('\n'), line => line.StartsWith(slug, StringComparison.Ordinal) && line.EndsWith("from a shell", StringComparison.Ordinal));

        await server.SleepAsync(slug);
        var opened = await RunAsync(server, token, "open", slug);
        Assert.Equal((0, address), (opened.Code, opened.Output.Trim()));
        Assert.Contains($"{slug}: ", opened.Errors, StringComparison.Ordinal);
        Assert.Equal("awake", (await server.GetJsonAsync($"/api/workspaces/{slug}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_command_runs_as_it_would_here_with_its_words_input_output_and_code()
    {
        var server = shared.Server;
        var token = await TokenAsync(server, "write");
        var slug = await server.CreateAsync("empty");

        var words = await RunAsync(server, token, "exec", slug, "--", "printf", "[%s]\n", "a b", "it's", "tab\there", "two\nlines", "$HOME", "!x", "é");
        Assert.Equal((0, "[a b]\n[it's]\n[tab\there]\n[two\nlines]\n[$HOME]\n[!x]\n[é]\n"), (words.Code, words.Output));

        var code = await RunAsync(server, token, "exec", slug, "--", "sh", "-c", "exit 41");
        Assert.Equal((41, ""), (code.Code, code.Output));

        var input = await RunAsync(server, token, "exec", slug, "--", "sort");
        Assert.Equal((0, ""), (input.Code, input.Output));
        var sorted = await RunWithAsync(server, token, "pear\napple\nfig", "exec", slug, "--", "sort");
        Assert.Equal((0, "apple\nfig\npear\n"), (sorted.Code, sorted.Output));

        var much = await RunAsync(server, token, "exec", slug, "--", "seq", "200000");
        Assert.Equal(string.Concat(Enumerable.Range(1, 200_000).Select(n => $"{n}\n")), much.Output);

        var missing = await RunAsync(server, token, "exec", slug, "--", "no-such-program");
        Assert.Equal(127, missing.Code);
        Assert.Contains("no-such-program", missing.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_terminal_a_command_has_its_size_and_gets_Ctrl_C()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync("empty");
        var command = $"stty cols 91 rows 33; exec '{Built.Cli}' exec {slug} -- "
            + "sh -c 'stty size; trap \"echo caught; exit 7\" INT; echo ready; while :; do sleep 0.1; done'";
        using var terminal = Start("script", ["-qec", command, "/dev/null"], server, await TokenAsync(server, "write"));
        var printed = await ReadUntilAsync(terminal, "ready");
        Assert.Contains("33 91\r\n", printed, StringComparison.Ordinal);
        await terminal.StandardInput.WriteAsync('\u0003');
        await terminal.StandardInput.FlushAsync(Cancel);
        await ReadUntilAsync(terminal, "caught");
        await terminal.WaitForExitAsync(Cancel);
        Assert.Equal(7, terminal.ExitCode);
    }

    [Fact]
    public async Task Files_and_folders_are_copied_both_ways()
    {
        var server = shared.Server;
        var token = await TokenAsync(server, "write");
        var slug = await server.CreateAsync("empty");
        var here = Directory.CreateTempSubdirectory("dropit-cp-");
        try
        {
            var large = new byte[9 * 1024 * 1024];
            new Random(1).NextBytes(large);
            string At(string path) => Path.Combine(here.FullName, path);
            Directory.CreateDirectory(At("out/deep/empty"));
            await File.WriteAllBytesAsync(At("large"), large, Cancel);
            await File.WriteAllTextAsync(At("out/deep/a b#%é.txt"), "text", Cancel);

            Assert.Equal((0, ""), Ended(await RunAsync(server, token, "cp", At("large"), $"{slug}:data/large")));
            Assert.Equal((0, ""), Ended(await RunAsync(server, token, "cp", $"{slug}:data/large", At("back"))));
            Assert.Equal(large, await File.ReadAllBytesAsync(At("back"), Cancel));

            Assert.Equal((0, ""), Ended(await RunAsync(server, token, "cp", At("out"), $"{slug}:")));
            Assert.Equal((0, ""), Ended(await RunAsync(server, token, "cp", $"{slug}:out/deep/a b#%é.txt", At("one"))));
            Assert.Equal("text", await File.ReadAllTextAsync(At("one"), Cancel));
            Assert.Equal((0, ""), Ended(await RunAsync(server, token, "cp", $"{slug}:out", At("in"))));
            Assert.Equal("text", await File.ReadAllTextAsync(At("in/deep/a b#%é.txt"), Cancel));
            Assert.True(Directory.Exists(At("in/deep/empty")));

            foreach (var (from, to, cause) in new[]
            {
                ($"{slug}:nowhere", At("x"), "does not exist"),
                (At("nowhere"), $"{slug}:x", "is not there"),
                ($"{slug}:out", At("one"), "exists"),
                (At("out"), $"{slug}:out", "exist"),
            })
            {
                var refused = await RunAsync(server, token, "cp", from, to);
                Assert.Equal(1, refused.Code);
                Assert.Contains(cause, refused.Errors, StringComparison.Ordinal);
            }

            Assert.Empty(Directory.EnumerateFiles(here.FullName, "*.part", SearchOption.AllDirectories));
        }
        finally
        {
            here.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_log_of_the_running_server_is_followed_and_read()
    {
        var server = shared.Server;
        var token = await TokenAsync(server, "write");
        var slug = await server.CreateAsync("empty");
        var (page, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        using var connected = page;
        var nothing = await RunAsync(server, token, "logs", slug);
        Assert.Equal(1, nothing.Code);
        Assert.Contains("Nothing has been run", nothing.Errors, StringComparison.Ordinal);

        using var follower = Start(Built.Cli, ["logs", slug, "-f"], server, token);
        await server.PutFileAsync(slug, await server.OpenAsync(slug), "dropit.json", """{"run":"printf %s%s ser ved; exec sleep 1000"}""");
        await ServerRig.ReadUntilAsync(page, "ser ved");
        using var shell = await Shell.OpenAsync(server, slug);
        await shell.RequestAsync("run.start", new { task = "run" });
        await ReadUntilAsync(follower, "served");
        follower.Kill();
        var read = await RunAsync(server, token, "logs", slug);
        Assert.Equal(0, read.Code);
        Assert.Contains("served", read.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_says_why_and_how_to_go_on()
    {
        var server = shared.Server;
        var reader = await TokenAsync(server, "read");
        var slug = await server.CreateAsync("empty");
        Assert.Equal(0, (await RunAsync(server, reader, "list")).Code);
        foreach (var line in new string[][] { ["create", "empty"], ["open", slug], ["exec", slug, "--", "true"], ["cp", $"{slug}:x", "y"], ["logs", slug] })
        {
            var refused = await RunAsync(server, reader, line);
            Assert.Equal(line[0] == "exec" ? 125 : 1, refused.Code);
            Assert.Contains("This API token may read; that takes one that may write.", refused.Errors, StringComparison.Ordinal);
        }

        var writer = await TokenAsync(server, "write");
        foreach (var (line, code, cause) in new (string[], int, string)[]
        {
            (["open", "nosuchslug"], 1, "no workspace"),
            (["create", "nosuchstack"], 1, "nosuchstack"),
            (["list", "--server", "http://localhost:1"], 1, "DROPIT_URL"),
            (["list", "--token", "dropit_wrong"], 1, "API token is not good"),
            (["list", "--token", " "], 2, "DROPIT_TOKEN"),
            (["list", "--server", "nowhere"], 2, "no address"),
            (["exec", slug], 125, "Say what to run"),
            (["cp", "a", "b"], 2, "SLUG:PATH"),
            (["open"], 2, "takes 1 words"),
            (["fly"], 2, "no command"),
            (["list", "--fast"], 2, "no option --fast"),
        })
        {
            var refused = await RunAsync(server, writer, line);
            Assert.True(refused.Code == code && refused.Errors.Contains(cause, StringComparison.Ordinal), $"{string.Join(' ', line)}: {refused}");
        }

        Assert.StartsWith("dropit-cli: ", (await RunAsync(server, writer, "--help")).Output, StringComparison.Ordinal);
    }

    private static (int Code, string Output) Ended((int Code, string Output, string Errors) run) => (run.Code, run.Output + (run.Code == 0 ? "" : run.Errors));

    private static async Task<string> TokenAsync(ServerRig server, string scope)
    {
        using var answer = await server.SendAsync(HttpMethod.Post, "/api/account/tokens", new { name = scope, scope, days = 1 });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("text").GetString()!;
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(ServerRig server, string token, params string[] line) =>
        RunWithAsync(server, token, "", line);

    private static async Task<(int Code, string Output, string Errors)> RunWithAsync(ServerRig server, string token, string input, params string[] line)
    {
        using var process = Start(Built.Cli, line, server, token);
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output, await errors);
    }

    private static Process Start(string program, IEnumerable<string> line, ServerRig server, string token)
    {
        var start = new ProcessStartInfo(program, line) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["DROPIT_URL"], start.Environment["DROPIT_TOKEN"]) = (server.Origin, token);
        return Process.Start(start)!;
    }

    /// <summary>What the process prints, up to <paramref name="part"/>.</summary>
    private static async Task<string> ReadUntilAsync(Process process, string part)
    {
        var (printed, buffer) = ("", new char[4096]);
        while (!printed.Contains(part, StringComparison.Ordinal))
        {
            var got = await process.StandardOutput.ReadAsync(buffer, Cancel);
            Assert.True(got > 0, $"It ended without \"{part}\": {printed}");
            printed += new string(buffer, 0, got);
        }

        return printed;
    }
}
