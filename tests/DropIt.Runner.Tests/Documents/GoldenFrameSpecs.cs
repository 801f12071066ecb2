using System.Text.Json;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Runner.Documents;

namespace DropIt.Runner.Tests.Documents;

/// <summary>tests/golden/frames.json holds document frames byte by byte; the page's tests read the same file.</summary>
public sealed class GoldenFrameSpecs
{
    [Fact]
    public void Every_golden_frame_is_written_and_read_as_it_stands_there()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryRoot(), "tests/golden/frames.json")));
        Assert.All(file.RootElement.EnumerateArray(), Check);
    }

    private static void Check(JsonElement golden)
    {
        var bytes = Convert.FromHexString(golden.GetProperty("hex").GetString()!);
        Assert.True(Frame.TryRead(bytes, out var frame));
        Assert.Equal(golden.GetProperty("channel").GetUInt32(), frame.Channel);
        Assert.Equal(golden.GetProperty("type").GetString(), frame.Type.ToString().ToLowerInvariant());
        var payload = golden.GetProperty("payload");
        switch (frame.Type)
        {
            case FrameType.Push:
                CheckPush(payload, frame.Payload);
                break;
            case FrameType.Snapshot:
                var text = new DocumentText(payload.GetProperty("text").GetString());
                Same(DocumentFrames.Snapshot(Number(payload, "version"), Number(payload, "sequence"), text), frame.Payload);
                break;
            case FrameType.Updates:
                CheckUpdates(payload, frame.Payload);
                break;
            case FrameType.Confirm:
                Same(DocumentFrames.Numbers(Number(payload, "version"), Number(payload, "sequence")), frame.Payload);
                break;
            case FrameType.Saved or FrameType.Safe:
                Same(DocumentFrames.Numbers(Number(payload, "version")), frame.Payload);
                break;
            case FrameType.Gone:
                var gone = JsonSerializer.Deserialize(frame.Payload.Span, DocumentJson.Default.DocumentGone)!;
                Assert.True(JsonElement.DeepEquals(payload, JsonSerializer.SerializeToElement(gone, DocumentJson.Default.DocumentGone)));
                break;
            default:
                Assert.Fail($"{frame.Type} is not a document's");
                break;
        }
    }

    private static void CheckPush(JsonElement payload, ReadOnlyMemory<byte> bytes)
    {
        var updates = payload.GetProperty("updates").EnumerateArray().Select(Changes).ToList();
        var (version, first) = (Number(payload, "version"), Number(payload, "first"));
        Same(DocumentFrames.Push(version, first, updates), bytes);

        var document = new Document("x", version, new string(' ', updates[0].Length), []);
        var result = document.Check("client01", bytes.Span);
        Assert.Equal(PushOutcome.Accepted, result.Outcome);
        Assert.Equal(updates.Select(changes => changes.ToJson()), result.Updates.Select(update => update.Changes.ToJson()));
        Assert.Equal(first, result.Updates[0].Sequence);
    }

    private static void CheckUpdates(JsonElement payload, ReadOnlyMemory<byte> bytes)
    {
        var updates = payload.GetProperty("updates").EnumerateArray()
            .Select(update => new Update($"{Number(update, "author")}", 0, Changes(update.GetProperty("changes")))).ToList();
        var frames = DocumentFrames.Updates(Number(payload, "before"), updates, author => uint.Parse(author, null));
        Same(Assert.Single(frames), bytes);
    }

    private static ChangeSet Changes(JsonElement json)
    {
        Assert.True(ChangeSet.TryFromJson(json.GetRawText(), out var changes));
        return changes;
    }

    private static uint Number(JsonElement payload, string name) => payload.GetProperty(name).GetUInt32();

    private static void Same(ReadOnlyMemory<byte> ours, ReadOnlyMemory<byte> golden) =>
        Assert.Equal(Convert.ToHexStringLower(golden.Span), Convert.ToHexStringLower(ours.Span));

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "DropIt.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return folder;
    }
}
