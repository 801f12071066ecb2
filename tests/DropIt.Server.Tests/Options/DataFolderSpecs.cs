using System.Diagnostics;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Options;

public sealed class DataFolderSpecs
{
    [Fact]
    public async Task A_second_server_on_the_folder_is_refused_and_told_who_holds_it()
    {
        await using var server = await ServerRig.StartAsync(signIn: false);
        var (code, _, errors) = await ServerRig.RunAsync(
            "--data", server.Data, "--port", "1", "--runner", Built.Runner, "--templates", Built.Templates);
        Assert.Equal(2, code);
        Assert.Contains($"process {File.ReadAllText(Path.Combine(server.Data, "server.pid")).Trim()}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_told()
    {
        await using var server = await ServerRig.StartAsync(signIn: false);
        var data = Directory.CreateTempSubdirectory("dropit-").FullName;
        var (code, _, errors) = await ServerRig.RunAsync(
            "--data", data, "--port", $"{server.Port}", "--runner", Built.Runner, "--templates", Built.Templates);
        Assert.Equal(2, code);
        Assert.Contains($"another program already listens on 127.0.0.1:{server.Port}", errors, StringComparison.Ordinal);
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_told()
    {
        var (code, _, errors) = await ServerRig.RunAsync("--data", "/proc/dropit", "--runner", Built.Runner, "--templates", Built.Templates);
        Assert.Equal(2, code);
        Assert.Contains("cannot be made or written", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_on_a_full_disk_is_told()
    {
        var disk = Directory.CreateTempSubdirectory("dropit-full-").FullName;
        using var mount = Process.Start("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
        await mount.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(mount.ExitCode == 0, "a small disk can not be mounted here");
        try
        {
            await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(Path.Combine(disk, "fill"), new byte[70_000], TestContext.Current.CancellationToken));
            var (code, _, errors) = await ServerRig.RunAsync("--data", disk, "--runner", Built.Runner, "--templates", Built.Templates);
            Assert.Equal(2, code);
            Assert.Contains("cannot be written", errors, StringComparison.Ordinal);
            Assert.Contains("Make room", errors, StringComparison.Ordinal);
        }
        finally
        {
            using var unmount = Process.Start("umount", [disk]);
            await unmount.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(disk);
        }
    }

    [Fact]
    public async Task It_is_closed_to_other_users_and_so_is_the_key()
    {
        await using var server = await ServerRig.StartAsync(signIn: false);
        const UnixFileMode Others = (UnixFileMode)0b000_111_111;
        Assert.Equal(0, (int)(File.GetUnixFileMode(server.Data) & Others));
        Assert.Equal(0, (int)(File.GetUnixFileMode(Path.Combine(server.Data, "signing.key")) & Others));
    }
}
