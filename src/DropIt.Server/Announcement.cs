using DropIt.Control;
using DropIt.Control.Database;
using DropIt.Control.Tickets;
using DropIt.Control.Users;
using DropIt.Server.Options;

namespace DropIt.Server;

/// <summary>Says that the server is ready.</summary>
internal sealed class ReadyWord(ServerOptions options, ILogger<ReadyWord> log)
{
    /// <summary>Tells people the way in. What is kept as a log tells only that: an address to sign in at opens the door once to whoever reads it.</summary>
    public void Say(string where)
    {
        if (options.JsonLogs)
        {
            log.LogInformation("drop.it is ready: {Roles}", RolesReader.Describe(options.Roles));
        }
        else
        {
            Console.WriteLine("drop.it is ready: " + where);
        }
    }
}

/// <summary>
/// Brings the database up to date beside the opening of the port, and tells the address to sign in at once both are done. A database that
/// cannot be used ends the server.
/// </summary>
internal sealed class Announcement(
    ControlDatabase database, SignInTokens tokens, SigningKey key, ControlOptions options, ReadyWord ready, IHostApplicationLifetime lifetime)
    : IHostedLifecycleService
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
        ready.Say(await tokens.FreshAddressAsync(User.LocalId, cancellationToken));
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
