using Microsoft.AspNetCore.Http;

namespace DropIt.Control.Users;

/// <summary>The user of a request, as <see cref="Access.RouteGuard"/> found them.</summary>
/// <param name="Id">Their key.</param>
/// <param name="Name">As shown.</param>
/// <param name="Account">User name; the name where they have none.</param>
/// <param name="Admin">They look after the server.</param>
/// <param name="Session">Id of the browser's session; empty for a program.</param>
/// <param name="Scope">What the API token may do that a program came with; null for a browser.</param>
internal sealed record CurrentUser(int Id, string Name, string Account, bool Admin, string Session, Access.Scope? Scope = null)
{
    /// <summary>Called by the framework for a parameter of this type.</summary>
    public static ValueTask<CurrentUser?> BindAsync(HttpContext http) => new(http.Features.Get<CurrentUser>());
}
