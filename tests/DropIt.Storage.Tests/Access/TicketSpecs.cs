using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using Microsoft.AspNetCore.Routing;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.Access;

/// <summary>
/// Every route of the storage service by everyone who may come: generated from its routes, all of which answer the workspace's own runner and nobody else. One
/// that forgets to ask who comes fails here.
/// </summary>
public sealed partial class TicketSpecs
{
    [Fact]
    public async Task Every_route_is_for_the_workspaces_own_runner_alone()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var soon = rig.Time.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds();
        var people = new Dictionary<string, AuthenticationHeaderValue?>
        {
            ["anonymous"] = null,
            ["another scheme"] = new("Basic", rig.Ticket(slug)),
            ["no ticket but words"] = new("Bearer", "nonsense"),
            ["a ticket that was written over"] = new("Bearer", rig.Ticket(slug) + "x"),
            ["a ticket that is signed by another"] = new("Bearer", new Ticket(slug.Value, "u", Role.Runner, soon).Sign(other)),
            ["a stranger's runner"] = new("Bearer", rig.Ticket(Slug.Fresh())),
            ["expired"] = new("Bearer", rig.Ticket(slug, seconds: 0)),
            ["viewer"] = new("Bearer", rig.Ticket(slug, Role.Viewer)),
            ["editor"] = new("Bearer", rig.Ticket(slug, Role.Editor)),
            ["owner"] = new("Bearer", rig.Ticket(slug, Role.Owner)),
            ["visitor"] = new("Bearer", rig.Ticket(slug, Role.Visitor)),
            ["runner"] = new("Bearer", rig.Ticket(slug)),
        };
        var wrong = new List<string>();
        var routes = rig.Routes.ToList();
        foreach (var route in routes)
        {
            var path = Parameter().Replace(route.RoutePattern.RawText!, parameter => ValueOf(parameter.Groups[1].Value, slug));
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST", "PUT", "DELETE"])
            {
                foreach (var (who, authorization) in people)
                {
                    using var request = new HttpRequestMessage(new(method), path);
                    request.Headers.Authorization = authorization;
                    using var answer = await rig.Http.SendAsync(request, Cancel);
                    if ((answer.StatusCode == HttpStatusCode.Unauthorized) == (who == "runner"))
                    {
                        wrong.Add($"{method} {path} by {who}: {answer.StatusCode}");
                    }
                }
            }
        }

        Assert.NotEmpty(routes);
        Assert.Empty(wrong);
    }

    private static string ValueOf(string parameter, Slug slug) => parameter switch
    {
        "slug" => slug.Value,
        "id" => "1-1",
        "name" => "cache",
        _ => new string('0', 64),
    };

    [GeneratedRegex(@"\{(\w+)[^}]*\}")]
    private static partial Regex Parameter();
}
