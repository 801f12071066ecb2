using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using DropIt.Runner.Sessions;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Formatting;

/// <summary>The answer to <c>format.run</c>; docs/protocol.md.</summary>
/// <param name="Tool">What formatted it, as users call it.</param>
/// <param name="Before">Names the text that the edits are of.</param>
/// <param name="Edits">In order, without overlaps.</param>
internal sealed record FormatAnswer(string Tool, string Before, IReadOnlyList<FormatEdit> Edits);

/// <summary>One change of a text.</summary>
/// <param name="From">UTF-16 units of the text before.</param>
/// <param name="To">Where what goes ends.</param>
/// <param name="Insert">What comes instead.</param>
internal sealed record FormatEdit(int From, int To, string Insert);

/// <summary>Formats the text of a document. The page applies the answer, so that its user can undo it like anything typed.</summary>
internal sealed class FormatRequests(WorkspaceFiles files, DocumentSet documents, Func<Project> project, ProgramEnvironment environment)
{
    /// <summary>Formatters at once: each is a program of its own, some of a second and 100 MB.</summary>
    private const int MaxAtOnce = 2;

    /// <summary>Units of text in the edits of one answer, so that it fits a frame whatever the text is.</summary>
    private const int MaxEdits = 1_000_000;

    private int _running;

    /// <summary>Registers the op.</summary>
    public void AddTo(RequestTable requests) =>
        requests.Add("format.run", (_, request, ct) => RunAsync(request, ct));

    /// <summary>Names a text: its length and FNV-1a of its UTF-16 units. Twin of <c>textMark</c> of the page.</summary>
    public static string Mark(ReadOnlySpan<char> text)
    {
        var hash = 0x811c9dc5u;
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * 0x01000193u;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{hash:x}");
    }

    private async ValueTask<Reply> RunAsync(JsonElement request, CancellationToken ct)
    {
        if (!request.TryText("path", out var named))
        {
            return Reply.Failed(ErrorCode.BadRequest, "The request lacks path.");
        }

        var resolved = files.Resolve(named);
        if (resolved.Error is not null)
        {
            return resolved.Refusal;
        }

        var path = Path.GetRelativePath(files.Root, resolved.Full);
        if (TextOf(path, resolved.Full) is not { } text)
        {
            return Reply.Failed(ErrorCode.NotAFile, $"\"{named}\" has no text to format. Open it first.");
        }

        var formatter = Formatters.Of(
            path, environment.Find, tool => FindAbove(path, tool), project().Format, environment.ShellPath, out var known, out var problem);
        if (formatter is null)
        {
            return Reply.Failed(known ? ErrorCode.MissingTool : ErrorCode.BadRequest, problem);
        }

        try
        {
            if (Interlocked.Increment(ref _running) > MaxAtOnce)
            {
                return Reply.Failed(ErrorCode.Busy, $"{MaxAtOnce} files are being formatted already. Try it again in a moment.");
            }

            var result = await FormatRun.RunAsync(formatter, files.Root, path, text, environment, ct);
            return result.Text is { } formatted
                ? Answer(formatter.Name, text, formatted.Replace("\r\n", "\n", StringComparison.Ordinal))
                : Reply.Failed(ErrorCode.Failed, result.Problem);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private static Reply Answer(string tool, string text, string formatted)
    {
        // An empty answer to a text is a tool that failed without saying so.
        if (formatted.Length == 0 && text.Length > 0)
        {
            return Reply.Failed(ErrorCode.Failed, $"{tool} printed nothing, so the file is left as it is.");
        }

        var edits = new List<FormatEdit>();
        var moved = 0;
        var units = 0;
        TextDiff.Compute(text, formatted).ForEachChange((at, removed, insert) =>
        {
            var from = at - moved;
            edits.Add(new FormatEdit(from, from + removed, insert));
            moved += insert.Length - removed;
            units += insert.Length;
        });
        return units > MaxEdits
            ? Reply.Failed(ErrorCode.TooLarge, $"{tool} changes more than a million characters at once. Run it in a terminal.")
            : Reply.Of(new FormatAnswer(tool, Mark(text), edits), FormatJson.Default.FormatAnswer);
    }

    /// <summary>As the editors have it.</summary>
    private string? TextOf(string path, string full) =>
        documents.UnsavedText(path) ?? (new DocumentFile(full).Read() is { State: FileState.Text } reading ? reading.Content!.Text : null);

    /// <summary>A program in the file's folder or one above it, up to the root.</summary>
    private string? FindAbove(string path, string tool)
    {
        for (var folder = Path.GetDirectoryName(path) ?? ""; ; folder = Path.GetDirectoryName(folder) ?? "")
        {
            var file = Path.Combine(files.Root, folder, tool);
            if (File.Exists(file))
            {
                return file;
            }

            if (folder.Length == 0)
            {
                return null;
            }
        }
    }
}

/// <summary>JSON of <c>format.run</c>, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FormatAnswer))]
internal sealed partial class FormatJson : JsonSerializerContext;
