using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Heads;
using DropIt.Storage.History;
using DropIt.Storage.Journal;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;
using DropIt.Storage.Templates;

namespace DropIt.Storage.Access;

/// <summary>A path of a workspace.</summary>
/// <param name="Path">Relative to the root, <c>/</c> between names.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Size">Bytes of a file.</param>
/// <param name="Target">Text of a link.</param>
public sealed record WorkspacePathInfo(string Path, ChangeKind Kind, int Mode, long Size, string? Target);

/// <summary>What a workspace holds.</summary>
/// <param name="Paths">In ordinal order. Folders appear only when they are empty or were named by the runner.</param>
/// <param name="Bytes">Sum of the sizes.</param>
/// <param name="Changed">When it was last written.</param>
public sealed record WorkspaceListing(IReadOnlyList<WorkspacePathInfo> Paths, long Bytes, DateTimeOffset Changed);

/// <summary>A file open for reading; the reader disposes it.</summary>
/// <param name="Content">Fails rather than ending early.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Mode">Permission bits.</param>
public sealed record WorkspaceFile(Stream Content, long Size, int Mode) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>Workspaces as they lie in the object store; works while no runner runs.</summary>
public sealed class WorkspaceStore
{
    private readonly IObjectStore _store;
    private readonly HeadBook _heads;
    private readonly PackReader _packs;
    private readonly TemplateShelf _templates;
    private readonly IJournalQueue _queue;
    private readonly JournalIntake _intake;
    private readonly StorageFolders _folders;
    private readonly TimeProvider _time;

    internal WorkspaceStore(
        IObjectStore store,
        HeadBook heads,
        PackReader packs,
        TemplateShelf templates,
        IJournalQueue queue,
        JournalIntake intake,
        StorageFolders folders,
        TimeProvider time)
    {
        _folders = folders;
        _queue = queue;
        _intake = intake;
        _store = store;
        _heads = heads;
        _packs = packs;
        _templates = templates;
        _time = time;
    }

    /// <summary>Why nothing can be journalled at present, for people; null when it can. Asks the queue, for 2 s at most.</summary>
    public Task<string?> JournalTroubleAsync(CancellationToken cancel) => _queue.TroubleAsync(cancel);

    /// <summary>Makes a workspace with the files of a folder, never over an existing one.</summary>
    public async Task<StorageResult> CreateAsync(Slug slug, string templateFolder, CancellationToken cancel = default)
    {
        var template = await _templates.TakeAsync(templateFolder, cancel);
        return template.Value is { } head
            ? await StartAsync(slug, head, VersionCause.Created, cancel)
            : new StorageResult(template.Error, template.Message);
    }

    /// <summary>
    /// Makes a workspace with the files of a folder that is used once, such as an import; the caller has checked how much it is.
    /// </summary>
    /// <param name="slug">Its slug.</param>
    /// <param name="folder">Nobody writes there meanwhile.</param>
    /// <param name="done">Told the bytes packed so far.</param>
    /// <param name="cancel">Leaves nothing behind but garbage that is collected.</param>
    public async Task<StorageResult> ImportAsync(Slug slug, string folder, Action<long>? done, CancellationToken cancel)
    {
        var files = FolderFiles.List(folder);
        if (files.Select(file => WorkspacePath.Fault(file.Path)).FirstOrDefault(fault => fault is not null) is { } fault)
        {
            return new StorageResult(StorageError.TooLarge, fault);
        }

        await using var pack = new PackWriter(_folders.Spool);
        var section = await FolderFiles.PackAsync(files, pack, done, cancel);
        var use = new PackUse(pack.Id, pack.Length);
        return await pack.PutAsync(_store, cancel)
            ? await StartAsync(slug, new Head { Base = section, Packs = [use] }, VersionCause.Imported, cancel)
            : new StorageResult(StorageError.Full, StorageResult.FullMessage);
    }

    /// <summary>Makes a workspace with what another one holds now, as far as it is settled.</summary>
    public Task<StorageResult> ForkAsync(Slug source, Slug slug, CancellationToken cancel = default) => ForkAsync(source, slug, VersionCause.Forked, cancel);

    /// <summary>Makes a workspace with what a template holds that <see cref="CopyAsync"/> made.</summary>
    public Task<StorageResult> CreateAsync(Slug slug, Slug template, CancellationToken cancel = default) => ForkAsync(template, slug, VersionCause.Created, cancel);

    /// <summary>Keeps what a workspace holds now, as far as it is settled and without what is left out, under a slug that no workspace has.</summary>
    /// <param name="source">The workspace.</param>
    /// <param name="slug">Names the copy; it is removed as a workspace is.</param>
    /// <param name="leaveOut">Says of a path that it is not copied.</param>
    /// <param name="cancel">Leaves nothing behind but garbage that is collected.</param>
    public async Task<StorageResult> CopyAsync(Slug source, Slug slug, Func<string, bool> leaveOut, CancellationToken cancel = default)
    {
        if (await _heads.ReadAsync(source, cancel) is not { } view)
        {
            return new StorageResult(StorageError.NotFound, Missing(source));
        }

        // The contents stay in the packs they are in; only the list of files is new.
        List<ManifestEntry> entries = [.. view.Manifest.Entries.Where(entry => !leaveOut(entry.Path))];
        var used = entries.Where(entry => entry.Location is not null).Select(entry => entry.Location!.Value.Pack).ToHashSet();
        await using var pack = new PackWriter(_folders.Spool);
        var section = pack.AddSection(entries);
        if (!await pack.PutAsync(_store, cancel))
        {
            return new StorageResult(StorageError.Full, StorageResult.FullMessage);
        }

        List<PackUse> packs = [.. view.Head.Packs.Where(use => used.Contains(use.Id)).Select(use => use with { Shared = true }), new(pack.Id, pack.Length)];
        return await StartAsync(slug, new Head { Base = section, Packs = packs }, VersionCause.Forked, cancel);
    }

    private async Task<StorageResult> ForkAsync(Slug source, Slug slug, VersionCause cause, CancellationToken cancel)
    {
        var (head, _) = await _heads.ReadHeadAsync(Keys.Head(source), cancel);
        if (head is null)
        {
            return new StorageResult(StorageError.NotFound, Missing(source));
        }

        var fork = head with
        {
            Revision = 0,
            Epoch = 0,
            Sequence = 0,
            Closed = null,
            Parked = null,
            Deltas = [.. head.Deltas.Select(delta => delta with { Epoch = 0, Sequence = 0, Note = null })],
            Packs = [.. head.Packs.Select(pack => pack with { Shared = true })],
            Past = [],
        };
        return await StartAsync(slug, fork, cause, cancel);
    }

    /// <summary>True when there is such a workspace.</summary>
    public async Task<bool> ExistsAsync(Slug slug, CancellationToken cancel = default) =>
        await _store.StatAsync(Keys.Head(slug), cancel) is not null;

    /// <summary>What the workspace holds, as far as it is settled.</summary>
    public async Task<StorageResult<WorkspaceListing>> ListAsync(Slug slug, CancellationToken cancel = default)
    {
        var view = await _heads.ReadAsync(slug, cancel);
        return view is null
            ? StorageResult<WorkspaceListing>.Failed(StorageError.NotFound, Missing(slug))
            : StorageResult<WorkspaceListing>.Of(Listing(view.Manifest, view.Head.Time));
    }

    /// <summary>Opens one file, as far as it is settled.</summary>
    public async Task<StorageResult<WorkspaceFile>> OpenFileAsync(Slug slug, string path, CancellationToken cancel = default)
    {
        var view = await _heads.ReadAsync(slug, cancel);
        if (view is null)
        {
            return StorageResult<WorkspaceFile>.Failed(StorageError.NotFound, Missing(slug));
        }

        return await OpenFileAsync(view.Manifest, path, _packs, cancel);
    }

    /// <summary>
    /// Writes all files as a zip to a stream, which need not seek and stays open. Links are written as links, with
    /// their text as content.
    /// </summary>
    public async Task<StorageResult> WriteZipAsync(Slug slug, Stream output, CancellationToken cancel = default)
    {
        var view = await _heads.ReadAsync(slug, cancel);
        if (view is null)
        {
            return new StorageResult(StorageError.NotFound, Missing(slug));
        }

        await WorkspaceZip.WriteAsync(view.Manifest, view.Head.Time, _packs, output, cancel);
        return StorageResult.Ok;
    }

    /// <summary>
    /// Removes a workspace; one that is not there is fine. Packs that nothing else uses are collected later.
    /// </summary>
    public async Task DeleteAsync(Slug slug, CancellationToken cancel = default)
    {
        await _store.DeleteAsync(Keys.Head(slug), cancel);
        try
        {
            await _queue.ForgetAsync(slug, cancel);
        }
        catch (TimeoutException)
        {
            // What an intake still takes for a workspace that is gone is dropped by the persister.
        }

        await DeleteAllAsync(Keys.HistoryOf(slug), cancel);
        await DeleteAllAsync(Keys.UploadsOf(slug), cancel);
        await DeleteAllAsync(Keys.KeptOf(slug), cancel);
    }

    /// <summary>
    /// Waits until everything acknowledged for the workspace so far is in its head. Throws <see cref="TimeoutException"/> with the cause, for people, when
    /// that takes too long.
    /// </summary>
    public Task SettledAsync(Slug slug, CancellationToken cancel = default) => _queue.SettledAsync(slug, cancel);

    /// <summary>
    /// From now on nothing is taken from runners of epochs before this one, wherever they still run. Throws <see cref="TimeoutException"/> with the cause, for
    /// people, while that cannot be written down. A workspace that is gone needs no fence.
    /// Only where the next runner has a disk of its own: one on the disk of an earlier epoch would take it for stale, with all that was never sent from it.
    /// </summary>
    public async Task FenceAsync(Slug slug, long epoch, CancellationToken cancel = default)
    {
        try
        {
            var answer = await _intake.OpenEpochAsync(slug, epoch, cancel);
            if (answer.Outcome is not (IntakeOutcome.Accepted or IntakeOutcome.NewerEpoch or IntakeOutcome.NoWorkspace))
            {
                throw new TimeoutException(answer.Message);
            }
        }
        catch (ObjectStoreException e)
        {
            throw new TimeoutException(e.Message, e);
        }
    }

    internal static WorkspaceListing Listing(Manifest manifest, DateTimeOffset changed) => new(
        [.. manifest.Entries.Select(e => new WorkspacePathInfo(e.Path, e.Kind, e.Mode, e.Size, e.Target))], manifest.Bytes, changed);

    internal static async Task<StorageResult<WorkspaceFile>> OpenFileAsync(
        Manifest manifest, string path, PackReader packs, CancellationToken cancel) =>
        manifest.Find(path) switch
        {
            { Kind: ChangeKind.File } file => StorageResult<WorkspaceFile>.Of(
                new WorkspaceFile(await packs.OpenAsync(file, cancel), file.Size, file.Mode)),
            null when !manifest.IsFolder(path) => StorageResult<WorkspaceFile>.Failed(
                StorageError.NotFound, $"There is no {path} in this workspace."),
            _ => StorageResult<WorkspaceFile>.Failed(StorageError.NotAFile, $"{path} is not a file. Name a file "
                + $"in it."),
        };

    private async Task<StorageResult> StartAsync(Slug slug, Head head, VersionCause cause, CancellationToken cancel)
    {
        // What it begins with is its first version.
        var now = _time.GetUtcNow();
        var start = new Delta(null, 0, 0, now, new VersionNote { Cause = cause });
        return await _heads.CreateAsync(slug, head with { Time = now, Deltas = [.. head.Deltas, start] }, cancel) switch
        {
            PutOutcome.Stored => StorageResult.Ok,
            PutOutcome.Conflict => new StorageResult(
                StorageError.Exists, $"A workspace named {slug} exists already. Choose another name."),
            _ => new StorageResult(StorageError.Full, StorageResult.FullMessage),
        };
    }

    private async Task DeleteAllAsync(string prefix, CancellationToken cancel)
    {
        await foreach (var item in _store.AllAsync(prefix, cancel))
        {
            await _store.DeleteAsync(item.Key, cancel);
        }
    }

    private static string Missing(Slug slug) => $"There is no workspace named {slug}.";
}
