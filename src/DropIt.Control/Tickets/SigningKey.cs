using System.Collections.Concurrent;
using System.Security.Cryptography;
using DropIt.Control.Access;
using DropIt.Control.Database;
using DropIt.Control.Users;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;

namespace DropIt.Control.Tickets;

/// <summary>
/// Control's P-256 key: in the data folder, readable by its owner only, or shared by all servers on a PostgreSQL (<see cref="SealedKey"/>), where it comes
/// when the database does.
/// </summary>
public sealed class SigningKey(TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private ECDsa? _key;

    /// <summary>Base64 of SubjectPublicKeyInfo: what runners and the storage service check tickets with.</summary>
    /// <exception cref="DatabaseException">The key has not come yet.</exception>
    public string PublicKey => Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo());

    /// <summary>Null while the key has not come yet.</summary>
    public string? PublicKeyIfThere => _key is null ? null : PublicKey;

    private ECDsa Key => _key ?? throw new DatabaseException("The key that signs tickets has not come yet: it is in the database.");

    /// <summary>Reads the key in <paramref name="dataFolder"/>, or makes one.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="CryptographicException">The file holds no key.</exception>
    public static SigningKey Open(string dataFolder, TimeProvider time)
    {
        var key = new SigningKey(time);
        var path = Path.Combine(dataFolder, "signing.key");
        if (File.Exists(path))
        {
            key.Take(File.ReadAllBytes(path));
            return key;
        }

        var pkcs8 = Fresh();
        PrivateFile.Write(path, pkcs8);
        key.Take(pkcs8);
        return key;
    }

    /// <summary>
    /// How often someone has lost access to each workspace that may have a runner, as the orchestrator read it last: its own tickets tell runners.
    /// </summary>
    public ConcurrentDictionary<Slug, long> Revocations { get; } = new();

    /// <summary>A ticket of the server's own for <paramref name="workspace"/> (role runner), good from now for <paramref name="lifetime"/>.</summary>
    /// <exception cref="DatabaseException">The key has not come yet.</exception>
    public string SignOwn(Slug workspace, string user, TimeSpan lifetime) =>
        Sign(new Ticket(workspace.Value, user, Role.Runner, 0, Access: Revocations.GetValueOrDefault(workspace)), lifetime).Text;

    /// <summary>A ticket for a user, good from now for <paramref name="lifetime"/>.</summary>
    /// <exception cref="DatabaseException">The key has not come yet.</exception>
    internal (string Text, DateTimeOffset Expires) Sign(WorkspaceAccess access, CurrentUser user, TimeSpan lifetime) =>
        Sign(new Ticket(access.Slug.Value, user.Name, access.Role, 0, user.Id, access.AsOf), lifetime);

    /// <summary>A ticket for someone who is not of the workspace, which shows one port; null for a user: anyone.</summary>
    /// <exception cref="DatabaseException">The key has not come yet.</exception>
    internal (string Text, DateTimeOffset Expires) SignVisitor(Slug workspace, int port, long access, CurrentUser? user, TimeSpan lifetime) =>
        Sign(new Ticket(workspace.Value, user?.Name ?? "", Role.Visitor, 0, user?.Id ?? 0, access, port), lifetime);

    private (string Text, DateTimeOffset Expires) Sign(Ticket ticket, TimeSpan lifetime)
    {
        var expires = time.GetUtcNow() + lifetime;
        ticket = ticket with { Expires = expires.ToUnixTimeSeconds() };
        lock (_lock) // ECDsa is not safe for use by several threads
        {
            return (ticket.Sign(Key), expires);
        }
    }

    /// <summary>True for a ticket of someone of the workspace that is good now.</summary>
    public bool IsMembers(string? text, Slug workspace)
    {
        if (text is null || _key is null)
        {
            return false;
        }

        lock (_lock)
        {
            return Ticket.Check(text, Key, workspace, time.GetUtcNow(), out var ticket) == TicketError.None && ticket!.Role is not (Role.Visitor or Role.Runner);
        }
    }

    /// <summary>What makes an unclaimed runner that of <paramref name="options"/>, for <paramref name="lifetime"/> from now.</summary>
    /// <exception cref="DatabaseException">The key has not come yet.</exception>
    public string Sign(RunnerOptions options, TimeSpan lifetime)
    {
        var assignment = new Assignment(options, (time.GetUtcNow() + lifetime).ToUnixTimeSeconds());
        lock (_lock)
        {
            return assignment.Sign(Key);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key?.Dispose();

    /// <summary>PKCS #8 of a new key.</summary>
    internal static byte[] Fresh()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    /// <summary>From now on this is the key.</summary>
    internal void Take(byte[] pkcs8)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        lock (_lock)
        {
            _key = key;
        }
    }
}
