using System.Diagnostics;
using System.Diagnostics.Metrics;
using DropIt.Storage.Journal;

namespace DropIt.Storage.Metrics;

/// <summary>What storage counts and times (docs/operations.md, "Metrics"). No workspace has a series of its own: there may be a hundred thousand.</summary>
internal sealed class StorageMetrics
{
    /// <summary>Of the meter and of the traces.</summary>
    public const string Name = "DropIt.Storage";

    /// <summary>Spans from an entry to the object store; nothing is made while nobody listens.</summary>
    public static readonly ActivitySource Traces = new(Name);

    private readonly Counter<long> _entries;
    private readonly Histogram<double> _safe;
    private readonly Counter<long> _persisted;
    private readonly Counter<long> _persistedBytes;
    private readonly Counter<long> _batches;
    private readonly Histogram<double> _batchTime;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _requestTime;
    private readonly Meter _meter;

    /// <summary>The instruments.</summary>
    public StorageMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _entries = _meter.CreateCounter<long>("dropit.journal.entries");
        _safe = Seconds("dropit.journal.safe", [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300]);
        _persisted = _meter.CreateCounter<long>("dropit.persister.entries");
        _persistedBytes = _meter.CreateCounter<long>("dropit.persister.written", "By");
        _batches = _meter.CreateCounter<long>("dropit.persister.batches");
        _batchTime = Seconds("dropit.persister.batch.duration", [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]);
        _requests = _meter.CreateCounter<long>("dropit.object_store.requests");
        _requestTime = Seconds("dropit.object_store.request.duration", [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]);
    }

    /// <summary>An entry was answered.</summary>
    /// <param name="age">Since the oldest change in it, as its runner says; null when it does not.</param>
    public void Answered(IntakeOutcome outcome, TimeSpan? age)
    {
        _entries.Add(1, new KeyValuePair<string, object?>("outcome", NameOf(outcome)));
        if (outcome == IntakeOutcome.Accepted && age is { } safe)
        {
            _safe.Record(safe.TotalSeconds);
        }
    }

    /// <summary>A batch was <c>written</c>, <c>failed</c> (it is tried again), or was <c>set_aside</c>.</summary>
    public void Batch(string outcome, IReadOnlyList<JournalDelivery> deliveries, TimeSpan took)
    {
        _batches.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _batchTime.Record(took.TotalSeconds);
        if (outcome == "written")
        {
            _persisted.Add(deliveries.Count(delivery => !delivery.IsWish));
            _persistedBytes.Add(deliveries.Sum(delivery => (long)delivery.Length));
        }
    }

    /// <summary>A request to the object store ended.</summary>
    public void Requested(string operation, string outcome, TimeSpan took)
    {
        var name = new KeyValuePair<string, object?>("operation", operation);
        _requests.Add(1, name, new KeyValuePair<string, object?>("outcome", outcome));
        _requestTime.Record(took.TotalSeconds, name);
    }

    /// <summary>What waits in a persister: entries in hand, and how long the oldest has been accepted.</summary>
    public void ObservePersister(Func<int> entries, Func<TimeSpan> lag)
    {
        _meter.CreateObservableGauge("dropit.persister.pending", entries);
        _meter.CreateObservableGauge("dropit.persister.lag", () => lag().TotalSeconds, "s");
    }

    /// <summary>What waits in the queue, by partition, and whether it takes entries.</summary>
    public void ObserveQueue(Func<IEnumerable<(int Partition, long Entries)>> depth, Func<bool> open)
    {
        _meter.CreateObservableGauge(
            "dropit.journal.queue.depth",
            () => depth().Select(queue => new Measurement<long>(queue.Entries, new KeyValuePair<string, object?>("partition", queue.Partition))));
        _meter.CreateObservableGauge("dropit.journal.queue.open", () => open() ? 1 : 0);
    }

    private Histogram<double> Seconds(string name, double[] bounds) =>
        _meter.CreateHistogram(name, "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private static string NameOf(IntakeOutcome outcome) => outcome switch
    {
        IntakeOutcome.Accepted => "accepted",
        IntakeOutcome.Busy => "busy",
        IntakeOutcome.Full => "full",
        IntakeOutcome.NewerEpoch => "superseded",
        IntakeOutcome.MissingContent => "missing_content",
        IntakeOutcome.TooLarge => "too_large",
        _ => "invalid",
    };
}
