using Microsoft.AspNetCore.Http;

namespace DropIt.Control.Users;

/// <summary>The user of a request, as <see cref="Access.RouteGuard"/> found them.</summary>
/// <param name="Id">Their key.</param>
/// <param name="Name">As shown.</param>
/// <param name="Account">User name; the name where they have none.</param>
/// <param name="Admin">They look after the server.</param>
/// <param name="Session">Id of the browser's session.</param>
internal sealed record CurrentUser(int Id, string Name, string Account, bool Admin, string Session)
{
    /// <summary>Called by the framework for a parameter of this type.</summary>
    public static ValueTask<CurrentUser?> BindAsync(HttpContext http) => new(http.Features.Get<CurrentUser>());
}
