using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DropIt.Control.Access;

/// <summary>
/// Who may use which route of the server, and with which API token: all of it, in one table. A route that is not in it answers nobody.
/// </summary>
internal static class RouteRules
{
    private static readonly ConcurrentDictionary<Endpoint, Rule?> s_found = new();

    /// <summary>By method and pattern; <c>*</c> for a route of every method.</summary>
    public static FrozenDictionary<string, Rule> All { get; } = new Dictionary<string, Rule>
    {
        // The page: files that say nothing about anyone.
        ["GET /"] = new(Right.Anyone),
        ["GET /w/{slug}"] = new(Right.Anyone),
        ["GET /new/{stack}"] = new(Right.Anyone),
        ["GET /signup"] = new(Right.Anyone),
        ["GET /account"] = new(Right.Anyone),
        ["GET /join/{token}"] = new(Right.Anyone),
        ["GET /people"] = new(Right.Anyone),
        ["GET /admin"] = new(Right.Anyone),
        ["GET /audit"] = new(Right.Anyone),
        ["GET /teams"] = new(Right.Anyone),
        ["GET /teams/{team}"] = new(Right.Anyone),
        ["* {**path}"] = new(Right.Anyone),
        ["GET /healthz"] = new(Right.Anyone),
        ["GET /readyz"] = new(Right.Anyone),
        ["GET /api/openapi.json"] = new(Right.Anyone),

        // Becoming someone.
        ["GET /signin"] = new(Right.Anyone, Rate: Rate.SignIn),
        ["GET /signin/{provider}"] = new(Right.Anyone, Rate: Rate.SignIn),
        ["GET /api/signin"] = new(Right.Anyone),
        ["POST /api/signin"] = new(Right.Anyone, Rate: Rate.SignIn),
        ["POST /api/signup"] = new(Right.Anyone, Rate: Rate.SignIn),
        ["POST /api/signin/passkey/options"] = new(Right.Anyone, Rate: Rate.SignIn),
        ["POST /api/signin/passkey"] = new(Right.Anyone, Rate: Rate.SignIn),

        // One's own.
        ["GET /api/session"] = new(Right.SignedIn, Scope.Read),
        ["DELETE /api/session"] = new(Right.Person),
        ["GET /api/settings"] = new(Right.SignedIn, Scope.Read),
        ["PUT /api/settings"] = new(Right.SignedIn, Scope.Write),
        ["GET /api/account"] = new(Right.Person),
        ["PATCH /api/account"] = new(Right.Person),
        ["PUT /api/account/password"] = new(Right.Person, Rate: Rate.SignIn),
        ["GET /api/account/sessions"] = new(Right.Person),
        ["DELETE /api/account/sessions"] = new(Right.Person),
        ["DELETE /api/account/sessions/{id}"] = new(Right.Person),
        ["POST /api/account/passkeys/options"] = new(Right.Person),
        ["POST /api/account/passkeys"] = new(Right.Person),
        ["DELETE /api/account/passkeys/{id}"] = new(Right.Person),
        ["DELETE /api/account/logins/{provider}"] = new(Right.Person),
        ["GET /api/account/tokens"] = new(Right.Person),
        ["POST /api/account/tokens"] = new(Right.Person),
        ["DELETE /api/account/tokens/{id}"] = new(Right.Person),

        // Who did what: admins all of it, others what is theirs.
        ["GET /api/audit"] = new(Right.SignedIn, Scope.Read),
        ["GET /api/audit/export"] = new(Right.SignedIn, Scope.Read),

        // Everyone's accounts.
        ["GET /api/admin/users"] = new(Right.Admin, Scope.Admin),
        ["PUT /api/admin/users/{id}/quota"] = new(Right.Admin, Scope.Admin),
        ["POST /api/admin/users"] = new(Right.Admin, Scope.Admin),
        ["PATCH /api/admin/users/{id}"] = new(Right.Admin, Scope.Admin),
        // It makes whoever has the answer that user: not what a token may.
        ["POST /api/admin/users/{id}/signin"] = new(Right.Admin),
        ["GET /api/admin/invitations"] = new(Right.Admin, Scope.Admin),
        ["POST /api/admin/invitations"] = new(Right.Admin, Scope.Admin),
        ["DELETE /api/admin/invitations/{id}"] = new(Right.Admin, Scope.Admin),

        ["GET /api/admin/teams"] = new(Right.Admin, Scope.Admin),
        ["PUT /api/admin/teams/{id}/quota"] = new(Right.Admin, Scope.Admin),

        // The server, and everyone's workspaces from outside.
        ["GET /api/admin/server"] = new(Right.Admin, Scope.Admin),
        ["GET /api/admin/workspaces"] = new(Right.Admin, Scope.Admin),
        ["GET /api/admin/workspaces/{slug}/events"] = new(Right.Admin, Scope.Admin),
        ["GET /api/admin/workspaces/{slug}/size"] = new(Right.Admin, Scope.Admin),
        ["POST /api/admin/workspaces/{slug}/stop"] = new(Right.Admin, Scope.Admin),

        // Teams; who may make one is an option, which the route looks at.
        ["GET /api/teams"] = new(Right.SignedIn, Scope.Read),
        ["POST /api/teams"] = new(Right.SignedIn, Scope.Write, Rate.Create),
        ["GET /api/teams/{team}"] = new(Right.Team, Scope.Read),
        ["PATCH /api/teams/{team}"] = new(Right.TeamAdmin, Scope.Write),
        ["DELETE /api/teams/{team}"] = new(Right.TeamAdmin, Scope.Write),
        ["POST /api/teams/{team}/members"] = new(Right.TeamAdmin, Scope.Write),
        ["PATCH /api/teams/{team}/members/{user:int}"] = new(Right.TeamAdmin, Scope.Write),
        ["DELETE /api/teams/{team}/members/{user:int}"] = new(Right.TeamAdmin, Scope.Write),
        ["DELETE /api/teams/{team}/membership"] = new(Right.Team, Scope.Write),
        ["POST /api/teams/{team}/templates"] = new(Right.TeamAdmin, Scope.Write, Rate.Create),
        ["PATCH /api/teams/{team}/templates/{id}"] = new(Right.TeamAdmin, Scope.Write),
        ["DELETE /api/teams/{team}/templates/{id}"] = new(Right.TeamAdmin, Scope.Write),

        // Making workspaces. An import belongs to whoever began it: its routes look.
        ["GET /api/stacks"] = new(Right.SignedIn, Scope.Read),
        ["GET /api/workspaces"] = new(Right.SignedIn, Scope.Read),
        ["POST /api/workspaces"] = new(Right.SignedIn, Scope.Write, Rate.Create),
        ["POST /api/imports/git"] = new(Right.SignedIn, Scope.Write, Rate.Create),
        ["POST /api/imports/zip"] = new(Right.SignedIn, Scope.Write, Rate.Create),
        ["GET /api/imports/{id}/events"] = new(Right.SignedIn, Scope.Read),
        ["DELETE /api/imports/{id}"] = new(Right.SignedIn, Scope.Write),

        // In a workspace.
        ["GET /api/workspaces/{slug}"] = new(Right.View, Scope.Read),
        ["PATCH /api/workspaces/{slug}"] = new(Right.Own, Scope.Write),
        ["DELETE /api/workspaces/{slug}"] = new(Right.Own, Scope.Write),
        ["POST /api/workspaces/{slug}/fork"] = new(Right.View, Scope.Write, Rate.Create),
        ["POST /api/workspaces/{slug}/open"] = new(Right.View, Scope.Write, Rate.Ticket),
        ["POST /api/workspaces/{slug}/stop"] = new(Right.Edit, Scope.Write),
        ["POST /api/workspaces/{slug}/preview"] = new(Right.View, Scope.Write, Rate.Ticket),
        ["GET /api/workspaces/{slug}/events"] = new(Right.View, Scope.Read),
        ["GET /api/workspaces/{slug}/view"] = new(Right.View, Scope.Read),
        ["PUT /api/workspaces/{slug}/view"] = new(Right.View, Scope.Write),
        ["GET /api/workspaces/{slug}/files"] = new(Right.View, Scope.Read),
        ["GET /api/workspaces/{slug}/files/{**path}"] = new(Right.View, Scope.Read),
        ["GET /api/workspaces/{slug}/archive.zip"] = new(Right.View, Scope.Read),
        ["GET /api/workspaces/{slug}/versions"] = new(Right.View, Scope.Read),
        ["GET /api/workspaces/{slug}/versions/{id}/files"] = new(Right.View, Scope.Read),
        ["GET /api/workspaces/{slug}/versions/{id}/files/{**path}"] = new(Right.View, Scope.Read),
        ["GET /api/workspaces/{slug}/versions/{id}/changes"] = new(Right.View, Scope.Read),
        ["GET /api/workspaces/{slug}/versions/{id}/archive.zip"] = new(Right.View, Scope.Read),
        ["GET /api/workspaces/{slug}/ports"] = new(Right.View, Scope.Read),
        ["PUT /api/workspaces/{slug}/ports/{port:int}"] = new(Right.Own, Scope.Write),
        ["GET /api/workspaces/{slug}/variables"] = new(Right.Edit, Scope.Read),
        ["PUT /api/workspaces/{slug}/variables/{name}"] = new(Right.Edit, Scope.Write),
        ["DELETE /api/workspaces/{slug}/variables/{name}"] = new(Right.Edit, Scope.Write),
        ["GET /api/workspaces/{slug}/people"] = new(Right.Own, Scope.Read),
        ["POST /api/workspaces/{slug}/people"] = new(Right.Own, Scope.Write),
        ["PATCH /api/workspaces/{slug}/people/{user:int}"] = new(Right.Own, Scope.Write),
        ["DELETE /api/workspaces/{slug}/people/{user:int}"] = new(Right.Own, Scope.Write),
        ["DELETE /api/workspaces/{slug}/membership"] = new(Right.View, Scope.Write),
        ["POST /api/workspaces/{slug}/links"] = new(Right.Own, Scope.Write),
        ["DELETE /api/workspaces/{slug}/links/{id}"] = new(Right.Own, Scope.Write),
        ["POST /api/workspaces/{slug}/owner"] = new(Right.Own, Scope.Write),
        ["PUT /api/workspaces/{slug}/team"] = new(Right.Own, Scope.Write),
        ["POST /api/links/{token}"] = new(Right.SignedIn, Scope.Write, Rate.Ticket),
        ["GET /enter"] = new(Right.Preview, Rate: Rate.Ticket),
    }.ToFrozenDictionary();

    /// <summary>The rule of an endpoint; null when it has none.</summary>
    public static Rule? Find(Endpoint endpoint) => s_found.GetOrAdd(endpoint, static e => All.GetValueOrDefault(NameOf(e)) ?? OfOtherDoors(NameOf(e)));

    /// <summary>An endpoint as the table names it.</summary>
    public static string NameOf(Endpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods;
        var pattern = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? endpoint.DisplayName ?? "";
        pattern = pattern.Length > 1 ? pattern.TrimEnd('/') : pattern;
        return $"{(methods is { Count: > 0 } ? string.Join(',', methods) : "*")} {pattern}";
    }

    /// <summary>The admin socket, the storage service and metrics have doors of their own, which lead to nothing else, and nothing else to them.</summary>
    private static Rule? OfOtherDoors(string name) =>
        name.Contains(" /storage/", StringComparison.Ordinal) || name.Contains(" /admin/", StringComparison.Ordinal) || name.EndsWith(" /metrics", StringComparison.Ordinal)
            ? new(Right.Machine)
            : null;
}
