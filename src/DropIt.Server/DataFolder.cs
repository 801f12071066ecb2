using System.Globalization;

namespace DropIt.Server;

/// <summary>The data folder, held by one server at a time; released when disposed or when the process is gone.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Nothing but the socket is in it: all of what the server has that a sandboxed workspace sees.
    private const string StorageFolder = "run/storage";

    /// <summary>EWOULDBLOCK.</summary>
    private const int LockIsHeld = 11;

    private readonly FileStream _lock;

    private DataFolder(FileStream @lock) => _lock = @lock;

    /// <summary>Makes the folder if it is missing, closes it to other users, and takes it. The problem is a sentence with its cure.</summary>
    public static (DataFolder? Taken, string? Problem) Take(string path)
    {
        try
        {
            Directory.CreateDirectory(path, Private);
            File.SetUnixFileMode(path, Private);
            foreach (var name in (string[])["run", StorageFolder, "logs", "workspaces"])
            {
                Directory.CreateDirectory(Path.Combine(path, name), Private);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"--data {path}: the folder cannot be made or written ({e.Message}). Give yourself the right to write there, or name another.");
        }

        FileStream? held = null;
        try
        {
            // FileShare.None is a lock of the kernel: it ends with the process, however that ends.
            held = new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(PidFile(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
            return (new DataFolder(held), null);
        }
        catch (IOException e) when (e.HResult == LockIsHeld)
        {
            return (null, $"Another server (process {Holder(path)}) already runs on the data folder {path}. Use that one (dropit-server signin --data {path} prints an address), "
                + $"end it with kill {Holder(path)}, or name another folder with --data.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            return (null, $"--data {path}: the folder cannot be written ({e.Message}). Make room or give yourself the right to write there, or name another.");
        }
    }

    /// <summary>The socket over which commands reach the running server.</summary>
    public static string AdminSocket(string data) => Path.Combine(data, "run", "admin.sock");

    /// <summary>The socket over which runners reach the storage service.</summary>
    public static string StorageSocket(string data) => Path.Combine(data, StorageFolder, "sock");

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    // The lock's own file cannot even be read while it is held.
    private static string PidFile(string path) => Path.Combine(path, "server.pid");

    private static string Holder(string path)
    {
        try
        {
            return File.ReadAllText(PidFile(path)).Trim();
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
