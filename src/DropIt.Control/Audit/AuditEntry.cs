namespace DropIt.Control.Audit;

/// <summary>What someone did. Kept and told by its name, so none is renamed.</summary>
public enum Act
{
    /// <summary>A browser was signed in; <see cref="AuditEntry.About"/>: by password, passkey, link or a provider.</summary>
    SignedIn,

    /// <summary>Someone tried to sign in and could not.</summary>
    SignInFailed,

    /// <summary>A browser was signed out by itself.</summary>
    SignedOut,

    /// <summary>Another browser of the account was signed out.</summary>
    BrowserSignedOut,

    /// <summary>Every browser of the account was signed out.</summary>
    SignedOutEverywhere,

    /// <summary>An account was made, by its user or an admin; <see cref="AuditEntry.About"/>: its user name.</summary>
    AccountMade,

    /// <summary>Name, user name or e-mail address were changed.</summary>
    AccountChanged,

    /// <summary>The password was set.</summary>
    PasswordSet,

    /// <summary>A passkey was added.</summary>
    PasskeyAdded,

    /// <summary>A passkey was removed.</summary>
    PasskeyRemoved,

    /// <summary>The account was connected to a provider.</summary>
    ProviderConnected,

    /// <summary>It no longer is.</summary>
    ProviderDisconnected,

    /// <summary>Someone became an admin.</summary>
    AdminMade,

    /// <summary>Someone no longer is one.</summary>
    AdminEnded,

    /// <summary>An account was disabled.</summary>
    AccountDisabled,

    /// <summary>It may sign in again.</summary>
    AccountEnabled,

    /// <summary>How many workspaces someone may have was changed.</summary>
    QuotaSet,

    /// <summary>An address was made that signs someone in.</summary>
    SignInAddressMade,

    /// <summary>An invitation was made; <see cref="AuditEntry.About"/>: for whom.</summary>
    Invited,

    /// <summary>It was taken back.</summary>
    InvitationEnded,

    /// <summary>An API token was made; <see cref="AuditEntry.About"/>: what it is for.</summary>
    TokenMade,

    /// <summary>An API token was revoked.</summary>
    TokenRevoked,

    /// <summary>A workspace was made; <see cref="AuditEntry.About"/>: its name.</summary>
    WorkspaceCreated,

    /// <summary>A workspace was made from another, which <see cref="AuditEntry.About"/> names.</summary>
    WorkspaceForked,

    /// <summary>A workspace was made from a repository or a zip.</summary>
    WorkspaceImported,

    /// <summary>It was named anew.</summary>
    WorkspaceRenamed,

    /// <summary>It was deleted.</summary>
    WorkspaceDeleted,

    /// <summary>Someone opened it; once an hour for each person.</summary>
    WorkspaceOpened,

    /// <summary>Someone put it to sleep.</summary>
    WorkspaceStopped,

    /// <summary>Someone became a member, or another kind of one.</summary>
    Shared,

    /// <summary>Someone no longer is a member.</summary>
    Unshared,

    /// <summary>A member went.</summary>
    Left,

    /// <summary>A link was made; <see cref="AuditEntry.About"/>: what it makes people.</summary>
    LinkMade,

    /// <summary>A link was ended.</summary>
    LinkEnded,

    /// <summary>Someone became a member by a link.</summary>
    LinkUsed,

    /// <summary>The workspace was handed over.</summary>
    OwnerChanged,

    /// <summary>It was said who sees a port; <see cref="AuditEntry.About"/>: the port, and <c>private</c>, <c>signedIn</c> or <c>public</c>.</summary>
    PortShown,

    /// <summary>An environment variable was set; <see cref="AuditEntry.About"/>: its name.</summary>
    VariableSet,

    /// <summary>It was moved into a team; <see cref="AuditEntry.About"/>: its name; none: it is a person's again.</summary>
    WorkspaceMoved,

    /// <summary>A team was made; <see cref="AuditEntry.About"/> of this and those below: its name, and whom or what else.</summary>
    TeamMade,

    /// <summary>It was named anew.</summary>
    TeamRenamed,

    /// <summary>It was deleted.</summary>
    TeamDeleted,

    /// <summary>Someone became a member, or another kind of one.</summary>
    TeamMemberSet,

    /// <summary>Someone no longer is one.</summary>
    TeamMemberRemoved,

    /// <summary>A member went.</summary>
    TeamLeft,

    /// <summary>What a team may have was set.</summary>
    TeamQuotaSet,

    /// <summary>A template was made of a workspace.</summary>
    TemplateMade,

    /// <summary>A template was named or described anew.</summary>
    TemplateChanged,

    /// <summary>A template was removed.</summary>
    TemplateRemoved,

    /// <summary>A secret was set; <see cref="AuditEntry.About"/>: its name.</summary>
    SecretSet,

    /// <summary>A variable or secret was removed; <see cref="AuditEntry.About"/>: its name.</summary>
    VariableRemoved,
}

/// <summary>How someone came.</summary>
public enum Way
{
    /// <summary>By a signed-in browser, or one that signs in.</summary>
    Page,

    /// <summary>By an API token.</summary>
    Token,

    /// <summary>By an address that was given to them.</summary>
    Link,
}

/// <summary>One thing that someone did. Never what a file holds, nor anything secret.</summary>
public sealed class AuditEntry
{
    /// <summary>Longest <see cref="About"/> and <see cref="Who"/>: a name.</summary>
    public const int MaxTextLength = 100;

    /// <summary>Grows; the key.</summary>
    public long Id { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it, or whose account was tried; null when nobody is known.</summary>
    public required int? UserId { get; init; }

    /// <summary>What they were called then; empty when nobody is known.</summary>
    public required string Who { get; init; }

    /// <summary>What they did.</summary>
    public required Act Act { get; init; }

    /// <summary>Slug of the workspace it was done to, if it was one; the workspace may be gone.</summary>
    public required string? Workspace { get; init; }

    /// <summary>Whom or what else it is about, such as a user name or a role.</summary>
    public required string? About { get; init; }

    /// <summary>Network address it was done from.</summary>
    public required string Address { get; init; }

    /// <summary>How they came.</summary>
    public required Way Way { get; init; }
}
