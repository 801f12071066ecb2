using System.Net;
using System.Text;
using DropIt.Protocol.Journal;
using DropIt.Runner.Journal;

namespace DropIt.Runner.History;

/// <summary>The versions that the storage service has of this workspace (docs/protocol.md, "Runner and storage").</summary>
internal sealed class VersionClient(StorageClient storage)
{
    /// <summary>The newest version, with all that was journalled so far.</summary>
    /// <exception cref="HttpRequestException">The service could not answer.</exception>
    public async Task<string?> NewestAsync(CancellationToken ct) => (await storage.HeadAsync(ct)).Version;

    /// <summary>What a version holds; null when there is no such version.</summary>
    /// <exception cref="HttpRequestException">The service could not answer.</exception>
    public async Task<IReadOnlyList<ManifestLine>?> ReadAsync(string version, CancellationToken ct)
    {
        try
        {
            var lines = new List<ManifestLine>();
            await storage.ManifestAsync($"versions/{Uri.EscapeDataString(version)}/manifest", lines.Add, ct);
            return lines;
        }
        catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
        {
            return null;
        }
    }

    /// <summary>Files, links and folders of a version as a tar stream. The response owns it.</summary>
    /// <exception cref="HttpRequestException">The service could not answer.</exception>
    public Task<HttpResponseMessage> TreeAsync(string version, IReadOnlyCollection<string> paths, CancellationToken ct) =>
        storage.PostAsync($"versions/{Uri.EscapeDataString(version)}/tree", new StringContent(string.Join('\0', paths), Encoding.UTF8), ct);
}
