using DropIt.Control.Accounts;
using DropIt.Control.Audit;
using DropIt.Control.Preferences;
using DropIt.Control.Sharing;
using DropIt.Control.Teams;
using DropIt.Control.Tokens;
using DropIt.Control.Users;
using DropIt.Control.Variables;
using DropIt.Control.Workspaces;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace DropIt.Control.Database;

/// <summary>Control's tables, as SQLite keeps them.</summary>
/// <param name="options">The database to use.</param>
public class ControlContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>Everyone who may sign in.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>Signed-in browsers.</summary>
    public DbSet<Session> Sessions => Set<Session>();

    /// <summary>Addresses to sign in at that nobody has used yet.</summary>
    public DbSet<SignInToken> SignInTokens => Set<SignInToken>();

    /// <summary>Ways to sign up that nobody has used yet.</summary>
    public DbSet<Invitation> Invitations => Set<Invitation>();

    /// <summary>All workspaces, also those being deleted.</summary>
    public DbSet<Workspace> Workspaces => Set<Workspace>();

    /// <summary>Who may use workspaces of others.</summary>
    public DbSet<Member> Members => Set<Member>();

    /// <summary>People who have workspaces in common.</summary>
    public DbSet<Team> Teams => Set<Team>();

    /// <summary>Who is in them.</summary>
    public DbSet<TeamMember> TeamMembers => Set<TeamMember>();

    /// <summary>What their workspaces can start with.</summary>
    public DbSet<TeamTemplate> TeamTemplates => Set<TeamTemplate>();

    /// <summary>Addresses that make members.</summary>
    public DbSet<ShareLink> ShareLinks => Set<ShareLink>();

    /// <summary>Ports that others see.</summary>
    public DbSet<PublishedPort> PublishedPorts => Set<PublishedPort>();

    /// <summary>What programs of workspaces are started with.</summary>
    public DbSet<Variable> Variables => Set<Variable>();

    /// <summary>What programs act with.</summary>
    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();

    /// <summary>Who did what.</summary>
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    /// <summary>What each user set.</summary>
    public DbSet<UserSettings> Settings => Set<UserSettings>();

    /// <summary>How each user left each workspace.</summary>
    public DbSet<WorkspaceView> Views => Set<WorkspaceView>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<User>(user =>
        {
            user.HasKey(u => u.Id);
            user.Property(u => u.Name).HasMaxLength(Workspace.MaxNameLength);
            user.Property(u => u.UserName).HasMaxLength(SigningInApi.MaxUserName);
            user.Property(u => u.NormalizedUserName).HasMaxLength(SigningInApi.MaxUserName);
            user.Property(u => u.ConcurrencyStamp).IsConcurrencyToken();
            user.HasIndex(u => u.NormalizedUserName).IsUnique();
            user.Ignore(u => u.PhoneNumber).Ignore(u => u.PhoneNumberConfirmed).Ignore(u => u.TwoFactorEnabled);
            user.HasData(new User { Id = User.LocalId, Name = "you", Admin = true, LockoutEnabled = true, ConcurrencyStamp = "first" });
        });

        modelBuilder.Entity<Session>(session =>
        {
            session.HasKey(s => s.Hash);
            session.Property(s => s.Hash).HasMaxLength(64);
            session.Property(s => s.Id).HasMaxLength(20).IsRequired().HasDefaultValue("");
            session.Property(s => s.Method).HasMaxLength(20).HasDefaultValue("link");
            session.Property(s => s.Address).HasMaxLength(64);
            session.Property(s => s.Agent).HasMaxLength(Session.MaxAgentLength);
            session.HasOne<User>().WithMany().HasForeignKey(s => s.UserId);
        });

        modelBuilder.Entity<SignInToken>(token =>
        {
            token.HasKey(t => t.Hash);
            token.Property(t => t.Hash).HasMaxLength(64);
            token.Property(t => t.UserId).HasDefaultValue(User.LocalId);
        });

        modelBuilder.Entity<Invitation>(invitation =>
        {
            invitation.HasKey(i => i.Id);
            invitation.Property(i => i.Id).HasMaxLength(20);
            invitation.Property(i => i.Hash).HasMaxLength(64);
            invitation.Property(i => i.Note).HasMaxLength(Invitation.MaxNoteLength);
            invitation.HasIndex(i => i.Hash).IsUnique();
        });

        modelBuilder.Entity<IdentityUserLogin<int>>(login =>
        {
            login.ToTable("Logins");
            login.HasKey(l => new { l.LoginProvider, l.ProviderKey });
            login.Property(l => l.LoginProvider).HasMaxLength(20);
            login.Property(l => l.ProviderKey).HasMaxLength(256);
            login.HasOne<User>().WithMany().HasForeignKey(l => l.UserId);
        });

        modelBuilder.Entity<IdentityUserPasskey<int>>(passkey =>
        {
            passkey.ToTable("Passkeys");
            passkey.HasKey(p => p.CredentialId);
            passkey.Property(p => p.CredentialId).HasMaxLength(1024); // what WebAuthn allows
            passkey.OwnsOne(p => p.Data).ToJson();
            passkey.HasOne<User>().WithMany().HasForeignKey(p => p.UserId);
        });

        modelBuilder.Entity<Workspace>(workspace =>
        {
            workspace.HasKey(w => w.Slug);
            workspace.Property(w => w.Slug).HasMaxLength(40);
            workspace.Property(w => w.Name).HasMaxLength(Workspace.MaxNameLength);
            workspace.Property(w => w.Stack).HasMaxLength(Workspace.MaxNameLength);
            workspace.Property(w => w.Wanted).HasConversion<string>();
            workspace.Property(w => w.State).HasConversion<string>();
            workspace.Property(w => w.Sleeps).HasConversion<string>().HasMaxLength(20).HasDefaultValue(SleepPolicy.WhenLeft);
            workspace.HasOne<User>().WithMany().HasForeignKey(w => w.OwnerId);
            workspace.HasIndex(w => w.Port).IsUnique();

            // No foreign key: SQLite adds one only by writing the table anew. A team is deleted with its row held, when nothing belongs to it.
            workspace.HasIndex(w => w.TeamId);
        });

        modelBuilder.Entity<Team>(team => team.Property(t => t.Name).HasMaxLength(Team.MaxNameLength));

        modelBuilder.Entity<TeamMember>(member =>
        {
            member.HasKey(m => new { m.TeamId, m.UserId });
            member.HasOne<Team>().WithMany().HasForeignKey(m => m.TeamId);
            member.HasOne<User>().WithMany().HasForeignKey(m => m.UserId);
        });

        modelBuilder.Entity<TeamTemplate>(template =>
        {
            template.HasKey(t => t.Slug);
            template.Property(t => t.Slug).HasMaxLength(40);
            template.Property(t => t.Name).HasMaxLength(Team.MaxNameLength);
            template.Property(t => t.Description).HasMaxLength(TeamTemplate.MaxDescriptionLength);
            template.Property(t => t.Stack).HasMaxLength(Workspace.MaxNameLength);
            template.HasOne<Team>().WithMany().HasForeignKey(t => t.TeamId);
        });

        modelBuilder.Entity<Member>(member =>
        {
            member.HasKey(m => new { m.Slug, m.UserId });
            member.Property(m => m.Role).HasConversion<string>().HasMaxLength(20);
            member.Property(m => m.LinkId).HasMaxLength(20);
            member.HasOne<Workspace>().WithMany().HasForeignKey(m => m.Slug);
            member.HasOne<User>().WithMany().HasForeignKey(m => m.UserId);
        });

        modelBuilder.Entity<ShareLink>(link =>
        {
            link.HasKey(l => l.Id);
            link.Property(l => l.Id).HasMaxLength(20);
            link.Property(l => l.Hash).HasMaxLength(64);
            link.Property(l => l.Role).HasConversion<string>().HasMaxLength(20);
            link.HasIndex(l => l.Hash).IsUnique();
            link.HasOne<Workspace>().WithMany().HasForeignKey(l => l.Slug);
        });

        modelBuilder.Entity<PublishedPort>(port =>
        {
            port.HasKey(p => new { p.Slug, p.Port });
            port.Property(p => p.Visibility).HasConversion<string>().HasMaxLength(10);
            port.HasOne<Workspace>().WithMany().HasForeignKey(p => p.Slug);
        });

        modelBuilder.Entity<Variable>(variable =>
        {
            variable.HasKey(v => new { v.Slug, v.Name });
            variable.Property(v => v.Name).HasMaxLength(Variable.MaxNameLength);
            variable.HasOne<Workspace>().WithMany().HasForeignKey(v => v.Slug);
        });

        modelBuilder.Entity<ApiToken>(token =>
        {
            token.HasKey(t => t.Id);
            token.Property(t => t.Id).HasMaxLength(20);
            token.Property(t => t.Hash).HasMaxLength(64);
            token.Property(t => t.Name).HasMaxLength(ApiToken.MaxNameLength);
            token.Property(t => t.Scope).HasConversion<string>().HasMaxLength(10);
            token.HasIndex(t => t.Hash).IsUnique();
            token.HasOne<User>().WithMany().HasForeignKey(t => t.UserId);
        });

        modelBuilder.Entity<AuditEntry>(entry =>
        {
            entry.HasKey(e => e.Id);
            entry.Property(e => e.Who).HasMaxLength(AuditEntry.MaxTextLength);
            entry.Property(e => e.About).HasMaxLength(AuditEntry.MaxTextLength);
            entry.Property(e => e.Act).HasConversion<string>().HasMaxLength(40);
            entry.Property(e => e.Way).HasConversion<string>().HasMaxLength(10);
            entry.Property(e => e.Workspace).HasMaxLength(40);
            entry.Property(e => e.Address).HasMaxLength(64);

            // Whom and what it tells of may go; the entry stays.
            entry.HasIndex(e => e.Workspace);
            entry.HasIndex(e => e.UserId);
            entry.HasIndex(e => e.At);
        });

        modelBuilder.Entity<UserSettings>(settings =>
        {
            settings.HasKey(s => s.UserId);
            settings.HasOne<User>().WithMany().HasForeignKey(s => s.UserId);
        });

        modelBuilder.Entity<WorkspaceView>(view =>
        {
            view.HasKey(v => new { v.UserId, v.Slug });
            view.HasOne<User>().WithMany().HasForeignKey(v => v.UserId);
            view.HasOne<Workspace>().WithMany().HasForeignKey(v => v.Slug);
        });
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // SQLite cannot order or compare a DateTimeOffset.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
}

/// <summary>Times as milliseconds since 1970, UTC.</summary>
internal sealed class UnixMilliseconds()
    : ValueConverter<DateTimeOffset, long>(t => t.ToUnixTimeMilliseconds(), n => DateTimeOffset.FromUnixTimeMilliseconds(n));

/// <summary>For <c>dotnet ef migrations add</c> only.</summary>
internal sealed class ControlContextFactory : IDesignTimeDbContextFactory<ControlContext>
{
    /// <inheritdoc/>
    public ControlContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<ControlContext>().UseSqlite("Data Source=:memory:").Options);
}
