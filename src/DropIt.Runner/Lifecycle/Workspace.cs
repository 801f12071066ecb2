using System.Runtime.InteropServices;
using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Access;
using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using DropIt.Runner.Runs;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Lifecycle;

/// <summary>The runner's life: put the parts together, listen, restore, serve, stop.</summary>
internal static class Workspace
{
    /// <summary>Runs until SIGTERM or SIGINT; returns the exit code.</summary>
    public static async Task<int> RunAsync(RunnerOptions options)
    {
        if (!Slug.TryParse(options.Workspace, out var slug) || !Address.TryParse(options.Listen, out var listen))
        {
            throw new ArgumentException("not checked by Configuration.Read", nameof(options));
        }

        Directory.CreateDirectory(options.Root);
        Directory.CreateDirectory(options.State);

        // 1. The parts.
        var requests = new RequestTable();
        var sessions = new OpenSessions(requests);
        var notices = new Notices(sessions);
        var activity = new Activity(sessions);
        var health = new Health(options.Epoch);
        var files = new WorkspaceFiles(options.Root);
        using var gate = new Gate(Convert.FromBase64String(options.PublicKey), slug, options.ControlOrigin);
        var rules = new IgnoreRules([]);
        sessions.AddHello("protocol", (_, writer) => writer.WriteNumberValue(1));
        sessions.AddHello("workspace", (_, writer) => writer.WriteStringValue(options.Workspace));
        sessions.AddHello("role", (session, writer) =>
            JsonSerializer.Serialize(writer, session.Ticket.Role, SessionJson.Default.Role));
        sessions.AddHello("epoch", (_, writer) => writer.WriteNumberValue(options.Epoch));
        using var documents = new DocumentSet(files, options.State, TimeProvider.System, notices.Set, (_, _) => false);
        documents.AddTo(requests);
        new FileRequests(files, () => rules, documents).AddTo(requests);
        await using var programs = new WorkspacePrograms(
            options, requests, sessions, activity, () => ProjectFile.Read(options.Root), _ => Task.CompletedTask);
        requests.Add("channel.close", edits: false, CloseChannel, inOrder: true);

        // 2. The server. The empty builder reads no configuration files: in the workspace they would be the user's.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = options.State });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (listen.Socket is { } socket)
            {
                File.Delete(socket);
                kestrel.ListenUnixSocket(socket);
            }
            else
            {
                kestrel.Listen(System.Net.IPEndPoint.Parse(listen.Http.Authority));
            }
        });

        // A Unix socket refuses at once what its backlog can not hold: 1,000 pages at once shall get an answer each.
        builder.WebHost.UseSockets(sockets => sockets.Backlog = 2048);
        builder.Services.AddRoutingCore();
        builder.Services.AddHttpForwarder();
        await using var app = builder.Build();
        programs.UsePreview(app, gate);
        app.UseWebSockets();
        app.UseRouting();
        health.Map(app, activity, gate);
        app.MapSessions(sessions, gate);
        new FileRoutes(files, gate).Map(app);
        app.UseEndpoints(_ => { });

        // 3. Listen; the socket is for this user alone.
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var mask = OwnProcess.Umask(0b111_111);
        await app.StartAsync();
        _ = OwnProcess.Umask(mask);

        // 4. Serve.
        documents.Recover();
        health.Set("ready");
        await stop.Task;

        // 5. Stop.
        health.Set("stopping");
        await sessions.StopAsync("The workspace stops.");
        documents.Stop();
        await programs.DisposeAsync();
        await app.StopAsync();
        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult();
        }
    }

    private static ValueTask<Reply> CloseChannel(Session session, JsonElement request, CancellationToken ct)
    {
        if (!request.TryChannel(out var channel))
        {
            return ValueTask.FromResult(Reply.Failed(ErrorCode.BadRequest, "The request lacks channel."));
        }

        session.CloseChannel(channel);
        return ValueTask.FromResult(Reply.Done);
    }
}
