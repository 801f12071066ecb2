using System.Globalization;
using System.Text;
using DropIt.Protocol.Workspaces;
using RabbitMQ.Client;

namespace DropIt.Storage.Journal.Rabbit;

/// <summary>What stands in a message's headers; the body is the entry's JSON.</summary>
/// <param name="Workspace">Whose.</param>
/// <param name="Position">Epoch 0: a wish.</param>
/// <param name="After">Of the entry before it.</param>
/// <param name="Hurry">Persist at once.</param>
/// <param name="Deliveries">How often it was handed out without being acked.</param>
/// <param name="Cause">Why it was set aside.</param>
internal sealed record RabbitMessage(
    Slug Workspace, JournalPosition Position, JournalPosition? After, bool Hurry, long Deliveries = 0, string? Cause = null)
{
    /// <summary>Not an entry but a wish.</summary>
    public bool IsWish => Position.Epoch == 0;

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset Accepted { get; init; }

    /// <summary>As <see cref="JournalRecord.Trace"/>.</summary>
    public string? Trace { get; init; }

    private const string WorkspaceHeader = "workspace";
    private const string PositionHeader = "position";
    private const string AfterHeader = "after";
    private const string HurryHeader = "hurry";
    private const string CauseHeader = "cause";
    private const string TraceHeader = "traceparent";
    private const string DeliveriesHeader = "x-delivery-count";
    private const long MaxTimestamp = 253402300799;
    private const string DeathHeader = "x-first-death-reason";

    /// <summary>The wish that a workspace be persisted.</summary>
    public static RabbitMessage Wish(Slug workspace) => new(workspace, default, null, true) { Accepted = DateTimeOffset.UtcNow };

    /// <summary>Properties of a persistent message that says this.</summary>
    public BasicProperties ToProperties()
    {
        var headers = new Dictionary<string, object?>
        {
            [WorkspaceHeader] = Workspace.Value,
            [PositionHeader] = Position.ToString(),
            [HurryHeader] = Hurry,
        };
        if (After is { } after)
        {
            headers[AfterHeader] = after.ToString();
        }

        if (Cause is not null)
        {
            headers[CauseHeader] = Cause;
        }

        if (Trace is not null)
        {
            headers[TraceHeader] = Trace;
        }

        return new BasicProperties
        {
            Persistent = true,
            ContentType = "application/json",
            Headers = headers,
            Timestamp = new AmqpTimestamp(Accepted.ToUnixTimeSeconds()),
        };
    }

    /// <summary>Null for a message that is not ours.</summary>
    public static RabbitMessage? Read(IReadOnlyBasicProperties properties)
    {
        var headers = properties.Headers ?? new Dictionary<string, object?>();
        return Slug.TryParse(Text(WorkspaceHeader), out var slug) && PositionOf(Text(PositionHeader)) is { } position
            ? new RabbitMessage(
                slug,
                position,
                PositionOf(Text(AfterHeader)),
                headers.TryGetValue(HurryHeader, out var hurry) && hurry is true,
                headers.TryGetValue(DeliveriesHeader, out var count) ? Convert.ToInt64(count, CultureInfo.InvariantCulture) : 0,
                Text(CauseHeader) ?? Text(DeathHeader))
            {
                Accepted = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(properties.Timestamp.UnixTime, 0, MaxTimestamp)),
                Trace = Text(TraceHeader),
            }
            : null;

        string? Text(string name) => headers.TryGetValue(name, out var value) ? value switch
        {
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            string text => text,
            _ => null,
        } : null;
    }

    private static JournalPosition? PositionOf(string? text) =>
        text?.Split('.') is [var epoch, var sequence]
        && long.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var e)
        && long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var s)
            ? new JournalPosition(e, s)
            : null;
}
