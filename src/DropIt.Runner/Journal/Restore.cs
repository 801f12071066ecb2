using System.Buffers;
using System.Formats.Tar;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using DropIt.Runner.Files;

namespace DropIt.Runner.Journal;

/// <summary>
/// Unpacks the tree of a workspace into its root. One reads the archive, which is a stream; several write, since making a small file takes longer than
/// reading it.
/// <code>
///   tar ─ entries in order ─> folders, links, large files
///              └─ small files ─> at most 64 waiting ─> writers
/// </code>
/// </summary>
internal sealed class Restore
{
    private const int ReportEvery = 256 * 1024;

    /// <summary>Bytes up to which a file is handed to a writer; with those that wait this bounds the memory to 16 MiB.</summary>
    private const int SmallFile = 256 * 1024;

    private const int MaxWaiting = 64;

    private static readonly int s_writers = Math.Clamp(Environment.ProcessorCount, 2, 8);

    private readonly WorkspaceFiles _files;
    private readonly bool _keepTimes;
    private readonly Dictionary<string, string> _folders = [];
    private readonly List<(string Full, UnixFileMode Mode)> _modes = [];
    private readonly Channel<SmallContent> _small = Channel.CreateBounded<SmallContent>(MaxWaiting);

    private Restore(WorkspaceFiles files, bool keepTimes) => (_files, _keepTimes) = (files, keepTimes);

    /// <summary>
    /// Writes every file, folder and link of the archive. Entries that would leave the root, also through links made before, are refused:
    /// the archive holds what a workspace's programs wrote.
    /// </summary>
    /// <param name="tar">The archive.</param>
    /// <param name="files">The workspace.</param>
    /// <param name="progress">Told the bytes written so far.</param>
    /// <param name="wanted">Which paths to write; null: all.</param>
    /// <param name="keepTimes">Files get the times that the archive says, else the present.</param>
    /// <exception cref="IOException">The disk is full, or the archive was cut short.</exception>
    public static async Task FromAsync(
        TarReader tar,
        WorkspaceFiles files,
        Action<long> progress,
        CancellationToken ct,
        Predicate<string>? wanted = null,
        bool keepTimes = false)
    {
        var restore = new Restore(files, keepTimes);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Exception? fault = null;
        var writers = Enumerable.Range(0, s_writers).Select(_ => Task.Run(() => TryAsync(() => restore.WriteSmallAsync(failed.Token)))).ToArray();
        await TryAsync(() => restore.ReadAsync(tar, progress, wanted, failed.Token));
        await Task.WhenAll(writers);
        if (fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        // Last and from below, since a folder may be read-only.
        for (var i = restore._modes.Count - 1; i >= 0; i--)
        {
            File.SetUnixFileMode(restore._modes[i].Full, restore._modes[i].Mode);
        }

        // The first that fails says why; the others need not go on.
        async Task TryAsync(Func<Task> part)
        {
            try
            {
                await part();
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref fault, e, null);
                await failed.CancelAsync();
            }
        }
    }

    private async Task ReadAsync(TarReader tar, Action<long> progress, Predicate<string>? wanted, CancellationToken ct)
    {
        var done = 0L;
        var reported = 0L;
        while (await tar.GetNextEntryAsync(copyData: false, ct) is { } entry)
        {
            var name = entry.Name.TrimEnd('/');
            name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
            if (name is "" or "." || wanted?.Invoke(name) == false)
            {
                continue;
            }

            var full = Locate(name);
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    Make(full, () => Directory.CreateDirectory(full));
                    _modes.Add((full, ModeOf(entry)));
                    break;
                case TarEntryType.SymbolicLink:
                    Make(full, () => File.CreateSymbolicLink(full, entry.LinkName));
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                    await TakeFileAsync(entry, full, ct);
                    done += entry.Length;
                    break;
            }

            if (done - reported >= ReportEvery)
            {
                reported = done;
                progress(done);
            }
        }

        _small.Writer.Complete();
    }

    /// <summary>Where an entry belongs. What a path leads through is looked at once: a folder that was made is never replaced.</summary>
    private string Locate(string name)
    {
        var slash = name.LastIndexOf('/');
        var above = slash < 0 ? "" : name[..slash];
        if (_folders.TryGetValue(above, out var folder) && WorkspaceFiles.NameFault(name.AsSpan(slash + 1)) is null)
        {
            return $"{folder}/{name[(slash + 1)..]}";
        }

        var path = _files.Resolve(name, follow: false);
        if (path.Error is not null)
        {
            throw new IOException($"the stored tree has a path that can not be restored, \"{name}\": {path.Message}");
        }

        _folders[above] = Path.GetDirectoryName(path.Full)!;
        Directory.CreateDirectory(_folders[above]);
        return path.Full;
    }

    private async Task TakeFileAsync(TarEntry entry, string full, CancellationToken ct)
    {
        var times = _keepTimes ? entry.ModificationTime.UtcDateTime : (DateTime?)null;
        if (entry.Length > SmallFile)
        {
            await using var file = Open(full);
            await entry.DataStream!.CopyToAsync(file, ct);
            Finish(file.SafeFileHandle, ModeOf(entry), times);
            return;
        }

        var length = (int)entry.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        if (entry.DataStream is { } data)
        {
            await data.ReadExactlyAsync(buffer.AsMemory(0, length), ct);
        }

        await _small.Writer.WriteAsync(new SmallContent(full, buffer, length, ModeOf(entry), times), ct);
    }

    private async Task WriteSmallAsync(CancellationToken ct)
    {
        await foreach (var (full, buffer, length, mode, times) in _small.Reader.ReadAllAsync(ct))
        {
            using (var file = Open(full))
            {
                file.Write(buffer, 0, length);
                Finish(file.SafeFileHandle, mode, times);
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static FileStream Open(string full)
    {
        FileStream? file = null;
        Make(full, () => file = new FileStream(full, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        return file!;
    }

    /// <summary>Makes something anew; what stands there from an earlier try makes way, unless it is a folder.</summary>
    private static void Make(string full, Action make)
    {
        try
        {
            make();
        }
        catch (IOException) when (FileStat.Of(full) is { Kind: not FileKind.Folder })
        {
            File.Delete(full);
            make();
        }
    }

    private static void Finish(Microsoft.Win32.SafeHandles.SafeFileHandle file, UnixFileMode mode, DateTime? times)
    {
        File.SetUnixFileMode(file, mode);
        if (times is { } time)
        {
            File.SetLastWriteTimeUtc(file, time);
        }
    }

    private static UnixFileMode ModeOf(TarEntry entry) => entry.Mode & (UnixFileMode)0x1ff;

    /// <summary>A file that waits for a writer.</summary>
    private readonly record struct SmallContent(string Full, byte[] Buffer, int Length, UnixFileMode Mode, DateTime? Times);
}
