namespace DropIt.Server.Tests.Harness;

/// <summary>The server of all specs of a class that leave it as it is; those that stop one, or give it options, start their own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private ServerRig? _server;

    internal ServerRig Server => _server ?? throw new InvalidOperationException("The server is not started yet.");

    public async ValueTask InitializeAsync() => _server = await ServerRig.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
