using DropIt.Protocol.Frames;

namespace DropIt.Runner.Sessions;

/// <summary>
/// What stands behind a channel number of one socket: an open document, an attached terminal. Calls never overlap and come
/// in the order of the frames on the socket; other channels of the socket wait meanwhile.
/// </summary>
internal abstract class Channel
{
    /// <summary>
    /// Takes a frame.
    /// </summary>
    /// <param name="type">Its type, not checked yet.</param>
    /// <param name="payload">A view of the receive buffer, valid until the task completes.</param>
    /// <param name="ct">Ends with the socket.</param>
    /// <exception cref="ProtocolException">The type does not belong here, or the payload is not what it should be.</exception>
    public abstract ValueTask ReceiveAsync(FrameType type, ReadOnlyMemory<byte> payload, CancellationToken ct);

    /// <summary>Called once, when the channel was closed by either side or its socket is gone. Frames sent from here are dropped.</summary>
    public virtual void Closed()
    {
    }
}

/// <summary>The other side broke the protocol: the session closes its socket with 1002 and this reason.</summary>
internal sealed class ProtocolException(string reason) : Exception(reason);
