namespace DropIt.Control.Access;

/// <summary>What a caller must be for a route to answer.</summary>
internal enum Right
{
    /// <summary>Nobody in particular.</summary>
    Anyone,

    /// <summary>Signed in.</summary>
    SignedIn,

    /// <summary>Signed in, in a browser: what is about the account itself, which no API token may change.</summary>
    Person,

    /// <summary>An admin of the server.</summary>
    Admin,

    /// <summary>At least a viewer of the workspace that the route names.</summary>
    View,

    /// <summary>The same; or, where the port that the request names is shown to others, whoever is signed in.</summary>
    Preview,

    /// <summary>At least an editor of it.</summary>
    Edit,

    /// <summary>Its owner.</summary>
    Own,

    /// <summary>A member of the team that the route names.</summary>
    Team,

    /// <summary>One of its admins.</summary>
    TeamAdmin,

    /// <summary>Not a person: whoever has come through the admin socket, or has a runner's ticket, which the route itself checks.</summary>
    Machine,
}

/// <summary>What an API token may do; each holds those before it.</summary>
public enum Scope
{
    /// <summary>Of a route: no token may use it.</summary>
    None,

    /// <summary>See what its user may see.</summary>
    Read,

    /// <summary>Make, change, share and delete workspaces, open them and work in them.</summary>
    Write,

    /// <summary>What admins do.</summary>
    Admin,
}

/// <summary>How often one caller may ask, where that costs the server or helps a guesser.</summary>
internal enum Rate
{
    /// <summary>As often as they like.</summary>
    Free,

    /// <summary>Trying to sign in or up; counted by address.</summary>
    SignIn,

    /// <summary>Making workspaces; counted by user.</summary>
    Create,

    /// <summary>Tickets; counted by user.</summary>
    Ticket,

    /// <summary>Waking a workspace by a visit to a port that it shows to others; counted by workspace.</summary>
    Visit,
}

/// <summary>Who may use a route, which API tokens may, and how often.</summary>
internal sealed record Rule(Right Right, Scope Scope = Scope.None, Rate Rate = Rate.Free);
