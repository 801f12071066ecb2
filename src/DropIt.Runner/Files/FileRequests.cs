using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Runner.Documents;
using DropIt.Runner.Journal;
using DropIt.Runner.Search;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Files;

/// <summary>An entry of a listing; docs/protocol.md, <c>files.list</c>. Modified: milliseconds since 1970.</summary>
internal sealed record FileEntry(
    string Name, string Kind, long Size, long Modified, bool Ignored, string? Target = null, bool? Text = null);

/// <summary>The answer to <c>files.list</c>.</summary>
internal sealed record FileListing(IReadOnlyList<FileEntry> Entries, bool Truncated);

/// <summary>The answer to <c>files.delete</c>: what <c>files.restore</c> brings it back with.</summary>
internal sealed record Deleted(string? Trash);

/// <summary>The answer to <c>files.restore</c>.</summary>
internal sealed record Restored(string Path);

/// <summary>The answer to <c>files.unpack</c>.</summary>
internal sealed record UnpackedFiles(int Files);

/// <summary>The answer to <c>files.find</c>.</summary>
internal sealed record FoundPaths(IReadOnlyList<string> Paths);

/// <summary>The <c>files.*</c> requests.</summary>
internal sealed class FileRequests(
    WorkspaceFiles files, Func<IgnoreRules> rules, DocumentSet documents, Trash trash, WorkspaceQuota quota)
{
    /// <summary>Entries of one listing: more than a tree can show, and 4 MB of JSON at the longest names.</summary>
    public const int MaxEntries = 10_000;

    private const int MaxFound = 500;

    /// <summary>UTF-16 units that a new file may start with; a request has at most 64 KiB.</summary>
    private const int MaxStart = 16 * 1024;

    private const int SniffLength = 8 * 1024;

    private readonly FuzzyFind _finder = new(files.Root, rules);

    /// <summary>Registers the ops.</summary>
    public void AddTo(RequestTable requests)
    {
        Add(requests, "files.list", "path", List, follow: true);
        Add(requests, "files.stat", "path", Stat, follow: false);
        requests.Add("files.delete", (_, request, _) => ValueTask.FromResult(
            request.TryText("path", out var path)
                ? On(files.Resolve(path, follow: false), found => Delete(found, Says(request, "forever")))
                : Missing("path")));
        requests.Add("files.restore", (_, request, _) => ValueTask.FromResult(RestoreFrom(request)));
        requests.Add("files.unpack", async (_, request, ct) => await UnpackAsync(request, ct));
        requests.Add("files.create", (_, request, _) => ValueTask.FromResult(Create(request)));
        requests.Add("files.move", (_, request, _) => ValueTask.FromResult(FromTo(request, Move)));
        requests.Add("files.copy", (_, request, ct) =>
            ValueTask.FromResult(FromTo(request, (from, to) => Copy(from, to, ct))));
        requests.Add("files.find", (_, request, ct) => ValueTask.FromResult(Find(request, ct)));
    }

    private void Add(
        RequestTable requests, string op, string field, Func<WorkspacePath, Reply> answer, bool follow) =>
        requests.Add(op, (_, request, _) => ValueTask.FromResult(
            request.TryText(field, out var path) ? On(files.Resolve(path, follow), answer) : Missing(field)));

    private static Reply On(WorkspacePath path, Func<WorkspacePath, Reply> answer)
    {
        if (path.Error is not null)
        {
            return path.Refusal;
        }

        try
        {
            return answer(path);
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return FileFailure.Of(e, path.Relative);
        }
    }

    private Reply FromTo(JsonElement request, Func<WorkspacePath, WorkspacePath, Reply> answer)
    {
        if (!request.TryText("from", out var from) || !request.TryText("to", out var to))
        {
            return Missing("from and to");
        }

        var target = files.Resolve(to, follow: false);
        if (target.Error is not null)
        {
            return target.Refusal;
        }

        if (from.Length == 0 || to == from || to.StartsWith(from + "/", StringComparison.Ordinal))
        {
            return Reply.Failed(ErrorCode.BadRequest, $"\"{from}\" can not be put into itself. Choose another folder.");
        }

        return On(files.Resolve(from, follow: false), path =>
        {
            if (FileStat.Of(path.Full) is null)
            {
                return NotFound(from);
            }

            if (to.Length == 0 || FileStat.Of(target.Full) is not null)
            {
                return Exists(to);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(target.Full)!);
            return answer(path, target);
        });
    }

    private Reply List(WorkspacePath path)
    {
        if (FileStat.Of(path.Full) is not { } folder)
        {
            return NotFound(path.Relative);
        }

        if (folder.Kind != FileKind.Folder)
        {
            return Reply.Failed(ErrorCode.NotAFolder, $"\"{path.Relative}\" is not a folder.");
        }

        var ignore = rules();
        var ignoredAbove = path.Relative.Length > 0 && ignore.IgnoresAnyOf(path.Relative, folder: true);
        var entries = new List<FileEntry>();
        var truncated = false;
        foreach (var (name, isFolder) in TreeWalk.Names(path.Full))
        {
            if (WorkspaceFiles.IsTemporary(name))
            {
                continue;
            }

            if (entries.Count == MaxEntries)
            {
                truncated = true;
                break;
            }

            var below = path.Relative.Length == 0 ? name : $"{path.Relative}/{name}";
            if (Entry($"{path.Full}/{name}", name, ignoredAbove || ignore.Ignores(below, isFolder)) is { } entry)
            {
                entries.Add(entry);
            }
        }

        entries.Sort((a, b) => (a.Kind == "folder", b.Kind == "folder") switch
        {
            (true, false) => -1,
            (false, true) => 1,
            _ => string.CompareOrdinal(a.Name, b.Name),
        });
        return Reply.Of(new FileListing(entries, truncated), FileJson.Default.FileListing);
    }

    private Reply Stat(WorkspacePath path)
    {
        var name = path.Relative[(path.Relative.LastIndexOf('/') + 1)..];
        var ignored = path.Relative.Length > 0
            && rules().IgnoresAnyOf(path.Relative, FileStat.Of(path.Full)?.Kind == FileKind.Folder);
        return Entry(path.Full, name, ignored) is { } entry
            ? Reply.Of(entry with { Text = entry.Kind == "file" && LooksLikeText(path.Full) }, FileJson.Default.FileEntry)
            : NotFound(path.Relative);
    }

    private static FileEntry? Entry(string full, string name, bool ignored)
    {
        if (FileStat.Of(full) is not { } stat)
        {
            return null;
        }

        var kind = stat.Kind switch
        {
            FileKind.File => "file",
            FileKind.Folder => "folder",
            FileKind.Link => "link",
            _ => "other",
        };
        var target = stat.Kind == FileKind.Link ? new FileInfo(full).LinkTarget : null;
        return new FileEntry(name, kind, stat.Size, stat.Modified / 1_000_000, ignored, target);
    }

    /// <summary>No NUL at the beginning: what git takes for text too.</summary>
    private static bool LooksLikeText(string full)
    {
        Span<byte> start = stackalloc byte[SniffLength];
        using var file = File.OpenHandle(full, share: FileShare.ReadWrite | FileShare.Delete);
        return start[..RandomAccess.Read(file, start, 0)].IndexOf((byte)0) < 0;
    }

    private Reply Create(JsonElement request)
    {
        if (!request.TryText("path", out var text) || !request.TryText("kind", out var kind) || kind is not ("file" or "folder"))
        {
            return Missing("path and kind (file or folder)");
        }

        var start = request.TryText("text", out var given) ? given : "";
        if (start.Length > MaxStart)
        {
            return Reply.Failed(ErrorCode.TooLarge, "A new file starts with at most 16 KiB. Upload it instead.");
        }

        return On(files.Resolve(text, follow: false), path =>
        {
            if (path.Relative.Length == 0 || FileStat.Of(path.Full) is not null)
            {
                return Exists(path.Relative);
            }

            if (quota.Refusal(path.Relative, start.Length) is { } refusal)
            {
                return Reply.Failed(ErrorCode.TooLarge, refusal);
            }

            if (kind == "folder")
            {
                Directory.CreateDirectory(path.Full);
            }
            else
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path.Full)!);
                using var made = new FileStream(path.Full, FileMode.CreateNew, FileAccess.Write);
                made.Write(System.Text.Encoding.UTF8.GetBytes(start));
            }

            return Reply.Done;
        });
    }

    private Reply Move(WorkspacePath from, WorkspacePath to)
    {
        documents.FlushAll();
        if (!FileOperations.Move(from.Full, to.Full))
        {
            return Exists(to.Relative);
        }

        documents.Moved(RealPath(from), RealPath(to));
        return Reply.Done;
    }

    /// <summary>In the workspace, without links on the way: what documents go by.</summary>
    private string RealPath(WorkspacePath path) => Path.GetRelativePath(files.Root, path.Full);

    private Reply Copy(WorkspacePath from, WorkspacePath to, CancellationToken ct)
    {
        documents.FlushAll();
        if (quota.Refusal(to.Relative, quota.SizeOf(from.Full)) is { } refusal)
        {
            return Reply.Failed(ErrorCode.TooLarge, refusal);
        }

        FileOperations.Copy(from.Full, to.Full, ct);
        return Reply.Done;
    }

    private Reply Delete(WorkspacePath path, bool forever)
    {
        if (path.Relative.Length == 0)
        {
            return Reply.Failed(ErrorCode.BadRequest, "The workspace's root can not be deleted. Delete the workspace on the home page.");
        }

        if (FileStat.Of(path.Full)?.Kind is not { } kind)
        {
            return NotFound(path.Relative);
        }

        documents.FlushAll();
        var id = forever ? null : trash.Take(RealPath(path), path.Full);
        if (id is null && !forever)
        {
            return Reply.Failed(
                ErrorCode.TooLarge, $"\"{path.Relative}\" is larger than what the trash keeps. Deleted, it can not be brought back.");
        }

        if (id is null && kind == FileKind.Folder)
        {
            Directory.Delete(path.Full, recursive: true);
        }
        else if (id is null)
        {
            File.Delete(path.Full);
        }

        documents.Deleted(RealPath(path));
        return Reply.Of(new Deleted(id), FileJson.Default.Deleted);
    }

    private Reply RestoreFrom(JsonElement request)
    {
        if (!request.TryText("trash", out var id))
        {
            return Missing("trash");
        }

        try
        {
            var (path, code, message) = trash.Restore(id);
            return path is null
                ? Reply.Failed(code, message)
                : Reply.Of(new Restored(path), FileJson.Default.Restored);
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return FileFailure.Of(e, "");
        }
    }

    private async ValueTask<Reply> UnpackAsync(JsonElement request, CancellationToken ct)
    {
        if (!request.TryText("path", out var named) || !request.TryText("to", out var to))
        {
            return Missing("path and to");
        }

        var (zip, folder) = (files.Resolve(named), files.Resolve(to));
        if (zip.Error is not null || folder.Error is not null)
        {
            return zip.Error is null ? folder.Refusal : zip.Refusal;
        }

        try
        {
            Directory.CreateDirectory(folder.Full);
            await using var content = new FileStream(zip.Full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var unpacked = await Unpacking.IntoAsync(content, folder.Full, made => quota.Refusal(folder.Relative, quota.SizeOf(made)), ct);
            return unpacked.Message is null
                ? Reply.Of(new UnpackedFiles(unpacked.Files), FileJson.Default.UnpackedFiles)
                : Reply.Failed(unpacked.Code, unpacked.Message);
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return FileFailure.Of(e, named);
        }
    }

    private static bool Says(JsonElement request, string name) =>
        request.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.True;

    private Reply Find(JsonElement request, CancellationToken ct)
    {
        if (!request.TryText("query", out var query))
        {
            return Missing("query");
        }

        var limit = request.TryNumber("limit", 1, MaxFound, out var number) ? (int)number : 50;
        return Reply.Of(new FoundPaths(_finder.Best(query, limit, ct)), FileJson.Default.FoundPaths);
    }

    private static Reply Missing(string fields) => Reply.Failed(ErrorCode.BadRequest, $"The request lacks {fields}.");

    private static Reply NotFound(string path) =>
        Reply.Failed(ErrorCode.NotFound, $"\"{path}\" does not exist (any more). Reload the file tree.");

    private static Reply Exists(string path) =>
        Reply.Failed(ErrorCode.Exists, $"\"{path}\" exists already. Choose another name or delete it first.");
}

/// <summary>JSON of the <c>files.*</c> requests, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FileListing))]
[JsonSerializable(typeof(Deleted))]
[JsonSerializable(typeof(Restored))]
[JsonSerializable(typeof(UnpackedFiles))]
[JsonSerializable(typeof(FoundPaths))]
internal sealed partial class FileJson : JsonSerializerContext;
