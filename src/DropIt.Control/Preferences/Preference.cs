namespace DropIt.Control.Preferences;

/// <summary>How one user likes the page to be, on every device. The JSON is the page's own; this server only keeps it.</summary>
public sealed class UserSettings
{
    /// <summary>Most bytes of UTF-8: a hundred times what the settings view can say.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Whose; the key.</summary>
    public required int UserId { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Json { get; set; }
}

/// <summary>How one user last left one workspace: panes, open files, where each was scrolled to. The JSON is the page's own.</summary>
public sealed class WorkspaceView
{
    /// <summary>Most bytes of UTF-8: 50 open files with long paths and all their folds.</summary>
    public const int MaxLength = 48 * 1024;

    /// <summary>Whose.</summary>
    public required int UserId { get; init; }

    /// <summary>Of which workspace.</summary>
    public required string Slug { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Json { get; set; }
}
