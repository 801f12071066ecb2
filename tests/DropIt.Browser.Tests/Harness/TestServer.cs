using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace DropIt.Browser.Tests.Harness;

/// <summary>
/// The built server as a process, on a data folder and a port of its own, started the way <c>./dropit up</c> starts it. It may be
/// stopped or killed and started again: port and data stay, so pages that are open find it where it was.
/// </summary>
internal sealed partial class TestServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly (string Variable, string Folder)[] s_caches =
    [
        ("npm_config_cache", ".npm"), ("npm_config_userconfig", ".npmrc"), ("NUGET_PACKAGES", ".nuget/packages"),
        ("GOPATH", "go"), ("GOCACHE", ".cache/go-build"), ("PIP_CACHE_DIR", ".cache/pip"),
    ];

    private static readonly string[] s_shared = [".npm", ".nuget/packages", "go"];

    private readonly string _data = Directory.CreateTempSubdirectory("dropit-test-").FullName;
    private readonly int _port = FreePort();
    private readonly SemaphoreSlim _signIn = new(1);
    private readonly StringBuilder _output = new();
    private Process? _process;

    private readonly string? _path;

    private readonly string _web;

    private readonly string[] _more;

    private readonly Dictionary<string, string> _environment;

    private readonly TlsFront? _tls;

    private TestServer(string? path, string? domain, bool tls, string? web, string[] more, Dictionary<string, string> environment)
    {
        _environment = environment;
        _web = web ?? Repository.Web;
        _path = path;
        _tls = tls ? new TlsFront() : null;
        _tls?.PassOnTo(_port);
        Origin = _tls is null ? $"http://{domain ?? "localhost"}:{_port}" : $"https://{domain}:{_tls.Port}";
        _more = domain is null ? more : ["--domain", domain, "--origin", Origin, .. more];
    }

    /// <summary>Origin of the page.</summary>
    public string Origin { get; }

    /// <summary>The port that everything is served on.</summary>
    public int Port => _port;

    /// <summary>The folder that the server keeps everything in.</summary>
    public string Data => _data;

    private string CookieFile => _data + ".cookies.json";

    /// <summary>One-time address that signs a browser in, as the last start printed it.</summary>
    public string SignInAddress { get; private set; } = "";

    /// <summary>All that the server has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a server on an empty data folder.</summary>
    /// <param name="path">The PATH that it and its workspaces find programs on; null: that of the tests.</param>
    /// <param name="domain">The name that page and workspaces are reached by; null: localhost.</param>
    /// <param name="tls">By https, with a certificate that nobody signed.</param>
    /// <param name="web">The built page; null: that of the repository.</param>
    /// <param name="more">Options besides those that every test needs.</param>
    /// <param name="environment">What no option may say, such as keys.</param>
    public static async Task<TestServer> StartAsync(
        string? path = null, string? domain = null, bool tls = false, string? web = null, string[]? more = null, Dictionary<string, string>? environment = null)
    {
        var server = new TestServer(path, domain, tls, web, more ?? [], environment ?? []);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on what the last run left; returns when it serves.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo(Repository.Server)
        {
            ArgumentList =
            {
                "--port", _port.ToString(CultureInfo.InvariantCulture), "--data", _data, "--web", _web,
                "--templates", Repository.Templates, "--runner", Repository.Runner,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var option in _more)
        {
            start.ArgumentList.Add(option);
        }

        foreach (var (variable, value) in _environment)
        {
            start.Environment[variable] = value;
        }

        if (_path is not null)
        {
            start.Environment["PATH"] = _path;
        }

        // What the shells of this machine's user do at their start is theirs; what the toolchains have fetched before is used, by workspaces in sandboxes too.
        var own = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        start.Environment["HOME"] = Directory.CreateDirectory(Path.Combine(_data, "home")).FullName;
        foreach (var (variable, folder) in s_caches)
        {
            start.Environment.TryAdd(variable, Path.Combine(own, folder));
        }

        start.ArgumentList.Add("--sandbox-share");
        start.ArgumentList.Add(string.Join(',', s_shared.Select(folder => Directory.CreateDirectory(Path.Combine(own, folder)).FullName)));

        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data, address);
        process.ErrorDataReceived += (_, line) => Read(line.Data, address);
        process.Exited += (_, _) => address.TrySetException(
            new InvalidOperationException($"The server ended before it printed its address. It said:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        SignInAddress = await address.Task.WaitAsync(Patience);
    }

    /// <summary>
    /// Signs in with the one-time address, the first time that it is asked; later browsers get the cookies of that one.
    /// </summary>
    /// <returns>File with the cookies.</returns>
    public async Task<string> SignedInAsync(Chromium chromium)
    {
        await _signIn.WaitAsync();
        try
        {
            if (!File.Exists(CookieFile))
            {
                await using var context = await chromium.Browser.NewContextAsync(new() { IgnoreHTTPSErrors = _tls is not null });
                var page = await context.NewPageAsync();
                await page.GotoAsync(SignInAddress);
                await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What do you want to build?" })).ToBeVisibleAsync();
                await context.StorageStateAsync(new() { Path = CookieFile });
            }

            return CookieFile;
        }
        finally
        {
            _signIn.Release();
        }
    }

    /// <summary>
    /// Ends it as a service manager does; returns when it has ended. Not by SIGINT, which is ignored by what a shell starts in the background, this
    /// suite and all of its processes perhaps.
    /// </summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        var process = _process ?? throw new InvalidOperationException("The server does not run.");
        Signal.Send(process.Id, "TERM");
        await process.WaitForExitAsync().WaitAsync(Patience);
        _process = null;
        return process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        var process = _process ?? throw new InvalidOperationException("The server does not run.");
        process.Kill();
        await process.WaitForExitAsync().WaitAsync(Patience);
        _process = null;
    }

    /// <summary>Stops it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            try
            {
                await StopAsync();
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
                throw;
            }
        }

        if (_tls is not null)
        {
            await _tls.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
        File.Delete(CookieFile);
        _signIn.Dispose();
    }

    private void Read(string? line, TaskCompletionSource<string> address)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (AddressInLine().Match(line) is { Success: true } match)
        {
            address.TrySetResult(match.Value);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"https?://\S+token=\S+")]
    private static partial Regex AddressInLine();
}
