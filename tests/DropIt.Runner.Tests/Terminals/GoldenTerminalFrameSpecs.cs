using System.Text.Json;
using DropIt.Protocol.Frames;
using DropIt.Runner.Terminals;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Terminals;

/// <summary>The terminal frames of tests/golden/frames.json.</summary>
public sealed class GoldenTerminalFrameSpecs
{
    [Fact]
    public void Every_golden_frame_is_written_and_read_as_it_stands_there() =>
        Assert.All(GoldenFrame.Of(type => type is >= FrameType.Input and <= FrameType.Size), Check);

    private static void Check(GoldenFrame golden)
    {
        switch (golden.Frame.Type)
        {
            case FrameType.Input or FrameType.Output or FrameType.Restore:
                golden.Is(Convert.FromHexString(golden.Payload.GetProperty("bytes").GetString()!));
                break;
            case FrameType.Ack:
                Assert.Equal(golden.Number("bytes"), TerminalFrames.ReadAck(golden.Frame.Payload.Span));
                break;
            case FrameType.Resize:
                Assert.Equal(
                    ((ushort)golden.Number("columns"), (ushort)golden.Number("rows")),
                    TerminalFrames.ReadSize(golden.Frame.Payload.Span));
                break;
            case FrameType.Size:
                golden.Is(TerminalFrames.Size((ushort)golden.Number("columns"), (ushort)golden.Number("rows")));
                break;
            case FrameType.Exited:
                var exit = JsonSerializer.Deserialize(golden.Payload, TerminalJson.Default.TerminalExit)!;
                golden.Says(TerminalFrames.Exited(new ExitStatus(exit.Code, exit.Signal)));
                break;
            default:
                Assert.Fail($"{golden.Frame.Type} is not known here");
                break;
        }
    }
}
