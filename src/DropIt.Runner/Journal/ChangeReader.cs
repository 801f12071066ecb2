using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using DropIt.Protocol.Journal;
using DropIt.Runner.Files;

namespace DropIt.Runner.Journal;

/// <summary>How reading one path went.</summary>
internal enum ReadOutcome
{
    /// <summary>Its changes, if any, are collected and the index has them.</summary>
    Done,

    /// <summary>It changed while it was read.</summary>
    Unsteady,

    /// <summary>Its content is to be put ahead of the entry, and the storage service can not take it at present.</summary>
    NotNow,

    /// <summary>A newer start of the workspace exists.</summary>
    Superseded,
}

/// <summary>Compares paths with the index and collects what the journal must say about them. One caller at a time.</summary>
internal sealed class ChangeReader(WorkspaceFiles files, FileIndex index, StorageClient storage, WorkspaceQuota quota)
{
    /// <summary>What a folder has that nobody set a mode on; any other is journalled, whatever is in the folder.</summary>
    public const int UsualFolderMode = 0b111_101_101;

    private readonly HashSet<string> _leftOut = [];
    private readonly HashSet<string> _nameless = [];
    private readonly HashSet<string> _moving = [];

    /// <summary>What the workspace may not hold, and which is not journalled until something else is gone.</summary>
    public IReadOnlyCollection<string> LeftOut => _leftOut;

    /// <summary>Why the last of <see cref="LeftOut"/> is, for the user.</summary>
    public string Refusal { get; private set; } = "";

    /// <summary>Paths whose names are not UTF-8, which cannot be journalled; as they can be shown.</summary>
    public IReadOnlyCollection<string> Nameless => _nameless;

    /// <summary>
    /// Says which paths are gone: what is found elsewhere with the same content was moved, and is journalled without its bytes. Until the next call.
    /// </summary>
    public void Expect(IEnumerable<string> gone)
    {
        _moving.Clear();
        foreach (var path in gone)
        {
            _moving.UnionWith(index.Contents(path));
        }
    }

    /// <summary>Leaves a path out, as above.</summary>
    public void LeaveOut(string path, string refusal)
    {
        _leftOut.Add(path);
        Refusal = refusal;
    }

    /// <summary>Looks at one path.</summary>
    /// <param name="path">Relative path, not ignored.</param>
    /// <param name="rules">What does not make a folder other than empty.</param>
    /// <param name="accept">Takes what was read of a file that does not hold still: it is the beginning of a file that grows.</param>
    /// <param name="into">Gets the changes; nothing when the storage service has this state.</param>
    public async Task<ReadOutcome> ReadAsync(
        string path, IgnoreRules rules, bool accept, List<JournalChange> into, CancellationToken ct)
    {
        var full = $"{files.Root}/{path}";
        try
        {
            switch (FileStat.Of(full))
            {
                case { Kind: FileKind.Folder } stat:
                    ReadFolder(path, stat, rules, into);
                    return ReadOutcome.Done;
                case { Kind: FileKind.Link } stat:
                    ReadLink(path, full, stat, into);
                    return ReadOutcome.Done;
                case { Kind: FileKind.File } stat:
                    return await ReadFileAsync(path, full, stat, accept, into, ct);
                default:
                    ReadNothing(path, rules, into);
                    return ReadOutcome.Done;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return ReadOutcome.Unsteady;
        }
    }

    /// <summary>Puts contents that the storage service asked for ahead of an entry.</summary>
    /// <param name="changes">Of the entry; those that can no longer be had (their file has changed) are taken out and returned.</param>
    public async Task<(Taken Taken, IReadOnlyList<string> Gone)> SupplyAsync(
        IReadOnlyCollection<string> missing, List<JournalChange> changes, CancellationToken ct)
    {
        var gone = new List<string>();
        foreach (var change in changes.Where(c => c.Content is null && c.Hash is not null && missing.Contains(c.Hash)).ToList())
        {
            var full = $"{files.Root}/{change.Path}";
            var taken = FileStat.Of(full) is { Kind: FileKind.File } stat && stat.Size == change.Size
                ? await PutAsync(full, stat.Size, change.Hash!, ct)
                : Taken.Refused;
            if (taken is Taken.Refused or Taken.TooLarge)
            {
                changes.Remove(change);
                index.Remove(change.Path);
                gone.Add(change.Path);
            }
            else if (taken != Taken.Yes)
            {
                return (taken, gone);
            }
        }

        return (Taken.Yes, gone);
    }

    private void ReadNothing(string path, IgnoreRules rules, List<JournalChange> into)
    {
        if (_leftOut.Count > 0)
        {
            var below = path + "/";
            _leftOut.RemoveWhere(left => left == path || left.StartsWith(below, StringComparison.Ordinal));
        }

        _nameless.Remove(path);
        if (path.Contains('\ufffd') && TreeWalk.Names($"{files.Root}/{path[..Math.Max(0, path.LastIndexOf('/'))]}")
            .Any(entry => path.EndsWith(entry.Name, StringComparison.Ordinal)))
        {
            _nameless.Add(path);
        }

        if (!index.RemoveTree(path))
        {
            return;
        }

        into.Add(new JournalChange { Path = path, Kind = ChangeKind.Delete });
        var end = path.LastIndexOf('/');
        if (end > 0 && FileStat.Of($"{files.Root}/{path[..end]}") is { Kind: FileKind.Folder } parent)
        {
            // A folder that became empty lived only in the paths of what was in it.
            ReadFolder(path[..end], parent, rules, into);
        }
    }

    private void ReadFolder(string path, FileStat stat, IgnoreRules rules, List<JournalChange> into)
    {
        index.TryGet(path, out var known);
        if (known is { Kind: not ChangeKind.Folder })
        {
            Replace(path, into);
        }

        var empty = TreeWalk.Names($"{files.Root}/{path}").All(entry => rules.Ignores($"{path}/{entry.Name}", entry.Folder));
        var wanted = empty || known is { Kind: ChangeKind.Folder } || stat.Mode != UsualFolderMode;
        if (wanted && (known is not { Kind: ChangeKind.Folder } || known.Mode != stat.Mode))
        {
            into.Add(new JournalChange { Path = path, Kind = ChangeKind.Folder, Mode = stat.Mode });
            index.Set(path, new IndexEntry(ChangeKind.Folder, stat.Mode, []));
        }
    }

    private void ReadLink(string path, string full, FileStat stat, List<JournalChange> into)
    {
        if (new FileInfo(full).LinkTarget is not { } target)
        {
            return;
        }

        var entry = new IndexEntry(
            ChangeKind.Link, stat.Mode, SHA256.HashData(Encoding.UTF8.GetBytes(target)), stat.Size, stat.Modified, stat.Changed);
        if (Same(path, entry, into))
        {
            return;
        }

        into.Add(new JournalChange { Path = path, Kind = ChangeKind.Link, Target = target });
        index.Set(path, entry);
    }

    private async Task<ReadOutcome> ReadFileAsync(
        string path, string full, FileStat stat, bool accept, List<JournalChange> into, CancellationToken ct)
    {
        if (index.TryGet(path, out var known) && known.Fits(stat))
        {
            _leftOut.Remove(path);
            return ReadOutcome.Done;
        }

        if (quota.Refusal(path, stat.Size) is { } refusal)
        {
            LeaveOut(path, refusal);
            return ReadOutcome.Done;
        }

        _leftOut.Remove(path);
        byte[]? small = null;
        byte[] hash;
        await using (var file = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0))
        {
            if (stat.Size <= JournalEntry.MaxInlineContent)
            {
                small = new byte[stat.Size];
                if (await file.ReadAtLeastAsync(small, small.Length, throwOnEndOfStream: false, ct) < small.Length)
                {
                    return ReadOutcome.Unsteady;
                }

                hash = SHA256.HashData(small);
            }
            else
            {
                hash = await SHA256.HashDataAsync(new FirstBytes(file, stat.Size), ct);
            }
        }

        var steady = FileStat.Of(full) == stat;
        if (!steady && !accept)
        {
            return ReadOutcome.Unsteady;
        }

        var entry = new IndexEntry(ChangeKind.File, stat.Mode, hash, steady ? stat.Size : -1, stat.Modified, stat.Changed, stat.Size);
        if (Same(path, entry, into))
        {
            return ReadOutcome.Done;
        }

        var hex = Convert.ToHexStringLower(hash);
        var stored = (known is { Kind: ChangeKind.File } && known.Hash.AsSpan().SequenceEqual(hash)) || _moving.Contains(hex);
        if (small is null && !stored)
        {
            switch (await PutAsync(full, stat.Size, hex, ct))
            {
                case Taken.NotNow:
                    return ReadOutcome.NotNow;
                case Taken.Superseded:
                    return ReadOutcome.Superseded;
                case Taken.Refused:
                    return ReadOutcome.Unsteady;
                case Taken.TooLarge:
                    LeaveOut(path, storage.Problem);
                    return ReadOutcome.Done;
            }
        }

        into.Add(new JournalChange
        {
            Path = path,
            Kind = ChangeKind.File,
            Mode = stat.Mode,
            Size = stat.Size,
            Hash = hex,
            Content = small is null || stored ? null : Deflate(small),
        });
        index.Set(path, entry);
        return ReadOutcome.Done;
    }

    private async Task<Taken> PutAsync(string full, long size, string hash, CancellationToken ct)
    {
        await using var file = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        return await storage.PutContentsAsync(hash, new FirstBytes(file, size), ct);
    }

    /// <summary>
    /// True when the storage service has this state; the index then learns the disk's times. Else makes way: what was of another kind is deleted first.
    /// </summary>
    private bool Same(string path, IndexEntry entry, List<JournalChange> into)
    {
        index.TryGet(path, out var known);
        if (known is not null && known.Kind == entry.Kind && known.Hash.AsSpan().SequenceEqual(entry.Hash)
            && (known.Mode == entry.Mode || entry.Kind == ChangeKind.Link))
        {
            index.Set(path, entry);
            return true;
        }

        if (index.HasBelow(path) || (known is not null && known.Kind != entry.Kind))
        {
            Replace(path, into);
        }

        return false;
    }

    private void Replace(string path, List<JournalChange> into)
    {
        index.RemoveTree(path);
        into.Add(new JournalChange { Path = path, Kind = ChangeKind.Delete });
    }

    private static byte[] Deflate(byte[] content)
    {
        var to = new MemoryStream();
        using (var deflate = new DeflateStream(to, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(content);
        }

        return to.ToArray();
    }

    /// <summary>The first bytes of a stream: a file that grows is read to the length it had.</summary>
    private sealed class FirstBytes(Stream from, long left) : Stream
    {
        private long _left = left;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = from.Read(buffer, offset, (int)Math.Min(count, _left));
            _left -= read;
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await from.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
