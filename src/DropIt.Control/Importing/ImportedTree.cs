using System.Text;
using System.Text.Json;
using DropIt.Protocol.Archives;
using DropIt.Protocol.Workspaces;

namespace DropIt.Control.Importing;

/// <summary>The files of an import before they become a workspace.</summary>
/// <param name="Paths">Of files and links; <c>/</c> between names.</param>
/// <param name="Bytes">Sum of the sizes.</param>
/// <param name="LinksOutside">Links that pointed out of the project and were removed.</param>
/// <param name="Error">Why it cannot be taken, for the user; null when it can.</param>
internal sealed record ImportedTree(IReadOnlyCollection<string> Paths, long Bytes, int LinksOutside, string? Error)
{
    // A manifest that a person wrote is far smaller.
    private const int MaxText = 256 * 1024;

    private static readonly EnumerationOptions s_everything = new() { AttributesToSkip = 0 };

    /// <summary>Goes through everything, removes links that lead out, and stops past the bounds.</summary>
    public static ImportedTree Look(string root, ImportOptions options)
    {
        Directory.CreateDirectory(root);
        var paths = new List<string>();
        var (bytes, outside) = (0L, 0);
        var folders = new Stack<string>([""]);
        while (folders.TryPop(out var folder))
        {
            foreach (var info in new DirectoryInfo(Path.Combine(root, folder)).EnumerateFileSystemInfos("*", s_everything).ToList())
            {
                var path = folder.Length == 0 ? info.Name : $"{folder}/{info.Name}";
                if (info.LinkTarget is { } target)
                {
                    if (!ZipPlan.StaysInside(path, target))
                    {
                        info.Delete();
                        outside++;
                        continue;
                    }
                }
                else if (info is DirectoryInfo)
                {
                    folders.Push(path);
                    continue;
                }
                else
                {
                    bytes += ((FileInfo)info).Length;
                }

                paths.Add(path);
                if (paths.Count > options.MaxFiles || bytes > options.MaxBytes)
                {
                    return new ImportedTree(
                        [], 0, 0, $"It is larger than what is taken: "
                            + $"{options.MaxBytes / 1024 / 1024:n0} MiB and {options.MaxFiles:n0} files. Leave out what can be rebuilt, or the history.");
                }
            }
        }

        return new ImportedTree(paths, bytes, outside, null);
    }

    /// <summary>The text of a small file; null when it is none.</summary>
    public static string? Text(string root, string path)
    {
        var info = new FileInfo(Path.Combine(root, path));
        return info is { Exists: true, LinkTarget: null, Length: <= MaxText } ? File.ReadAllText(info.FullName, Encoding.UTF8) : null;
    }

    /// <summary>Writes <c>dropit.json</c>, with what is known only.</summary>
    public static async Task WriteProjectAsync(string root, Project project, CancellationToken cancel)
    {
        await using var file = new FileStream(Path.Combine(root, Project.FileName), FileMode.CreateNew, FileAccess.Write);
        await using var json = new Utf8JsonWriter(
            file, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        Text("name", project.Name);
        Text("install", project.Install);
        Text("run", project.Run);
        Text("test", project.Test);
        if (project.Port is { } port)
        {
            json.WriteNumber("port", port);
        }

        Text("main", project.Main);
        List("manifests", project.Manifests);
        List("ignore", project.Ignore);
        List("tools", project.Tools);
        json.WriteEndObject();
        await json.FlushAsync(cancel);
        file.WriteByte((byte)'\n');

        void Text(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }

        void List(string name, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                json.WriteStartArray(name);
                foreach (var value in values)
                {
                    json.WriteStringValue(value);
                }

                json.WriteEndArray();
            }
        }
    }
}
