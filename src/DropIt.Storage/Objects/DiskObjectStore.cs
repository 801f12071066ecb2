using System.Security.Cryptography;

namespace DropIt.Storage.Objects;

/// <summary>
/// Objects as files. The file of key <c>a/b</c> is <c>objects/a/b+</c> (the <c>+</c> lets <c>a</c> and <c>a/b</c>
/// both exist) and holds the
/// content followed by its SHA-256, which is the etag: one rename moves both.
/// A put writes a temporary file, syncs it, renames it and syncs the folder.
/// </summary>
internal sealed class DiskObjectStore : IObjectStore
{
    private const string Suffix = "+";
    private const int HashLength = SHA256.HashSizeInBytes;
    private const int CopyLength = 128 * 1024;

    /// <summary>Lock files that keys share: enough that two puts seldom wait for each other, few enough to keep
    /// around.</summary>
    private const int LockCount = 64;

    private readonly string _objects;
    private readonly string _temporary;
    private readonly string _locks;
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, LockCount).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Opens or makes the store in a folder; throws <see cref="IOException"/> with the cure when it cannot
    /// be written.</summary>
    public DiskObjectStore(string folder)
    {
        _objects = Path.Combine(folder, "objects");
        _temporary = Path.Combine(folder, "temporary");
        _locks = Path.Combine(folder, "locks");
        try
        {
            Directory.CreateDirectory(_objects);
            Directory.CreateDirectory(_temporary);
            Directory.CreateDirectory(_locks);
            var probe = TemporaryPath();
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            DropOldTemporaries();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The data folder {folder} cannot be written ({e.Message}) Give the server's user write access "
                    + $"to it, or choose another folder.", e);
        }
    }

    /// <inheritdoc/>
    public async Task<ObjectInfo?> StatAsync(string key, CancellationToken cancel)
    {
        await using var file = Open(key);
        return file is null ? null : ReadInfo(key, file);
    }

    /// <inheritdoc/>
    public async Task<ObjectContent?> GetAsync(string key, ByteRange? range, CancellationToken cancel)
    {
        var file = Open(key);
        if (file is null)
        {
            return null;
        }

        try
        {
            var info = ReadInfo(key, file);
            var start = Math.Clamp(range?.Offset ?? 0, 0, info.Length);
            var length = Math.Clamp(range?.Length ?? info.Length, 0, info.Length - start);
            file.Position = start;
            return new ObjectContent(info, new LimitedStream(file, length, ownsInner: true));
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<PutResult> PutAsync(
        string key, Stream content, long length, PutCondition condition, CancellationToken cancel)
    {
        ObjectKey.Check(key);
        var temporary = TemporaryPath();
        try
        {
            var etag = await WriteAsync(temporary, content, length, cancel);
            using var held = await LockAsync(key, cancel);
            if (!Holds(key, condition))
            {
                return new PutResult(PutOutcome.Conflict, "");
            }

            Place(temporary, PathOf(key));
            return new PutResult(PutOutcome.Stored, etag);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return new PutResult(PutOutcome.Full, "");
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string key, CancellationToken cancel)
    {
        ObjectKey.Check(key);
        using var held = await LockAsync(key, cancel);
        var path = PathOf(key);
        if (File.Exists(path))
        {
            File.Delete(path);
            Libc.SyncFolder(Path.GetDirectoryName(path)!);
        }
    }

    /// <inheritdoc/>
    public Task<ObjectPage> ListAsync(string prefix, string? after, int limit, CancellationToken cancel)
    {
        ObjectKey.CheckPrefix(prefix);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        var found = new List<ObjectInfo>();
        foreach (var key in Walk("", prefix, after))
        {
            cancel.ThrowIfCancellationRequested();
            if (found.Count == limit)
            {
                return Task.FromResult(new ObjectPage(found, found[^1].Key));
            }

            using var file = Open(key);
            if (file is not null)
            {
                found.Add(ReadInfo(key, file));
            }
        }

        return Task.FromResult(new ObjectPage(found, null));
    }

    /// <summary>
    /// Keys in ordinal order: within a folder, an object counts as its name and a folder as its name and a slash, as
    /// in whole keys.
    /// </summary>
    private IEnumerable<string> Walk(string folder, string prefix, string? after)
    {
        var names = new List<string>();
        try
        {
            foreach (var entry in new DirectoryInfo(Path.Combine(_objects, folder)).EnumerateFileSystemInfos())
            {
                names.Add(folder + (entry is DirectoryInfo ? entry.Name + "/" : entry.Name[..^Suffix.Length]));
            }
        }
        catch (DirectoryNotFoundException)
        {
            yield break;
        }

        names.Sort(string.CompareOrdinal);
        foreach (var name in names)
        {
            if (!name.EndsWith('/'))
            {
                if (name.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(name, after) > 0)
                {
                    yield return name;
                }

                continue;
            }

            var wanted = name.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(name, StringComparison.Ordinal);
            var over = after is not null
                && string.CompareOrdinal(name, after) < 0
                && !after.StartsWith(name, StringComparison.Ordinal);
            if (wanted && !over)
            {
                foreach (var key in Walk(name, prefix, after))
                {
                    yield return key;
                }
            }
        }
    }

    private static async Task<string> WriteAsync(string path, Stream content, long length, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, useAsync: false);
        var buffer = new byte[(int)Math.Min(CopyLength, Math.Max(length, 1))];
        for (var left = length; left > 0;)
        {
            var read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancel);
            if (read == 0)
            {
                throw new EndOfStreamException($"{left} of {length} bytes are missing at the end of what was to "
                    + $"be stored.");
            }

            hash.AppendData(buffer, 0, read);
            file.Write(buffer, 0, read);
            left -= read;
        }

        var sum = hash.GetHashAndReset();
        file.Write(sum);
        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(sum);
    }

    private static void Place(string temporary, string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            Libc.SyncFolder(Path.GetDirectoryName(folder)!);
        }

        File.Move(temporary, path, overwrite: true);
        Libc.SyncFolder(folder);
    }

    private bool Holds(string key, PutCondition condition)
    {
        if (!condition.IfAbsent && condition.IfMatch is null)
        {
            return true;
        }

        using var file = Open(key);
        return condition.IfAbsent ? file is null : file is not null && ReadInfo(key, file).ETag == condition.IfMatch;
    }

    private async Task<IDisposable> LockAsync(string key, CancellationToken cancel)
    {
        var number = (int)(StableHash(key) % LockCount);
        var gate = _gates[number];
        await gate.WaitAsync(cancel);
        try
        {
            // FileShare.ReadWrite: .NET itself takes no lock, so that ours can wait instead of failing.
            var file = new FileStream(
                Path.Combine(_locks, $"{number}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
            try
            {
                Libc.LockExclusively(file.SafeFileHandle);
                return new HeldLock(file, gate);
            }
            catch
            {
                await file.DisposeAsync();
                throw;
            }
        }
        catch
        {
            gate.Release();
            throw;
        }
    }

    /// <summary>FNV-1a: the same in every process, unlike <see cref="string.GetHashCode()"/>.</summary>
    private static uint StableHash(string key)
    {
        var hash = 2166136261u;
        foreach (var c in key)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash;
    }

    private static ObjectInfo ReadInfo(string key, FileStream file)
    {
        Span<byte> sum = stackalloc byte[HashLength];
        var length = file.Length - HashLength;
        if (length < 0 || RandomAccess.Read(file.SafeFileHandle, sum, length) != HashLength)
        {
            throw new IOException($"The object {key} is cut off on the disk; take it from a backup.");
        }

        return new ObjectInfo(key, length, Convert.ToHexStringLower(sum), File.GetLastWriteTimeUtc(file.SafeFileHandle));
    }

    private FileStream? Open(string key)
    {
        ObjectKey.Check(key);
        try
        {
            return new FileStream(
                PathOf(key), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, useAsync: false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private void DropOldTemporaries()
    {
        // Another process may be writing to a young one; an hour is far beyond any put.
        var old = DateTime.UtcNow.AddHours(-1);
        foreach (var file in new DirectoryInfo(_temporary).EnumerateFiles().Where(file => file.LastWriteTimeUtc < old))
        {
            file.Delete();
        }
    }

    private string PathOf(string key) => Path.Combine(_objects, key + Suffix);

    private string TemporaryPath() => Path.Combine(_temporary, Guid.NewGuid().ToString("n"));

    private sealed class HeldLock(FileStream file, SemaphoreSlim gate) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            gate.Release();
        }
    }
}
