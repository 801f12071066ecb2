using System.Text;
using System.Text.Json;
using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Preferences;

/// <summary>Two small documents that the page keeps here so that they follow its user to another device. The last writer wins.</summary>
internal static class PreferencesApi
{
    private const string Nothing = "{}";

    public static void MapPreferences(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/settings", GetSettingsAsync);
        routes.MapPut("/api/settings", PutSettingsAsync);
        routes.MapGet("/api/workspaces/{slug}/view", GetViewAsync);
        routes.MapPut("/api/workspaces/{slug}/view", PutViewAsync);
    }

    private static async Task<IResult> GetSettingsAsync(CurrentUser user, ControlDatabase database, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return Answer(await context.Settings.Where(s => s.UserId == user.Id).Select(s => s.Json).FirstOrDefaultAsync(cancel));
    }

    private static async Task<IResult> PutSettingsAsync(
        JsonElement body, CurrentUser user, ControlDatabase database, CancellationToken cancel)
    {
        if (Refusal(body, UserSettings.MaxLength) is { } refusal)
        {
            return refusal;
        }

        var json = body.GetRawText();
        await using var context = await database.OpenAsync(cancel);
        await KeepAsync(
            () => context.Settings.Where(s => s.UserId == user.Id).ExecuteUpdateAsync(s => s.SetProperty(x => x.Json, json), cancel),
            () => context.Settings.Add(new UserSettings { UserId = user.Id, Json = json }),
            context,
            cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> GetViewAsync(WorkspaceAccess access, CurrentUser user, ControlDatabase database, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return Answer(await context.Views.Of(user, access).Select(v => v.Json).FirstOrDefaultAsync(cancel));
    }

    private static async Task<IResult> PutViewAsync(
        WorkspaceAccess access, JsonElement body, CurrentUser user, ControlDatabase database, CancellationToken cancel)
    {
        if (Refusal(body, WorkspaceView.MaxLength) is { } refusal)
        {
            return refusal;
        }

        var json = body.GetRawText();
        await using var context = await database.OpenAsync(cancel);
        await KeepAsync(
            () => context.Views.Of(user, access).ExecuteUpdateAsync(v => v.SetProperty(x => x.Json, json), cancel),
            () => context.Views.Add(new WorkspaceView { UserId = user.Id, Slug = access.Slug.Value, Json = json }),
            context,
            cancel);
        return TypedResults.NoContent();
    }

    private static IQueryable<WorkspaceView> Of(this IQueryable<WorkspaceView> all, CurrentUser user, WorkspaceAccess access)
    {
        var slug = access.Slug.Value;
        return all.Where(v => v.UserId == user.Id && v.Slug == slug);
    }

    /// <summary>Updates the row, or adds it; another window may add it between the two, and then it is there to update.</summary>
    private static async Task KeepAsync(Func<Task<int>> update, Action add, ControlContext context, CancellationToken cancel)
    {
        if (await update() > 0)
        {
            return;
        }

        add();
        try
        {
            await context.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            if (await update() == 0)
            {
                throw;
            }
        }
    }

    private static IResult Answer(string? json) => TypedResults.Text(json ?? Nothing, "application/json", Encoding.UTF8);

    private static IResult? Refusal(JsonElement body, int most)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "The body must be a JSON object.");
        }

        return Encoding.UTF8.GetByteCount(body.GetRawText()) > most
            ? Problem.Of(StatusCodes.Status413PayloadTooLarge, $"The document is larger than the {most / 1024} KiB that are kept.")
            : null;
    }
}
