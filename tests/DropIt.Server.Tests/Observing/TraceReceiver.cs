using System.Net;
using System.Text;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Observing;

/// <summary>What a collector of traces receives (OTLP over HTTP), read as far as these specs need it.</summary>
internal sealed class TraceReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly MemoryStream _all = new();

    public TraceReceiver()
    {
        Endpoint = $"http://127.0.0.1:{ServerRig.FreePort()}/";
        _listener.Prefixes.Add(Endpoint);
        _listener.Start();
        _ = ReceiveAsync();
    }

    public string Endpoint { get; }

    /// <summary>Each span, with the one that it is within; that of one which nobody has sent is there too.</summary>
    public List<Span> Spans { get; } = [];

    /// <summary>Everything, as text.</summary>
    public string Text
    {
        get
        {
            lock (Spans)
            {
                return Encoding.UTF8.GetString(_all.ToArray());
            }
        }
    }

    public void Dispose() => _listener.Close();

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var request = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await request.Request.InputStream.CopyToAsync(body);
                lock (Spans)
                {
                    _all.Write(body.ToArray());

                    // ExportTraceServiceRequest.resource_spans.scope_spans.spans
                    foreach (var span in Fields(body.ToArray(), 1).SelectMany(f => Fields(f, 2)).SelectMany(f => Fields(f, 2)))
                    {
                        Spans.Add(new Span(
                            Encoding.UTF8.GetString(Fields(span, 5).Single()),
                            Convert.ToHexStringLower(Fields(span, 1).Single()),
                            Convert.ToHexStringLower(Fields(span, 2).Single()),
                            Convert.ToHexStringLower(Fields(span, 4).SingleOrDefault([]))));
                    }
                }

                request.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            return;
        }
    }

    /// <summary>The length-delimited fields of a message with that number.</summary>
    private static IEnumerable<byte[]> Fields(byte[] message, int number)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    var length = Varint(message, ref at);
                    if (tag >> 3 == number)
                    {
                        yield return message[at..(at + length)];
                    }

                    at += length;
                    break;
            }
        }
    }

    private static int Varint(byte[] message, ref int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (int)value;
            }
        }
    }

    /// <summary>A span.</summary>
    /// <param name="Parent">Id of the span that it is within; empty when there is none.</param>
    internal sealed record Span(string Name, string Trace, string Id, string Parent);
}
