using System.Text;
using System.Text.Json.Nodes;
using DropIt.Protocol.Frames;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Terminals;

/// <summary>A page's view of one terminal: what it shows is the restore and all output since, acked as the page does.</summary>
internal sealed class TestTerminal(TestPage page, string id, uint channel)
{
    private readonly StringBuilder _shown = new();
    private uint _unacked;

    public string Id => id;

    public string Shown => _shown.ToString();

    /// <summary>The size that the output is for.</summary>
    public (uint Columns, uint Rows) Size { get; private set; }

    /// <summary>Keeps memory small where much is shown.</summary>
    public void Forget() => _shown.Clear();

    public static async Task<TestTerminal> CreateAsync(
        TestPage page, uint channel = 1, int columns = 80, int rows = 24)
    {
        var created = await page.ResultAsync("terminal.create", new { columns, rows });
        return await AttachAsync(page, (string)created["terminal"]!, channel, columns, rows);
    }

    public static async Task<TestTerminal> AttachAsync(
        TestPage page, string id, uint channel = 1, int columns = 80, int rows = 24)
    {
        await page.ResultAsync("terminal.attach", new { channel, terminal = id, columns, rows });
        var terminal = new TestTerminal(page, id, channel);
        var (type, payload) = await page.FrameAsync(channel);
        Assert.Equal(FrameType.Restore, type);
        terminal.TakeRestore(payload);
        return terminal;
    }

    public Task TypeAsync(string keys) => page.SendAsync(channel, FrameType.Input, Encoding.UTF8.GetBytes(keys));

    public Task ResizeAsync(uint columns, uint rows)
    {
        Span<byte> payload = stackalloc byte[2 * Varint.MaxLength];
        var length = Varint.Write(payload, columns);
        length += Varint.Write(payload[length..], rows);
        return page.SendAsync(channel, FrameType.Resize, payload[..length]);
    }

    /// <summary>Runs a command in the shell and returns what is shown from then until <paramref name="until"/> comes up.</summary>
    public async Task<string> RunAsync(string command, string until)
    {
        var from = _shown.Length;
        await TypeAsync(command + "\r");
        return await SeesAsync(until, from);
    }

    /// <summary>Reads until the text is shown behind <paramref name="from"/>; returns what is shown from there.</summary>
    public async Task<string> SeesAsync(string text, int from = 0)
    {
        while (!_shown.ToString(from, _shown.Length - from).Contains(text, StringComparison.Ordinal))
        {
            await NextAsync();
        }

        return _shown.ToString(from, _shown.Length - from);
    }

    /// <summary>Reads until the terminal's program has ended.</summary>
    public async Task<JsonNode> EndsAsync()
    {
        while (true)
        {
            if (await NextAsync() is { } exit)
            {
                return exit;
            }
        }
    }

    /// <summary>Reads a frame; the payload of an exited frame, else null.</summary>
    public async Task<JsonNode?> NextAsync()
    {
        var (type, payload) = await page.FrameAsync(channel);
        switch (type)
        {
            case FrameType.Output:
                _shown.Append(Encoding.UTF8.GetString(payload));
                await AckAsync((uint)payload.Length);
                return null;
            case FrameType.Size:
                TakeSize(payload);
                return null;
            case FrameType.Restore:
                TakeRestore(payload);
                return null;
            default:
                Assert.Equal(FrameType.Exited, type);
                return JsonNode.Parse(payload);
        }
    }

    private void TakeRestore(ReadOnlySpan<byte> payload)
    {
        _shown.Clear();
        while (!payload.IsEmpty)
        {
            Assert.True(Varint.TryRead(ref payload, out var columns));
            Assert.True(Varint.TryRead(ref payload, out var rows));
            Assert.True(Varint.TryRead(ref payload, out var length));
            Size = (columns, rows);
            _shown.Append(Encoding.UTF8.GetString(payload[..(int)length]));
            payload = payload[(int)length..];
        }
    }

    private void TakeSize(ReadOnlySpan<byte> payload)
    {
        Assert.True(Varint.TryRead(ref payload, out var columns));
        Assert.True(Varint.TryRead(ref payload, out var rows));
        Assert.True(payload.IsEmpty);
        Size = (columns, rows);
    }

    private async Task AckAsync(uint bytes)
    {
        _unacked += bytes;
        if (_unacked >= 32 * 1024)
        {
            var payload = new byte[Varint.MaxLength];
            await page.SendAsync(channel, FrameType.Ack, payload.AsSpan(0, Varint.Write(payload, _unacked)));
            _unacked = 0;
        }
    }
}
