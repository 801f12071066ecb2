using System.Net;
using DropIt.Runner.Packages;
using DropIt.Runner.Tests.Ports;

namespace DropIt.Runner.Tests.Packages;

/// <summary>Registries as their protocols say, from a server on this machine. The addresses are those that pip, go and npm are told of.</summary>
public sealed class RegistrySpecs : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("dropit-registry-").FullName;
    private readonly HttpListener _listener = new();
    private readonly int _port = PortSpecs.FreePort();
    private readonly Dictionary<string, string> _answers = [];
    private readonly List<string> _asked = [];
    private Task _serving = Task.CompletedTask;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Origin => $"http://127.0.0.1:{_port}";

    public ValueTask InitializeAsync()
    {
        _listener.Prefixes.Add(Origin + "/");
        _listener.Start();
        _serving = ServeAsync();
        Environment.SetEnvironmentVariable("PIP_INDEX_URL", Origin + "/simple/");
        Environment.SetEnvironmentVariable("GOPROXY", $"off,{Origin}/go,direct");
        File.WriteAllText(Path.Combine(_root, ".npmrc"), $"registry={Origin}/npm/\n");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        Environment.SetEnvironmentVariable("PIP_INDEX_URL", null);
        Environment.SetEnvironmentVariable("GOPROXY", null);
        _listener.Close();
        await _serving;
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_Python_package_is_looked_up_by_its_normal_name_and_the_newest_finished_version_counts()
    {
        _answers["/simple/zope-interface/"] = """{"name":"zope-interface","versions":["5.0","6.10.1","6.9","7.0rc1","7.0.dev2"]}""";
        var found = await new Registry(_root).FindAsync("pypi", "Zope.Interface", Cancel);
        Assert.True(found.Exact);
        Assert.Equal([new FoundPackage("zope-interface", "6.10.1", null)], found.Packages);
        Assert.Equal(["/simple/zope-interface/ application/vnd.pypi.simple.v1+json"], _asked);
        Assert.Empty((await new Registry(_root).FindAsync("pypi", "no-such-thing", Cancel)).Packages);
    }

    [Fact]
    public async Task A_Go_module_is_looked_up_at_the_first_proxy_with_its_capitals_escaped()
    {
        _answers["/go/github.com/!burnt!sushi/toml/@latest"] = """{"Version":"v1.4.0","Time":"2024-05-23T13:10:00Z"}""";
        var found = await new Registry(_root).FindAsync("go", "github.com/BurntSushi/toml", Cancel);
        Assert.True(found.Exact);
        Assert.Equal([new FoundPackage("github.com/BurntSushi/toml", "v1.4.0", null)], found.Packages);
        Environment.SetEnvironmentVariable("GOPROXY", "direct");
        var error = await Assert.ThrowsAsync<RegistryException>(() => new Registry(_root).FindAsync("go", "github.com/x/y", Cancel));
        Assert.Contains("GOPROXY names no proxy", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Npm_packages_are_searched_at_the_registry_of_the_workspace()
    {
        _answers["/npm/-/v1/search?size=20&text=left%20pad"] =
            """{"objects":[{"package":{"name":"left-pad","version":"1.3.0","description":"Pads"}},{"package":{"name":"pad-left","version":"2.1.0"}}]}""";
        _answers["/npm/@scope%2fleft/latest"] = """{"name":"@scope/left","version":"0.2.0"}""";
        var found = await new Registry(_root).FindAsync("npm", "left pad", Cancel);
        Assert.False(found.Exact);
        Assert.Equal([new FoundPackage("left-pad", "1.3.0", "Pads"), new FoundPackage("pad-left", "2.1.0", null)], found.Packages);
        Assert.Equal("0.2.0", (await new Registry(_root).LatestAsync("npm", "@scope/left", Cancel))?.Version);
    }

    [Theory]
    [InlineData("pypi")]
    [InlineData("go")]
    [InlineData("npm")]
    public async Task One_that_cannot_be_reached_or_answers_nonsense_says_what_to_do(string registry)
    {
        _answers["/simple/broken/"] = _answers["/go/broken/@latest"] = _answers["/npm/broken/latest"] = "<html>";
        var nonsense = await Assert.ThrowsAsync<RegistryException>(() => new Registry(_root).LatestAsync(registry, "broken", Cancel));
        Assert.Contains("127.0.0.1 cannot be reached", nonsense.Message, StringComparison.Ordinal);
        _listener.Stop();
        var gone = await Assert.ThrowsAsync<RegistryException>(() => new Registry(_root).LatestAsync(registry, "gone", Cancel));
        Assert.Contains("can still be added by its exact name", gone.Message, StringComparison.Ordinal);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var path = context.Request.RawUrl!;
                _asked.Add($"{path} {context.Request.Headers["Accept"]}");
                context.Response.StatusCode = _answers.TryGetValue(path, out var answer) ? 200 : 404;
                context.Response.Close(System.Text.Encoding.UTF8.GetBytes(answer ?? ""), willBlock: false);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // it is closed
            }
        }
    }
}
