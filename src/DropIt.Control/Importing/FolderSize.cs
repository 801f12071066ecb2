namespace DropIt.Control.Importing;

/// <summary>How much lies in a folder.</summary>
internal static class FolderSize
{
    private static readonly EnumerationOptions s_everything = new() { AttributesToSkip = 0, RecurseSubdirectories = true, IgnoreInaccessible = true };

    /// <summary>Files and their bytes, links not followed; what vanishes meanwhile is not counted.</summary>
    public static (int Files, long Bytes) Of(string folder)
    {
        var (files, bytes) = (0, 0L);
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", s_everything))
            {
                files++;
                bytes += file.Exists ? file.Length : 0;
            }
        }
        catch (IOException)
        {
            // Someone writes there: the next look counts again.
        }

        return (files, bytes);
    }
}
