namespace DropIt.Orchestrator.Sandboxes;

/// <summary>A folder that a workspace's programs wrote to.</summary>
internal static class WritableFolder
{
    /// <summary>Deletes it with all that is in it, if it is there; links are not followed.</summary>
    public static void Delete(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        // Module caches are made read-only; a folder must be writable to lose its entries.
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        foreach (var folder in Directory.EnumerateDirectories(path, "*", all))
        {
            var mode = File.GetUnixFileMode(folder);
            if ((mode & UnixFileMode.UserWrite) == 0)
            {
                File.SetUnixFileMode(folder, mode | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.UserRead);
            }
        }

        Directory.Delete(path, recursive: true);
    }
}
