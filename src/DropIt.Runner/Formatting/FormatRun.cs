using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Formatting;

/// <summary>What a formatter made of a text.</summary>
/// <param name="Text">The formatted text; null when it failed.</param>
/// <param name="Problem">Why, for the user.</param>
internal sealed record FormatResult(string? Text, string Problem);

/// <summary>Runs a formatter on a text. The file itself is not touched.</summary>
internal static class FormatRun
{
    /// <summary>A formatter that takes longer is ended.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);

    /// <summary>UTF-16 units of what it says to errors that are kept.</summary>
    private const int MaxErrors = 2_000;

    private const string EditorConfig = ".editorconfig";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Runs it to its end.</summary>
    /// <param name="formatter">Which.</param>
    /// <param name="root">The workspace's root.</param>
    /// <param name="path">The file's path in it.</param>
    /// <param name="text">The file's text, lines ending with <c>\n</c>.</param>
    /// <param name="environment">What programs here are started with.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<FormatResult> RunAsync(
        Formatter formatter, string root, string path, string text, ProgramEnvironment environment, CancellationToken ct)
    {
        if (!formatter.InPlace)
        {
            return await StartAsync(formatter.Name, formatter.Command, root, text, path, environment, ct);
        }

        // In a folder of its own, with the rules that hold where the file is.
        var folder = Directory.CreateTempSubdirectory("dropit-format-").FullName;
        try
        {
            var copy = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            CopyRules(root, folder, path);
            await File.WriteAllTextAsync(copy, text, Utf8, ct);
            var command = formatter.Command.Select(part => part == Formatters.FileArgument ? path : part).ToArray();
            var result = await StartAsync(formatter.Name, command, folder, "", path, environment, ct);
            return result.Text is null ? result : new FormatResult(await File.ReadAllTextAsync(copy, ct), "");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<FormatResult> StartAsync(
        string name,
        IReadOnlyList<string> command,
        string folder,
        string input,
        string path,
        ProgramEnvironment environment,
        CancellationToken ct)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
        };
        start.Environment.Clear();
        foreach (var (variable, value) in environment.Variables)
        {
            start.Environment[variable] = value;
        }

        start.Environment["FILE"] = path;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        end.CancelAfter(MaxTime);
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
            var output = ReadAsync(process.StandardOutput, FileContent.MaxLength, end);
            var errors = ReadAsync(process.StandardError, MaxErrors, null);
            await WriteAsync(process, input, end.Token);
            var text = await output;
            await process.WaitForExitAsync(end.Token);
            if (process.ExitCode != 0)
            {
                return Failed($"{name} ended with code {process.ExitCode}: {FirstLines(await errors)}");
            }

            return text is null ? Failed($"{name} printed more than 5 MB.") : new FormatResult(text, "");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Failed($"{name} did not end within {MaxTime.TotalSeconds:0} seconds, or printed more than 5 MB, and was ended.");
        }
        catch (Exception e) when (e is Win32Exception || FileFailure.Expected(e))
        {
            return Failed($"{name} could not be run: {e.Message}");
        }
        finally
        {
            if (process is { HasExited: false })
            {
                process.Kill(entireProcessTree: true);
            }

            process?.Dispose();
        }

        FormatResult Failed(string problem) => new(null, problem);
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it: its exit code says why.
        }
    }

    /// <summary>All that is printed up to a bound. Past it: null and the program is ended with <paramref name="end"/>, or the rest is dropped without one.</summary>
    private static async Task<string?> ReadAsync(StreamReader from, int most, CancellationTokenSource? end)
    {
        var text = new StringBuilder();
        var buffer = new char[16 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer.AsMemory(), end?.Token ?? CancellationToken.None)) > 0)
        {
            if (text.Length + read <= most)
            {
                text.Append(buffer, 0, read);
            }
            else if (end is not null)
            {
                await end.CancelAsync();
                return null;
            }
        }

        return text.ToString();
    }

    private static string FirstLines(string? errors) =>
        string.Join(' ', (errors ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(3));

    private static void CopyRules(string root, string folder, string path)
    {
        for (var at = path.IndexOf('/'); ; at = path.IndexOf('/', at + 1))
        {
            if (at < 0)
            {
                Copy("");
                return;
            }

            Copy(path[..at]);
        }

        void Copy(string below)
        {
            var rules = Path.Combine(root, below, EditorConfig);
            if (FileStat.Of(rules) is { Kind: FileKind.File })
            {
                File.Copy(rules, Path.Combine(folder, below, EditorConfig), overwrite: true);
            }
        }
    }
}
