using System.Diagnostics.Metrics;

namespace DropIt.Bench;

/// <summary>
/// Counts requests where .NET's HTTP client sends them, so also each attempt that the SDK of S3 makes anew, each part of a large object, and what the store
/// asks for itself.
/// </summary>
internal sealed class SentRequests : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Uri _to;
    private int _writes;
    private int _reads;

    /// <summary>Begins to count.</summary>
    /// <param name="to">Those to this host and port only.</param>
    public SentRequests(Uri to)
    {
        _to = to;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "System.Net.Http", Name: "http.client.request.duration" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Count(tags));
        _listener.Start();
    }

    /// <summary>PUT, POST and DELETE.</summary>
    public int Writes => _writes;

    /// <summary>GET and HEAD.</summary>
    public int Reads => _reads;

    public void Dispose() => _listener.Dispose();

    private void Count(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string? method = null, host = null;
        int? port = null;
        foreach (var (name, value) in tags)
        {
            switch (name)
            {
                case "http.request.method":
                    method = (string?)value;
                    break;
                case "server.address":
                    host = (string?)value;
                    break;
                case "server.port":
                    port = (int?)value;
                    break;
                default:
                    break;
            }
        }

        if (host == _to.Host && port == _to.Port)
        {
            Interlocked.Increment(ref method is "GET" or "HEAD" ? ref _reads : ref _writes);
        }
    }
}
