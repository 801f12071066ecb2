using DropIt.Protocol.Frames;

namespace DropIt.Runner.Terminals;

/// <summary>Queues a frame on a client's channel. Never waits; false when the client is gone.</summary>
internal delegate bool SendFrame(FrameType type, ReadOnlySpan<byte> payload);

/// <summary>
/// One page at a terminal, and how far behind it is. Its window is what may be under way to it; guarded by its
/// <see cref="Terminal"/>, times come from outside.
/// </summary>
/// <remarks>
/// What is under way when Ctrl-C is pressed must be drawn before the prompt is. So the window follows the page's speed: it shrinks while
/// output takes more than <see cref="SlowMilliseconds"/> longer to be acked than at best, and grows while it takes less.
/// </remarks>
internal sealed class TerminalClient(SendFrame send)
{
    /// <summary>Largest window in bytes (docs/protocol.md, "Terminals").</summary>
    public const int MaxWindow = 256 * 1024;

    /// <summary>A client whose output is not acked for this long no longer holds the program up.</summary>
    public const long BehindMilliseconds = 10_000;

    private const int MinWindow = 64 * 1024;
    private const int AckStep = 32 * 1024;
    private const int SlowMilliseconds = 14;
    private const int FastMilliseconds = 8;

    private long _sent;
    private long _acked;
    private int _window = MinWindow;
    private long _probe = -1;
    private long _probeTime;
    private long _best = 1000;
    private long _block = -1;
    private long _blockTime;

    /// <summary>Bytes of output that are not acked.</summary>
    public long Unacked => _sent - _acked;

    /// <summary>Dropped from flow control: gets nothing until it has caught up, then a restore.</summary>
    public bool Behind { get; private set; }

    /// <summary>The program has to wait for this client.</summary>
    public bool Blocks => !Behind && Unacked >= _window;

    /// <summary>Bytes that may be sent now.</summary>
    public long Room => Behind ? long.MaxValue : _window - Unacked;

    /// <summary>When a client that blocks counts as behind; <see cref="long.MaxValue"/> while it does not block.</summary>
    public long Deadline => Blocks && _block >= 0 ? _blockTime + BehindMilliseconds : long.MaxValue;

    /// <summary>Sends output, unless behind.</summary>
    public void Send(ReadOnlySpan<byte> output, long now)
    {
        if (Behind || !send(FrameType.Output, output))
        {
            return;
        }

        _sent += output.Length;
        if (_probe < 0 && Unacked >= AckStep)
        {
            (_probe, _probeTime) = (_sent, now);
        }

        Mark(now);
    }

    /// <summary>Sends what does not count as output: restore, exited.</summary>
    public void Tell(FrameType type, ReadOnlySpan<byte> payload) => send(type, payload);

    /// <summary>Takes an ack; false when it is for more than was sent.</summary>
    /// <param name="bytes">Since the last one.</param>
    /// <param name="now">Milliseconds of a clock that never goes back.</param>
    /// <param name="back">The client was behind and has caught up: it needs a restore.</param>
    public bool TryAck(uint bytes, long now, out bool back)
    {
        back = false;
        if (bytes > Unacked)
        {
            return false;
        }

        _acked += bytes;
        if (_probe >= 0 && _acked >= _probe - AckStep)
        {
            Adapt(now - _probeTime);
            _probe = -1;
        }

        if (_acked >= _block - AckStep)
        {
            _block = -1;
            Mark(now);
        }

        if (Behind && Unacked < MinWindow)
        {
            Behind = false;
            back = true;
        }

        return true;
    }

    /// <summary>Marks the client as behind when its deadline has passed.</summary>
    public void CheckDeadline(long now) => Behind |= now >= Deadline;

    private void Adapt(long milliseconds)
    {
        _best = Math.Min(_best, milliseconds);
        if (milliseconds > _best + SlowMilliseconds)
        {
            _window = Math.Max(MinWindow, _window * 3 / 4);
        }
        else if (milliseconds < _best + FastMilliseconds)
        {
            _window = Math.Min(MaxWindow, _window * 5 / 4);
        }
    }

    private void Mark(long now)
    {
        if (_block < 0 && Blocks)
        {
            (_block, _blockTime) = (_sent, now);
        }
    }
}
