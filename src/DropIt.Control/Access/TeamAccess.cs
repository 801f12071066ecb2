using System.Globalization;
using DropIt.Control.Answers;
using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Access;

/// <summary>That the caller is in the team of the request, as <see cref="RouteGuard"/> found.</summary>
/// <param name="Id">The team.</param>
/// <param name="Name">What it was called then.</param>
/// <param name="Admin">The caller is one of its admins.</param>
internal sealed record TeamAccess(int Id, string Name, bool Admin)
{
    /// <summary>Called by the framework for a parameter of this type.</summary>
    public static ValueTask<TeamAccess?> BindAsync(HttpContext http) => new(http.Features.Get<TeamAccess>());

    /// <summary>What <paramref name="user"/> is in the team; null when it is not there for them.</summary>
    public static async Task<TeamAccess?> FindAsync(ControlDatabase database, int? team, CurrentUser user, CancellationToken cancel)
    {
        if (team is null)
        {
            return null;
        }

        await using var context = await database.OpenAsync(cancel);
        return await context.TeamMembers.Where(m => m.TeamId == team && m.UserId == user.Id)
            .Join(context.Teams, m => m.TeamId, t => t.Id, (m, t) => new TeamAccess(t.Id, t.Name, m.Admin)).FirstOrDefaultAsync(cancel);
    }

    /// <summary>The team that a workspace shall belong to, as a request names it.</summary>
    /// <returns>Null for both when none is named; the answer when it is none for <paramref name="user"/>.</returns>
    public static async Task<(TeamAccess? Team, IResult? Problem)> NamedAsync(ControlDatabase database, int? team, CurrentUser user, CancellationToken cancel)
    {
        var found = await FindAsync(database, team, user, cancel);
        return (found, team is not null && found is null ? Problem.NoTeam() : null);
    }

    /// <summary>The number of a team in a route; null when it is none.</summary>
    public static int? Parse(object? value) => int.TryParse(value as string, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
