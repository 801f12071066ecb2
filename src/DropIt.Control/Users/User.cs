using Microsoft.AspNetCore.Identity;

namespace DropIt.Control.Users;

/// <summary>Someone who signs in. Without accounts there is one: the owner of the machine.</summary>
public sealed class User : IdentityUser<int>
{
    /// <summary>The user that the first migration makes: whoever runs the server, an admin.</summary>
    public const int LocalId = 1;

    /// <summary>As shown on the page, to others too.</summary>
    public required string Name { get; set; }

    /// <summary>May look after everyone's accounts and workspaces, but not into workspaces.</summary>
    public bool Admin { get; set; }

    /// <summary>May not sign in.</summary>
    public bool Disabled { get; set; }

    /// <summary>Most workspaces of theirs; null: as many as the operator says for everyone.</summary>
    public int? MaxWorkspaces { get; set; }

    /// <summary>Most of them awake at once; null: as many as the operator says for everyone.</summary>
    public int? MaxAwake { get; set; }

    /// <summary>What the audit log calls them: the user name, which only they have; the name where they have none.</summary>
    [System.ComponentModel.DataAnnotations.Schema.NotMapped]
    public string Account => UserName ?? Name;

    /// <summary>When the account was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A signed-in browser.</summary>
public sealed class Session
{
    /// <summary>Longest <see cref="Agent"/>: browsers name themselves in less.</summary>
    public const int MaxAgentLength = 200;

    /// <summary>SHA-256 of the cookie's value in hex: who reads the database cannot sign in with it.</summary>
    public required string Hash { get; init; }

    /// <summary>Names it towards its user.</summary>
    public required string Id { get; init; }

    /// <summary>Whose session it is.</summary>
    public required int UserId { get; init; }

    /// <summary>When it ends unless it is used before.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>When it was signed in.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used, to a few minutes.</summary>
    public required DateTimeOffset UsedAt { get; set; }

    /// <summary>How it was signed in: <c>link</c>, <c>password</c>, <c>passkey</c>, or a provider's id.</summary>
    public required string Method { get; init; }

    /// <summary>Network address it was signed in from.</summary>
    public required string Address { get; init; }

    /// <summary>What its browser called itself, at most <see cref="MaxAgentLength"/> characters.</summary>
    public required string Agent { get; init; }
}

/// <summary>An address to sign in at that nobody has used yet.</summary>
public sealed class SignInToken
{
    /// <summary>SHA-256 of the token in hex.</summary>
    public required string Hash { get; init; }

    /// <summary>Whom it signs in.</summary>
    public required int UserId { get; init; }

    /// <summary>When it is no longer good.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Lets one person sign up where not everyone may.</summary>
public sealed class Invitation
{
    /// <summary>Longest <see cref="Note"/>.</summary>
    public const int MaxNoteLength = 100;

    /// <summary>Names it towards admins.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of its code in hex.</summary>
    public required string Hash { get; init; }

    /// <summary>For whom, as the admin wrote; may be empty.</summary>
    public required string Note { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is no longer good.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
