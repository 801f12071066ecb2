using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using DropIt.Runner.Files;
using Microsoft.Win32.SafeHandles;

namespace DropIt.Runner.Documents;

/// <summary>
/// The write-ahead log of one document: what is in it survives the kill of the runner (it is in the system's page cache; a loss of
/// power is the journal's business). Not for several threads at once.
/// </summary>
internal sealed class DocumentLog : IDisposable
{
    /// <summary>Bytes of updates after which the log is written anew from the text as soon as the file has it.</summary>
    public const int CompactAfter = Document.MaxHistoryBytes;

    /// <summary>Largest log; past it (the disk has been full for long) pushes are refused.</summary>
    public const int MaxLength = 64 * 1024 * 1024;

    private readonly string _path;
    private SafeFileHandle? _file;
    private long _length;
    private long _baseLength;

    /// <summary>The log of a file; nothing is opened yet.</summary>
    /// <param name="folder">Where logs are.</param>
    /// <param name="path">Of the document's file in the workspace, without links.</param>
    public DocumentLog(string folder, string path)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 16));
        _path = Path.Combine(folder, name + Extension);
    }

    /// <summary>How names of logs end.</summary>
    public static string Extension => ".log";

    /// <summary>Updates can be appended: the log begins with a text.</summary>
    public bool IsOpen => _file is not null;

    /// <summary>There is a log, with or without a text.</summary>
    public bool Exists => IsOpen || File.Exists(_path);

    /// <summary>It is time to begin anew.</summary>
    public bool IsLong => _length - _baseLength > CompactAfter;

    /// <summary>The records of the log at <paramref name="path"/>.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<LogRecord> ReadAt(string path) => LogRecords.Read(File.ReadAllBytes(path), out _);

    /// <summary>The records of this log, which goes on behind them when they begin with a text.</summary>
    public IReadOnlyList<LogRecord> Open()
    {
        if (!File.Exists(_path))
        {
            return [];
        }

        var records = LogRecords.Read(File.ReadAllBytes(_path), out var length);
        if (records is [LogRecord.Base { Text: not null }, ..])
        {
            _file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write);
            RandomAccess.SetLength(_file, length);
            _length = length;
        }

        return records;
    }

    /// <summary>Begins anew, in one step: a kill leaves the old log or the new one.</summary>
    /// <returns>False when the disk does not take it; the old log stays.</returns>
    public bool TryBegin(LogRecord.Base start)
    {
        var fresh = _path + ".new";
        SafeFileHandle? file = null;
        try
        {
            var to = new ArrayBufferWriter<byte>();
            LogRecords.Write(to, start);
            file = File.OpenHandle(fresh, FileMode.Create, FileAccess.Write);
            RandomAccess.Write(file, to.WrittenSpan, 0);
            File.Move(fresh, _path, overwrite: true);
            _file?.Dispose();
            _file = file;
            _length = _baseLength = to.WrittenCount;
            if (start.Text is null)
            {
                Dispose();
            }

            return true;
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            // What of it was written would take the room that the next try needs.
            file?.Dispose();
            File.Delete(fresh);
            return false;
        }
    }

    /// <summary>Appends records in one write.</summary>
    /// <returns>False when the disk does not take them, or the log is too long; the log is as before.</returns>
    public bool TryAppend(params ReadOnlySpan<LogRecord> records)
    {
        var to = new ArrayBufferWriter<byte>(256);
        foreach (var record in records)
        {
            LogRecords.Write(to, record);
        }

        if (_file is null || _length + to.WrittenCount > MaxLength)
        {
            return false;
        }

        try
        {
            RandomAccess.Write(_file, to.WrittenSpan, _length);
            _length += to.WrittenCount;
            return true;
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            RandomAccess.SetLength(_file, _length);
            return false;
        }
    }

    /// <summary>Deletes the log.</summary>
    public void Delete()
    {
        Dispose();
        File.Delete(_path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }
}
