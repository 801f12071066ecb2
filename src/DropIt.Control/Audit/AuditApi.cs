using System.Globalization;
using System.Text.Json;
using DropIt.Control.Answers;
using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Audit;

/// <summary>One entry of <c>GET /api/audit</c>.</summary>
internal sealed record AuditAnswer(
    long Id, DateTimeOffset At, string Who, string Act, string? Workspace, string? About, string Address, string Way)
{
    public static AuditAnswer Of(AuditEntry e) => new(
        e.Id, e.At, e.Who, Named(e.Act), e.Workspace, e.About, e.Address, Named(e.Way));

    private static string Named<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

/// <summary><c>GET /api/audit</c>; <paramref name="Next"/> is the <c>before</c> of the next page, null at the end.</summary>
internal sealed record AuditPage(IReadOnlyList<AuditAnswer> Entries, long? Next);

/// <summary>What was asked for; each part narrows it.</summary>
/// <param name="Who">User name.</param>
/// <param name="Workspace">Slug.</param>
/// <param name="Act">One kind.</param>
/// <param name="Since">Not before.</param>
/// <param name="Until">Before.</param>
internal sealed record AuditQuestion(string? Who, string? Workspace, Act? Act, DateTimeOffset? Since, DateTimeOffset? Until)
{
    /// <summary>Reads the query; the text says what is wrong with it.</summary>
    public static (AuditQuestion? Question, string? Refusal) Read(IQueryCollection query)
    {
        string? Text(string name) => query[name].ToString() is { Length: > 0 } text ? text.Trim() : null;
        Act? act = null;
        if (Text("act") is { } named)
        {
            if (!Enum.TryParse<Act>(named, ignoreCase: true, out var known) || !Enum.IsDefined(known) || char.IsAsciiDigit(named[0]))
            {
                return (null, "There is no such act. docs/api.md lists them.");
            }

            act = known;
        }

        return Time(Text("since"), out var since) && Time(Text("until"), out var until)
            ? (new AuditQuestion(Text("who")?.ToLowerInvariant(), Text("workspace"), act, since, until), null)
            : (null, "since and until are times such as 2026-11-28T09:00:00Z.");
    }

    /// <summary>The entries of it that <paramref name="user"/> may see, newest first: an admin all; others those of their own workspaces and of those of teams they look after, and their own.</summary>
    public IQueryable<AuditEntry> Of(ControlContext context, CurrentUser user)
    {
        IQueryable<AuditEntry> all = context.AuditEntries.AsNoTracking();
        if (!user.Admin)
        {
            all = all.Where(e => e.UserId == user.Id || context.Workspaces.Any(w => w.Slug == e.Workspace
                && ((w.TeamId == null && w.OwnerId == user.Id) || context.TeamMembers.Any(m => m.TeamId == w.TeamId && m.UserId == user.Id && m.Admin))));
        }

        all = Who is { } who ? all.Where(e => e.Who == who) : all;
        all = Workspace is { } workspace ? all.Where(e => e.Workspace == workspace) : all;
        all = Act is { } act ? all.Where(e => e.Act == act) : all;
        all = Since is { } since ? all.Where(e => e.At >= since) : all;
        all = Until is { } until ? all.Where(e => e.At < until) : all;
        return all.OrderByDescending(e => e.Id);
    }

    private static bool Time(string? text, out DateTimeOffset? time)
    {
        var read = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var known);
        time = read ? known : null;
        return read || text is null;
    }
}

/// <summary>Who did what.</summary>
internal static class AuditApi
{
    private const int MaxPage = 200;

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/audit", ListAsync);
        routes.MapGet("/api/audit/export", Export);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, CurrentUser user, ControlDatabase database, long? before, int? limit, CancellationToken cancel)
    {
        var (question, refusal) = AuditQuestion.Read(http.Request.Query);
        if (question is null || limit is < 1 or > MaxPage)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, refusal ?? $"A page has 1 to {MaxPage} entries.");
        }

        var most = limit ?? 50;
        await using var context = await database.OpenAsync(cancel);
        var rows = await question.Of(context, user).Where(e => before == null || e.Id < before).Take(most + 1).ToListAsync(cancel);
        return TypedResults.Ok(new AuditPage([.. rows.Take(most).Select(AuditAnswer.Of)], rows.Count > most ? rows[most - 1].Id : null));
    }

    private static IResult Export(HttpContext http, CurrentUser user, ControlDatabase database, string? format)
    {
        var (question, refusal) = AuditQuestion.Read(http.Request.Query);
        return question is null ? Problem.Of(StatusCodes.Status400BadRequest, refusal!)
            : format is null or "ndjson" ? new AuditExport(database, question, user, Csv: false)
            : format == "csv" ? new AuditExport(database, question, user, Csv: true)
            : Problem.Of(StatusCodes.Status400BadRequest, "An export is ndjson or csv. Choose one of these.");
    }
}
