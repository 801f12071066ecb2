using System.Security.Cryptography;
using System.Text;

namespace DropIt.Runner.Documents;

/// <summary>How a document's text stands in its file.</summary>
/// <param name="Bom">UTF-8's byte order mark comes first.</param>
/// <param name="Crlf">Every line feed has a carriage return before it, which the text leaves out.</param>
internal readonly record struct FileForm(bool Bom, bool Crlf);

/// <summary>A file's bytes as a text. Pure.</summary>
/// <param name="Text">Without byte order mark; without carriage returns where every line feed has one.</param>
/// <param name="Form">What was taken off.</param>
/// <param name="Hash">SHA-256 of the bytes, hex, lower case.</param>
internal sealed record FileContent(string Text, FileForm Form, string Hash)
{
    /// <summary>Largest file in bytes that is opened as a document: past it an editor in a browser is no pleasure.</summary>
    public const int MaxLength = 5 * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UTF8Encoding Lenient = new(encoderShouldEmitUTF8Identifier: false);

    private static ReadOnlySpan<byte> Mark => [0xef, 0xbb, 0xbf];

    /// <summary>Null when the bytes are not text: not UTF-8, or with a NUL. Reading and writing them again would change them.</summary>
    public static FileContent? Decode(ReadOnlySpan<byte> bytes)
    {
        var bom = bytes.StartsWith(Mark);
        var body = bom ? bytes[Mark.Length..] : bytes;
        if (body.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(body))
        {
            return null;
        }

        var text = Strict.GetString(body);
        var crlf = EveryLineEndsInCrlf(text);
        return new FileContent(
            crlf ? text.Replace("\r\n", "\n", StringComparison.Ordinal) : text,
            new FileForm(bom, crlf),
            Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>
    /// Writes a document's text in its form and returns the hash of the bytes. Lone surrogates, which UTF-8 cannot say, become U+FFFD.
    /// </summary>
    public static string Encode(DocumentText text, FileForm form, Stream to)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var encoder = Lenient.GetEncoder();
        var buffer = new byte[64 * 1024];
        var filled = 0;
        if (form.Bom)
        {
            Mark.CopyTo(buffer);
            filled = Mark.Length;
        }

        text.ForEachChunk(chunk =>
        {
            while (form.Crlf && chunk.IndexOf('\n') is >= 0 and var end)
            {
                Put(chunk[..end], flush: false);
                Put("\r\n", flush: false);
                chunk = chunk[(end + 1)..];
            }

            Put(chunk, flush: false);
        });
        Put([], flush: true);
        Send();
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Put(ReadOnlySpan<char> piece, bool flush)
        {
            do
            {
                encoder.Convert(piece, buffer.AsSpan(filled), flush, out var used, out var written, out _);
                piece = piece[used..];
                filled += written;
                if (buffer.Length - filled < 16)
                {
                    Send();
                }
            }
            while (!piece.IsEmpty);
        }

        void Send()
        {
            hash.AppendData(buffer, 0, filled);
            to.Write(buffer, 0, filled);
            filled = 0;
        }
    }

    private static bool EveryLineEndsInCrlf(string text)
    {
        var feeds = 0;
        for (var at = text.IndexOf('\n', StringComparison.Ordinal); at >= 0; at = text.IndexOf('\n', at + 1))
        {
            feeds++;
            if (at == 0 || text[at - 1] != '\r')
            {
                return false;
            }
        }

        return feeds > 0;
    }
}
