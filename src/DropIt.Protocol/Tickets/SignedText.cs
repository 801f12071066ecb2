using System.Buffers.Text;
using System.Security.Cryptography;

namespace DropIt.Protocol.Tickets;

/// <summary>Something that control says and others check: <c>base64url(payload).base64url(signature)</c>, P-256 with SHA-256.</summary>
internal static class SignedText
{
    /// <summary>Signs <paramref name="payload"/> with control's private key.</summary>
    public static string Write(byte[] payload, ECDsa key) =>
        Base64Url.EncodeToString(payload) + "." + Base64Url.EncodeToString(key.SignData(payload, HashAlgorithmName.SHA256));

    /// <summary>The payload when the signature is that of <paramref name="key"/>; else why not.</summary>
    /// <param name="text">What was presented.</param>
    /// <param name="maxLength">Longest text that is looked at.</param>
    /// <param name="key">Control's public key.</param>
    /// <param name="payload">What was signed.</param>
    public static TicketError Read(string text, int maxLength, ECDsa key, out byte[]? payload)
    {
        payload = null;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || text.Length > maxLength)
        {
            return TicketError.Malformed;
        }

        try
        {
            var read = Base64Url.DecodeFromChars(text.AsSpan(0, dot));
            if (!key.VerifyData(read, Base64Url.DecodeFromChars(text.AsSpan(dot + 1)), HashAlgorithmName.SHA256))
            {
                return TicketError.BadSignature;
            }

            payload = read;
            return TicketError.None;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return TicketError.Malformed;
        }
    }
}
