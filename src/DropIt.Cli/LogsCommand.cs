using System.Text.Json;
using DropIt.Protocol.Frames;

namespace DropIt.Cli;

/// <summary><c>logs SLUG [-f]</c>: what the task that was run last printed, as far as the runner's scrollback goes back (512 KiB).</summary>
internal static class LogsCommand
{
    /// <summary>Prints it; the answer is the exit code.</summary>
    /// <exception cref="CliException">Nothing has run, or the connection is lost.</exception>
    public static async Task<int> RunAsync(ServerClient server, string slug, bool follow)
    {
        var workspace = await server.OpenAsync(slug, Console.Error.WriteLine);
        var (socket, hello) = await WorkspaceSocket.ConnectAsync(server, workspace);
        using var _ = socket;
        using var output = Console.OpenStandardOutput();
        var (channel, terminal) = (0u, TerminalOf(hello));
        if (terminal is null && !follow)
        {
            throw new CliException($"Nothing has been run in {slug} since it woke. Press Run on {server.AddressOf(slug)}, or wait for a run with -f.");
        }

        var view = await ShowAsync();
        while (true)
        {
            var frame = await socket.ReceiveAsync();
            switch (frame.Type)
            {
                case FrameType.Restore when frame.Channel == channel:
                    await output.WriteAsync(TerminalView.Printed(frame.Payload.Span));
                    await output.FlushAsync();
                    if (!follow)
                    {
                        return 0;
                    }

                    break;
                case FrameType.Output when frame.Channel == channel:
                    var length = frame.Payload.Length;
                    await output.WriteAsync(frame.Payload);
                    await output.FlushAsync();
                    await view.TakenAsync(length);
                    break;
                case FrameType.Reply:
                    WorkspaceSocket.ResultOf(frame);
                    break;
                case FrameType.Event:
                    var happened = JsonElement.Parse(frame.Payload.Span);
                    if (happened.GetProperty("event").GetString() == "run" && TerminalOf(happened) is { } next && next != terminal)
                    {
                        terminal = next;
                        view = await ShowAsync();
                    }

                    break;
                default:
                    break;
            }
        }

        // A run that follows has a terminal of its own.
        async Task<TerminalView> ShowAsync()
        {
            if (terminal is not null)
            {
                await socket.SendRequestAsync("terminal.attach", TerminalView.Attach(++channel, terminal, LocalTerminal.Size));
            }

            return new TerminalView(socket, channel);
        }
    }

    private static string? TerminalOf(JsonElement said) =>
        said.GetProperty("run").TryGetProperty("terminal", out var terminal) ? terminal.GetString() : null;
}
