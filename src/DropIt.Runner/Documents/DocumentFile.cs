using System.Security.Cryptography;
using DropIt.Runner.Files;

namespace DropIt.Runner.Documents;

/// <summary>What stood at a document's path.</summary>
internal enum FileState
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A file that is not text.</summary>
    Binary,

    /// <summary>A file larger than <see cref="FileContent.MaxLength"/>.</summary>
    TooLarge,

    /// <summary>A folder, pipe or device.</summary>
    NotAFile,

    /// <summary>It could not be read; the message says why.</summary>
    Failed,
}

/// <summary>The outcome of reading.</summary>
/// <param name="State">What was found.</param>
/// <param name="Content">The text; with <see cref="FileState.Text"/>.</param>
/// <param name="Stamp">When it was written and how large it was: a change shows in them, nearly always.</param>
/// <param name="Message">Of the system; with <see cref="FileState.Failed"/>.</param>
internal sealed record FileReading(FileState State, FileContent? Content = null, FileStamp Stamp = default, string Message = "");

/// <summary>What tells cheaply that a file was written: its time in nanoseconds and size in bytes.</summary>
internal readonly record struct FileStamp(long Modified, long Size);

/// <summary>The file of a document. It is replaced by a rename, never written in place: no program ever reads half of it.</summary>
/// <param name="full">Absolute path, links resolved.</param>
internal sealed class DocumentFile(string full)
{
    private const UnixFileMode NewMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Absolute path, links resolved.</summary>
    public string Full => full;

    /// <summary>The stamp of what is there; null when no regular file is.</summary>
    public FileStamp? Stamp() =>
        FileStat.Of(full) is { Kind: FileKind.File } stat ? new FileStamp(stat.Modified, stat.Size) : null;

    /// <summary>Reads the file. Never blocks on a pipe: only regular files are opened.</summary>
    public FileReading Read()
    {
        if (FileStat.Of(full) is not { } stat)
        {
            return new FileReading(FileState.Missing);
        }

        if (stat.Kind != FileKind.File)
        {
            return new FileReading(FileState.NotAFile);
        }

        if (stat.Size > FileContent.MaxLength)
        {
            return new FileReading(FileState.TooLarge);
        }

        try
        {
            var bytes = File.ReadAllBytes(full);
            if (bytes.Length > FileContent.MaxLength)
            {
                return new FileReading(FileState.TooLarge);
            }

            return FileContent.Decode(bytes) is { } content
                ? new FileReading(FileState.Text, content, new FileStamp(stat.Modified, stat.Size))
                : new FileReading(FileState.Binary);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FileReading(FileState.Missing);
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return new FileReading(FileState.Failed, Message: e.Message);
        }
    }

    /// <summary>
    /// Writes the text beside the file, with the file's mode. <see cref="Commit"/> puts it in place; folders above are made when they are gone.
    /// </summary>
    /// <returns>Name of the temporary and hash of the bytes.</returns>
    /// <exception cref="IOException">It could not be written; nothing is left.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public (string Temporary, string Hash) Prepare(DocumentText text, FileForm form)
    {
        var folder = Path.GetDirectoryName(full)!;
        Directory.CreateDirectory(folder);
        var name = $".dropit-{RandomNumberGenerator.GetHexString(16, lowercase: true)}.tmp";
        var temporary = Path.Combine(folder, name);
        try
        {
            using var stream = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            var hash = FileContent.Encode(text, form, stream);
            var mode = FileStat.Of(full) is { Kind: FileKind.File } old ? (UnixFileMode)old.Mode : NewMode;
            File.SetUnixFileMode(stream.SafeFileHandle, mode);
            return (name, hash);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Puts a temporary in place of the file.</summary>
    /// <exception cref="IOException">Something that is not a file stands there, or the folder is gone.</exception>
    public void Commit(string temporary) => File.Move(Beside(temporary), full, overwrite: true);

    /// <summary>Deletes a temporary; true when there was one: it was not committed.</summary>
    public bool Discard(string temporary)
    {
        var path = Beside(temporary);
        var found = File.Exists(path);
        File.Delete(path);
        return found;
    }

    /// <summary>Where the text goes when something else took the file's place: the first free one of <c>name.unsaved</c>, <c>name.unsaved-2</c>..</summary>
    public DocumentFile Aside()
    {
        for (var n = 1; ; n++)
        {
            var path = n == 1 ? $"{full}.unsaved" : $"{full}.unsaved-{n}";
            if (FileStat.Of(path) is null)
            {
                return new DocumentFile(path);
            }
        }
    }

    private string Beside(string name) => Path.Combine(Path.GetDirectoryName(full)!, name);
}
