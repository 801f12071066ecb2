using System.Formats.Tar;
using System.Globalization;
using System.Net.Sockets;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Files;
using DropIt.Runner.Journal;

namespace DropIt.Runner.Lifecycle;

/// <summary>
/// The workspace's folders on this disk. A marker in the state folder says that the root holds the workspace; without it the tree is fetched from the
/// storage service, and a restore that was cut off begins anew.
/// </summary>
internal sealed class WorkspaceDisk
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // What is asked for usually begins to come within milliseconds; whoever waits longer is told what for.
    private static readonly TimeSpan Unheard = TimeSpan.FromSeconds(5);

    private readonly WorkspaceFiles _files;
    private readonly StorageClient _storage;
    private readonly Health _health;
    private readonly string _marker;
    private readonly long _epoch;

    /// <summary>Makes the folders.</summary>
    public WorkspaceDisk(RunnerOptions options, WorkspaceFiles files, StorageClient storage, Health health)
    {
        _files = files;
        _storage = storage;
        _health = health;
        _epoch = options.Epoch;
        _marker = Path.Combine(options.State, "restored");
    }

    /// <summary>The tree was fetched by this start, and an earlier one ran on another disk: what it left there is elsewhere, if anywhere.</summary>
    public bool Moved { get; private set; }

    /// <summary>Fetches the tree if need be; waits for a storage service that can not be reached.</summary>
    /// <returns>Null, or why the workspace can not be had, for the user.</returns>
    public async Task<string?> RestoreAsync(CancellationToken ct)
    {
        if (File.Exists(_marker))
        {
            return null;
        }

        while (true)
        {
            try
            {
                var asked = _storage.TreeAsync(ct);
                if (await Task.WhenAny(asked, Task.Delay(Unheard, ct)) != asked)
                {
                    _health.Set("restoring", message: "The storage service has not answered yet. It is waited for.");
                }

                var (response, total) = await asked;
                using (response)
                {
                    await using var tar = new TarReader(await response.Content.ReadAsStreamAsync(ct));
                    await Restore.FromAsync(tar, _files, done => _health.Set("restoring", done, total), ct);
                }

                Moved = _epoch > 1;
                await File.WriteAllTextAsync(_marker, _epoch.ToString(CultureInfo.InvariantCulture), ct);
                return null;
            }
            catch (Exception e) when (e is HttpRequestException or HttpIOException or IOException { InnerException: SocketException })
            {
                _health.Set("restoring", message: $"The storage service can not be reached ({e.Message}). It is tried again.");
                await Task.Delay(Retry, ct);
            }
            catch (SupersededException)
            {
                return "A newer start of this workspace exists. Reload the page.";
            }
            catch (Exception e) when (FileFailure.Expected(e) || e is InvalidDataException)
            {
                return $"The workspace could not be restored: {(FileFailure.Code(e) == Sessions.ErrorCode.Full
                    ? "the disk is full. Make room, then open it again."
                    : e.Message)}";
            }
        }
    }
}
