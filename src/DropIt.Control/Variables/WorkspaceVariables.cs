using DropIt.Control.Database;
using DropIt.Protocol.Workspaces;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DropIt.Control.Variables;

/// <summary>What the orchestrator tells runners to start programs with.</summary>
public sealed class WorkspaceVariables
{
    private readonly ControlDatabase _database;
    private readonly VariableSeal _seal;
    private readonly ILogger<WorkspaceVariables> _log;

    internal WorkspaceVariables(ControlDatabase database, VariableSeal seal, ILogger<WorkspaceVariables> log) => (_database, _seal, _log) = (database, seal, log);

    /// <summary>All variables and secrets of a workspace, as of the version that they have at least.</summary>
    public async Task<VariablesNotice> ReadAsync(Slug slug, CancellationToken cancel)
    {
        await using var context = await _database.OpenAsync(cancel);
        var version = await context.Workspaces.Where(w => w.Slug == slug.Value).Select(w => w.Variables).FirstOrDefaultAsync(cancel);
        var rows = version == 0 ? [] : await context.Variables.AsNoTracking().Where(v => v.Slug == slug.Value).ToListAsync(cancel);
        var opened = rows.Select(v => (v.Name, Value: _seal.Open(v))).ToList();
        if (opened.Count(v => v.Value is null) is > 0 and var lost)
        {
            _log.LogWarning("Workspace {Slug}: {Count} variables cannot be opened, they were sealed with a key that is not here; its page says which to set again", slug, lost);
        }

        return new(version, opened.Where(v => v.Value is not null).ToDictionary(v => v.Name, v => v.Value!));
    }
}
