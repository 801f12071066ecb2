using DropIt.Control;
using DropIt.Control.Database;
using DropIt.Control.Tickets;
using DropIt.Control.Users;

namespace DropIt.Server;

/// <summary>
/// Brings the database up to date beside the opening of the port, and tells the address to sign in at once both are done. A database that
/// cannot be used ends the server.
/// </summary>
internal sealed class Announcement(
    ControlDatabase database, SignInTokens tokens, SigningKey key, ControlOptions options, IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    private Task _preparing = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _preparing = Task.Run(() => database.PrepareAsync(lifetime.ApplicationStopping), cancellationToken);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await _preparing;

        // For storage services that are other processes. With a PostgreSQL the key comes with the database, which is there now.
        await File.WriteAllTextAsync(Path.Combine(options.DataFolder, "public.key"), key.PublicKey + "\n", cancellationToken);
        Console.WriteLine("drop.it is ready: " + await tokens.FreshAddressAsync(User.LocalId, cancellationToken));
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
