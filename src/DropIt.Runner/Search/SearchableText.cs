using System.Buffers;
using System.Text.Unicode;
using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using Microsoft.Win32.SafeHandles;

namespace DropIt.Runner.Search;

/// <summary>Whether a file can be searched.</summary>
internal enum Searchable
{
    /// <summary>It has text.</summary>
    Text,

    /// <summary>It has a NUL or is not UTF-8.</summary>
    Binary,

    /// <summary>It is larger than a document may be.</summary>
    TooLarge,

    /// <summary>It is gone, no regular file, or may not be read.</summary>
    Unreadable,
}

/// <summary>Reads one file after the other into the same memory. For one worker; hand it back by disposing.</summary>
internal sealed class SearchableText : IDisposable
{
    private const int SniffLength = 8 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private char[] _text = ArrayPool<char>.Shared.Rent(64 * 1024);

    /// <summary>Reads a file. The text is valid until the next call, and has the file's own line ends.</summary>
    public Searchable Read(string full, out ReadOnlySpan<char> text)
    {
        text = default;
        if (FileStat.Of(full) is not { Kind: FileKind.File } stat)
        {
            return Searchable.Unreadable;
        }

        if (stat.Size > FileContent.MaxLength)
        {
            return Searchable.TooLarge;
        }

        int length;
        try
        {
            using var file = File.OpenHandle(full, share: FileShare.ReadWrite | FileShare.Delete);
            length = ReadAll(file, (int)stat.Size);
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return Searchable.Unreadable;
        }

        var bytes = _bytes.AsSpan(0, length);
        if (bytes[..Math.Min(length, SniffLength)].Contains((byte)0))
        {
            return Searchable.Binary;
        }

        bytes = bytes.StartsWith("\ufeff"u8) ? bytes[3..] : bytes;
        if (_text.Length < bytes.Length)
        {
            ArrayPool<char>.Shared.Return(_text);
            _text = ArrayPool<char>.Shared.Rent(bytes.Length);
        }

        if (Utf8.ToUtf16(bytes, _text, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            return Searchable.Binary;
        }

        text = _text.AsSpan(0, written);
        return Searchable.Text;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<char>.Shared.Return(_text);
    }

    /// <summary>What comes in while it is read, past the size that it had, is left for the next search.</summary>
    private int ReadAll(SafeFileHandle file, int size)
    {
        if (_bytes.Length < size)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(size);
        }

        var length = 0;
        while (length < size && RandomAccess.Read(file, _bytes.AsSpan(length, size - length), length) is > 0 and var read)
        {
            length += read;
        }

        return length;
    }
}
