using System.Diagnostics;
using System.Text.Json;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Sandboxes;

/// <summary>Workspaces of one machine, kept apart: each in a sandbox, and plain words where there is none. bubblewrap is installed (tests/install.sh).</summary>
public sealed class SandboxSpecs
{
    private const string Secret = "hunter2-of-the-server";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sandbox_that_cannot_be_made_any_more_says_what_is_missing()
    {
        await using var server = await ServerRig.StartAsync(more: ["--sandbox", "bubblewrap"]);
        var slug = await server.CreateAsync("empty");
        Directory.Delete(Path.Combine(server.Data, "run", "etc"), recursive: true);
        await server.TryOpenAsync(slug, Cancel);
        var message = await server.WaitForAsync(slug, "failed");
        Assert.Contains("The workspace's runner failed (exit code 1). It said last:\nbwrap: Can't find source path", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_workspace_sees_and_reaches_neither_another_one_nor_the_server(bool plainUser)
    {
        var environment = new Dictionary<string, string> { ["DROPIT_S3_TRIAL"] = Secret, ["AWS_SECRET_ACCESS_KEY"] = Secret };
        await using var server = await ServerRig.StartAsync(more: ["--sandbox", "bubblewrap"], environment: environment, plainUser: plainUser);
        var (mine, other) = (await server.CreateAsync("empty"), await server.CreateAsync("empty"));
        await server.PutFileAsync(other, await server.OpenAsync(other), "secret.txt", "only of the other");
        using var shell = await Shell.OpenAsync(server, mine);

        // The other one's files, the server's folders: all that is in the data folder from outside, but the own.
        string Data(params string[] parts) => Path.Combine([server.Data, .. parts]);
        Assert.True(File.Exists(Data("workspaces", other, "files", "secret.txt")));
        Assert.NotEqual(0, (await shell.RunAsync($"cat {Data("workspaces", other, "files", "secret.txt")}")).Code);
        Assert.Equal($"{mine}\r\n", (await shell.RunAsync($"ls -A1 {Data("workspaces")}")).Printed);
        Assert.Equal(((string[])[mine, "storage"]).Order(), Lines((await shell.RunAsync($"ls -A1 {Data("run")}")).Printed).Order());
        Assert.Equal(["run", "workspaces"], Lines((await shell.RunAsync($"ls -A1 {Data()}")).Printed).Order());
        foreach (var path in Directory.EnumerateFileSystemEntries(server.Data).Where(path => Path.GetFileName(path) is not ("run" or "workspaces")))
        {
            Assert.NotEqual(0, (await shell.RunAsync($"test -e {path}")).Code);
        }

        Assert.NotEqual(0, (await shell.RunAsync($"touch {Data("workspaces", "planted")}")).Code);
        Assert.NotEqual(0, (await shell.RunAsync("ls /root/.bashrc /var/lib/dpkg /sys/fs/cgroup /run/dbus /home/*")).Code);
        Assert.NotEqual(0, (await shell.RunAsync("cat /etc/shadow")).Code);
        Assert.NotEqual(0, (await shell.RunAsync("touch /usr/planted || touch /etc/planted || touch /planted")).Code);
        Assert.NotEqual(0, (await shell.RunAsync("test -w /proc/sys/kernel/core_pattern || test -w /proc/sysrq-trigger")).Code);

        // Processes: the server's, the other runner's; their environment; signals.
        using var theirs = server.RunnerOf(other);
        var (processes, _) = await shell.RunAsync("cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
        Assert.DoesNotContain("dropit-server", processes, StringComparison.Ordinal);
        Assert.DoesNotContain(other, processes, StringComparison.Ordinal);
        var (variables, _) = await shell.RunAsync("cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'");
        Assert.Contains("HOME=", variables, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, variables, StringComparison.Ordinal);
        Assert.DoesNotContain("DROPIT_DATABASE_PASSWORD", variables, StringComparison.Ordinal);
        foreach (var process in (int[])[server.ProcessId, theirs.Id])
        {
            Assert.Contains("No such process", (await shell.RunAsync($"kill -9 {process}")).Printed, StringComparison.Ordinal);
        }

        Assert.False(theirs.HasExited);

        // Users, processes and mounts of its own: neither this machine's, which the server has, nor the other one's.
        using var next = await Shell.OpenAsync(server, other);
        foreach (var kind in (string[])["user", "pid", "mnt"])
        {
            string[] seen =
            [
                new FileInfo($"/proc/{server.ProcessId}/ns/{kind}").LinkTarget!,
                (await shell.RunAsync($"readlink /proc/self/ns/{kind}")).Printed.Trim(),
                (await next.RunAsync($"readlink /proc/self/ns/{kind}")).Printed.Trim(),
            ];
            Assert.All(seen, name => Assert.StartsWith($"{kind}:[", name, StringComparison.Ordinal));
            Assert.Equal(3, seen.Distinct().Count());
        }

        Assert.NotEqual("0", (await shell.RunAsync("unshare --user true; echo $?")).Printed.Trim());
        Assert.Contains("NoNewPrivs:\t1", (await shell.RunAsync("cat /proc/self/status")).Printed, StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t0000000000000000", (await shell.RunAsync("cat /proc/self/status")).Printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_people_do_in_a_workspace_works_in_a_sandbox(bool plainUser)
    {
        await using var server = await ServerRig.StartAsync(more: ["--sandbox", "bubblewrap"], plainUser: plainUser);
        var slug = await server.CreateAsync("empty");
        using (var shell = await Shell.OpenAsync(server, slug))
        {
            Assert.Equal(0, (await shell.RunAsync("echo kept > here.txt && echo gone > /tmp/there.txt && echo home > ~/mine.txt")).Code);
            Assert.Equal(0, (await shell.RunAsync("npm install is-number@7.0.0 --no-audit --no-fund > npm.txt 2>&1 && node -e \"require('is-number')\"")).Code);
            var sample = await shell.RequestAsync("machine.look", new { });
            Assert.Contains(sample.GetProperty("processes").EnumerateArray(), p => p.GetProperty("name").GetString() == "bash");
            Assert.False(sample.TryGetProperty("unprotected", out _));
        }

        using var runner = server.RunnerOf(slug);
        Assert.StartsWith("dropit-runner", runner.ProcessName, StringComparison.Ordinal);
        await server.SleepAsync(slug);
        Assert.True(runner.HasExited);
        Assert.DoesNotContain("stopped before everything was safe", await File.ReadAllTextAsync(Path.Combine(server.Data, "logs", slug + ".log"), Cancel), StringComparison.Ordinal);
        using var again = await Shell.OpenAsync(server, slug);
        Assert.Equal("kept\r\nhome\r\n", (await again.RunAsync("cat here.txt ~/mine.txt")).Printed);
        Assert.NotEqual(0, (await again.RunAsync("test -e /tmp/there.txt")).Code);
    }

    [Theory]
    [InlineData("csharp", "dotnet build -v quiet --nologo && ls bin")]
    [InlineData("go", "go build -o made . && ls made")]
    [InlineData("cpp", "make")]
    [InlineData("python-flask", "python3 -c 'import flask'")]
    public async Task The_toolchains_of_the_stacks_work_in_a_sandbox(string stack, string command)
    {
        await using var server = await ServerRig.StartAsync(more: ["--sandbox", "bubblewrap"]);
        using var shell = await Shell.OpenAsync(server, await server.CreateAsync(stack));
        var (printed, code) = await shell.RunAsync(command);
        Assert.True(code == 0, printed);
    }

    [Fact]
    public async Task A_sandbox_outlives_a_killed_server_and_saves_through_the_next_one()
    {
        await using var server = await ServerRig.StartAsync(more: ["--sandbox", "bubblewrap"]);
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        using var before = server.RunnerOf(slug);
        await server.KillAsync();
        Assert.False(before.HasExited);

        await server.StartAgainAsync();
        using (var shell = await Shell.OpenAsync(server, slug))
        {
            Assert.Equal(before.Id, server.RunnerOf(slug).Id);
            Assert.Equal(0, (await shell.RunAsync("echo after > late.txt")).Code);
        }

        await server.SleepAsync(slug);
        Assert.True(before.HasExited);
        Directory.Delete(Path.Combine(server.Data, "workspaces", slug), recursive: true);
        using var again = await Shell.OpenAsync(server, slug);
        Assert.Equal("after\r\n", (await again.RunAsync("cat late.txt")).Printed);
    }

    [Fact]
    public async Task A_fork_bomb_and_a_memory_hog_stay_inside()
    {
        await using var server = await ServerRig.StartAsync(
            more: ["--sandbox", "bubblewrap", "--sandbox-processes", "100", "--sandbox-memory-megabytes", "512"], plainUser: true);
        var (bad, good) = (await server.CreateAsync("empty"), await server.CreateAsync("empty"));
        using var calm = await Shell.OpenAsync(server, good);
        using var shell = await Shell.OpenAsync(server, bad);

        var (printed, code) = await shell.RunAsync("python3 -c \"bytearray(2_000_000_000)\"");
        Assert.True(code != 0 && (printed.Contains("MemoryError", StringComparison.Ordinal) || printed.Contains("Killed", StringComparison.Ordinal)), printed);
        Assert.Equal(0, (await shell.RunAsync("python3 -c \"bytearray(100_000_000)\"")).Code);

        using var runner = server.RunnerOf(bad);
        await shell.BeginAsync("bomb() { bomb | bomb & }; bomb");
        Assert.Equal("100\r\n", (await calm.RunAsync("for i in $(seq 100); do /bin/true || echo refused; done; echo $i")).Printed);
        Assert.InRange(Inside(runner.Id), 2, 110);
        await server.SleepAsync(bad);
        Assert.True(runner.HasExited);
        Assert.Equal("still here\r\n", (await calm.RunAsync("echo still here")).Printed);
    }

    [Fact]
    public async Task Without_a_sandbox_the_workspace_and_the_admins_page_say_so()
    {
        await using var server = await ServerRig.StartAsync(more: ["--sandbox", "none"]);
        using var shell = await Shell.OpenAsync(server, await server.CreateAsync("empty"));
        Assert.Contains(
            "no sandbox: its programs run as the server's user, who can read other workspaces",
            (await shell.RequestAsync("machine.look", new { })).GetProperty("unprotected").GetString(),
            StringComparison.Ordinal);
        var walls = await WallsAsync(server);
        Assert.Equal("off", walls.GetProperty("standing").GetString());
        Assert.Contains("--sandbox none", walls.GetProperty("why").GetString(), StringComparison.Ordinal);
        var setting = (await server.GetJsonAsync("/api/admin/server")).GetProperty("settings").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "sandbox");
        Assert.Equal(("none", "command line"), (setting.GetProperty("value").GetString(), setting.GetProperty("source").GetString()));
    }

    [Fact]
    public async Task A_machine_that_cannot_make_one_says_why_and_a_server_told_to_have_one_does_not_start()
    {
        // Everything but bubblewrap.
        var path = Directory.CreateTempSubdirectory("dropit-path-");
        foreach (var tool in (string[])["sh", "setsid", "bash", "git", "node", "npm"])
        {
            File.CreateSymbolicLink(Path.Combine(path.FullName, tool), "/usr/bin/" + tool);
        }

        var environment = new Dictionary<string, string> { ["PATH"] = path.FullName };
        await using (var server = await ServerRig.StartAsync(environment: environment))
        {
            var walls = await WallsAsync(server);
            Assert.Equal("off", walls.GetProperty("standing").GetString());
            Assert.Contains("bubblewrap is not installed", walls.GetProperty("why").GetString(), StringComparison.Ordinal);
            using var shell = await Shell.OpenAsync(server, await server.CreateAsync("empty"));
            Assert.Contains(
                "bubblewrap is not installed",
                (await shell.RequestAsync("machine.look", new { })).GetProperty("unprotected").GetString(),
                StringComparison.Ordinal);

            var (code, _, errors) = await ServerRig.RunAsync(
                ["--data", server.Data + "2", "--runner", Built.Runner, "--templates", Built.Templates, "--sandbox", "bubblewrap"], environment);
            Assert.Equal(2, code);
            Assert.Contains("--sandbox bubblewrap: bubblewrap is not installed. Install bubblewrap", errors, StringComparison.Ordinal);
            Directory.Delete(server.Data + "2", recursive: true);
        }

        path.Delete(recursive: true);
    }

    private static async Task<JsonElement> WallsAsync(ServerRig server) =>
        (await server.GetJsonAsync("/api/admin/server")).GetProperty("protections").EnumerateArray()
            .Single(p => p.GetProperty("name").GetString() == "Walls between workspaces");

    private static IEnumerable<string> Lines(string printed) => printed.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    // Processes of the namespace that a process is in.
    private static int Inside(int process)
    {
        var space = new FileInfo($"/proc/{process}/ns/pid").LinkTarget;
        return Process.GetProcesses().Count(p => Space(p.Id) == space);

        static string? Space(int id)
        {
            try
            {
                return new FileInfo($"/proc/{id}/ns/pid").LinkTarget;
            }
            catch (IOException)
            {
                return null;
            }
        }
    }
}
