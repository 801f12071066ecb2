using System.Security.Cryptography;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;

namespace DropIt.Control.Tickets;

/// <summary>Control's P-256 key, kept in the data folder, readable by its owner only.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;

    private SigningKey(ECDsa key, TimeProvider time)
    {
        (_key, _time) = (key, time);
        PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Base64 of SubjectPublicKeyInfo: what runners and the storage service check tickets with.</summary>
    public string PublicKey { get; }

    /// <summary>Reads the key in <paramref name="dataFolder"/>, or makes one.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="CryptographicException">The file holds no key.</exception>
    public static SigningKey Open(string dataFolder, TimeProvider time)
    {
        var path = Path.Combine(dataFolder, "signing.key");
        if (File.Exists(path))
        {
            var read = ECDsa.Create();
            read.ImportPkcs8PrivateKey(File.ReadAllBytes(path), out _);
            return new SigningKey(read, time);
        }

        // Written beside and renamed, so that a crash leaves no half of a key.
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var file = new FileStream(fresh, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(key.ExportPkcs8PrivateKey());
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path);
        return new SigningKey(key, time);
    }

    /// <summary>A ticket for <paramref name="workspace"/>, good from now for <paramref name="lifetime"/>.</summary>
    public (string Text, DateTimeOffset Expires) Sign(Slug workspace, string user, Role role, TimeSpan lifetime)
    {
        var expires = _time.GetUtcNow() + lifetime;
        var ticket = new Ticket(workspace.Value, user, role, expires.ToUnixTimeSeconds());
        lock (_lock) // ECDsa is not safe for use by several threads
        {
            return (ticket.Sign(_key), expires);
        }
    }

    /// <summary>What makes an unclaimed runner that of <paramref name="options"/>, for <paramref name="lifetime"/> from now.</summary>
    public string Sign(RunnerOptions options, TimeSpan lifetime)
    {
        var assignment = new Assignment(options, (_time.GetUtcNow() + lifetime).ToUnixTimeSeconds());
        lock (_lock)
        {
            return assignment.Sign(_key);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
