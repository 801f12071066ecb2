using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Files;

namespace DropIt.Runner.Lifecycle;

/// <summary>Reads <c>dropit.json</c>.</summary>
internal static class ProjectFile
{
    /// <summary>Far more than a project has to say.</summary>
    private const int MaxLength = 256 * 1024;

    /// <summary>What the file says. A file that can not be read gives an empty project with <see cref="Project.Error"/>; without a file it is empty.</summary>
    public static Project Read(WorkspaceFiles files)
    {
        var path = files.Resolve(Project.FileName);
        if (path.Error is not null)
        {
            return new Project { Error = path.Message };
        }

        try
        {
            if (FileStat.Of(path.Full) is not { } stat)
            {
                return new Project();
            }

            return stat is { Kind: FileKind.File, Size: <= MaxLength }
                ? Parse(File.ReadAllBytes(path.Full))
                : new Project { Error = $"{Project.FileName} must be a file of at most 256 KiB." };
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return new Project { Error = FileFailure.Message(e, Project.FileName) };
        }
    }

    /// <summary>What these bytes of JSON say.</summary>
    public static Project Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            json = json.StartsWith("\xEF\xBB\xBF"u8) ? json[3..] : json;
            var project = JsonSerializer.Deserialize(json, WorkspaceJson.Default.Project) ?? new Project();
            return project with
            {
                Manifests = Texts(project.Manifests),
                Ignore = Texts(project.Ignore),
                Tools = Texts(project.Tools),
                Error = project.Port is null or (> 0 and <= 65535) ? null : $"{Project.FileName}: port must be from 1 to 65535.",
                Port = project.Port is > 0 and <= 65535 ? project.Port : null,
            };
        }
        catch (JsonException e)
        {
            return new Project { Error = $"{Project.FileName} can not be read, line {(e.LineNumber ?? 0) + 1}: {Reason(e)} Correct it there." };
        }
    }

    /// <summary>The sentence without where it is, which stands before it already.</summary>
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        end = end < 0 ? e.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal) : end;
        return end < 0 ? e.Message : e.Message[..end];
    }

    private static IReadOnlyList<string> Texts(IReadOnlyList<string>? list) => [.. (list ?? []).Where(text => !string.IsNullOrEmpty(text))];
}
