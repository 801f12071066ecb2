namespace DropIt.Control.Workspaces;

/// <summary>Why workspaces are awake, as the orchestrator of this process last saw; nothing where another process orchestrates.</summary>
public sealed class AwakeReasons
{
    private IReadOnlyDictionary<string, string> _reasons = new Dictionary<string, string>();

    /// <summary>The reason in words; null when none is known.</summary>
    public string? Find(string slug) => Volatile.Read(ref _reasons).GetValueOrDefault(slug);

    /// <summary>Takes what was seen in place of what was seen before.</summary>
    public void Replace(IReadOnlyDictionary<string, string> reasons) => Volatile.Write(ref _reasons, reasons);
}
