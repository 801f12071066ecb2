namespace DropIt.Control.Teams;

/// <summary>People who have workspaces in common. What an admin of the server did not set is null.</summary>
public sealed class Team
{
    /// <summary>Longest name, in UTF-16 units.</summary>
    public const int MaxNameLength = 60;

    /// <summary>The key.</summary>
    public int Id { get; init; }

    /// <summary>What its members call it, 1 to <see cref="MaxNameLength"/> characters on one line; others may have the same.</summary>
    public required string Name { get; set; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Most workspaces; null: as many as one person.</summary>
    public int? MaxWorkspaces { get; set; }

    /// <summary>Most of them awake at once; null: as many as one person.</summary>
    public int? MaxAwake { get; set; }

    /// <summary>Most thousandths of a processor core that those awake may use together; null: no bound.</summary>
    public int? MaxMillicores { get; set; }

    /// <summary>Most MiB of memory that those awake may use together; null: no bound.</summary>
    public int? MaxMemoryMegabytes { get; set; }

    /// <summary>Most MiB that all of them, and its templates, may hold in storage; null: no bound.</summary>
    public int? MaxStorageMegabytes { get; set; }
}

/// <summary>Someone in a team: an editor of all its workspaces.</summary>
public sealed class TeamMember
{
    /// <summary>The team.</summary>
    public required int TeamId { get; init; }

    /// <summary>Who.</summary>
    public required int UserId { get; init; }

    /// <summary>Says who is in it, makes its templates, and owns its workspaces.</summary>
    public required bool Admin { get; set; }
}

/// <summary>What workspaces of a team can start with: files in storage, under a slug that no workspace has.</summary>
public sealed class TeamTemplate
{
    /// <summary>Longest <see cref="Description"/>: a line below the name.</summary>
    public const int MaxDescriptionLength = 200;

    /// <summary>Where its files are; the key.</summary>
    public required string Slug { get; init; }

    /// <summary>Whose it is.</summary>
    public required int TeamId { get; init; }

    /// <summary>As shown, 1 to <see cref="Team.MaxNameLength"/> characters on one line.</summary>
    public required string Name { get; set; }

    /// <summary>What it is good for; may be empty.</summary>
    public required string Description { get; set; }

    /// <summary>Id of the stack that it came from: a workspace's image and limits.</summary>
    public required string Stack { get; init; }

    /// <summary>What its files have.</summary>
    public required long Bytes { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
