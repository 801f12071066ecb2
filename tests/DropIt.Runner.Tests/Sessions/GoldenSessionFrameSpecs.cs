using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using DropIt.Runner.Journal;
using DropIt.Runner.People;
using DropIt.Runner.Ports;
using DropIt.Runner.Runs;
using DropIt.Runner.Sessions;
using DropIt.Runner.Terminals;
using DropIt.Runner.Tests.Harness;
using DropIt.Runner.Watching;

namespace DropIt.Runner.Tests.Sessions;

/// <summary>The session frames of tests/golden/frames.json: requests against a real runner, what a runner says against its own writers.</summary>
public sealed class GoldenSessionFrameSpecs
{
    [Fact]
    public async Task A_runner_reads_every_golden_request_and_ping()
    {
        await using var runner = new TestRunner();
        await runner.StartAsync();
        foreach (var golden in GoldenFrame.Of(type => type is FrameType.Request or FrameType.Ping))
        {
            await using var page = await runner.ConnectAsync();
            await page.SendAsync(golden.Frame.Channel, golden.Frame.Type, golden.Frame.Payload.Span);
            if (golden.Frame.Type == FrameType.Ping)
            {
                golden.Is((await page.FrameAsync(0, FrameType.Pong)).Payload);
                continue;
            }

            // The workspace is empty, so some fail; none because it was not understood.
            golden.Says(golden.Frame.Payload);
            var reply = await page.ReplyAsync((int)golden.Number("id"));
            Assert.NotEqual("bad_request", (string?)reply["error"]?["code"]);
        }
    }

    [Fact]
    public void Every_golden_reply_and_event_is_what_the_runner_writes() =>
        Assert.All(GoldenFrame.Of(type => type is FrameType.Reply or FrameType.Event or FrameType.Pong), Check);

    private static void Check(GoldenFrame golden)
    {
        switch (golden.Frame.Type)
        {
            case FrameType.Pong:
                golden.Is(Convert.FromHexString(golden.Payload.GetProperty("bytes").GetString()!));
                break;
            case FrameType.Reply:
                var written = new ArrayBufferWriter<byte>();
                Reply(golden).Write(written, golden.Payload.GetProperty("id").GetInt64());
                golden.Says(written.WrittenMemory);
                break;
            default:
                var name = golden.Payload.GetProperty("event").GetString()!;
                golden.Says(OpenSessions.Compose(name, writer =>
                {
                    foreach (var member in golden.Payload.EnumerateObject().Where(member => member.Name != "event"))
                    {
                        writer.WritePropertyName(member.Name);
                        Member(name == "hello" && member.Name == "notices" ? "held" : member.Name)(writer, member.Value);
                    }
                }));
                break;
        }
    }

    private static Reply Reply(GoldenFrame golden)
    {
        if (golden.Payload.TryGetProperty("error", out var error))
        {
            var code = Enum.GetValues<ErrorCode>().Single(code =>
                Runner.Sessions.Reply.Text(code) == error.GetProperty("code").GetString());
            return Runner.Sessions.Reply.Failed(code, error.GetProperty("message").GetString()!);
        }

        var result = golden.Payload.GetProperty("result");
        return golden.Op switch
        {
            "files.list" => Of(FileJson.Default.FileListing),
            "files.find" => Of(FileJson.Default.FoundPaths),
            "document.open" => Of(DocumentJson.Default.DocumentOpened),
            "terminal.create" => Of(TerminalJson.Default.TerminalCreated),
            "journal.flush" => Of(JournalEventJson.Default.FlushResult),
            _ => Runner.Sessions.Reply.Done,
        };

        Reply Of<T>(JsonTypeInfo<T> type) => Runner.Sessions.Reply.Of(JsonSerializer.Deserialize(result, type)!, type);
    }

    /// <summary>Reads a member of an event as the runner's own type, and writes it as the runner does.</summary>
    private static Action<Utf8JsonWriter, JsonElement> Member(string name) => name switch
    {
        "project" => As(WorkspaceJson.Default.Project),
        "folders" => As(WatchingJson.Default.StringArray),
        "terminals" => As(TerminalJson.Default.IReadOnlyListTerminalEntry),
        "ports" => As(PortJson.Default.IReadOnlyListPortEntry),
        "run" => As(RunJson.Default.RunState),
        "journal" => As(JournalEventJson.Default.JournalState),
        "notice" => As(SessionJson.Default.Notice),
        "held" => As(SessionJson.Default.IReadOnlyListNotice),
        "role" => As(SessionJson.Default.Role),
        "people" => As(PeopleJson.Default.PeopleList),
        "protocol" or "epoch" or "user" => (writer, value) => writer.WriteNumberValue(value.GetInt64()),
        _ => As(SessionJson.Default.String),
    };

    private static Action<Utf8JsonWriter, JsonElement> As<T>(JsonTypeInfo<T> type) =>
        (writer, value) => JsonSerializer.Serialize(writer, JsonSerializer.Deserialize(value, type)!, type);
}
