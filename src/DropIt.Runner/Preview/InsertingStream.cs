using System.Text;

namespace DropIt.Runner.Preview;

/// <summary>
/// HTML on its way to a browser with a tag put in where the head begins. Waits for the beginning of the document only, at most
/// <see cref="Most"/> bytes; everything behind it streams. A document without a beginning in these bytes stays as it is.
/// </summary>
internal sealed class InsertingStream(Stream html, string tag) : Stream
{
    /// <summary>Bytes looked at: comments ahead of the head are rarely longer.</summary>
    public const int Most = 16 * 1024;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xef, 0xbb, 0xbf];

    private byte[] _ahead = [];
    private int _at;
    private bool _decided;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Where a tag goes: behind the opening tags of html and head, or ahead of the first thing that is neither; -1 while
    /// the bytes do not say yet.
    /// </summary>
    public static int PlaceIn(ReadOnlySpan<byte> html, bool all)
    {
        var at = html.StartsWith(ByteOrderMark) ? 3 : 0;
        while (true)
        {
            while (at < html.Length && html[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f')
            {
                at++;
            }

            var rest = html[at..];
            if (rest.Length < 10 && !all)
            {
                return -1;
            }

            var comment = rest.StartsWith("<!--"u8);
            var head = Begins(rest, "<head"u8);
            if (!comment && !head && !Begins(rest, "<!doctype"u8) && !Begins(rest, "<html"u8))
            {
                return at;
            }

            var end = comment ? rest.IndexOf("-->"u8) + 2 : rest.IndexOf((byte)'>');
            if (end < (comment ? 2 : 0))
            {
                return all ? at : -1;
            }

            at += end + 1;
            if (head)
            {
                return at;
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_decided)
        {
            await DecideAsync(cancellationToken);
        }

        if (_at < _ahead.Length)
        {
            var length = Math.Min(buffer.Length, _ahead.Length - _at);
            _ahead.AsMemory(_at, length).CopyTo(buffer);
            _at += length;
            return length;
        }

        return await html.ReadAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            html.Dispose();
        }

        base.Dispose(disposing);
    }

    private static bool Begins(ReadOnlySpan<byte> html, ReadOnlySpan<byte> tag)
    {
        if (html.Length <= tag.Length || !Ascii.EqualsIgnoreCase(html[..tag.Length], tag))
        {
            return false;
        }

        // <header> is no <head>.
        return html[tag.Length] is not ((>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z') or (byte)'-');
    }

    private async Task DecideAsync(CancellationToken ct)
    {
        var read = new byte[Most];
        var length = 0;
        var place = -1;
        while (place < 0 && length < Most)
        {
            var more = await html.ReadAsync(read.AsMemory(length), ct);
            length += more;
            place = PlaceIn(read.AsSpan(0, length), all: more == 0);
            if (more == 0)
            {
                break;
            }
        }

        _ahead = place < 0 || length == 0
            ? read[..length]
            : [.. read.AsSpan(0, place), .. Encoding.ASCII.GetBytes(tag), .. read.AsSpan(place, length - place)];
        _decided = true;
    }
}
