using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Access;
using DropIt.Runner.Sessions;
using DropIt.Runner.Variables;

namespace DropIt.Runner.Lifecycle;

/// <summary>What the runner is doing: restoring, then ready, then stopping; failed ends any of them.</summary>
internal sealed class Health(long epoch)
{
    /// <summary>Streams the state, a line a change.</summary>
    public const string Path = "/.dropit/health";

    /// <summary>200 while the workspace is served, else 503: for probes.</summary>
    public const string ReadyPath = "/.dropit/ready";

    /// <summary>204 from the first to the last moment: for a probe that ends a runner which hangs.</summary>
    public const string LivePath = "/.dropit/live";

    private const string ActivityPath = "/.dropit/activity";
    private const string SleepPath = "/.dropit/sleep";

    /// <summary>Bytes of a notice: a sentence and two numbers.</summary>
    private const int MaxNotice = 8 * 1024;

    private readonly Lock _gate = new();
    private RunnerHealth _now = new("restoring", epoch);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The present state.</summary>
    public RunnerHealth Now
    {
        get
        {
            lock (_gate)
            {
                return _now;
            }
        }
    }

    /// <summary>True from the end of the restore until the stop.</summary>
    public bool Ready => Now.State == "ready";

    /// <summary>Tells everyone who watches.</summary>
    public void Set(string state, long doneBytes = 0, long totalBytes = 0, string? message = null)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _now = new RunnerHealth(state, epoch, doneBytes, totalBytes, message);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <summary>Maps <c>/.dropit/health</c>, <c>/.dropit/ready</c>, <c>/.dropit/live</c>, <c>/.dropit/activity</c> and <c>/.dropit/sleep</c>.</summary>
    public void Map(IEndpointRouteBuilder routes, Activity activity)
    {
        routes.MapGet(Path, StreamAsync);
        routes.MapGet(ReadyPath, _ => Task.CompletedTask); // when not ready, AdmitAsync answers
        routes.MapGet(LivePath, context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        routes.MapGet(ActivityPath, context =>
        {
            context.Response.ContentType = "application/json";
            return JsonSerializer.SerializeAsync(
                context.Response.Body, activity.Now(), WorkspaceJson.Default.RunnerActivity, context.RequestAborted);
        });
        routes.MapPost(SleepPath, async context =>
        {
            var notice = context.Request.ContentLength is > 0 and <= MaxNotice
                ? await JsonSerializer.DeserializeAsync(context.Request.Body, WorkspaceJson.Default.SleepNotice, context.RequestAborted)
                : null;
            context.Response.StatusCode = notice is null ? StatusCodes.Status400BadRequest
                : activity.TryTell(notice) ? StatusCodes.Status204NoContent
                : StatusCodes.Status409Conflict;
        });
    }

    /// <summary>Passes requests on while the workspace is ready; before and after only those that ask how it is.</summary>
    public Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        if (Ready
            || context.Request.Path.Equals(Path, StringComparison.Ordinal)
            || context.Request.Path.Equals(LivePath, StringComparison.Ordinal)
            || context.Request.Path.Equals(ActivityPath, StringComparison.Ordinal)
            || context.Request.Path.Equals(SetVariables.Path, StringComparison.Ordinal))
        {
            return next(context);
        }

        var now = Now;
        context.Response.Headers.RetryAfter = "1";
        return HttpError.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "busy", now.Message ?? now.State switch
        {
            "restoring" => "The workspace's files are being fetched. Try again in a moment.",
            _ => "The workspace is stopping. Try again in a moment.",
        });
    }

    private async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "application/x-ndjson";
        while (true)
        {
            RunnerHealth now;
            Task changed;
            lock (_gate)
            {
                now = _now;
                changed = _changed.Task;
            }

            await context.Response.Body.WriteAsync(
                JsonSerializer.SerializeToUtf8Bytes(now, WorkspaceJson.Default.RunnerHealth), context.RequestAborted);
            await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (now.State != "restoring")
            {
                return;
            }

            await changed.WaitAsync(context.RequestAborted);
        }
    }
}
