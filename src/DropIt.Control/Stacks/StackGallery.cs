using System.Text.Json;
using DropIt.Protocol.Workspaces;

namespace DropIt.Control.Stacks;

/// <summary>The stacks in the templates folder, read on each request: a folder put there shows up at once, and so does a tool that was installed.</summary>
public sealed class StackGallery(ControlOptions options)
{
    /// <summary>The gallery's file in a template's folder; it is not copied into workspaces.</summary>
    public const string FileName = ".stack.json";

    // Both files are written by hand; ten times what any of ours has.
    private const long MaxFileBytes = 64 * 1024;

    /// <summary>All stacks in gallery order. One that cannot be read says so in <see cref="StackCard.Error"/>.</summary>
    public IReadOnlyList<StackCard> List() => In(options.Templates);

    /// <summary>All stacks of a folder, as <see cref="List"/>.</summary>
    public static IReadOnlyList<StackCard> In(string templates)
    {
        if (!Directory.Exists(templates))
        {
            return [];
        }

        return [.. Directory.EnumerateDirectories(templates)
            .Where(folder => File.Exists(Path.Combine(folder, FileName)))
            .Select(Read)
            .OrderBy(stack => stack.Order)
            .ThenBy(stack => stack.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The stack named <paramref name="id"/> and its folder; null when there is none.</summary>
    public (StackCard Stack, string Folder)? Find(string id)
    {
        var found = List().FirstOrDefault(stack => stack.Id == id);
        return found is null ? null : (found, Path.Combine(options.Templates, found.Id));
    }

    private static StackCard Read(string folder)
    {
        var id = Path.GetFileName(folder);
        try
        {
            var file = Parse(Path.Combine(folder, FileName), ControlJson.Default.StackFile) ?? new StackFile();
            var project = Path.Combine(folder, Project.FileName);
            if (File.Exists(project))
            {
                Parse(project, WorkspaceJson.Default.Project);
            }

            return new StackCard(
                id, file.Name ?? id, file.Description ?? "", file.Icon ?? id, file.Order, [.. file.Tools.Where(t => !IsOnPath(t.Command)).Select(Missing)]);
        }
        catch (Exception e) when (e is StackFileException or IOException or UnauthorizedAccessException)
        {
            return new StackCard(id, id, "", id, int.MaxValue, [], $"The stack '{id}' cannot be used: {e.Message}");
        }
    }

    private static T? Parse<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        var name = Path.GetFileName(path);
        if (new FileInfo(path).Length > MaxFileBytes)
        {
            throw new StackFileException($"{name} is larger than {MaxFileBytes / 1024} KiB.");
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (JsonException e)
        {
            throw new StackFileException($"{name} is not valid JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}. Mend that file and reload.", e);
        }
    }

    private static MissingTool Missing(StackTool tool) => new(
        tool.Command,
        tool.Hint is null ? $"'{tool.Command}' is not installed here." : $"'{tool.Command}' is not installed here. {tool.Hint}");

    private static bool IsOnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, command))
            .Any(path => File.Exists(path) && (File.GetUnixFileMode(path) & Executable) != 0);

    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}

/// <summary>A stack's file that cannot be used; the message is for the user.</summary>
internal sealed class StackFileException(string message, Exception? inner = null) : Exception(message, inner);
