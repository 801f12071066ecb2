using System.Globalization;
using System.Text;
using System.Text.Json;
using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Audit;

/// <summary>Every entry that was asked for as a file, newest first, sent while it is read: the server holds a page of it at a time.</summary>
internal sealed record AuditExport(ControlDatabase Database, AuditQuestion Question, CurrentUser User, bool Csv) : IResult
{
    // Read at once; a slow reader then holds no transaction of the database.
    private const int Page = 500;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (answer, cancel) = (httpContext.Response, httpContext.RequestAborted);
        answer.ContentType = Csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        answer.Headers.ContentDisposition = $"attachment; filename=\"audit.{(Csv ? "csv" : "ndjson")}\"";
        var rows = new List<AuditEntry>();
        long? before = null;
        var text = new StringBuilder(Csv ? "id,at,who,act,workspace,about,address,way\r\n" : "");
        do
        {
            await using (var context = await Database.OpenAsync(cancel))
            {
                rows = await Question.Of(context, User).Where(e => before == null || e.Id < before).Take(Page).ToListAsync(cancel);
            }

            foreach (var entry in rows.Select(AuditAnswer.Of))
            {
                text = Csv ? Line(text, entry) : text.Append(JsonSerializer.Serialize(entry, ControlJson.Default.AuditAnswer)).Append('\n');
                before = entry.Id;
            }

            await answer.WriteAsync(text.ToString(), cancel);
            text.Clear();
        }
        while (rows.Count == Page);
    }

    private static StringBuilder Line(StringBuilder text, AuditAnswer e) => text
        .Append(string.Join(',', new[]
        {
            e.Id.ToString(CultureInfo.InvariantCulture), e.At.ToString("O", CultureInfo.InvariantCulture), e.Who, e.Act, e.Workspace, e.About, e.Address, e.Way,
        }.Select(Cell)))
        .Append("\r\n");

    /// <summary>What begins like a formula is one to a spreadsheet, and names are chosen by anyone.</summary>
    private static string Cell(string? text) =>
        text is null or "" ? ""
        : $"\"{(text[0] is '=' or '+' or '-' or '@' or '\t' ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
