using DropIt.Control.Access;
using DropIt.Control.Accounts;
using DropIt.Control.Admin;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Importing;
using DropIt.Control.Page;
using DropIt.Control.Preferences;
using DropIt.Control.Sharing;
using DropIt.Control.Stacks;
using DropIt.Control.Teams;
using DropIt.Control.Tickets;
using DropIt.Control.Tokens;
using DropIt.Control.Users;
using DropIt.Control.Variables;
using DropIt.Control.Workspaces;
using DropIt.Storage.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace DropIt.Control;

/// <summary>The control role: sign-in, stacks, workspaces, tickets, the page.</summary>
public static class ControlRole
{
    /// <summary>What control needs, and what the orchestrator and the gateway share with it: the database, the watch and the key.</summary>
    public static void AddControl(this IServiceCollection services, ControlOptions options, SigningKey key)
    {
        services.AddSingleton(options);
        services.AddSingleton(key);
        if (options.Postgres is { } postgres)
        {
            services.AddSingleton(postgres);
            services.AddSingleton<PostgresSeat>();
            services.AddSingleton<ILeadership>(provider => provider.GetRequiredService<PostgresSeat>());
            services.AddSingleton<PostgresEngine>();
            services.AddHostedService<WorkspaceNews>();
            services.AddSingleton(provider => new ControlDatabase(provider.GetRequiredService<PostgresEngine>()));
        }
        else
        {
            services.AddSingleton<ILeadership, SoleLeadership>();
            services.AddSingleton(new ControlDatabase(new SqliteEngine(options)));
        }

        services.AddProtectionKeys(options);
        services.AddSingleton<VariableSeal>();
        services.AddSingleton(provider => new WorkspaceVariables(
            provider.GetRequiredService<ControlDatabase>(),
            provider.GetRequiredService<VariableSeal>(),
            provider.GetRequiredService<ILogger<WorkspaceVariables>>()));
        services.AddSingleton<WorkspaceWatch>();
        services.AddSingleton<WorkspaceFollowing>();
        services.AddSingleton<AwakeReasons>();
        services.TryAddSingleton<IWorkspaceUses, UnknownUses>();
        services.AddSingleton<PublishedPorts>();
        services.AddSingleton<PersonalQuota>();
        services.AddSingleton<TeamQuota>();
        services.AddSingleton<WorkspaceQuota>();
        services.AddSingleton(provider => new WorkspaceWaking(
            provider.GetRequiredService<Rates>(),
            provider.GetRequiredService<WorkspaceQuota>(),
            provider.GetRequiredService<ControlDatabase>(),
            provider.GetRequiredService<WorkspaceWatch>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WorkspaceRegister>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<ApiTokens>();
        services.AddSingleton<Rates>();
        services.AddSingleton<Upgrades>();
        services.AddSingleton<RouteGuard>();
        services.AddSingleton<SignInTokens>();
        services.AddSingleton<StackGallery>();
        services.AddSingleton<PageFiles>();
        services.AddSingleton<ImportSet>();
        services.AddHostedService(provider => provider.GetRequiredService<ImportSet>());
        services.AddHostedService<AuditThinning>();
        if (options.Accounts is { } accounts)
        {
            services.AddAccounts(options, accounts);
            services.AddHostedService<Expiry>();
        }

        services.AddOpenApiDocument(options);
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // UseSentences answers
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ControlJson.Default));
    }

    /// <summary>What stands before control's routes. The caller has checked the host.</summary>
    public static void UseControl(this IApplicationBuilder app)
    {
        app.UsePageHeaders();
        app.UseSentences();
        app.UseProviders(app.ApplicationServices.GetRequiredService<ControlOptions>());
    }

    /// <summary>Asks who may use the route that was found.</summary>
    public static void UseRouteGuard(this IApplicationBuilder app)
    {
        var guard = app.ApplicationServices.GetRequiredService<RouteGuard>();
        app.Use((http, next) => guard.AnswerAsync(http, new Func<HttpContext, Task>(next.Invoke)));
    }

    /// <summary>Every route of the control origin.</summary>
    public static void MapControl(this IEndpointRouteBuilder routes)
    {
        routes.MapSession();
        routes.MapStacks();
        routes.MapWorkspaces();
        routes.MapOpening();
        routes.MapWorkspaceFiles();
        routes.MapVersions();
        routes.MapVariables();
        routes.MapPorts();
        routes.MapPreferences();
        routes.MapImports();
        routes.MapAudit();
        routes.MapTokens();
        routes.MapAdmin();
        routes.MapOpenApi();
        if (routes.ServiceProvider.GetRequiredService<ControlOptions>().Accounts is not null)
        {
            routes.MapAccounts();
            routes.MapSharing();
            routes.MapTeams();
            routes.MapTeamTemplates();
            routes.MapMoving();
            routes.MapTeamsAdmin();
        }

        routes.MapPage();
    }

    private static void MapStacks(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/stacks", (StackGallery gallery) => TypedResults.Ok(gallery.List()));

    /// <summary>
    /// A body that cannot be read is the caller's error, and a store or a database that cannot be reached nobody's: each is answered with a sentence like any
    /// other.
    /// </summary>
    private static void UseSentences(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        try
        {
            await next(http);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = e.StatusCode;
        }
        catch (ObjectStoreException e) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await Problem.Of(StatusCodes.Status503ServiceUnavailable, e.Message).ExecuteAsync(http);
        }
        catch (Exception e) when (!http.Response.HasStarted && DatabaseTrouble.CauseOf(e) is { } cause)
        {
            http.Response.Clear();
            await Unavailable.Answer(http, cause).ExecuteAsync(http);
            return;
        }

        // A body that breaks off while it is read leaves only its status behind.
        if (http.Response is { HasStarted: false, ContentType: null } && CureOf(http.Response.StatusCode) is { } cure)
        {
            await Problem.Of(http.Response.StatusCode, cure).ExecuteAsync(http);
        }
    });

    private static string? CureOf(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => "The body is larger than the 64 KiB this API reads.",
        StatusCodes.Status415UnsupportedMediaType => "The body must be JSON with Content-Type: application/json.",
        StatusCodes.Status400BadRequest =>
            "The request cannot be read: its body is not the JSON that docs/api.md describes, or a parameter is not what it should be.",
        _ => null,
    };
}
