using System.Runtime.InteropServices;

namespace DropIt.Runner.Files;

/// <summary>What .NET's file calls cannot say: rename that never replaces, copies that keep links.</summary>
internal static partial class FileOperations
{
    private const int CurrentFolder = -100;
    private const uint NoReplace = 1;
    private const int AlreadyExists = 17;
    private const int OtherMount = 18;

    /// <summary>
    /// Renames, in one step; false when <paramref name="to"/> exists, which is then left alone. To another mount (in a pod, files and state are two) it is
    /// copied first and then removed, without pipes, devices and sockets.
    /// </summary>
    /// <exception cref="IOException">The file system refused.</exception>
    public static bool Move(string from, string to)
    {
        if (RenameAt2(CurrentFolder, from, CurrentFolder, to, NoReplace) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error == OtherMount && FileStat.Of(to) is null)
        {
            Copy(from, to, CancellationToken.None);
            Remove(from);
            return true;
        }

        return error is AlreadyExists or OtherMount ? false : throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    }

    /// <summary>
    /// Copies a file, a link (as a link) or a folder with all in it except pipes, devices and sockets. What was copied is removed again
    /// when it fails.
    /// </summary>
    public static void Copy(string from, string to, CancellationToken ct)
    {
        try
        {
            CopyOne(from, to);
            if (FileStat.Of(from)?.Kind != FileKind.Folder)
            {
                return;
            }

            foreach (var (path, _) in TreeWalk.Below(from, "", null))
            {
                ct.ThrowIfCancellationRequested();
                CopyOne($"{from}/{path}", $"{to}/{path}");
            }
        }
        catch (Exception e) when (FileFailure.Expected(e) || e is OperationCanceledException)
        {
            Remove(to);
            throw;
        }
    }

    /// <summary>Removes a file, a link or a folder with all in it, if it is there.</summary>
    public static void Remove(string full)
    {
        if (FileStat.Of(full)?.Kind == FileKind.Folder)
        {
            Directory.Delete(full, recursive: true);
        }
        else
        {
            File.Delete(full);
        }
    }

    private static void CopyOne(string from, string to)
    {
        switch (FileStat.Of(from))
        {
            case { Kind: FileKind.Folder } folder:
                // Its owner must be able to fill it, whatever the mode of the original.
                Directory.CreateDirectory(to, (UnixFileMode)folder.Mode | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                break;
            case { Kind: FileKind.File }:
                File.Copy(from, to);
                break;
            case { Kind: FileKind.Link } when new FileInfo(from).LinkTarget is { } target:
                File.CreateSymbolicLink(to, target);
                break;
        }
    }

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int fromFolder, string from, int toFolder, string to, uint flags);
}
