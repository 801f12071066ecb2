using System.IO.Compression;

namespace DropIt.Cli;

/// <summary><c>cp</c>, either way. Files are streamed; a folder goes as a zip by way of a temporary file.</summary>
internal static class CopyCommand
{
    /// <summary>Copies; the answer is the exit code.</summary>
    /// <exception cref="CliException">It is refused, or one side is not there.</exception>
    public static async Task<int> RunAsync(ServerClient server, string from, string to)
    {
        var (source, target) = (RemoteOf(from), RemoteOf(to));
        if (source is null == target is null)
        {
            throw new CliException("One side of cp is SLUG:PATH, the other is here (./name when it has a colon). Between two workspaces, copy in two steps.", CliException.Usage);
        }

        try
        {
            await (source is var (slug, path) ? DownloadAsync(server, slug, path, to) : UploadAsync(server, from, target!.Value));
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CliException($"The copy is not complete: {e.Message}");
        }
        catch (HttpRequestException e)
        {
            throw new CliException($"The connection broke, the copy is not complete ({e.Message}). Try again.");
        }
    }

    private static (string Slug, string Path)? RemoteOf(string side) =>
        side.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && side.IndexOf('/', StringComparison.Ordinal) is var slash && (slash < 0 || slash > colon)
            ? (side[..colon], side[(colon + 1)..])
            : null;

    private static async Task DownloadAsync(ServerClient server, string slug, string path, string to)
    {
        var workspace = await server.OpenAsync(slug, Console.Error.WriteLine);
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(workspace, path));
        using var answer = await server.SendAsync(request, workspace.Ticket);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var name = path.TrimEnd('/').Split('/')[^1];
        var target = Directory.Exists(to) || to.EndsWith('/') ? Path.Combine(to, name.Length == 0 ? slug : name) : to;
        var part = Path.GetFullPath(target) + $".{Guid.NewGuid():n}.part";
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        try
        {
            await using (var file = new FileStream(part, FileMode.CreateNew))
            {
                await body.CopyToAsync(file);
            }

            // Without "?download" only a folder comes as an attachment.
            if (answer.Content.Headers.ContentDisposition is null)
            {
                File.Move(part, target, overwrite: true);
            }
            else if (Path.Exists(target))
            {
                throw new CliException($"{target} exists. Choose a name that does not: a folder replaces nothing.");
            }
            else
            {
                await ZipFile.ExtractToDirectoryAsync(part, target);
            }
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static async Task UploadAsync(ServerClient server, string from, (string Slug, string Path) to)
    {
        var folder = Directory.Exists(from);
        if (!folder && !File.Exists(from))
        {
            throw new CliException($"{from} is not there. Check the name.");
        }

        var path = to.Path.Length == 0 || to.Path.EndsWith('/') ? to.Path + Path.GetFileName(Path.GetFullPath(from).TrimEnd('/')) : to.Path;
        await using var body = folder ? await ZipAsync(from) : new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read);
        var workspace = await server.OpenAsync(to.Slug, Console.Error.WriteLine);
        using var request = new HttpRequestMessage(HttpMethod.Put, AddressOf(workspace, path) + (folder ? "?unpack" : "")) { Content = new StreamContent(body) };
        request.Headers.ExpectContinue = true; // a refusal comes before the bytes
        using var answer = await server.SendAsync(request, workspace.Ticket);
    }

    private static string AddressOf(OpenWorkspace workspace, string path) =>
        new Uri(workspace.Origin, "/.dropit/files/" + string.Join('/', path.Trim('/').Split('/').Select(Uri.EscapeDataString))).AbsoluteUri;

    /// <summary>A zip of a folder in a temporary file, which is gone when it is closed. Links are left out.</summary>
    private static async Task<FileStream> ZipAsync(string folder)
    {
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), $"dropit-{Guid.NewGuid():n}.zip"),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose });
        var below = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        await using (var zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null))
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", below))
            {
                var name = Path.GetRelativePath(folder, entry.FullName);
                if (entry is DirectoryInfo)
                {
                    zip.CreateEntry(name + "/");
                }
                else
                {
                    await zip.CreateEntryFromFileAsync(entry.FullName, name, CompressionLevel.Fastest);
                }
            }
        }

        file.Position = 0;
        return file;
    }
}
