using DropIt.Control.Answers;
using DropIt.Control.Database;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Users;

/// <summary>Rows of people.</summary>
internal static class UserRows
{
    /// <summary>Whoever has the user name and may sign in.</summary>
    public static async Task<User?> NamedAsync(this ControlContext context, string? userName, CancellationToken cancel)
    {
        var name = (userName ?? "").Trim().ToUpperInvariant();
        return await context.Users.AsNoTracking().FirstOrDefaultAsync(u => u.NormalizedUserName == name && !u.Disabled, cancel);
    }

    /// <summary>Whoever else counts for the same person waits until the transaction ends: a row is written as it is.</summary>
    public static Task HoldUserAsync(this ControlContext context, int user, CancellationToken cancel) =>
        context.Users.Where(u => u.Id == user).ExecuteUpdateAsync(s => s.SetProperty(u => u.Name, u => u.Name), cancel);

    /// <summary>The answer when there is nobody.</summary>
    public static IResult Nobody(string? userName) => Problem.Of(
        StatusCodes.Status404NotFound, $"Nobody here has the user name '{(userName is { Length: > 39 } ? userName[..39] : userName)}'. Ask them how it is written.");
}
