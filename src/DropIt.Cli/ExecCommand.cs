using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Frames;
using Microsoft.Win32.SafeHandles;

namespace DropIt.Cli;

/// <summary>
/// <c>exec SLUG -- COMMAND...</c>: a terminal of the workspace whose shell becomes the command, so that its end is the terminal's. The shell prints a mark
/// first; what came before it (its prompt, the typed line) is not shown.
/// </summary>
internal sealed class ExecCommand
{
    /// <summary>Most bytes of a command: its line must fit what a terminal takes before a shell reads it, 4,095 bytes.</summary>
    public const int MaxCommand = 2800;

    /// <summary>Most bytes of input that is no terminal: more could wait for the program than the runner keeps.</summary>
    public const int MaxInput = 1024 * 1024;

    private const uint Channel = 1;
    private const int MaxPreamble = 1024 * 1024;
    private const byte EndOfText = 3;
    private const byte EndOfTransmission = 4;

    private readonly string _mark = RandomNumberGenerator.GetHexString(16, lowercase: true);
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly (bool Types, bool Shows) _local = (LocalTerminal.Types, LocalTerminal.Shows);
    private readonly ArrayBufferWriter<byte> _preamble = new();
    private readonly WorkspaceSocket _socket;
    private readonly TerminalView _view;
    private bool _begun;
    private Exception? _inputTrouble;

    private ExecCommand(WorkspaceSocket socket) => (_socket, _view) = (socket, new TerminalView(socket, Channel));

    /// <summary>Runs it; the answer is its exit code.</summary>
    /// <exception cref="CliException">It could not be run, or the connection is lost.</exception>
    public static async Task<int> RunAsync(ServerClient server, string slug, IReadOnlyList<string> command)
    {
        var line = string.Join(' ', command.Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        if (Encoding.UTF8.GetByteCount(line) > MaxCommand)
        {
            throw new CliException($"A command has at most {MaxCommand} bytes. Copy a script there with cp and run that.", CliException.Usage);
        }

        var workspace = await server.OpenAsync(slug, Console.Error.WriteLine);
        var (socket, _) = await WorkspaceSocket.ConnectAsync(server, workspace);
        using (socket)
        {
            return await new ExecCommand(socket).RunAsync(command[0], line);
        }
    }

    private async Task<int> RunAsync(string name, string line)
    {
        var size = LocalTerminal.Size;
        var made = await _socket.RequestAsync("terminal.create", new() { ["name"] = name, ["columns"] = size.Columns, ["rows"] = size.Rows });
        var terminal = made.GetProperty("terminal").GetString()!;
        await _socket.RequestAsync("terminal.attach", TerminalView.Attach(Channel, terminal, size));

        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ =>
        {
            var (columns, rows) = LocalTerminal.Size;
            Forward(FrameType.Resize, TerminalView.Varints((uint)columns, (uint)rows));
        });
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            Forward(FrameType.Input, [EndOfText]);
        });
        using var modes = _local.Types ? LocalTerminal.Raw() : null;
        using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ =>
        {
            modes?.Dispose();
            _socket.SendRequestAsync("terminal.close", new() { ["terminal"] = terminal }).Wait(TimeSpan.FromSeconds(2));
        });
        if (_local.Shows)
        {
            // Waiting for signals has put the arrow keys into a mode that only some programs ask for.
            await _output.WriteAsync("\e[?1l\e>"u8.ToArray());
            await _output.FlushAsync();
        }

        await _socket.SendAsync(Channel, FrameType.Input, Encoding.UTF8.GetBytes(Typed(line)));
        var code = await FollowAsync();
        await _socket.RequestAsync("terminal.close", new() { ["terminal"] = terminal });
        return code;
    }

    /// <summary>
    /// What is typed into the shell. Base64: no byte of it means anything to a line editor. Output that no terminal shows keeps its line ends, input that comes
    /// from none is not echoed.
    /// </summary>
    private string Typed(string line)
    {
        var modes = (_local.Types ? "" : " -echo") + (_local.Shows ? "" : " -onlcr");
        var set = modes == "" ? "" : $"stty{modes}; ";
        return $" {set}printf '\\036%s\\036' {_mark}; eval \"exec env $(echo {Convert.ToBase64String(Encoding.UTF8.GetBytes(line))} | base64 -d)\"; exit $?\n";
    }

    private async Task<int> FollowAsync()
    {
        while (true)
        {
            var frame = await _socket.ReceiveAsync();
            switch (frame.Type)
            {
                case FrameType.Output when frame.Channel == Channel:
                    var length = frame.Payload.Length;
                    await PrintAsync(frame.Payload);
                    await _view.TakenAsync(length);
                    break;
                case FrameType.Restore when _begun && !_local.Shows:
                    throw new CliException("The output was not taken for over 10 seconds and a part of it is lost. Write it to a file of the workspace and copy that with cp.");
                case FrameType.Restore when _begun:
                    await PrintAsync(TerminalView.Printed(frame.Payload.Span));
                    break;
                case FrameType.Exited when frame.Channel == Channel:
                    return Code(frame);
                case FrameType.Reply:
                    WorkspaceSocket.ResultOf(frame);
                    break;
                case FrameType.Event when JsonElement.Parse(frame.Payload.Span) is var happened && happened.GetProperty("event").GetString() == "denied":
                    throw new CliException(happened.GetProperty("message").GetString()!);
                default:
                    break;
            }
        }
    }

    private int Code(Frame exited) =>
        _inputTrouble is not null ? throw _inputTrouble
        : _begun ? JsonElement.Parse(exited.Payload.Span).GetProperty("code").GetInt32()
        : throw new CliException("The shell of the workspace ended before it ran the command. Open a terminal on its page to see why.");

    private async Task PrintAsync(ReadOnlyMemory<byte> printed)
    {
        if (!_begun)
        {
            _preamble.Write(printed.Span);
            var seen = _preamble.WrittenMemory;
            var mark = Encoding.ASCII.GetBytes($"\u001e{_mark}\u001e");
            if (seen.Span.IndexOf(mark) is not (>= 0 and var at))
            {
                if (seen.Length > MaxPreamble)
                {
                    throw new CliException("The shell of the workspace prints without end before it takes a command. Look at its start files.");
                }

                return;
            }

            _begun = true;
            printed = seen[(at + mark.Length)..];
            _ = Task.Run(TypeAsync);
        }

        await _output.WriteAsync(printed);
        await _output.FlushAsync();
    }

    /// <summary>Passes standard input on, until it ends or the program does.</summary>
    private async Task TypeAsync()
    {
        try
        {
            // The console's own stream edits lines, and sets the terminal's modes for it.
            await using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
            var buffer = new byte[16 * 1024];
            var (total, last) = (0, (byte)'\n');
            while (await input.ReadAsync(buffer) is > 0 and var got)
            {
                if (!_local.Types && (total += got) > MaxInput)
                {
                    _inputTrouble = new CliException("Input that comes from no terminal has at most 1 MiB. Copy a file there with cp.");
                    Forward(FrameType.Input, [EndOfText]);
                    return;
                }

                last = buffer[got - 1];
                await _socket.SendAsync(Channel, FrameType.Input, buffer.AsMemory(0, got));
            }

            // The end of input is a key to a terminal; in the midst of a line it takes two.
            await _socket.SendAsync(Channel, FrameType.Input, new byte[] { EndOfTransmission, EndOfTransmission }.AsMemory(last == '\n' ? 1 : 0));
        }
        catch (CliException)
        {
            // whoever reads sees it too
        }
    }

    private void Forward(FrameType type, byte[] payload) => _ = ForwardAsync(type, payload);

    private async Task ForwardAsync(FrameType type, byte[] payload)
    {
        try
        {
            await _socket.SendAsync(Channel, type, payload);
        }
        catch (CliException)
        {
            // whoever reads sees it too
        }
    }
}
