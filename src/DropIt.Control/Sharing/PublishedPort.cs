namespace DropIt.Control.Sharing;

/// <summary>Who sees what a program of a workspace serves on a port.</summary>
public enum PortVisibility
{
    /// <summary>The people of the workspace.</summary>
    Private,

    /// <summary>Whoever has an account here.</summary>
    SignedIn,

    /// <summary>Anyone who has the address.</summary>
    Public,
}

/// <summary>A port that others than the people of its workspace see; one that is private has no row.</summary>
public sealed class PublishedPort
{
    /// <summary>Most of a workspace: more than its programs listen on.</summary>
    public const int Max = 20;

    /// <summary>The workspace.</summary>
    public required string Slug { get; init; }

    /// <summary>The port, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>Who sees it.</summary>
    public required PortVisibility Visibility { get; set; }
}
