using System.Net.NetworkInformation;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Variables;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DropIt.Control.Workspaces;

/// <summary>Enters new workspaces, whichever way their files came.</summary>
internal sealed class WorkspaceRegister(
    ControlDatabase database, ControlOptions options, WorkspaceQuota quota, WorkspaceStore store, TimeProvider time) : IDisposable
{
    // Programs get PORT from here. Outside the ephemeral range of Linux (32768 up), above what services commonly take, and ten times the
    // workspaces a server may hold.
    private const int FirstPort = 20000;
    private const int Ports = 12_000;

    // Two creates at once must not choose one port. Another server's may: the row is refused then, and the next choice knows.
    private const int MaxTries = 20;

    private readonly SemaphoreSlim _choosing = new(1, 1);

    /// <summary>A name as it is kept; null when it has not 1 to <see cref="Workspace.MaxNameLength"/> characters on one line.</summary>
    public static string? NameOf(string? name) =>
        name?.Trim() is { Length: > 0 and <= Workspace.MaxNameLength } text && !text.Any(char.IsControl) ? text : null;

    /// <summary>Why there can be no more workspaces of theirs, for the user; null when there can.</summary>
    public async Task<string?> RefusalAsync(Belonging whose, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return await context.Workspaces.CountAsync(cancel) >= options.MaxWorkspaces
            ? $"This server already holds {options.MaxWorkspaces} workspaces, the most it takes. Delete one that is no longer needed."
            : await quota.RefusalAsync(context, whose, 0, cancel);
    }

    /// <summary>Enters a workspace whose files are in storage; they go again when that is more than there may be.</summary>
    /// <param name="slug">Names it.</param>
    /// <param name="whose">Whose it is.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="stack">What it was made from.</param>
    /// <param name="entry">Says who made it, and how.</param>
    /// <param name="variables">What its programs are started with from the first; sealed for it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The row, or why there is none.</returns>
    public async Task<(Workspace? Row, string? Refusal)> AddAsync(
        Slug slug, Belonging whose, string name, string stack, AuditEntry entry, IReadOnlyList<Variable> variables, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var row = new Workspace
        {
            Slug = slug.Value,
            OwnerId = whose.Owner,
            TeamId = whose.Team,
            Bytes = whose.Team is null ? null : (await store.ListAsync(slug, cancel)).Value?.Bytes,
            Name = name,
            Stack = stack,
            CreatedAt = now,
            UsedAt = now,
            Port = 0,
            Variables = variables.Count,
        };
        await using var context = await database.OpenAsync(cancel);
        await _choosing.WaitAsync(cancel);
        try
        {
            await using var all = await context.Database.BeginTransactionAsync(cancel);
            if (await quota.RefusalAsync(context, whose, row.Bytes ?? 0, cancel) is { } refusal)
            {
                await store.DeleteAsync(slug, CancellationToken.None);
                return (null, refusal);
            }

            context.Workspaces.Add(row);
            context.Variables.AddRange(variables);
            context.AuditEntries.Add(entry);
            for (var tries = 1; ; tries++)
            {
                var taken = await context.Workspaces.Select(w => w.Port).ToHashSetAsync(cancel);

                // What listens on this machine now, such as the programs of another server, would be in the way.
                taken.UnionWith(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(l => l.Port));
                row.Port = FirstFree(taken);
                try
                {
                    await context.SaveChangesAsync(cancel);
                    break;
                }
                catch (DbUpdateException e) when (tries < MaxTries && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
                {
                }
            }

            await all.CommitAsync(cancel);
        }
        finally
        {
            _choosing.Release();
        }

        return (row, null);
    }

    /// <inheritdoc/>
    public void Dispose() => _choosing.Dispose();

    /// <summary>From anywhere in the range: of two servers on one machine neither knows what the other has promised to programs that do not run yet.</summary>
    private static int FirstFree(HashSet<int> taken)
    {
        var port = Random.Shared.Next(FirstPort, FirstPort + Ports);
        while (taken.Contains(port))
        {
            port = port + 1 < FirstPort + Ports ? port + 1 : FirstPort;
        }

        return port;
    }
}
