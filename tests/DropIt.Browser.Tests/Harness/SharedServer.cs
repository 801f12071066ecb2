using DropIt.Browser.Tests.Harness;

[assembly: AssemblyFixture(typeof(SharedServer))]

namespace DropIt.Browser.Tests.Harness;

/// <summary>The server of all tests that leave it running; those that stop or kill one start their own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private TestServer? _server;

    internal TestServer Server => _server ?? throw new InvalidOperationException("The server is not started yet.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
