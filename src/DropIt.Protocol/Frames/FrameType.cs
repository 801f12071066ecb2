namespace DropIt.Protocol.Frames;

/// <summary>What a frame is; docs/protocol.md, "Frames", says each one's payload.</summary>
public enum FrameType : byte
{
    /// <summary>JSON, to the runner, channel 0.</summary>
    Request = 0x01,

    /// <summary>JSON, to the page, channel 0.</summary>
    Reply = 0x02,

    /// <summary>JSON, to the page, channel 0.</summary>
    Event = 0x03,

    /// <summary>Up to 64 bytes that come back as <see cref="Pong"/>.</summary>
    Ping = 0x04,

    /// <summary>The answer to a <see cref="Ping"/>.</summary>
    Pong = 0x05,

    /// <summary>Unconfirmed updates of a page.</summary>
    Push = 0x10,

    /// <summary>A document's whole text.</summary>
    Snapshot = 0x11,

    /// <summary>Updates by others.</summary>
    Updates = 0x12,

    /// <summary>The receiver's own updates were applied.</summary>
    Confirm = 0x13,

    /// <summary>A version is on disk.</summary>
    Saved = 0x14,

    /// <summary>A version is in the journal.</summary>
    Safe = 0x15,

    /// <summary>The document is no more; its channel is closed.</summary>
    Gone = 0x16,

    /// <summary>Where the sender is in a document, to the runner.</summary>
    Cursor = 0x17,

    /// <summary>Where others are in a document.</summary>
    Cursors = 0x18,

    /// <summary>Bytes typed.</summary>
    Input = 0x20,

    /// <summary>Bytes printed.</summary>
    Output = 0x21,

    /// <summary>Bytes of output that reached the screen.</summary>
    Ack = 0x22,

    /// <summary>The terminal's size.</summary>
    Resize = 0x23,

    /// <summary>Bytes that redraw a cleared screen.</summary>
    Restore = 0x24,

    /// <summary>The terminal's program ended.</summary>
    Exited = 0x25,

    /// <summary>The size that the output from here on is for.</summary>
    Size = 0x26,
}
