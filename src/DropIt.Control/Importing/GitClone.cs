using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace DropIt.Control.Importing;

/// <summary>
/// Runs git for one import, in a folder of its own: a cleared environment, no configuration but ours, no hooks, no prompts, nothing but http. The files are counted
/// before they are written out, and what lies on disk is measured while git works.
/// </summary>
/// <param name="folder">Exists, empty; the repository comes into <c>tree</c> below it.</param>
/// <param name="options">Bounds.</param>
internal sealed partial class GitClone(string folder, ImportOptions options)
{
    private const string Missing = "git is not installed on this server. "
        + "Whoever runs it can install it (on Debian and Ubuntu: apt install git); a zip can be imported without it.";

    // What git says at its end is a few lines.
    private const int MaxSaid = 4096;

    private static readonly TimeSpan s_measure = TimeSpan.FromMilliseconds(500);

    private string Tree => Path.Combine(folder, "tree");

    /// <summary>Fetches and writes out the files.</summary>
    /// <param name="found">Where from.</param>
    /// <param name="history">All of it, or only the newest state.</param>
    /// <param name="progress">Told a share from 0 to 1, and in words what is done.</param>
    /// <param name="cancel">Kills git.</param>
    /// <returns>Null, or why not, for the user.</returns>
    public async Task<string?> RunAsync(FoundRepository found, bool history, Action<double, string> progress, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.Combine(folder, "home"));
        string[] depth = history ? [] : ["--depth", "1", "--no-tags"];
        var cloned = await GitAsync(
            found,
            ["clone", "--progress", "--no-checkout", "--single-branch", "--no-recurse-submodules", "--template=", .. depth, "--", found.Url.AbsoluteUri, Tree],
            line => Report(line, progress),
            cancel);
        if (cloned.Error is not null || cloned.Code != 0)
        {
            return cloned.Error ?? Words(cloned.Said, found.Url.Host);
        }

        if ((await GitAsync(null, ["-C", Tree, "rev-parse", "--verify", "--quiet", "HEAD"], null, cancel)).Code != 0)
        {
            return null; // nothing has been committed there yet
        }

        progress(0.9, "Writing the files");
        if (await CountAsync(cancel) is { } tooMany)
        {
            return tooMany;
        }

        var written = await GitAsync(null, ["-C", Tree, "-c", "core.hooksPath=/dev/null", "reset", "--hard", "--quiet", "HEAD"], null, cancel);
        return written.Error ?? (written.Code == 0 ? null : Words(written.Said, found.Url.Host));
    }

    /// <summary>A repository of some KB can stand for millions of files; they are counted before the first is written.</summary>
    private async Task<string?> CountAsync(CancellationToken cancel)
    {
        using var git = Start(null, ["-C", Tree, "ls-tree", "-r", "-l", "HEAD"]);
        long bytes = 0;
        var files = 0;
        try
        {
            while (await git.StandardOutput.ReadLineAsync(cancel) is { } line)
            {
                files++;
                bytes += SizeInLine().Match(line) is { Success: true } size ? long.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
                if (files > options.MaxFiles || bytes > options.MaxBytes)
                {
                    return TooMuch();
                }
            }

            await git.WaitForExitAsync(cancel);
            return null;
        }
        finally
        {
            await EndAsync(git);
        }
    }

    private async Task<(int Code, string Said, string? Error)> GitAsync(
        FoundRepository? from, string[] arguments, Action<string>? line, CancellationToken cancel)
    {
        Process git;
        try
        {
            git = Start(from, arguments);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "", Missing);
        }

        using (git)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var said = ReadAsync(git.StandardError, line);
            var measured = MeasureAsync(stop.Token);
            try
            {
                var ended = git.WaitForExitAsync(cancel);
                if (await Task.WhenAny(ended, measured) == measured && await measured)
                {
                    return (-1, "", TooMuch());
                }

                await ended;
                return (git.ExitCode, await said, null);
            }
            finally
            {
                await EndAsync(git);
                await stop.CancelAsync();
                await measured;
                await said;
            }
        }
    }

    private Process Start(FoundRepository? from, string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        foreach (var (name, value) in Variables(from))
        {
            start.Environment[name] = value;
        }

        start.Environment["PATH"] = path;
        start.Environment["HOME"] = Path.Combine(folder, "home");
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>
    /// Everything git is configured with. The token goes this way and not as an argument, which every process of the machine may read; git keeps none of it.
    /// </summary>
    private static Dictionary<string, string> Variables(FoundRepository? from)
    {
        List<(string Key, string Value)> configuration =
        [
            ("core.hooksPath", "/dev/null"),
            ("core.fsmonitor", "false"),
            ("credential.helper", ""),
            ("protocol.allow", "never"),
            ("protocol.http.allow", "always"),
            ("protocol.https.allow", "always"),
            ("http.followRedirects", "false"),
            ("http.lowSpeedLimit", "1000"),
            ("http.lowSpeedTime", "60"),
            ("gc.auto", "0"),
            ("advice.detachedHead", "false"),
        ];
        if (from is not null)
        {
            var addresses = from.Addresses.Select(a => a.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{a}]" : a.ToString());
            if (!IPAddress.TryParse(from.Url.Host.Trim('[', ']'), out _))
            {
                configuration.Add(("http.curloptResolve", $"{from.Url.Host}:{from.Url.Port}:{string.Join(',', addresses)}"));
            }

            if (from.Authorization is { } authorization)
            {
                configuration.Add(("http.extraHeader", "Authorization: " + authorization));
            }
        }

        var variables = new Dictionary<string, string>
        {
            ["LANG"] = "C.UTF-8",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_ASKPASS"] = "false",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_LFS_SKIP_SMUDGE"] = "1",
            ["GIT_CONFIG_COUNT"] = configuration.Count.ToString(CultureInfo.InvariantCulture),
        };
        for (var i = 0; i < configuration.Count; i++)
        {
            variables[$"GIT_CONFIG_KEY_{i}"] = configuration[i].Key;
            variables[$"GIT_CONFIG_VALUE_{i}"] = configuration[i].Value;
        }

        foreach (var certificates in (string[])["SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"])
        {
            if (Environment.GetEnvironmentVariable(certificates) is { Length: > 0 } value)
            {
                variables[certificates] = value;
            }
        }

        return variables;
    }

    /// <summary>True as soon as there is more on disk than may be; false when asked to stop.</summary>
    private async Task<bool> MeasureAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_measure);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var (files, bytes) = FolderSize.Of(folder);
                // Beside the files lies what git keeps of them.
                if (files > (2 * options.MaxFiles) + 1000 || bytes > 2 * options.MaxBytes)
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program has ended first.
        }

        return false;
    }

    /// <summary>Git's messages line by line; progress ends in a carriage return. The answer is the end of them.</summary>
    private static async Task<string> ReadAsync(StreamReader errors, Action<string>? line)
    {
        var buffer = new char[1024];
        var kept = "";
        for (int n; (n = await errors.ReadAsync(buffer)) > 0;)
        {
            kept += new string(buffer, 0, n);
            kept = kept.Length > MaxSaid ? kept[^MaxSaid..] : kept;
            if (line is not null && kept.TrimEnd('\r', '\n').Split('\r', '\n') is [.., var last])
            {
                line(last);
            }
        }

        return kept;
    }

    private static void Report(string line, Action<double, string> progress)
    {
        if (PercentInLine().Match(line) is not { Success: true } match)
        {
            return;
        }

        var share = int.Parse(match.Groups["percent"].Value, CultureInfo.InvariantCulture) / 100.0;
        var size = match.Groups["size"].Value;
        if (match.Groups["what"].Value == "Receiving objects")
        {
            progress(0.8 * share, size.Length > 0 ? $"Fetching, {size} so far" : "Fetching");
        }
        else
        {
            progress(0.8 + (0.1 * share), "Putting it together");
        }
    }

    private static async Task EndAsync(Process git)
    {
        if (!git.HasExited)
        {
            git.Kill(entireProcessTree: true);
        }

        await git.WaitForExitAsync();
    }

    private string TooMuch() =>
        $"The repository is larger than what is taken: "
            + $"{options.MaxBytes / 1024 / 1024:n0} MiB and {options.MaxFiles:n0} files. Import it without its history, or a part of it as a zip.";

    private static string Words(string said, string host)
    {
        var last = said.Split('\r', '\n').LastOrDefault(line => line.StartsWith("fatal:", StringComparison.Ordinal) || line.StartsWith("error:", StringComparison.Ordinal));
        return said.Contains("No space left", StringComparison.Ordinal)
            ? "The server's disk is full. Free some space and try again."
            : $"git could not fetch it from {host}: {last ?? "it ended without saying why"}. Try again; "
                + "if it stays so, look at the repository there.";
    }

    [GeneratedRegex(@"(?<what>Receiving objects|Resolving deltas):\s+(?<percent>\d+)%[^,]*(, (?<size>[\d.]+ [KMG]?i?B))?")]
    private static partial Regex PercentInLine();

    [GeneratedRegex(@"^\S+ \S+ \S+ +(\d+)\t")]
    private static partial Regex SizeInLine();
}
