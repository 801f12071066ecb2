using System.Collections.Frozen;

namespace DropIt.Runner.Access;

/// <summary>Whom a route of the runner answers.</summary>
internal enum Asker
{
    /// <summary>Whoever reaches it: it says how the runner is, and nothing of the workspace.</summary>
    Anyone,

    /// <summary>Whoever has a ticket of a person. The route reads it: where it stands, and what it lets its holder do, is the route's.</summary>
    Person,

    /// <summary>The orchestrator, with a ticket of the role <c>runner</c>.</summary>
    Orchestrator,
}

/// <summary>
/// Who may ask what of the runner over HTTP: all of it, in one table, as control's is for the server. What a page sends over its socket stands in
/// <see cref="Protocol.Access.MessageRights"/>; hosts of ports have no routes but the preview's own (<see cref="Preview.PreviewGate"/>).
/// </summary>
internal static class RouteRules
{
    /// <summary>By method and pattern; <c>*</c> for a route of every method.</summary>
    public static FrozenDictionary<string, Asker> All { get; } = new Dictionary<string, Asker>
    {
        ["GET /.dropit/health"] = Asker.Anyone,
        ["GET /.dropit/ready"] = Asker.Anyone,
        ["GET /.dropit/live"] = Asker.Anyone,
        ["GET /.dropit/ws"] = Asker.Person, // the ticket stands in the subprotocol
        ["* /.dropit/files/{**path}"] = Asker.Person, // a preflight comes before the ticket; a viewer puts nothing
        ["GET /.dropit/activity"] = Asker.Orchestrator,
        ["GET /.dropit/machine"] = Asker.Orchestrator,
        ["POST /.dropit/sleep"] = Asker.Orchestrator,
        ["PUT /.dropit/variables"] = Asker.Orchestrator,
    }.ToFrozenDictionary();

    /// <summary>Throws when a route of <paramref name="app"/> has no rule or a rule no route: such a runner does not start, so every spec of it fails.</summary>
    public static void Check(IEndpointRouteBuilder app)
    {
        var routes = app.DataSources.SelectMany(source => source.Endpoints).Select(NameOf).ToList();
        if (routes.Except(All.Keys).Concat(All.Keys.Except(routes)).ToList() is { Count: > 0 } odd)
        {
            throw new InvalidOperationException($"not both routed and in {nameof(RouteRules)}: {string.Join("; ", odd)}");
        }
    }

    /// <summary>Lets the request through, or refuses it; stands between routing and the routes.</summary>
    public static Task AdmitAsync(HttpContext context, Gate gate, RequestDelegate next)
    {
        if (context.GetEndpoint() is not { } endpoint || !All.TryGetValue(NameOf(endpoint), out var asker) || asker != Asker.Orchestrator)
        {
            return next(context);
        }

        var refusal = gate.Refusal(Bearer.Of(context.Request), out var ticket)
            ?? (ticket!.Role == Protocol.Tickets.Role.Runner ? null : "Only the orchestrator may ask.");
        return refusal is null ? next(context) : HttpError.WriteAsync(context, StatusCodes.Status401Unauthorized, "denied", refusal);
    }

    private static string NameOf(Endpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods;
        return $"{(methods is { Count: > 0 } ? string.Join(',', methods) : "*")} {(endpoint as RouteEndpoint)?.RoutePattern.RawText}";
    }
}
