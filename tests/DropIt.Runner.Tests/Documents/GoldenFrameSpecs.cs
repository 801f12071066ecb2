using System.Buffers;
using System.Text.Json;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Runner.Documents;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Documents;

/// <summary>The document frames of tests/golden/frames.json.</summary>
public sealed class GoldenFrameSpecs
{
    [Fact]
    public void Every_golden_frame_is_written_and_read_as_it_stands_there() =>
        Assert.All(GoldenFrame.Of(type => type is >= FrameType.Push and <= FrameType.Cursors), Check);

    private static void Check(GoldenFrame golden)
    {
        switch (golden.Frame.Type)
        {
            case FrameType.Push:
                CheckPush(golden);
                break;
            case FrameType.Snapshot:
                var text = new DocumentText(golden.Payload.GetProperty("text").GetString());
                golden.Is(DocumentFrames.Snapshot(golden.Number("version"), golden.Number("sequence"), text));
                break;
            case FrameType.Updates:
                CheckUpdates(golden);
                break;
            case FrameType.Confirm:
                golden.Is(DocumentFrames.Numbers(golden.Number("version"), golden.Number("sequence")));
                break;
            case FrameType.Saved or FrameType.Safe:
                golden.Is(DocumentFrames.Numbers(golden.Number("version")));
                break;
            case FrameType.Gone:
                var gone = JsonSerializer.Deserialize(golden.Payload, DocumentJson.Default.DocumentGone)!;
                golden.Says(JsonSerializer.SerializeToUtf8Bytes(gone, DocumentJson.Default.DocumentGone));
                break;
            case FrameType.Cursor:
                Assert.Equal(Cursor(golden.Payload, golden.Payload), DocumentCursor.Read(golden.Frame.Payload.Span), Same);
                break;
            case FrameType.Cursors:
                var written = new ArrayBufferWriter<byte>();
                Varint.Write(written, golden.Number("version"));
                foreach (var one in golden.Payload.GetProperty("cursors").EnumerateArray())
                {
                    var (author, person) = (one.GetProperty("author").GetUInt32(), one.GetProperty("person").GetInt32());
                    DocumentFrames.WriteCursor(written, author, person, Cursor(golden.Payload, one));
                }

                golden.Is(written.WrittenMemory);
                break;
            default:
                Assert.Fail($"{golden.Frame.Type} is not known here");
                break;
        }
    }

    private static void CheckPush(GoldenFrame golden)
    {
        var updates = golden.Payload.GetProperty("updates").EnumerateArray().Select(Changes).ToList();
        var (version, first) = (golden.Number("version"), golden.Number("first"));
        golden.Is(DocumentFrames.Push(version, first, updates));

        var document = new Document("x", version, new string(' ', updates[0].Length), []);
        var result = document.Check("client01", golden.Frame.Payload.Span);
        Assert.Equal(PushOutcome.Accepted, result.Outcome);
        Assert.Equal(updates.Select(changes => changes.ToJson()), result.Updates.Select(update => update.Changes.ToJson()));
        Assert.Equal(first, result.Updates[0].Sequence);
    }

    private static void CheckUpdates(GoldenFrame golden)
    {
        var updates = golden.Payload.GetProperty("updates").EnumerateArray().Select(update => new Update(
            update.GetProperty("author").GetRawText(), 0, Changes(update.GetProperty("changes")))).ToList();
        var frames = DocumentFrames.Updates(golden.Number("before"), updates, author => uint.Parse(author, null));
        golden.Is(Assert.Single(frames));
    }

    private static DocumentCursor? Cursor(JsonElement frame, JsonElement cursor) =>
        !cursor.TryGetProperty("ranges", out var ranges) || ranges.GetArrayLength() == 0 ? null : new DocumentCursor(
            frame.GetProperty("version").GetUInt32(),
            cursor.GetProperty("top").GetInt32(),
            cursor.GetProperty("bottom").GetInt32(),
            [.. ranges.EnumerateArray().Select(range => (range[0].GetInt32(), range[1].GetInt32()))]);

    private static bool Same(DocumentCursor? one, DocumentCursor? other) =>
        one is null ? other is null : one == other! with { Ranges = one.Ranges } && one.Ranges.SequenceEqual(other.Ranges);

    private static ChangeSet Changes(JsonElement json)
    {
        Assert.True(ChangeSet.TryFromJson(json.GetRawText(), out var changes));
        return changes;
    }
}
