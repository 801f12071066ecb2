using System.Security.Cryptography;
using System.Text;
using DropIt.Control.Database;

namespace DropIt.Control.Tickets;

/// <summary>
/// AES-256-GCM (nonce, tag, cipher text) under a secret in a file, for what lies in the database: who reads that, or a copy of it, reads nothing of what is
/// sealed.
/// </summary>
internal sealed class Seal : IDisposable
{
    private const int SecretLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly AesGcm _cipher;
    private readonly string _file;

    /// <summary>With the secret in a file, which is made when it is missing.</summary>
    /// <param name="file">The secret.</param>
    /// <param name="purpose">What is sealed: each purpose has a key of its own.</param>
    /// <exception cref="DatabaseException">The file cannot be used.</exception>
    public Seal(string file, string purpose)
    {
        _file = file;
        _cipher = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, SecretIn(file), 32, info: Encoding.UTF8.GetBytes(purpose)), TagLength);
    }

    /// <summary>Seals.</summary>
    public byte[] Close(ReadOnlySpan<byte> plain)
    {
        var @sealed = new byte[NonceLength + TagLength + plain.Length];
        var nonce = @sealed.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(nonce, plain, @sealed.AsSpan(NonceLength + TagLength), @sealed.AsSpan(NonceLength, TagLength));
        return @sealed;
    }

    /// <summary>Opens.</summary>
    /// <exception cref="DatabaseException">It was sealed with another secret, or is damaged.</exception>
    public byte[] Open(ReadOnlySpan<byte> @sealed)
    {
        try
        {
            var plain = new byte[Math.Max(0, @sealed.Length - NonceLength - TagLength)];
            _cipher.Decrypt(@sealed[..NonceLength], @sealed[(NonceLength + TagLength)..], @sealed.Slice(NonceLength, TagLength), plain);
            return plain;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new DatabaseException(
                $"A key was sealed with another secret than the one in {_file}. Give every server on the database the same file "
                    + "with --key-file (docs/operations.md).",
                e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

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
