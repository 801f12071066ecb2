using System.Globalization;
using DropIt.Protocol.Frames;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Terminals;

/// <summary>A page's channel to a terminal.</summary>
internal sealed class TerminalChannel : Channel
{
    /// <summary>Most bytes of input in a frame.</summary>
    public const int MaxInput = 64 * 1024;

    private readonly Session _session;
    private readonly Terminal _terminal;
    private readonly TerminalClient _client;
    private readonly Func<CancellationToken, Task> _flushDocuments;
    private (ushort Columns, ushort Rows) _size;

    /// <summary>Not attached yet.</summary>
    /// <param name="flushDocuments">Writes every open document to disk.</param>
    public TerminalChannel(
        Session session,
        uint channel,
        Terminal terminal,
        (ushort Columns, ushort Rows) size,
        Func<CancellationToken, Task> flushDocuments)
    {
        _session = session;
        _terminal = terminal;
        _size = size;
        _flushDocuments = flushDocuments;
        _client = new TerminalClient((type, payload) => session.Send(channel, type, payload));
    }

    /// <summary>Sends the restore, and output from then on.</summary>
    public void Attach()
    {
        // What was drawn for the size of another page is restored in that size; then the screen takes this page's.
        _terminal.Attach(_client);
        if (_session.MayEdit)
        {
            _terminal.Resize(_size.Columns, _size.Rows);
        }

        if (_session.Closed.IsCancellationRequested)
        {
            _terminal.Detach(_client);
        }
    }

    /// <inheritdoc/>
    public override ValueTask ReceiveAsync(FrameType type, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        switch (type)
        {
            case FrameType.Input:
                return TakeInputAsync(payload, ct);
            case FrameType.Ack:
                TakeAck(payload.Span);
                return ValueTask.CompletedTask;
            case FrameType.Resize:
                TakeResize(payload.Span);
                return ValueTask.CompletedTask;
            default:
                throw new ProtocolException($"type 0x{(byte)type:x2} does not belong on a terminal's channel");
        }
    }

    /// <inheritdoc/>
    public override void Closed() => _terminal.Detach(_client);

    private async ValueTask TakeInputAsync(ReadOnlyMemory<byte> keys, CancellationToken ct)
    {
        if (keys.Length > MaxInput)
        {
            throw new ProtocolException($"input has at most {MaxInput} bytes a frame");
        }

        if (keys.Span.IndexOfAny((byte)'\r', (byte)'\n') >= 0)
        {
            // So that a command sees every edit made before it.
            await _flushDocuments(ct);
        }

        _terminal.Resize(_size.Columns, _size.Rows);
        if (!_terminal.TryInput(keys.Span))
        {
            _terminal.Print(_client, TerminalWords.InputRefused);
        }
    }

    private void TakeAck(ReadOnlySpan<byte> payload)
    {
        var bytes = TerminalFrames.ReadAck(payload);
        if (!_terminal.TryAck(_client, bytes))
        {
            throw new ProtocolException(
                string.Create(CultureInfo.InvariantCulture, $"an ack of {bytes} bytes is for more than was sent"));
        }
    }

    private void TakeResize(ReadOnlySpan<byte> payload)
    {
        _size = TerminalFrames.ReadSize(payload);
        if (_session.MayEdit)
        {
            _terminal.Resize(_size.Columns, _size.Rows);
        }
    }
}
