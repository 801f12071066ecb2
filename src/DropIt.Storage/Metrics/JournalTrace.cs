using System.Diagnostics;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Journal;

namespace DropIt.Storage.Metrics;

/// <summary>
/// The trace of an entry: its runner gives it an id, each storage service and persister that has to do with it a span.
/// <code>
///  runner (an id) ── journal accept ── journal publish ── persist ── object store put (pack), put (head)
/// </code>
/// A batch has many entries: its span is in the trace of the newest, and linked from it to the others'.
/// </summary>
internal static class JournalTrace
{
    /// <summary>More links are dropped by what reads them.</summary>
    private const int MaxLinks = 128;

    /// <summary>An entry came in; null while nobody listens.</summary>
    /// <param name="parent">As its runner sent it; what is no <c>traceparent</c> begins a trace of its own.</param>
    public static Activity? Accept(Slug slug, string? parent)
    {
        _ = ActivityContext.TryParse(parent, null, isRemote: true, out var context);
        return Begin("journal accept", ActivityKind.Server, slug, context, null);
    }

    /// <summary>An entry goes to the queue.</summary>
    public static Activity? Publish(Slug slug, JournalPosition position) =>
        Begin("journal publish", ActivityKind.Producer, slug, default, null)?.SetTag("dropit.position", position.ToString());

    /// <summary>A batch is written.</summary>
    public static Activity? Persist(Slug slug, IReadOnlyList<JournalDelivery> deliveries)
    {
        if (!StorageMetrics.Traces.HasListeners())
        {
            return null;
        }

        List<ActivityContext> contexts = [];
        foreach (var delivery in deliveries)
        {
            if (ActivityContext.TryParse(delivery.Trace, null, isRemote: true, out var context))
            {
                contexts.Add(context);
            }
        }

        var links = contexts.SkipLast(1).TakeLast(MaxLinks).Select(context => new ActivityLink(context));
        return Begin("persist", ActivityKind.Consumer, slug, contexts.LastOrDefault(), links)?.SetTag("dropit.entries", deliveries.Count);
    }

    private static Activity? Begin(string name, ActivityKind kind, Slug slug, ActivityContext parent, IEnumerable<ActivityLink>? links) =>
        StorageMetrics.Traces.StartActivity(name, kind, parent, links: links)?.SetTag("dropit.slug", slug.Value);
}
