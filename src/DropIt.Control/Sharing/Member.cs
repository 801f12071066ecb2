using DropIt.Protocol.Tickets;

namespace DropIt.Control.Sharing;

/// <summary>Someone who may use a workspace that is not theirs.</summary>
public sealed class Member
{
    /// <summary>The workspace.</summary>
    public required string Slug { get; init; }

    /// <summary>Who.</summary>
    public required int UserId { get; init; }

    /// <summary>As what: <see cref="Role.Viewer"/> or <see cref="Role.Editor"/>.</summary>
    public required Role Role { get; set; }

    /// <summary>The link they came by, with which they go; null when the owner added them.</summary>
    public string? LinkId { get; set; }

    /// <summary>When it ends; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
}

/// <summary>An address that makes a member of everyone who opens it, until it ends.</summary>
public sealed class ShareLink
{
    /// <summary>Names it towards the owner.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of its token in hex.</summary>
    public required string Hash { get; init; }

    /// <summary>The workspace.</summary>
    public required string Slug { get; init; }

    /// <summary>What it makes of people: <see cref="Role.Viewer"/> or <see cref="Role.Editor"/>.</summary>
    public required Role Role { get; init; }

    /// <summary>When it ends, and whoever came by it goes.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
