using System.Security.Cryptography;

namespace DropIt.Runner.Files;

/// <summary>Writes a file so that nobody ever sees half of it, and its mode stays: a temporary beside it, then a rename.</summary>
internal static class AtomicFile
{
    private const UnixFileMode Fresh =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>
    /// Replaces or makes the file at <paramref name="full"/> (not a link: resolve first), with folders above it.
    /// Nothing is left behind when it fails.
    /// </summary>
    /// <param name="full">Absolute path.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="mode">For a file that does not exist yet; null: rw-r--r--.</param>
    public static async Task WriteAsync(string full, Func<Stream, Task> write, UnixFileMode? mode = null)
    {
        var folder = Path.GetDirectoryName(full)!;
        Directory.CreateDirectory(folder);
        var temporary = $"{folder}/.dropit-{RandomNumberGenerator.GetHexString(16, lowercase: true)}.tmp";
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            await using (var file = new FileStream(temporary, options))
            {
                await write(file);
                var kept = FileStat.Of(full) is { Kind: FileKind.File } old ? (UnixFileMode)old.Mode : mode ?? Fresh;
                File.SetUnixFileMode(file.SafeFileHandle, kept);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
