using System.Collections.Frozen;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;

namespace DropIt.Protocol.Access;

/// <summary>
/// What a page's user must be for a runner to do what the page asks: all of it, in one table. The runner refuses the rest in words, whatever the page shows.
/// Routes of the server stand in control's table.
/// </summary>
public static class MessageRights
{
    /// <summary>What is said to a viewer who asks for more.</summary>
    public const string Refusal = "You may look but not change. Ask the owner for the role of an editor.";

    /// <summary>Requests by their <c>op</c>.</summary>
    public static FrozenDictionary<string, Role> Requests { get; } = new Dictionary<string, Role>
    {
        ["files.list"] = Role.Viewer,
        ["files.stat"] = Role.Viewer,
        ["files.find"] = Role.Viewer,
        ["files.create"] = Role.Editor,
        ["files.move"] = Role.Editor,
        ["files.copy"] = Role.Editor,
        ["files.delete"] = Role.Editor,
        ["files.restore"] = Role.Editor,
        ["files.unpack"] = Role.Editor,
        ["document.open"] = Role.Viewer,
        ["channel.close"] = Role.Viewer,
        ["terminal.attach"] = Role.Viewer,
        ["terminal.resolve"] = Role.Viewer,
        ["terminal.create"] = Role.Editor,
        ["terminal.rename"] = Role.Editor,
        ["terminal.close"] = Role.Editor,
        ["run.start"] = Role.Editor,
        ["run.stop"] = Role.Editor,
        ["run.restart"] = Role.Editor,
        ["search.start"] = Role.Viewer,
        ["search.stop"] = Role.Viewer,
        ["search.replace"] = Role.Editor,
        ["search.undo"] = Role.Editor,
        ["format.run"] = Role.Editor, // runs a command of the workspace
        ["packages.find"] = Role.Viewer,
        ["packages.latest"] = Role.Viewer,
        ["preview.check"] = Role.Viewer,
        ["machine.look"] = Role.Viewer,
        ["machine.end"] = Role.Editor,
        ["awake.stay"] = Role.Viewer,
        ["history.restore"] = Role.Editor,
        ["journal.flush"] = Role.Viewer,
    }.ToFrozenDictionary();

    /// <summary>Frames that a page sends on a channel or for the session.</summary>
    public static FrozenDictionary<FrameType, Role> Frames { get; } = new Dictionary<FrameType, Role>
    {
        [FrameType.Request] = Role.Viewer, // its op decides
        [FrameType.Ping] = Role.Viewer,
        [FrameType.Push] = Role.Editor,
        [FrameType.Cursor] = Role.Viewer, // others see where a viewer looks
        [FrameType.Input] = Role.Editor,
        [FrameType.Ack] = Role.Viewer,
        [FrameType.Resize] = Role.Viewer, // the program is told an editor's size only
    }.ToFrozenDictionary();
}
