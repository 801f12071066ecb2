using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DropIt.Tests.Git;

/// <summary>A git host on this machine: repositories made by a test, served by git's own <c>http-backend</c>.</summary>
internal sealed class GitServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-git-").FullName;
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _answers = [];
    private readonly Task _serving;

    private GitServer(int port)
    {
        Origin = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add(Origin + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it is.</summary>
    public string Origin { get; }

    /// <summary>The token that must be sent; null: everything is public.</summary>
    public string? Token { get; set; }

    /// <summary>Called with the path of each request, before it is answered.</summary>
    public Func<string, Task>? OnRequest { get; set; }

    /// <summary>Where it is set, a pack is sent to its half only, and the rest when this is done.</summary>
    public Task? SecondHalf { get; set; }

    public static GitServer Start()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        return new GitServer(port);
    }

    /// <summary>Makes a repository with one commit a set of files; the answer is its address.</summary>
    public string Make(string name, params IReadOnlyDictionary<string, string>[] commits)
    {
        var work = Path.Combine(_folder, name + ".work");
        Directory.CreateDirectory(work);
        Git(work, "init", "-q", "-b", "main");
        foreach (var files in commits)
        {
            foreach (var (path, text) in files)
            {
                var full = Path.Combine(work, path);
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                if (text.StartsWith("-> ", StringComparison.Ordinal))
                {
                    File.CreateSymbolicLink(full, text[3..]);
                }
                else
                {
                    File.WriteAllText(full, text);
                }
            }

            Git(work, "add", "-A");
            Git(work, "commit", "-q", "-m", "A commit");
        }

        Git(_folder, "clone", "-q", "--bare", work, name + ".git");
        return $"{Origin}/{name}.git";
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        await Task.WhenAll(_answers);
        _listener.Close();
        _end.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardError = true };
        foreach (var (name, value) in Identity)
        {
            start.Environment[name] = value;
        }

        using var git = Process.Start(start)!;
        var said = git.StandardError.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, said);
    }

    private static Dictionary<string, string> Identity => new()
    {
        ["GIT_AUTHOR_NAME"] = "Someone",
        ["GIT_AUTHOR_EMAIL"] = "someone@example.org",
        ["GIT_COMMITTER_NAME"] = "Someone",
        ["GIT_COMMITTER_EMAIL"] = "someone@example.org",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
    };

    private async Task ServeAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _answers.Add(AnswerAsync(context));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            if (OnRequest is { } told)
            {
                await told(context.Request.Url!.AbsolutePath).WaitAsync(_end.Token);
            }

            if (Token is { } token && !MayRead(context.Request.Headers["Authorization"], token))
            {
                context.Response.StatusCode = 401;
                context.Response.Headers["WWW-Authenticate"] = "Basic realm=\"git\"";
                context.Response.Close();
                return;
            }

            await BackendAsync(context);
        }
        catch (Exception e) when (e is HttpListenerException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            context.Response.Abort(); // the client has gone, or the test ends
        }
    }

    private static bool MayRead(string? header, string token) =>
        header?.StartsWith("Basic ", StringComparison.Ordinal) == true
        && Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])).EndsWith(":" + token, StringComparison.Ordinal);

    private async Task BackendAsync(HttpListenerContext context)
    {
        var request = context.Request;
        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["GIT_PROJECT_ROOT"] = _folder;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["PATH_INFO"] = request.Url!.AbsolutePath;
        start.Environment["QUERY_STRING"] = request.Url.Query.TrimStart('?');
        start.Environment["REQUEST_METHOD"] = request.HttpMethod;
        start.Environment["CONTENT_TYPE"] = request.ContentType ?? "";
        start.Environment["HTTP_CONTENT_ENCODING"] = request.Headers["Content-Encoding"] ?? "";
        start.Environment["GIT_PROTOCOL"] = request.Headers["Git-Protocol"] ?? "";
        using var git = Process.Start(start)!;
        var sending = SendAsync(request.InputStream, git.StandardInput.BaseStream);
        var output = git.StandardOutput.BaseStream;
        while (await LineAsync(output) is { Length: > 0 } line)
        {
            var (name, value) = line.Split(": ", 2) is [var n, var v] ? (n, v) : (line, "");
            if (name == "Status")
            {
                context.Response.StatusCode = int.Parse(value.Split(' ')[0], null);
            }
            else if (name == "Content-Type")
            {
                context.Response.ContentType = value;
            }
        }

        if (SecondHalf is { } second && request.HttpMethod == "POST" && request.Url.AbsolutePath.EndsWith("git-upload-pack", StringComparison.Ordinal))
        {
            using var pack = new MemoryStream();
            await output.CopyToAsync(pack);
            var half = (int)pack.Length / 2;
            await context.Response.OutputStream.WriteAsync(pack.GetBuffer().AsMemory(0, half));
            await context.Response.OutputStream.FlushAsync();
            if (pack.Length > 64 * 1024) // the answer before has the references only
            {
                await second.WaitAsync(_end.Token);
            }

            await context.Response.OutputStream.WriteAsync(pack.GetBuffer().AsMemory(half, (int)pack.Length - half));
        }

        await output.CopyToAsync(context.Response.OutputStream);
        context.Response.Close();
        await sending;
        await git.WaitForExitAsync();
    }

    private static async Task SendAsync(Stream from, Stream to)
    {
        try
        {
            await using (to)
            {
                await from.CopyToAsync(to);
            }
        }
        catch (IOException)
        {
            // git has read what it needs.
        }
    }

    private static async Task<string> LineAsync(Stream from)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await from.ReadAsync(one) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString().TrimEnd('\r');
    }
}
