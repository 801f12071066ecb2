using System.IO.Compression;
using System.Security.Cryptography;
using DropIt.Control.Audit;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Archives;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Control.Importing;

/// <summary>
/// The imports of this server, each in a folder of its own that goes when it ends. They end with the server; nothing of them is in any database
/// before the workspace is there.
/// </summary>
internal sealed class ImportSet(
    ControlOptions options, WorkspaceStore store, WorkspaceRegister register, TimeProvider time, ILogger<ImportSet> log)
    : IHostedService, IDisposable
{
    // How long the page may ask how one ended, and how many are remembered for that.
    private static readonly TimeSpan s_remembered = TimeSpan.FromMinutes(10);
    private const int MaxRemembered = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Import Import, Task Work, DateTimeOffset Began)> _imports = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly GitProbe _probe = new(options.Imports);

    private string Root => Path.Combine(options.DataFolder, "imports");

    /// <summary>Removes what a killed server left behind.</summary>
    public Task StartAsync(CancellationToken cancel)
    {
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }

        return Task.CompletedTask;
    }

    /// <summary>Stops all of them and waits for their end.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        await _stopping.CancelAsync();
        Task[] works;
        lock (_lock)
        {
            works = [.. _imports.Values.Select(one => one.Work)];
        }

        await Task.WhenAll(works).WaitAsync(cancel);
    }

    /// <summary>One of the user's.</summary>
    public Import? Find(string id, int owner)
    {
        lock (_lock)
        {
            return _imports.TryGetValue(id, out var found) && found.Import.Owner == owner ? found.Import : null;
        }
    }

    /// <summary>Begins to fetch a repository.</summary>
    /// <returns>The import, or why none can begin now.</returns>
    public (Import? Import, string? Error) Git(Actor owner, int? team, GitAddress address, string? token, bool history, string name) => Begin(
        owner, team, (import, folder, cancel) => FetchAsync(import, folder, address, token, history, name, cancel));

    /// <summary>Begins to unpack a zip that has arrived.</summary>
    /// <param name="owner">Who asks.</param>
    /// <param name="team">The team that the workspace will belong to; null: to whoever asks.</param>
    /// <param name="upload">The zip, which is taken away from there.</param>
    /// <param name="name">Of the workspace.</param>
    public (Import? Import, string? Error) Zip(Actor owner, int? team, string upload, string name)
    {
        var zip = upload + ".taken";
        File.Move(upload, zip);
        var begun = Begin(owner, team, async (import, folder, cancel) =>
        {
            try
            {
                return await UnpackAsync(import, zip, Path.Combine(folder, "tree"), cancel)
                    ?? await StoreAsync(import, folder, name, [], cancel);
            }
            finally
            {
                File.Delete(zip);
            }
        });
        if (begun.Import is null)
        {
            File.Delete(zip);
        }

        return begun;
    }

    /// <summary>A file for a zip on its way in; whoever asked removes it.</summary>
    public string UploadFile()
    {
        Directory.CreateDirectory(Root);
        return Path.Combine(Root, RandomNumberGenerator.GetHexString(24, lowercase: true) + ".zip");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in _imports.Values)
        {
            one.Import.Dispose();
        }

        _stopping.Dispose();
        _probe.Dispose();
    }

    private (Import? Import, string? Error) Begin(Actor owner, int? team, Func<Import, string, CancellationToken, Task<ImportStatus>> work)
    {
        lock (_lock)
        {
            foreach (var (id, one) in _imports.Where(one => one.Value.Work.IsCompleted).OrderBy(one => one.Value.Began).ToList())
            {
                if (time.GetUtcNow() - one.Began > s_remembered || _imports.Count >= MaxRemembered)
                {
                    _imports.Remove(id);
                    one.Import.Dispose();
                }
            }

            if (_imports.Values.Count(one => !one.Work.IsCompleted) >= options.Imports.MaxAtOnce)
            {
                return (null, $"{options.Imports.MaxAtOnce} imports are under way on this server, the most at a time. "
                    + "Try again when one has ended.");
            }

            var import = new Import(
                RandomNumberGenerator.GetHexString(24, lowercase: true), owner, team, CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token));
            _imports[import.Id] = (import, Task.Run(() => RunAsync(import, work)), time.GetUtcNow());
            return (import, null);
        }
    }

    /// <summary>Its end is told when nothing of it is left in the folder.</summary>
    private async Task RunAsync(Import import, Func<Import, string, CancellationToken, Task<ImportStatus>> work)
    {
        var folder = Path.Combine(Root, import.Id);
        var ended = await EndAsync(import, folder, work);
        Remove(folder);
        import.Set(ended);
    }

    private async Task<ImportStatus> EndAsync(Import import, string folder, Func<Import, string, CancellationToken, Task<ImportStatus>> work)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(import.Stopped);
        limit.CancelAfter(options.Imports.MaxTime);
        try
        {
            Directory.CreateDirectory(folder);
            return await register.RefusalAsync(import.Whose, limit.Token) is { } refusal ? Failed(refusal) : await work(import, folder, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return import.Stopped.IsCancellationRequested
                ? Failed("The import was stopped. Nothing was made.") with { State = ImportState.Cancelled }
                : Failed($"It took longer than {options.Imports.MaxTime.TotalMinutes:0} minutes. "
                    + "Import it without its history, or a part of it as a zip.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed($"The server could not write the files ({e.Message}). Is its disk full?");
        }
        catch (Exception e)
        {
            ImportLog.Broke(log, e);
            return Failed("The import broke off; the server's log says where.");
        }
    }

    private async Task<ImportStatus> FetchAsync(
        Import import, string folder, GitAddress address, string? token, bool history, string name, CancellationToken cancel)
    {
        import.Report(0, $"Asking {address.Url.Host}");
        var (found, error) = await _probe.FindAsync(address, token, cancel);
        if (found is null)
        {
            return Failed(error!);
        }

        import.Report(0, "Fetching");
        var failed = await new GitClone(folder, options.Imports).RunAsync(
            found, history, (share, message) => import.Report(share * 0.75, message), cancel);
        if (failed is not null)
        {
            return Failed(failed);
        }

        var tree = Path.Combine(folder, "tree");
        var notes = new List<string>();
        if (File.Exists(Path.Combine(tree, ".gitmodules")))
        {
            notes.Add("Submodules were not fetched. Run git submodule update --init in a terminal for them.");
        }

        return await StoreAsync(import, folder, name, notes, cancel);
    }

    private async Task<ImportStatus?> UnpackAsync(Import import, string file, string tree, CancellationToken cancel)
    {
        import.Report(0, "Looking into the zip");
        await using var stream = File.OpenRead(file);
        if (ZipPlan.DirectoryFault(stream) is { } fault)
        {
            return Failed(fault);
        }

        try
        {
            await using var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancel);
            var limits = new ArchiveLimits(options.Imports.MaxFiles, options.Imports.MaxBytes);
            var (plan, error) = ZipPlan.Of(zip, limits, strip: true);
            if (plan is null)
            {
                return Failed(error!);
            }

            Directory.CreateDirectory(tree);
            var all = Math.Max(1, plan.Files.Count());
            var broken = await plan.UnpackAsync(tree, (files, _) => import.Report(0.7 * files / all, $"Unpacking, {files:n0} of {all:n0} files"), cancel);
            return broken is null ? null : Failed(broken);
        }
        catch (InvalidDataException)
        {
            return Failed("This is not a zip, or a damaged one. Choose another file.");
        }
    }

    /// <summary>The last part of every import: what lies in <c>tree</c> becomes a workspace.</summary>
    private async Task<ImportStatus> StoreAsync(Import import, string folder, string name, List<string> notes, CancellationToken cancel)
    {
        var tree = Path.Combine(folder, "tree");
        import.Report(0.75, "Looking at the files");
        var found = ImportedTree.Look(tree, options.Imports);
        if (found.Error is { } error)
        {
            return Failed(error);
        }

        if (found.LinksOutside > 0)
        {
            notes.Add(found.LinksOutside == 1
                ? "One link was left out: it points out of the project."
                : $"{found.LinksOutside} links were left out: they point out of the project.");
        }

        var guess = StackGuess.Of(found.Paths, path => ImportedTree.Text(tree, path));
        if (!File.Exists(Path.Combine(tree, Project.FileName)))
        {
            await ImportedTree.WriteProjectAsync(tree, guess.Project with { Name = name }, cancel);
        }

        var slug = Slug.Fresh();
        var bytes = Math.Max(1, found.Bytes);
        var stored = await store.ImportAsync(slug, tree, done => import.Report(0.8 + (0.2 * done / bytes), "Storing the files"), cancel);
        if (!stored.Succeeded)
        {
            return Failed(stored.Message);
        }

        var (_, full) = await register.AddAsync(
            slug, import.Whose, name, guess.Stack, import.By.Did(Act.WorkspaceImported, slug.Value, name), [], cancel);
        return full is null ? new ImportStatus(ImportState.Done, "It is there.", 1, slug.Value, notes) : Failed(full);
    }

    private void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is removed at the next start.
            ImportLog.NotRemoved(log, folder, e);
        }
    }

    private static ImportStatus Failed(string message) => new(ImportState.Failed, message, 0, null, []);
}

/// <summary>What imports say to whoever runs the server. Never the address or the token.</summary>
internal static partial class ImportLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "An import broke")]
    public static partial void Broke(ILogger logger, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The folder {folder} of an import could not be removed")]
    public static partial void NotRemoved(ILogger logger, string folder, Exception e);
}
