using System.Diagnostics;

namespace DropIt.Server.Tests.Options;

/// <summary>The command <c>./dropit</c> on machines that lack something.</summary>
public sealed class CommandSpecs : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("dropit-path-").FullName;

    public CommandSpecs()
    {
        foreach (var tool in (string[])["bash", "env", "dirname", "readlink", "grep", "cat"])
        {
            File.CreateSymbolicLink(Path.Combine(_path, tool), $"/usr/bin/{tool}");
        }
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task What_is_missing_is_said_all_at_once_with_where_to_get_it()
    {
        var (code, errors) = await DropitAsync("up");
        Assert.Equal(1, code);
        Assert.Contains(".NET SDK 10 is not installed here: https://dotnet.microsoft.com/download/dotnet/10.0", errors, StringComparison.Ordinal);
        Assert.Contains("Node 20 or newer is not installed here: https://nodejs.org", errors, StringComparison.Ordinal);
        Assert.Contains("npm is not installed here", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_old_is_missing()
    {
        Program("dotnet", "echo '9.0.101 [/usr/share/dotnet/sdk]'");
        Program("node", "echo 18");
        Program("npm", "");
        var (code, errors) = await DropitAsync("up");
        Assert.Equal(1, code);
        Assert.Contains(".NET SDK 10 is not installed here", errors, StringComparison.Ordinal);
        Assert.Contains("Node 20 or newer is not installed here", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("npm is not", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_does_not_know_is_told_with_what_it_does()
    {
        var (code, errors) = await DropitAsync("fly");
        Assert.Equal(1, code);
        Assert.Contains("there is no 'fly'", errors, StringComparison.Ordinal);
    }

    private void Program(string name, string script)
    {
        var file = Path.Combine(_path, name);
        File.WriteAllText(file, "#!/usr/bin/env bash\n" + script + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private async Task<(int Code, string Errors)> DropitAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Checkout.Root, "dropit"))
        {
            ArgumentList = { command },
            Environment = { ["PATH"] = _path },
            RedirectStandardError = true,
        })!;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, errors);
    }
}
