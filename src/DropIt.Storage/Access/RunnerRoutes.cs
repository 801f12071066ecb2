using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Heads;
using DropIt.Storage.History;
using DropIt.Storage.Journal;
using DropIt.Storage.Kept;
using DropIt.Storage.Manifests;
using DropIt.Storage.Metrics;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace DropIt.Storage.Access;

/// <summary>What runners call (docs/protocol.md, "Runner and storage").</summary>
internal sealed class RunnerRoutes(
    StorageOptions options,
    HeadBook heads,
    PackReader packs,
    WorkspaceHistory history,
    JournalIntake intake,
    IJournalQueue queue,
    UploadShelf uploads,
    KeptShelf kept,
    StorageMetrics metrics,
    TimeProvider time)
{
    private const string RetrySeconds = "5";

    /// <summary>Bytes of entries held at once; those of a typing user have some KiB each.</summary>
    private const long MaxUnderWay = 96L * 1024 * 1024;

    /// <summary>How long what was accepted may take to be applied before the runner is told to ask again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private long _underWay;

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/storage/{slug}");
        group.AddEndpointFilter(AnswerTroubleAsync);
        group.MapGet("/manifest", GetManifestAsync);
        group.MapGet("/tree", GetTreeAsync);
        group.MapGet("/versions/{id}/manifest", GetVersionAsync);
        group.MapPost("/versions/{id}/tree", PostVersionTreeAsync);
        group.MapPut("/contents/{hash}", PutContentAsync);
        group.MapPost("/journal", PostEntryAsync);
        group.MapPut("/kept/{name}", PutKeptAsync);
        group.MapGet("/kept/{name}", GetKeptAsync);
    }

    /// <summary>Runners keep what they have and try again, as when too much waits.</summary>
    private static async ValueTask<object?> AnswerTroubleAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        try
        {
            return await next(call);
        }
        catch (ObjectStoreException e) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, new IntakeAnswer(IntakeOutcome.Busy, e.Message));
            return null;
        }
    }

    private async Task GetManifestAsync(HttpContext context)
    {
        if (await OpenAsync(context) is not { } view)
        {
            return;
        }

        await WriteManifestAsync(context, view.Manifest, view.Head.Epoch, view.Head.Sequence, view.Head.Newest);
    }

    private async Task GetVersionAsync(HttpContext context)
    {
        if (await OpenVersionAsync(context) is var (version, manifest))
        {
            await WriteManifestAsync(context, manifest, version.Epoch, version.Sequence, version.Id);
        }
    }

    /// <summary>The body names the paths that are wanted of the version, a NUL between them.</summary>
    private async Task PostVersionTreeAsync(HttpContext context)
    {
        if (await OpenVersionAsync(context) is not var (version, manifest))
        {
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        var wanted = (await reader.ReadToEndAsync(context.RequestAborted)).Split('\0').ToHashSet(StringComparer.Ordinal);

        context.Response.ContentType = "application/x-tar";
        await WorkspaceTar.WriteAsync(
            Manifest.Of([.. manifest.Entries.Where(entry => wanted.Contains(entry.Path))]),
            version.Time,
            packs,
            context.Response.Body,
            context.RequestAborted);
    }

    private async Task WriteManifestAsync(HttpContext context, Manifest manifest, long epoch, long sequence, VersionId? version)
    {
        context.Response.ContentType = "application/x-ndjson";
        await WriteLineAsync(
            context,
            JsonSerializer.SerializeToUtf8Bytes(
                new ManifestHead(epoch, sequence, manifest.Entries.Count, manifest.Bytes, options.Quota, version?.ToString()),
                JournalJson.Default.ManifestHead));
        foreach (var entry in manifest.Entries)
        {
            var hash = entry.Kind == ChangeKind.File ? entry.Hash.ToString() : null;
            await WriteLineAsync(
                context,
                JsonSerializer.SerializeToUtf8Bytes(
                    new ManifestLine(entry.Path, entry.Kind, entry.Mode, entry.Size, hash, entry.Target),
                    JournalJson.Default.ManifestLine));
        }
    }

    private async Task GetTreeAsync(HttpContext context)
    {
        if (await OpenAsync(context) is not { } view)
        {
            return;
        }

        context.Response.ContentType = "application/x-tar";
        context.Response.Headers["Dropit-Bytes"] = view.Manifest.Bytes.ToString(CultureInfo.InvariantCulture);
        await WorkspaceTar.WriteAsync(view.Manifest, view.Head.Time, packs, context.Response.Body, context.RequestAborted);
    }

    private async Task PutContentAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is not { } slug)
        {
            return;
        }

        if (!ContentHash.TryParse(context.Request.RouteValues["hash"] as string, out var hash))
        {
            await RefuseAsync(context, 400, "bad_request", "The hash must be the SHA-256 of the content, 64 hex "
                + "digits in lower case.");
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = JournalEntry.MaxFileLength + 1;
        }

        var answer = await uploads.PutAsync(slug, hash, context.Request.Body, context.RequestAborted);
        switch (answer.Outcome)
        {
            case IntakeOutcome.Accepted:
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                await RefuseAsync(context, answer);
                break;
        }
    }

    private async Task PostEntryAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is not { } slug)
        {
            return;
        }

        // What is under way is held in memory: read, checked, and until the queue has it.
        var length = Math.Min(context.Request.ContentLength ?? JournalEntry.MaxLength, JournalEntry.MaxLength);
        try
        {
            if (Interlocked.Add(ref _underWay, length) > MaxUnderWay)
            {
                await RefuseAsync(context, new IntakeAnswer(IntakeOutcome.Busy, "Too many changes are being stored at this moment."));
                return;
            }

            await TakeEntryAsync(context, slug);
        }
        finally
        {
            Interlocked.Add(ref _underWay, -length);
        }
    }

    private async Task TakeEntryAsync(HttpContext context, Slug slug)
    {
        if (await ReadBodyAsync(context) is not { } json)
        {
            await RefuseAsync(
                context, 413, "too_large", $"The entry has more than {JournalEntry.MaxLength} bytes. Send its "
                    + $"changes in several entries.");
            return;
        }

        var came = Stopwatch.GetTimestamp();
        using var span = JournalTrace.Accept(slug, context.Request.Headers.TraceParent);
        var answer = await intake.AcceptAsync(slug, json, context.RequestAborted);
        metrics.Answered(answer.Outcome, AgeOf(context.Request) is { } age ? age + Stopwatch.GetElapsedTime(came) : null);
        span?.SetTag("dropit.outcome", answer.Outcome.ToString());
        if (answer.Outcome != IntakeOutcome.Accepted)
        {
            await RefuseAsync(context, answer);
            return;
        }

        using var entry = JsonDocument.Parse(json);
        var ack = new JournalAck(entry.RootElement.GetProperty("sequence").GetInt64());
        await context.Response.WriteAsJsonAsync(ack, JournalJson.Default.JournalAck, cancellationToken: context.RequestAborted);
    }

    /// <summary>How long ago the oldest change of an entry was made; null when the runner does not say, or nothing that can be.</summary>
    private static TimeSpan? AgeOf(HttpRequest request) =>
        int.TryParse(request.Headers["Dropit-Age"], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;

    private async Task PutKeptAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is not { } slug)
        {
            return;
        }

        var name = context.Request.RouteValues["name"] as string;
        if (kept.LimitOf(name) is not { } limit)
        {
            await RefuseAsync(context, 404, "not_found", "What is kept is named terminals or cache.");
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = limit + 1;
        }

        // Asked twice: a runner that was thought dead may hold on to its request for long.
        if (await EnterEpochAsync(context, slug))
        {
            var answer = await kept.PutAsync(
                slug, name!, context.Request.Body, cancel => EpochAnswerAsync(context, slug, cancel), context.RequestAborted);
            if (answer.Outcome == IntakeOutcome.Accepted)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
            }
            else
            {
                await RefuseAsync(context, answer);
            }
        }
    }

    private async Task GetKeptAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is not { } slug)
        {
            return;
        }

        var name = context.Request.RouteValues["name"] as string;
        await using var content = kept.LimitOf(name) is null ? null : await kept.OpenAsync(slug, name!, context.RequestAborted);
        if (content is null)
        {
            await RefuseAsync(context, 404, "not_found", "Nothing is kept under this name.");
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = content.Info.Length;
        await content.Stream.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    /// <summary>The workspace with all that was accepted, for the runner of the epoch it names (or any, when it names
    /// none).</summary>
    private async Task<WorkspaceView?> OpenAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is not { } slug)
        {
            return null;
        }

        if (context.Request.Query.ContainsKey("epoch") && !await EnterEpochAsync(context, slug))
        {
            return null;
        }

        try
        {
            await queue.SettledAsync(slug, context.RequestAborted).WaitAsync(Patience, time, context.RequestAborted);
        }
        catch (TimeoutException e)
        {
            await RefuseAsync(context, new IntakeAnswer(IntakeOutcome.Busy, e.Message));
            return null;
        }

        var view = await heads.ReadAsync(slug, context.RequestAborted);
        if (view is null)
        {
            await RefuseAsync(context, 404, "not_found", $"There is no workspace named {slug}.");
        }

        return view;
    }

    /// <summary>Opens the epoch that the request names; false when it was refused.</summary>
    private async Task<bool> EnterEpochAsync(HttpContext context, Slug slug)
    {
        var answer = await EpochAnswerAsync(context, slug, context.RequestAborted);
        if (answer.Outcome != IntakeOutcome.Accepted)
        {
            await RefuseAsync(context, answer);
        }

        return answer.Outcome == IntakeOutcome.Accepted;
    }

    private async Task<IntakeAnswer> EpochAnswerAsync(HttpContext context, Slug slug, CancellationToken cancel) =>
        long.TryParse(context.Request.Query["epoch"], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) && epoch > 0
            ? await intake.OpenEpochAsync(slug, epoch, cancel)
            : new IntakeAnswer(IntakeOutcome.Invalid, "The epoch must be a number from 1 upward.");

    /// <summary>The version that the request names, of the workspace that its ticket opens; null when it was refused.</summary>
    private async Task<(Delta Version, Manifest Manifest)?> OpenVersionAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is not { } slug)
        {
            return null;
        }

        if (!VersionId.TryParse(context.Request.RouteValues["id"] as string, out var id))
        {
            await RefuseAsync(context, 400, "bad_request", "A version is named by two numbers, such as 3-41.");
            return null;
        }

        if (await history.OpenAsync(slug, id, context.RequestAborted) is { } opened)
        {
            return opened;
        }

        await RefuseAsync(context, 404, "not_found", WorkspaceHistory.Missing(id));
        return null;
    }

    /// <summary>The workspace that the request's ticket opens; null when it was refused.</summary>
    private async Task<Slug?> AdmitAsync(HttpContext context)
    {
        const string Scheme = "Bearer ";
        if (!Slug.TryParse(context.Request.RouteValues["slug"] as string, out var slug))
        {
            await RefuseAsync(context, 404, "not_found", "This is not the name of a workspace.");
            return null;
        }

        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            await RefuseAsync(context, 401, "denied", "The request has no ticket (Authorization: Bearer).");
            return null;
        }

        if (options.PublicKey() is not { } publicKey)
        {
            await RefuseAsync(context, new IntakeAnswer(IntakeOutcome.Busy, "The key that tickets are checked with has not come yet: the database does not answer."));
            return null;
        }

        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
        var error = Ticket.Check(header[Scheme.Length..].Trim(), key, slug, time.GetUtcNow(), out var ticket);
        var cause = error switch
        {
            TicketError.None => ticket!.Role == Role.Runner ? null : "The ticket is not a runner's.",
            TicketError.Expired => "The ticket has expired.",
            TicketError.OtherWorkspace => "The ticket opens another workspace.",
            TicketError.BadSignature => "The ticket's signature is not this server's.",
            _ => "The ticket is malformed.",
        };
        if (cause is not null)
        {
            await RefuseAsync(context, 401, "denied", cause);
            return null;
        }

        return slug;
    }

    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > JournalEntry.MaxLength)
        {
            return null;
        }

        using var memory = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (memory.Length + read > JournalEntry.MaxLength)
            {
                return null;
            }

            memory.Write(buffer, 0, read);
        }

        return memory.ToArray();
    }

    private static async Task WriteLineAsync(HttpContext context, byte[] json)
    {
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
        await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, IntakeAnswer answer)
    {
        var (status, code) = answer.Outcome switch
        {
            IntakeOutcome.NoWorkspace => (404, "not_found"),
            IntakeOutcome.Invalid => (400, "bad_request"),
            IntakeOutcome.NewerEpoch => (409, "newer_epoch"),
            IntakeOutcome.MissingContent => (422, "missing_content"),
            IntakeOutcome.TooLarge => (413, "too_large"),
            IntakeOutcome.Busy => (503, "busy"),
            _ => (507, "full"),
        };
        if (status is 503 or 507)
        {
            context.Response.Headers.RetryAfter = RetrySeconds;
        }

        return RefuseAsync(context, status, code, answer.Message, answer.Missing);
    }

    private static Task RefuseAsync(
        HttpContext context, int status, string code, string message, IReadOnlyList<string>? missing = null)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new Refusal(code, message, missing), RefusalJson.Default.Refusal, cancellationToken: context.RequestAborted);
    }
}
