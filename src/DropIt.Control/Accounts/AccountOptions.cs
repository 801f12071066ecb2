namespace DropIt.Control.Accounts;

/// <summary>Who may make an account.</summary>
public enum SignUp
{
    /// <summary>Nobody; admins make them.</summary>
    Closed,

    /// <summary>Whoever has an invitation.</summary>
    Invitation,

    /// <summary>Everyone.</summary>
    Open,
}

/// <summary>Who may make teams.</summary>
public enum TeamMakers
{
    /// <summary>Whoever has an account.</summary>
    Everyone,

    /// <summary>Admins of the server.</summary>
    Admins,
}

/// <summary>How people come to accounts. Without it there is one user, who signs in with the address that the server prints.</summary>
public sealed record AccountOptions
{
    /// <summary>Who may make an account.</summary>
    public required SignUp SignUp { get; init; }

    /// <summary>Who may make teams.</summary>
    public TeamMakers Teams { get; init; }

    /// <summary>An OpenID Connect provider to sign in with; null for none.</summary>
    public OpenIdOptions? OpenId { get; init; }

    /// <summary>GitHub, or a GitHub Enterprise, to sign in with; null for none.</summary>
    public GitHubOptions? GitHub { get; init; }

    /// <summary>Providers to sign in with, as the page shows them.</summary>
    public IReadOnlyList<Provider> Providers =>
    [
        .. OpenId is { } openId ? [new Provider(Provider.OpenId, openId.Name)] : (Provider[])[],
        .. GitHub is null ? (Provider[])[] : [new Provider(Provider.GitHub, "GitHub")],
    ];
}

/// <summary>Someone else who says who a person is.</summary>
/// <param name="Id">In addresses and rows.</param>
/// <param name="Name">As shown.</param>
public sealed record Provider(string Id, string Name)
{
    /// <summary>The <see cref="Id"/> of the OpenID Connect provider.</summary>
    public const string OpenId = "openid";

    /// <summary>The <see cref="Id"/> of GitHub.</summary>
    public const string GitHub = "github";
}

/// <summary>An OpenID Connect provider.</summary>
/// <param name="Authority">Its issuer; what it offers is read from <c>/.well-known/openid-configuration</c> below.</param>
/// <param name="ClientId">What it calls this server.</param>
/// <param name="ClientSecret">What this server proves that with.</param>
/// <param name="Name">As shown.</param>
public sealed record OpenIdOptions(Uri Authority, string ClientId, string ClientSecret, string Name)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => nameof(OpenIdOptions);
}

/// <summary>GitHub.</summary>
/// <param name="Address">Of its pages.</param>
/// <param name="Api">Of its API.</param>
/// <param name="ClientId">What it calls this server.</param>
/// <param name="ClientSecret">What this server proves that with.</param>
public sealed record GitHubOptions(Uri Address, Uri Api, string ClientId, string ClientSecret)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => nameof(GitHubOptions);
}
