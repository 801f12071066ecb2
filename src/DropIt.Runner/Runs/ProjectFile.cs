using System.Text.Json;
using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Runs;

/// <summary>Reads <c>dropit.json</c>.</summary>
internal static class ProjectFile
{
    /// <summary>Most bytes that are read: a hundred times what templates have.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>What the file in <paramref name="root"/> says now; an empty project, with the cause in it when the file cannot be read.</summary>
    public static Project Read(string root)
    {
        var path = Path.Combine(root, Project.FileName);
        try
        {
            var information = new FileInfo(path);
            if (!information.Exists)
            {
                return new Project();
            }

            // A FIFO would hold the runner up for ever, and a link may point anywhere.
            if (information.LinkTarget is not null || (information.Attributes & FileAttributes.Device) != 0)
            {
                return Unreadable("it is not a regular file");
            }

            if (information.Length > MaxLength)
            {
                return Unreadable($"it is larger than {MaxLength / 1024} KiB");
            }

            var text = File.ReadAllBytes(path).AsSpan();
            var project = JsonSerializer.Deserialize(
                text.StartsWith("\ufeff"u8) ? text[3..] : text, WorkspaceJson.Default.Project);
            return project switch
            {
                null => Unreadable("it says null"),
                { Port: < 1 or > 65535 } => Unreadable("port is not from 1 to 65535"),
                _ => project with
                {
                    Manifests = Texts(project.Manifests),
                    Ignore = Texts(project.Ignore),
                    Tools = Texts(project.Tools),
                },
            };
        }
        catch (JsonException e)
        {
            return Unreadable($"line {e.LineNumber + 1} is not as it should be ({e.Message.Split(" Path:")[0].TrimEnd('.')})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(e.Message);
        }
    }

    /// <summary>A list that is there, even if the file says null.</summary>
    private static IReadOnlyList<string> Texts(IReadOnlyList<string>? list) => [.. (list ?? []).Where(text => !string.IsNullOrEmpty(text))];

    private static Project Unreadable(string cause) =>
        new() { Error = $"{Project.FileName} cannot be read: {cause}. Mend the file; the workspace takes it up at once." };
}
