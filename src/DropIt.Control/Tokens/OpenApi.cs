using System.Collections.Frozen;
using System.Text.RegularExpressions;
using DropIt.Control.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scope = DropIt.Control.Access.Scope;

namespace DropIt.Control.Tokens;

/// <summary>
/// <c>GET /api/openapi.json</c>: the REST API for programs that make clients of it. Made from the routes when someone asks; who may use each, and with which
/// token, comes from the table of rules.
/// </summary>
internal static partial class OpenApi
{
    private const string Document = "v1";
    private const string Token = "token";

    // Descriptions of routes leave out some of what a parameter must look like.
    private static readonly FrozenDictionary<string, Rule> s_rules = RouteRules.All.ToFrozenDictionary(r => Parameter().Replace(r.Key, "{$1}"), r => r.Value);

    public static void AddOpenApiDocument(this IServiceCollection services, ControlOptions options) => services.AddSingleton<OpenApiText>().AddOpenApi(Document, o =>
    {
        o.ShouldInclude = route => route.RelativePath?.StartsWith("api/", StringComparison.Ordinal) is true;
        o.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "drop.it",
                Version = options.Version,
                Description = "Errors are application/problem+json; detail is a sentence with cause and cure. 429 and 503 say in Retry-After when to try again.",
            };
            document.Servers = [new() { Url = options.Origin }];
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Token] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API token, made on the account's page." },
            };
            return Task.CompletedTask;
        });
        o.AddOperationTransformer((operation, context, _) =>
        {
            var rule = s_rules[Parameter().Replace($"{context.Description.HttpMethod} /{context.Description.RelativePath}", "{$1}")];
            operation.Description = Words(rule);
            if (rule.Scope != Scope.None)
            {
                operation.Security = [new() { [new OpenApiSecuritySchemeReference(Token, context.Document)] = [] }];
            }

            return Task.CompletedTask;
        });
    });

    public static void MapOpenApi(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/openapi.json", async (OpenApiText document) => TypedResults.Text(await document.Text, "application/json"));

    private static string Words(Rule rule) => (rule.Right switch
    {
        Right.Anyone => "For anyone.",
        Right.SignedIn => "For whoever is signed in.",
        Right.Person => "For whoever is signed in, about their own account.",
        Right.Admin => "For admins.",
        Right.View => "For viewers of the workspace and more.",
        Right.Team => "For members of the team.",
        Right.TeamAdmin => "For admins of the team.",
        Right.Edit => "For editors of the workspace and its owner.",
        _ => "For the owner of the workspace.",
    }) + (rule.Scope == Scope.None ? " Not by an API token." : $" By an API token: its scope is at least {rule.Scope.ToString().ToLowerInvariant()}.");

    [GeneratedRegex(@"\{\**(\w+)(:[^}]*)?\}")]
    private static partial Regex Parameter();
}

/// <summary>The document, made once.</summary>
internal sealed class OpenApiText([FromKeyedServices("v1")] IOpenApiDocumentProvider provider)
{
    private readonly Lazy<Task<string>> _text = new(async () =>
        await (await provider.GetOpenApiDocumentAsync(CancellationToken.None)).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, CancellationToken.None));

    /// <summary>JSON.</summary>
    public Task<string> Text => _text.Value;
}
