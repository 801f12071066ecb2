namespace DropIt.Control.Users;

/// <summary>Someone who signs in. For now there is one: the owner of the machine.</summary>
public sealed class User
{
    /// <summary>The user that the first migration makes.</summary>
    public const int LocalId = 1;

    /// <summary>The key.</summary>
    public required int Id { get; init; }

    /// <summary>As shown on the page.</summary>
    public required string Name { get; set; }
}

/// <summary>A signed-in browser.</summary>
public sealed class Session
{
    /// <summary>SHA-256 of the cookie's value in hex: who reads the database cannot sign in with it.</summary>
    public required string Hash { get; init; }

    /// <summary>Whose session it is.</summary>
    public required int UserId { get; init; }

    /// <summary>When it ends unless it is used before.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }
}

/// <summary>An address to sign in at that nobody has used yet.</summary>
public sealed class SignInToken
{
    /// <summary>SHA-256 of the token in hex.</summary>
    public required string Hash { get; init; }

    /// <summary>When it is no longer good.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
