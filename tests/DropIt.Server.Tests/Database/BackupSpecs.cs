using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;
using Microsoft.Data.Sqlite;

namespace DropIt.Server.Tests.Database;

/// <summary>The steps of docs/operations.md, "Backup and restore", on a server at work.</summary>
public sealed class BackupSpecs(PostgresServer postgres) : IDisposable
{
    private readonly string _backup = Directory.CreateTempSubdirectory("dropit-backup-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_backup, recursive: true);

    [Fact]
    public async Task A_data_folder_that_was_copied_while_the_server_worked_is_a_server_again()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await WrittenAsync(server);
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(server.Data, "control.db")};Pooling=False"))
        {
            await database.OpenAsync(Cancel);
            await using var command = database.CreateCommand();
            command.CommandText = $"VACUUM INTO '{Path.Combine(_backup, "control.db")}'";
            await command.ExecuteNonQueryAsync(Cancel);
        }

        await RunAsync("cp", "-a", Path.Combine(server.Data, "signing.key"), _backup);
        await CopyStoreAsync(server);

        await using var restored = ServerRig.BeginOn(await RestoreAsync());
        await AssertThereAsync(server, restored, slug);
    }

    [Fact]
    public async Task A_PostgreSQL_that_was_dumped_while_the_server_worked_is_a_server_again()
    {
        var database = await postgres.DatabaseAsync();
        await using var server = await ServerRig.StartAsync(more: ["--database", database]);
        var slug = await WrittenAsync(server);
        var dump = Path.Combine(_backup, "control.dump");
        await RunAsync("pg_dump", "--format=custom", "--file", dump, PostgresServer.UrlOf(database));
        await RunAsync("cp", "-a", Path.Combine(server.Data, "secret.key"), _backup);
        await CopyStoreAsync(server);

        var other = await postgres.DatabaseAsync();
        await RunAsync("pg_restore", "--dbname", PostgresServer.UrlOf(other), dump);
        await using var restored = ServerRig.BeginOn(await RestoreAsync(), "--database", other);
        await AssertThereAsync(server, restored, slug);
    }

    /// <summary>A workspace, awake, with a file that was written in it and is in the object store.</summary>
    private static async Task<string> WrittenAsync(ServerRig server)
    {
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        using var put = new HttpRequestMessage(HttpMethod.Put, $"http://{slug}.localhost:{server.Port}/.dropit/files/kept.txt")
        {
            Content = new StringContent("kept"),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", ticket) },
        };
        using var answer = await server.Client.SendAsync(put, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        while (await KeptAsync(server, slug) != "kept")
        {
            await Task.Delay(200, Cancel);
        }

        return slug;
    }

    // The journal before the heads that may already hold its entries, the heads before the packs that they name.
    private async Task CopyStoreAsync(ServerRig server)
    {
        var (objects, to) = (Path.Combine(server.Data, "store", "objects"), Path.Combine(_backup, "store", "objects"));
        Directory.CreateDirectory(to);
        await RunAsync("cp", "-a", Path.Combine(server.Data, "journal"), _backup);
        await RunAsync("cp", "-a", Path.Combine(objects, "heads"), to);
        await RunAsync("cp", "-an", objects + "/.", to);
    }

    private async Task<string> RestoreAsync()
    {
        var data = Directory.CreateTempSubdirectory("dropit-").FullName;
        await RunAsync("cp", "-a", _backup + "/.", data);
        return data;
    }

    private static async Task AssertThereAsync(ServerRig server, ServerRig restored, string slug)
    {
        await restored.WaitUntilReadyAsync();
        restored.TakeSessionOf(server);
        Assert.Equal("kept", await KeptAsync(restored, slug));
        await restored.OpenAsync(slug);
    }

    private static async Task<string?> KeptAsync(ServerRig server, string slug)
    {
        using var file = await server.GetAsync($"/api/workspaces/{slug}/files/kept.txt");
        return file.StatusCode == HttpStatusCode.OK ? await file.Content.ReadAsStringAsync(Cancel) : null;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, errors);
    }
}
