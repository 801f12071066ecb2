using System.Net;
using System.Text.Json;
using DropIt.Control;
using DropIt.Control.Database;
using DropIt.Control.Teams;
using DropIt.Control.Users;
using DropIt.Control.Workspaces;
using DropIt.Orchestrator.Kubernetes;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;
using Microsoft.Data.Sqlite;

namespace DropIt.Server.Tests.Teams;

/// <summary>What a team may have: each bound is hit, says what uses it, and is free again.</summary>
public sealed class TeamQuotaSpecs(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public async Task Workspaces_and_those_awake_are_counted_for_the_team_and_not_for_the_person(string engine)
    {
        string[] database = engine == "SQLite" ? [] : ["--database", await postgres.DatabaseAsync()];
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open", "--workspaces-per-person", "2", .. database]);
        var (admin, ann, bob, team) = await TeamAsync(server);

        // 1. Until someone says otherwise a team has what a person has, and each of both has their own.
        var (one, two) = (await CreateAsync(ann, team, "one"), await CreateAsync(bob, team, "two"));
        var (refused, why) = await ann.RefusalAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", team });
        Assert.Equal(HttpStatusCode.Conflict, refused);
        Assert.Equal(
            "The team Red may have 2 workspaces, and that many are there. Delete one that is no longer needed, or ask an admin of this server for more.", why);
        var mine = await CreateAsync(ann, null, "mine");
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Put, $"/api/workspaces/{mine}/team", new { team }));
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Post, $"/api/workspaces/{one}/fork", new { team }));

        // 2. An admin of the server sets it; nobody else does.
        Assert.Equal(HttpStatusCode.Forbidden, await ann.StatusAsync(HttpMethod.Put, $"/api/admin/teams/{team}/quota", new { workspaces = 9 }));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.StatusAsync(HttpMethod.Put, $"/api/admin/teams/{team}/quota", new { awake = -1 }));
        Assert.Equal(HttpStatusCode.NotFound, await admin.StatusAsync(HttpMethod.Put, "/api/admin/teams/999/quota", new { awake = 1 }));
        Assert.Equal(HttpStatusCode.NoContent, await admin.StatusAsync(HttpMethod.Put, $"/api/admin/teams/{team}/quota", new { workspaces = 3, awake = 1 }));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Put, $"/api/workspaces/{mine}/team", new { team }));
        var listed = Assert.Single((await admin.GetAsync("/api/admin/teams")).EnumerateArray());
        Assert.Equal((3, 2), (listed.GetProperty("set").GetProperty("workspaces").GetInt32(), listed.GetProperty("members").GetInt32()));
        Assert.Equal(3, listed.GetProperty("quota").GetProperty("workspaces").GetProperty("used").GetInt32());

        // 3. One is awake: the next is told which, by its name, until that one sleeps.
        await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{one}/open", new { });
        await bob.JsonAsync(HttpMethod.Post, $"/api/workspaces/{one}/open", new { });
        (refused, why) = await bob.RefusalAsync(HttpMethod.Post, $"/api/workspaces/{two}/open", new { });
        Assert.Equal(HttpStatusCode.Conflict, refused);
        Assert.Equal(
            "The team Red may have 1 workspace awake at once, and one is awake. Stop one of them, then open this one again, or ask an admin of this server for more.", why);
        Assert.Equal(["one"], (await QuotaAsync(ann, team)).GetProperty("awakeNames").EnumerateArray().Select(n => n.GetString()));
        await ann.StatusAsync(HttpMethod.Post, $"/api/workspaces/{one}/stop", new { });
        await bob.JsonAsync(HttpMethod.Post, $"/api/workspaces/{two}/open", new { });

        // 4. One that is awake counts where it goes.
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Put, $"/api/workspaces/{mine}/team", new { team = (int?)null }));
        await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{mine}/open", new { });
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Put, $"/api/workspaces/{mine}/team", new { team }));

        // 5. Deleting makes room at once.
        Assert.Equal(HttpStatusCode.Created, await ann.StatusAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", team }));
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", team }));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Delete, $"/api/workspaces/{one}"));
        Assert.Equal(HttpStatusCode.Created, await ann.StatusAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", team }));
    }

    [Fact]
    public async Task Storage_is_what_the_files_of_all_have_as_runners_say_and_deleting_makes_room()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open", "--idle-minutes", "0.1"]);
        var (admin, ann, _, team) = await TeamAsync(server);
        var slug = await CreateAsync(ann, team, "data");
        var ticket = Text(await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { }), "ticket");
        using (var socket = await server.SocketAsync(slug, ticket, Cancel))
        {
            await server.PutFileAsync(slug, ticket, "big.txt", new string('x', 1_500_000));
            await UntilAsync(async () => (await QuotaAsync(ann, team)).GetProperty("storageMegabytes").GetProperty("used").GetDecimal() > 1.4m);
        }

        await admin.StatusAsync(HttpMethod.Put, $"/api/admin/teams/{team}/quota", new { storageMegabytes = 1 });
        var (refused, why) = await ann.RefusalAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", team });
        Assert.Equal(HttpStatusCode.Conflict, refused);
        Assert.StartsWith("The team Red may hold 1 MiB in storage, and has 1.4 MiB. The largest: data (1.4 MiB). Delete what is no longer needed", why, StringComparison.Ordinal);

        // Nothing that is there is lost, and it opens as ever.
        await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { });
        var mine = await CreateAsync(ann, null, "mine");
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Put, $"/api/workspaces/{mine}/team", new { team }));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Delete, $"/api/workspaces/{slug}"));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Put, $"/api/workspaces/{mine}/team", new { team }));
    }

    [Fact]
    public async Task Where_nothing_bounds_a_workspaces_processors_and_memory_the_team_is_told_so()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open", "--sandbox", "none"]);
        var (admin, ann, _, team) = await TeamAsync(server);
        await admin.StatusAsync(HttpMethod.Put, $"/api/admin/teams/{team}/quota", new { cores = 0.5, memoryMegabytes = 1 });
        var slug = await CreateAsync(ann, team, "one");
        await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { });
        var note = Text(await QuotaAsync(ann, team), "note");
        Assert.Contains("Processors are shared", note, StringComparison.Ordinal);
        Assert.Contains("no sandbox that bounds their memory: the server was started with --sandbox none", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cores_and_memory_are_what_those_awake_may_use_together()
    {
        var data = Directory.CreateTempSubdirectory("dropit-").FullName;
        var options = new ControlOptions
        {
            DataFolder = data,
            Origin = "http://localhost:1",
            Domain = "localhost",
            Templates = data,
            Web = data,
            Version = "0",
            Sleep = new SleepRules(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), MayNever: false),
            Limits = stack => Task.FromResult(stack == "go" ? new WorkspaceLimits(2000, 2048, null) : new WorkspaceLimits(500, 256, null)),
        };
        var database = new ControlDatabase(new SqliteEngine(options));
        await database.PrepareAsync(Cancel);
        await using (var context = await database.OpenAsync(Cancel))
        {
            var quota = new TeamQuota(options, store: null!); // asked for sizes only
            var team = new Team { Name = "Red", CreatedAt = DateTimeOffset.UnixEpoch, MaxMillicores = 2500, MaxMemoryMegabytes = 2304 };
            context.Teams.Add(team);
            await context.SaveChangesAsync(Cancel);
            var (api, web, job) = (Row("api", "go", 1), Row("web", "node", 2), Row("job", "node", 3));
            context.Workspaces.AddRange(api, web, job);
            await context.SaveChangesAsync(Cancel);

            Assert.Null(await quota.AwakeRefusalAsync(context, team.Id, api, Cancel));
            (api.Wanted, web.Wanted) = (Wanted.Awake, Wanted.Awake);
            await context.SaveChangesAsync(Cancel);
            Assert.Equal(
                "The team Red may use 2.5 cores at once: api and web are awake with 2.5 cores, and this one may use 0.5 cores. Stop one of them, then open this one again, or ask an admin of this server for more.",
                await quota.AwakeRefusalAsync(context, team.Id, job, Cancel));

            team.MaxMillicores = null;
            await context.SaveChangesAsync(Cancel);
            Assert.StartsWith(
                "The team Red may use 2304 MiB of memory at once: api and web are awake with 2304 MiB, and this one may use 256 MiB. Stop one",
                await quota.AwakeRefusalAsync(context, team.Id, job, Cancel),
                StringComparison.Ordinal);
            var looked = (await quota.LookAsync(context, [team], Cancel))[team.Id];
            Assert.Equal((new(2.5m, null), new TeamBound(2304, 2304), (string?)null), (looked.Cores, looked.MemoryMegabytes, looked.Note));

            web.Wanted = Wanted.Asleep;
            await context.SaveChangesAsync(Cancel);
            Assert.Null(await quota.AwakeRefusalAsync(context, team.Id, job, Cancel));

            // One that needs more than there is at all is not helped by stopping others.
            team.MaxMemoryMegabytes = 100;
            await context.SaveChangesAsync(Cancel);
            Assert.EndsWith("may use 256 MiB. Ask an admin of this server for more.", await quota.AwakeRefusalAsync(context, team.Id, job, Cancel), StringComparison.Ordinal);

            Workspace Row(string name, string stack, int port) => new()
            {
                Slug = $"{name}workspace",
                OwnerId = User.LocalId,
                TeamId = team.Id,
                Name = name,
                Stack = stack,
                Port = port,
                CreatedAt = DateTimeOffset.UnixEpoch,
                UsedAt = DateTimeOffset.UnixEpoch,
            };
        }

        SqliteConnection.ClearAllPools();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public void A_pod_counts_with_the_limits_of_its_stack()
    {
        var options = new KubernetesOptions
        {
            Namespace = "n",
            Image = "i",
            Storage = "s",
            StackResources = new Dictionary<string, PodResources>
            {
                ["go"] = new() { Limits = new Dictionary<string, string> { ["cpu"] = "1500m", ["memory"] = "1Gi" } },
                ["cpp"] = new() { Limits = new Dictionary<string, string> { ["memory"] = "100M" } },
            },
        };
        Assert.Equal(new(2000, 2048, null), options.LimitsOf("node"));
        Assert.Equal(new(1500, 1024, null), options.LimitsOf("go"));
        Assert.Equal(new(null, 96, "Pods of the stack cpp have no limit of cpu."), options.LimitsOf("cpp"));
    }

    /// <summary>An admin of the server, and a team of two: ann looks after it, bob is a member.</summary>
    private static async Task<(Person Admin, Person Ann, Person Bob, int Team)> TeamAsync(ServerRig server)
    {
        var (admin, ann, bob) = (await Person.AdminAsync(server), await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"));
        var team = (await ann.JsonAsync(HttpMethod.Post, "/api/teams", new { name = "Red" })).GetProperty("id").GetInt32();
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "bob", role = "member" }));
        return (admin, ann, bob, team);
    }

    private static async Task<string> CreateAsync(Person person, int? team, string name) =>
        Text(await person.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", name, team }), "slug");

    private static async Task<JsonElement> QuotaAsync(Person person, int team) => (await person.GetAsync($"/api/teams/{team}")).GetProperty("quota");

    private static async Task UntilAsync(Func<Task<bool>> there)
    {
        while (!await there())
        {
            await Task.Delay(50, Cancel);
        }
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";
}
