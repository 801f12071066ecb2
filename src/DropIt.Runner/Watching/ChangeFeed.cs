using System.Diagnostics;
using System.Text.Json.Serialization;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using DropIt.Runner.Journal;
using DropIt.Runner.Lifecycle;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Watching;

/// <summary>Takes in what the watcher saw: tells open documents, the journal and the pages.</summary>
internal sealed class ChangeFeed(
    WorkspaceFiles files,
    TreeWatcher watcher,
    FileIndex index,
    CurrentProject project,
    DocumentSet documents,
    JournalWriter journal,
    OpenSessions sessions)
{
    /// <summary>Folders that are named to pages; with more they are told to ask again for all.</summary>
    private const int MaxFolders = 500;

    private static readonly string[] AllFolders = ["*"];
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>False until the index knows what the storage service has: until then a comparison would find everything changed.</summary>
    public bool MayCompare { get; set; }

    /// <summary>Runs until the watcher is disposed of.</summary>
    public async Task RunAsync()
    {
        await foreach (var batch in watcher.Batches.ReadAllAsync())
        {
            try
            {
                Take(batch);
            }
            catch (Exception e)
            {
                // Mostly the disk failed at one of the paths; a rescan finds what was not taken in, now or when it does not fail any more.
                Console.Error.WriteLine($"watching: {e}");
                await Task.Delay(AfterFailure);
                watcher.AskRescan();
            }

            batch.Reached?.TrySetResult();
        }
    }

    private void Take(ChangeBatch batch)
    {
        var paths = batch.Paths;
        var folders = batch.Folders;
        if (batch.Rescan)
        {
            documents.AllChanged();
            if (MayCompare)
            {
                var start = Stopwatch.GetTimestamp();
                var comparison = TreeComparison.Of(files.Root, project.Rules, index);
                watcher.Compared(Stopwatch.GetElapsedTime(start));
                paths = [.. paths.Union(comparison.Paths)];
                folders = [.. folders.Union(comparison.Folders)];
            }
        }

        if (paths.Contains(Project.FileName) && project.Reload())
        {
            watcher.Use(project.Rules);
        }

        foreach (var path in paths)
        {
            documents.FileChanged(path);
        }

        journal.Touch(paths);
        if (folders.Count > 0)
        {
            string[] told = folders.Count > MaxFolders ? AllFolders : [.. folders];
            sessions.Broadcast("files.changed", "folders", told, WatchingJson.Default.StringArray);
        }
    }
}

/// <summary>JSON of <c>files.changed</c>, without reflection.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class WatchingJson : JsonSerializerContext;
