using System.Globalization;
using DropIt.Control.Database;
using DropIt.Control.Users;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Teams;

/// <summary>One bound of a team; <paramref name="Most"/>: null for none.</summary>
internal sealed record TeamBound(decimal Used, decimal? Most);

/// <summary>
/// What a team may have and has. <paramref name="AwakeNames"/>: what of it is awake. <paramref name="Note"/>: what cannot be bounded as this server runs
/// workspaces, and why.
/// </summary>
internal sealed record TeamQuotaAnswer(
    TeamBound Workspaces,
    TeamBound Awake,
    TeamBound Cores,
    TeamBound MemoryMegabytes,
    TeamBound StorageMegabytes,
    IReadOnlyList<string> AwakeNames,
    string? Note);

/// <summary>
/// What the workspaces of one team may take together. A refusal is a sentence for the user with the bound, what uses it and the cure; inside a transaction it
/// holds until that ends.
/// </summary>
internal sealed class TeamQuota(ControlOptions options, WorkspaceStore store)
{
    private const long Mebibyte = 1024 * 1024;
    private const string More = "or ask an admin of this server for more.";

    // More names are no help in a sentence.
    private const int MaxNamed = 5;

    /// <summary>Why a team can have no workspace more of <paramref name="bytes"/>; null when it can.</summary>
    public async Task<string?> RefusalAsync(ControlContext context, int team, long bytes, CancellationToken cancel)
    {
        if (await HeldAsync(context, team, cancel) is not { } row)
        {
            return Gone;
        }

        if (MaxWorkspaces(row) is { } most && await context.Workspaces.CountAsync(w => w.TeamId == team && w.Wanted != Wanted.Gone, cancel) >= most)
        {
            return $"The team {row.Name} may have {PersonalQuota.Count(most)}, and that many are there. Delete one that is no longer needed, {More}";
        }

        return await StorageRefusalAsync(context, row, bytes, cancel);
    }

    /// <summary>Why a team can have no more <paramref name="bytes"/> in storage; null when it can.</summary>
    public static async Task<string?> StorageRefusalAsync(ControlContext context, int team, long bytes, CancellationToken cancel) =>
        await HeldAsync(context, team, cancel) is { } row ? await StorageRefusalAsync(context, row, bytes, cancel) : Gone;

    /// <summary>Why a team cannot have one more of its workspaces awake; null when it can.</summary>
    public async Task<string?> AwakeRefusalAsync(ControlContext context, int team, Workspace one, CancellationToken cancel)
    {
        if (await HeldAsync(context, team, cancel) is not { } row)
        {
            return Gone;
        }

        if (MaxAwake(row) is null && row.MaxMillicores is null && row.MaxMemoryMegabytes is null)
        {
            return null;
        }

        var awake = await AwakeAsync(context, team, one.Slug, cancel);
        var (names, own) = (Names([.. awake.Select(w => w.Name)]), await options.Limits(one.Stack));
        if (MaxAwake(row) is { } most && awake.Count >= most)
        {
            return $"The team {row.Name} may have {PersonalQuota.Count(most)} awake at once, and {names} awake. Stop one of them, then open this one again, {More}";
        }

        if (row.MaxMillicores is { } cores && own.Millicores is { } more && awake.Sum(w => w.Limits.Millicores ?? 0) is var used && used + more > cores)
        {
            return $"The team {row.Name} may use {Cores(cores)} at once: {names} awake with {Cores(used)}, and this one may use {Cores(more)}. {Cure(awake.Count, used, more, cores)}";
        }

        if (row.MaxMemoryMegabytes is { } memory && own.MemoryMegabytes is { } takes && awake.Sum(w => w.Limits.MemoryMegabytes ?? 0) is var taken && taken + takes > memory)
        {
            return $"The team {row.Name} may use {memory} MiB of memory at once: {names} awake with {taken} MiB, and this one may use {takes} MiB. {Cure(awake.Count, taken, takes, memory)}";
        }

        return null;
    }

    /// <summary>What each of some teams may have and has.</summary>
    public async Task<IReadOnlyDictionary<int, TeamQuotaAnswer>> LookAsync(ControlContext context, IReadOnlyList<Team> teams, CancellationToken cancel)
    {
        var ids = teams.Select(t => t.Id).ToList();
        var rows = (await context.Workspaces.Where(w => w.TeamId != null && ids.Contains(w.TeamId.Value) && w.Wanted != Wanted.Gone)
            .OrderBy(w => w.Name).Select(w => new { w.TeamId, w.Name, w.Stack, w.Wanted, w.Bytes }).ToListAsync(cancel)).ToLookup(w => w.TeamId);
        var templates = await context.TeamTemplates.Where(t => ids.Contains(t.TeamId))
            .GroupBy(t => t.TeamId).Select(g => new { g.Key, Bytes = g.Sum(t => t.Bytes) }).ToDictionaryAsync(g => g.Key, g => g.Bytes, cancel);
        var limits = new Dictionary<string, WorkspaceLimits>();
        foreach (var stack in rows.SelectMany(w => w).Select(w => w.Stack).Append("").Distinct())
        {
            limits[stack] = await options.Limits(stack);
        }

        return teams.ToDictionary(t => t.Id, team =>
        {
            var (all, awake) = (rows[team.Id].ToList(), rows[team.Id].Where(w => w.Wanted == Wanted.Awake).ToList());
            return new TeamQuotaAnswer(
                new(all.Count, MaxWorkspaces(team)),
                new(awake.Count, MaxAwake(team)),
                new(awake.Sum(w => limits[w.Stack].Millicores ?? 0) / 1000m, team.MaxMillicores / 1000m),
                new(awake.Sum(w => limits[w.Stack].MemoryMegabytes ?? 0), team.MaxMemoryMegabytes),
                new(Math.Round((decimal)(all.Sum(w => w.Bytes ?? 0) + templates.GetValueOrDefault(team.Id)) / Mebibyte, 2), team.MaxStorageMegabytes),
                [.. awake.Select(w => w.Name)],
                string.Join(' ', all.Select(w => w.Stack).DefaultIfEmpty("").Select(stack => limits[stack].Note).OfType<string>().Distinct()) is { Length: > 0 } note ? note : null);
        });
    }

    /// <summary>Bytes of a workspace's files in storage; null when they cannot be told.</summary>
    public async Task<long?> SizeAsync(string slug, CancellationToken cancel) =>
        Slug.TryParse(slug, out var named) ? (await store.ListAsync(named, cancel)).Value?.Bytes : null;

    private int? MaxWorkspaces(Team team) => team.MaxWorkspaces ?? options.WorkspacesEach;

    private int? MaxAwake(Team team) => team.MaxAwake ?? options.AwakeEach;

    private const string Gone = "There is no such team any more. Choose where else it belongs.";

    private static async Task<Team?> HeldAsync(ControlContext context, int team, CancellationToken cancel) =>
        await context.HoldAsync(team, cancel) ? await context.Teams.AsNoTracking().FirstOrDefaultAsync(t => t.Id == team, cancel) : null;

    private static async Task<string?> StorageRefusalAsync(ControlContext context, Team team, long bytes, CancellationToken cancel)
    {
        if (team.MaxStorageMegabytes is not { } most || await StorageAsync(context, team.Id, cancel) is var used && used + bytes <= most * Mebibyte)
        {
            return null;
        }

        var largest = await context.Workspaces.Where(w => w.TeamId == team.Id && w.Wanted != Wanted.Gone && w.Bytes > 0)
            .OrderByDescending(w => w.Bytes).Take(MaxNamed).Select(w => new { w.Name, w.Bytes }).ToListAsync(cancel);
        var what = largest.Count == 0 ? "" : $" The largest: {string.Join(", ", largest.Select(w => $"{w.Name} ({Size(w.Bytes!.Value)})"))}.";
        return $"The team {team.Name} may hold {most} MiB in storage, and has {Size(used)}{(bytes > 0 ? $"; this takes {Size(bytes)}" : "")}.{what} Delete what is no longer needed, {More}";
    }

    private static async Task<long> StorageAsync(ControlContext context, int team, CancellationToken cancel) =>
        await context.Workspaces.Where(w => w.TeamId == team && w.Wanted != Wanted.Gone).SumAsync(w => w.Bytes ?? 0, cancel)
        + await context.TeamTemplates.Where(t => t.TeamId == team).SumAsync(t => t.Bytes, cancel);

    private async Task<List<(string Name, WorkspaceLimits Limits)>> AwakeAsync(ControlContext context, int team, string? except, CancellationToken cancel)
    {
        var rows = await context.Workspaces.Where(w => w.TeamId == team && w.Wanted == Wanted.Awake && w.Slug != except)
            .OrderBy(w => w.Name).Select(w => new { w.Name, w.Stack }).ToListAsync(cancel);
        var all = new List<(string, WorkspaceLimits)>(rows.Count);
        foreach (var row in rows)
        {
            all.Add((row.Name, await options.Limits(row.Stack)));
        }

        return all;
    }

    /// <summary>"web and api are", "nothing is": the subject of a sentence.</summary>
    private static string Names(IReadOnlyList<string> all) => all.Count switch
    {
        0 => "nothing is",
        1 => $"{all[0]} is",
        <= MaxNamed => $"{string.Join(", ", all.SkipLast(1))} and {all[^1]} are",
        _ => $"{string.Join(", ", all.Take(MaxNamed))} and {all.Count - MaxNamed} more are",
    };

    /// <summary>Stopping others does not help one that needs more than the team has.</summary>
    private static string Cure(int awake, int used, int more, int most) => awake > 0 && more <= most && used > 0
        ? $"Stop one of them, then open this one again, {More}"
        : "Ask an admin of this server for more.";

    private static string Cores(int millicores) => (millicores / 1000m).ToString("0.###", CultureInfo.InvariantCulture) is "1" ? "1 core" : string.Create(
        CultureInfo.InvariantCulture, $"{millicores / 1000m:0.###} cores");

    private static string Size(long bytes) => bytes < Mebibyte
        ? string.Create(CultureInfo.InvariantCulture, $"{(bytes + 1023) / 1024} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{(decimal)bytes / Mebibyte:0.#} MiB");
}
