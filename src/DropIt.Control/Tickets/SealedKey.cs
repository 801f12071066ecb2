using System.Security.Cryptography;
using System.Text;
using DropIt.Control.Database;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Tickets;

/// <summary>
/// A key that all servers on one database share, sealed with a secret that is not in it: who reads the database, or a copy of it, cannot sign a ticket.
/// </summary>
public sealed class SealedKey
{
    private const string Tickets = "tickets";
    private const int SecretLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>What it is for; the key.</summary>
    public required string Name { get; init; }

    /// <summary>AES-256-GCM of the PKCS #8: nonce, tag, cipher text. Its key comes from the secret by HKDF-SHA-256.</summary>
    public required byte[] Sealed { get; set; }

    /// <summary>Hands the shared key to <paramref name="key"/>; makes one when there is none. The caller sees to it that no other server does the same.</summary>
    /// <exception cref="DatabaseException">It was sealed with another secret, or the file cannot be used.</exception>
    internal static async Task TakeAsync(PostgresContext context, string keyFile, SigningKey key, CancellationToken cancel)
    {
        using var cipher = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, SecretIn(keyFile), 32, info: "drop.it signing key"u8.ToArray()), TagLength);
        if (await context.SealedKeys.AsNoTracking().FirstOrDefaultAsync(k => k.Name == Tickets, cancel) is { } row)
        {
            key.Take(Open(row.Sealed, cipher, keyFile));
            return;
        }

        var fresh = SigningKey.Fresh();
        context.SealedKeys.Add(new SealedKey { Name = Tickets, Sealed = Seal(fresh, cipher) });
        await context.SaveChangesAsync(cancel);
        key.Take(fresh);
    }

    private static byte[] Seal(byte[] plain, AesGcm cipher)
    {
        var @sealed = new byte[NonceLength + TagLength + plain.Length];
        var (nonce, tag, text) = Parts(@sealed);
        RandomNumberGenerator.Fill(nonce.Span);
        cipher.Encrypt(nonce.Span, plain, text.Span, tag.Span);
        return @sealed;
    }

    private static byte[] Open(byte[] @sealed, AesGcm cipher, string keyFile)
    {
        var (nonce, tag, text) = Parts(@sealed);
        var plain = new byte[text.Length];
        try
        {
            cipher.Decrypt(nonce.Span, text.Span, tag.Span, plain);
            return plain;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new DatabaseException(
                $"The signing key in the database was sealed with another secret than the one in {keyFile}. Give every server on the database the same file "
                    + "with --key-file (docs/operations.md).",
                e);
        }
    }

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Text) Parts(byte[] @sealed) =>
        (@sealed.AsMemory(0, NonceLength), @sealed.AsMemory(NonceLength, TagLength), @sealed.AsMemory(NonceLength + TagLength));

    private static byte[] SecretIn(string file)
    {
        try
        {
            if (!File.Exists(file))
            {
                PrivateFile.Write(file, Encoding.UTF8.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretLength)) + "\n"));
            }

            var secret = File.ReadAllText(file).Trim();
            return secret.Length >= SecretLength
                ? Encoding.UTF8.GetBytes(secret)
                : throw new DatabaseException(
                    $"--key-file {file}: a secret has at least {SecretLength} characters. Make one with: openssl rand -hex {SecretLength}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"--key-file {file}: cannot be read or made ({e.Message}).", e);
        }
    }
}
