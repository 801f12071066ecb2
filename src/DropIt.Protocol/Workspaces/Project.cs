using System.Text.Json;
using System.Text.Json.Serialization;

namespace DropIt.Protocol.Workspaces;

/// <summary>What <c>dropit.json</c> in a workspace's root says (docs/protocol.md, "dropit.json"). Everything may be left out.</summary>
public sealed record Project
{
    /// <summary>The file's path in the workspace.</summary>
    public const string FileName = "dropit.json";

    /// <summary>The stack's name as the user reads it.</summary>
    public string? Name { get; init; }

    /// <summary>Shell command that installs dependencies.</summary>
    public string? Install { get; init; }

    /// <summary>Shell command that runs the program.</summary>
    public string? Run { get; init; }

    /// <summary>Shell command that tests it.</summary>
    public string? Test { get; init; }

    /// <summary>The port the program listens on where the workspace has a network of its own.</summary>
    public int? Port { get; init; }

    /// <summary>The file to open first.</summary>
    public string? Main { get; init; }

    /// <summary>Files whose change asks for another install before a run.</summary>
    public IReadOnlyList<string> Manifests { get; init => field = value ?? []; } = [];

    /// <summary>What is rebuildable and therefore not journalled: names, <c>folder/</c>, <c>*.ext</c>, <c>/from/root</c>.</summary>
    public IReadOnlyList<string> Ignore { get; init => field = value ?? []; } = [];

    /// <summary>Commands that must be on the PATH.</summary>
    public IReadOnlyList<string> Tools { get; init => field = value ?? []; } = [];

    /// <summary>Settings of the editor for everyone in the workspace; the page's own, not checked here. Only an object counts.</summary>
    public JsonElement? Editor { get; init => field = value is { ValueKind: JsonValueKind.Object } ? value : null; }

    /// <summary>Shell commands that format files, by their ending without the dot: each reads a text and prints it formatted.</summary>
    public IReadOnlyDictionary<string, string> Format { get; init => field = value ?? new Dictionary<string, string>(); } =
        new Dictionary<string, string>();

    /// <summary>Why <c>dropit.json</c> could not be read, for the user; null when it could or does not exist.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}
