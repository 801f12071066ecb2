using System.IO.Compression;

namespace DropIt.Server.Tests.Harness;

/// <summary>A workspace as it lies in the store, read by the command and past every server: what waits in a journal is not in it.</summary>
internal static class Export
{
    /// <summary>Its files: path and text.</summary>
    /// <param name="slug">Which.</param>
    /// <param name="place">Options that say where the store is.</param>
    /// <param name="secrets">Environment of the command.</param>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        string slug, string[] place, IReadOnlyDictionary<string, string>? secrets = null)
    {
        var folder = Directory.CreateTempSubdirectory("dropit-export-").FullName;
        try
        {
            var file = Path.Combine(folder, "all.zip");
            var (code, output, errors) = await ServerRig.RunAsync(["storage", "export", slug, file, .. place], secrets ?? new Dictionary<string, string>());
            Assert.True(code == 0, errors);
            Assert.Contains("no server answered here", output, StringComparison.Ordinal);
            await using var zip = await ZipFile.OpenReadAsync(file, TestContext.Current.CancellationToken);
            var files = new Dictionary<string, string>();
            foreach (var entry in zip.Entries)
            {
                using var reader = new StreamReader(await entry.OpenAsync(TestContext.Current.CancellationToken));
                files[entry.FullName] = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            }

            return files;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
