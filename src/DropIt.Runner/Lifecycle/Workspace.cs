using System.Runtime.InteropServices;
using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Access;
using DropIt.Runner.Caching;
using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using DropIt.Runner.Formatting;
using DropIt.Runner.History;
using DropIt.Runner.Journal;
using DropIt.Runner.Machine;
using DropIt.Runner.Packages;
using DropIt.Runner.People;
using DropIt.Runner.Runs;
using DropIt.Runner.Search;
using DropIt.Runner.Sessions;
using DropIt.Runner.Terminals;
using DropIt.Runner.Variables;
using DropIt.Runner.Watching;

namespace DropIt.Runner.Lifecycle;

/// <summary>
/// The runner's life in one story: put the parts together, listen, restore, serve, stop.
/// <code>
///   listen ──> restoring ──────────> ready ──────────────> stopping ──> exit 0
///              (everything but       SIGTERM, SIGINT ─────^
///              health: 503)          newer start met ──> failed ──────> exit 3
/// </code>
/// </summary>
internal static class Workspace
{
    private const int Superseded = 3;

    /// <summary>How long a stop may take to make the last changes safe; what is not safe by then is found on disk at the next start.</summary>
    private static readonly TimeSpan JournalTail = TimeSpan.FromSeconds(15);

    /// <summary>Until a journal that broke begins anew.</summary>
    private static readonly TimeSpan JournalRestart = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan HttpTail = TimeSpan.FromSeconds(2);

    /// <summary>Runs until SIGTERM or SIGINT; returns the exit code.</summary>
    /// <param name="options">Checked ones.</param>
    public static async Task<int> RunAsync(RunnerOptions options)
    {
        if (!Slug.TryParse(options.Workspace, out var slug)
            || !Address.TryParse(options.Listen, out var listen)
            || !Address.TryParse(options.Storage, out var storageAddress))
        {
            throw new ArgumentException("not checked by Configuration.Read", nameof(options));
        }

        // 1. The parts. Each registers its requests and its share of the hello.
        var requests = new RequestTable();
        var sessions = new OpenSessions(requests);
        sessions.AddHello("protocol", (_, writer) => writer.WriteNumberValue(1));
        sessions.AddHello("workspace", (_, writer) => writer.WriteStringValue(options.Workspace));
        sessions.AddHello("role", (session, writer) =>
            JsonSerializer.Serialize(writer, session.Ticket.Role, SessionJson.Default.Role));
        sessions.AddHello("epoch", (_, writer) => writer.WriteNumberValue(options.Epoch));
        var notices = new Notices(sessions);
        var activity = new Activity(sessions, requests, TimeProvider.System);
        using var people = new PeopleHere(sessions, TimeProvider.System);
        var health = new Health(options.Epoch);
        var files = new WorkspaceFiles(options.Root);
        var project = new CurrentProject(files, sessions);
        using var gate = new Gate(Convert.FromBase64String(options.PublicKey), slug, options.ControlOrigin, options.StorageTicket)
        {
            Revoked = sessions.CloseBefore,
        };
        using var storage = new StorageClient(storageAddress, options.Workspace, options.Epoch, options.StorageTicket);
        var index = new FileIndex();
        var quota = new WorkspaceQuota(index, () => project.Rules);
        var journal = new JournalWriter(options, files, index, storage, quota, () => project.Rules, sessions, notices);
        var catchUp = new CatchUp(options, files, index, storage, () => project.Rules, quota, notices);
        using var documents = new DocumentSet(files, options.State, TimeProvider.System, notices.Set, journal.IsSafe, quota.GrowthRefusal);
        journal.Safe = documents.MarkSafe;
        var authors = new Authorship(TimeProvider.System);
        journal.Authors = authors;
        documents.Edited = authors.Note;
        documents.Shown = people.Show;
        requests.Edits = authors.Note;
        activity.AddReason(() => journal.State.State == "safe" || journal.OnlyHere is not null ? null : "Changes are on their way to the storage.");
        activity.AddReason(() => journal.OnlyHere is null || options.DiskStays ? null : "Some files are on this machine only and would be lost with it.");
        activity.SetBytes(() => quota.Limits is null ? null : index.Size.Bytes);
        activity.SetUnsafe(() => (journal.Unsafe, journal.OnlyHere));
        documents.AddTo(requests);
        new SearchRequests(files, () => project.Rules, documents).AddTo(requests);
        new FileRequests(files, () => project.Rules, documents, new Trash(files.Root, options.State), quota).AddTo(requests);
        new PackageRequests(files.Root).AddTo(requests);
        var variables = new SetVariables(sessions, options.AwaitsVariables);
        await using var programs = new WorkspacePrograms(
            options, requests, sessions, activity, () => ProjectFile.Read(options.Root), () => variables.Values, documents.FlushAllAsync);
        using var cache = new PackageCache(files, storage, sessions, () => project.Rules, programs.Run.Stamp, options.State, options.CacheBytes);
        programs.Run.Packages = () => cache.Restored;
        new FormatRequests(files, documents, () => project.Now, programs.Environment).AddTo(requests);
        requests.Add("channel.close", CloseChannel, inOrder: true);

        // 2. The server.
        await using var app = Server.Build(options.State, listen, kestrelApp =>
        {
            kestrelApp.Use(next => context => health.AdmitAsync(context, next));
            programs.UsePreview(kestrelApp, gate);
            kestrelApp.Use(next => context =>
            {
                HttpError.Guard(context.Response.Headers); // what previewed programs answer is theirs
                return next(context);
            });
            kestrelApp.UseWebSockets();
            kestrelApp.UseRouting();
            kestrelApp.Use(next => context => RouteRules.AdmitAsync(context, gate, next));
            health.Map(kestrelApp, activity);
            variables.Map(kestrelApp);
            programs.Machine.Map(kestrelApp);
            kestrelApp.MapSessions(sessions, gate);
            new FileRoutes(files, quota, gate, options.State, authors.Note).Map(kestrelApp);
            RouteRules.Check(kestrelApp);
            kestrelApp.UseEndpoints(_ => { });
        });

        // 3. Listen; a Unix socket is for this user alone.
        var stop = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var hard = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var mask = OwnProcess.Umask(0b111_111);
        await app.StartAsync();
        _ = OwnProcess.Umask(mask);
        OwnProcess.LetGoOfStartCode();

        // 4. Restore, where this disk does not have the workspace yet.
        var disk = new WorkspaceDisk(options, files, storage, health);
        var restored = disk.RestoreAsync(hard.Token);
        var known = Task.WhenAll(restored, variables.Told); // no program is started before it is known with what
        if (await Task.WhenAny(known, stop.Task) != known)
        {
            health.Set("stopping");
            await hard.CancelAsync();
            await app.StopAsync();
            return await stop.Task;
        }

        if (await restored is { } failure)
        {
            health.Set("failed", message: failure);
            Console.Error.WriteLine(failure);
            await stop.Task;
            return 1;
        }

        // 5. Serve.
        var keeping = new TerminalKeeping(programs.Terminals, storage, options.State, files.Root);
        await keeping.RecallAsync(disk.Moved, hard.Token);
        programs.Run.Adopt(programs.Terminals.All);
        using var keepingEnds = new CancellationTokenSource();
        var kept = keeping.RunAsync(keepingEnds.Token);
        var memory = MemoryWatch.RunAsync(notices, keepingEnds.Token);
        project.Reload();
        documents.Recover();
        using var watcher = new TreeWatcher(files.Root, project.Rules, notices, index.Knows, options.Watches);
        journal.Lost = watcher.AskRescan;
        var feed = new ChangeFeed(files, watcher, index, project, documents, journal, sessions);
        var feeding = feed.RunAsync();
        var journalling = JournalAsync();
        requests.Add("journal.flush", async (_, _, ct) =>
            Reply.Of(new FlushResult(await FlushAsync(ct)), JournalEventJson.Default.FlushResult));
        var versions = new VersionClient(storage);
        var restore = new VersionRestore(files, index, versions, documents, authors, () => project.Rules);
        new HistoryRequests(files, versions, restore, FlushAsync, journal).AddTo(requests);
        health.Set("ready");
        if (disk.Moved)
        {
            cache.BeginRestore();
        }

        var code = await stop.Task;

        // 6. Stop: no new edits, then programs (which may write as they end), then what they and the pages left, out to the storage.
        health.Set("stopping");
        await sessions.StopAsync(
            code == Superseded ? "This workspace was started elsewhere. Reload the page." : activity.Sleeps ?? "The workspace stops.",
            asleep: code != Superseded && activity.Sleeps is not null);
        documents.Stop();
        await keepingEnds.CancelAsync();
        await kept;
        await memory;
        await keeping.KeepAsync();
        await programs.DisposeAsync();
        await watcher.ReachedAsync();
        journal.Stop();
        hard.CancelAfter(JournalTail);
        await journalling;
        watcher.Dispose();
        await feeding;
        if (code == 0)
        {
            await cache.SaveAsync();
        }

        using var httpTail = new CancellationTokenSource(HttpTail);
        await app.StopAsync(httpTail.Token);
        return code;

        async Task<long> FlushAsync(CancellationToken ct)
        {
            documents.FlushAll();
            await watcher.ReachedAsync();
            return await journal.FlushAsync(ct);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult(0);
        }

        async Task JournalAsync()
        {
            try
            {
                while (!await TryJournalAsync())
                {
                    // What was on its way when it broke is found by comparing with what the storage service has.
                    feed.MayCompare = false;
                    await Task.Delay(JournalRestart, hard.Token);
                }
            }
            catch (Exception) when (hard.IsCancellationRequested)
            {
                Console.Error.WriteLine("stopped before everything was safe; the next start on this disk continues");
            }
        }

        // False when it broke and is to begin anew.
        async Task<bool> TryJournalAsync()
        {
            try
            {
                var sequence = await catchUp.RunAsync(journal.SetProblem, hard.Token);
                feed.MayCompare = true;
                watcher.AskRescan();
                if (!await journal.RunAsync(sequence, new SavedIndex(index, catchUp.SavedIndex), hard.Token))
                {
                    throw new SupersededException();
                }

                return true;
            }
            catch (SupersededException)
            {
                health.Set("failed", message: "A newer start of this workspace writes its journal now.");
                stop.TrySetResult(Superseded);
                return true;
            }
            catch (Exception e) when (!hard.IsCancellationRequested)
            {
                Console.Error.WriteLine($"journal: {e}");
                journal.SetProblem($"Not safe yet: what you write is kept on this machine only, since the journal failed ({e.Message}). "
                    + "It begins anew by itself.");
                return false;
            }
        }
    }

    private static ValueTask<Reply> CloseChannel(Session session, JsonElement request, CancellationToken ct)
    {
        if (!request.TryChannel(out var channel))
        {
            return ValueTask.FromResult(Reply.Failed(ErrorCode.BadRequest, "The request lacks channel."));
        }

        session.CloseChannel(channel);
        return ValueTask.FromResult(Reply.Done);
    }
}
