using System.Text.Json.Serialization;

namespace DropIt.Control.Stacks;

/// <summary>What <c>.stack.json</c> in a template's folder says, for the gallery only (docs/templates.md).</summary>
internal sealed record StackFile
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public string? Icon { get; init; }

    public int Order { get; init; } = int.MaxValue;

    public IReadOnlyList<StackTool> Tools { get; init; } = [];
}

/// <summary>A command that a stack needs on the PATH.</summary>
internal sealed record StackTool(string Command, string? Version = null, string? Hint = null);

/// <summary>A tool that is not on this machine, and the sentence that says so.</summary>
public sealed record MissingTool(string Tool, string Message);

/// <summary>A stack as the gallery shows it.</summary>
/// <param name="Id">The folder's name.</param>
/// <param name="Name">What the user reads.</param>
/// <param name="Description">One line below it.</param>
/// <param name="Icon">Name of its picture.</param>
/// <param name="Order">Place in the gallery, smallest first.</param>
/// <param name="Missing">Tools it needs that are not here.</param>
/// <param name="Error">Why it cannot be used, for the user; null when it can.</param>
public sealed record StackCard(
    string Id,
    string Name,
    string Description,
    string Icon,
    int Order,
    IReadOnlyList<MissingTool> Missing,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error = null);
