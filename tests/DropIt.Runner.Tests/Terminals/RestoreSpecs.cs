using System.Globalization;
using System.Text;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Tests.Terminals;

/// <summary>A page that comes later shows what a page shows that was there all the time, cell by cell; both are the real xterm.js.</summary>
public sealed class RestoreSpecs : IDisposable
{
    private readonly Xterm _xterm = new();
    private readonly List<Drawn> _life = [];
    private TerminalHistory _history = new((80, 24));
    private (ushort Columns, ushort Rows) _size = (80, 24);

    public void Dispose() => _xterm.Dispose();

    [Fact]
    public void Colours_wide_characters_and_marks()
    {
        var test = new StringBuilder("\e[1mbold\e[m \e[2mdim\e[22;3mit\e[23;4:3mcurly\e[4:1;58:2::255:0:0mred\e[m\r\n");
        for (var i = 0; i < 256; i++)
        {
            test.Append(CultureInfo.InvariantCulture, $"\e[48;5;{i}m {i:d3}\e[38;2;{i};0;{255 - i}mx\e[0m");
        }

        test.Append("\r\n你好e\u0301 \e(0lqqk\e(B \e[7minverse\e[27m\e[44mground\e[K\r\n\e[10;40Hmiddle\e[5;15r\e[?6h\e[2;2Hin\e[3 q");
        Print(test.ToString());
        Assert.True(IsExact());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_output_that_is_held_in_any_sizes(int seed)
    {
        var compared = 0;
        for (var round = 0; round < 40; round++)
        {
            var noise = new TerminalNoise((seed * 1000) + round);
            Begin(noise.Size());
            for (var i = 0; i < 12; i++)
            {
                Print(noise.Output(200));
                if (noise.Chance(3))
                {
                    Resize(noise.Size());
                }
            }

            compared += IsExact() ? 1 : 0;
        }

        Assert.InRange(compared, 10, 40);
    }

    [Theory]
    [InlineData(11, 80, 24)]
    [InlineData(12, 100, 30)]
    [InlineData(13, 37, 9)]
    public void The_screen_after_more_output_than_is_held(int seed, ushort columns, ushort rows)
    {
        var compared = 0;
        for (var round = 0; round < 4; round++)
        {
            var noise = new TerminalNoise((seed * 1000) + round) { Alternate = false };
            Begin((columns, rows));
            for (var i = 0; i < 30; i++)
            {
                Print(noise.Output(500));
            }

            // Far more than is held, all of it in the last but one row: what else is on the screen is older than every held byte.
            Print($"\e[m\e[?6l\e[?7h\e[4l\e[r\e7\e[{rows - 1};1H");
            var filler = string.Concat(Enumerable.Range(0, 1000).Select(i => $"\e[{rows - 1};{1 + (i % 20)}H\e[3{i % 8}mx\e[m"));
            for (var sent = 0; sent < 2 * TerminalHistory.MaxMain; sent += filler.Length)
            {
                Print(filler);
            }

            Print("\e8");
            compared += IsExact(scrollback: false) ? 1 : 0;
        }

        Assert.InRange(compared, 1, 4);
    }

    [Fact]
    public void A_full_screen_program_that_printed_more_than_is_held_and_never_draws_itself_again()
    {
        Begin((90, 20));
        Print("$ ls\r\nfile\r\n$ vim\r\n\e[?1049h\e[22;0;0t\e[?1h\e=\e[H\e[2J\e[?2004h");
        for (var y = 1; y <= 19; y++)
        {
            Print($"\e[{y};1H\e[3{y % 8};4{7 - (y % 8)}mrow {y} 你\e[K");
        }

        Print("\e[m\e[3;17r\e[?25l");
        for (var i = 0; i < 12_000; i++)
        {
            Print($"\e[20;1H\e[7m{i} of 12000\e[m");
        }

        Assert.True(IsExact(scrollback: false));
        Print("\e[?25h\e[r\e[?1l\e>\e[?1049l\e[?2004lback\r\n$ ");
        Assert.True(IsExact());
    }

    [Fact]
    public void A_long_visit_to_the_alternate_screen_on_pages_of_several_sizes()
    {
        Begin((100, 30));
        for (var i = 0; i < 200; i++)
        {
            Print($"line {i} {new string('w', i % 130)}\r\n");
        }

        Print("\e[?1049h\e[H");
        for (var i = 0; i < 500; i++)
        {
            Print($"\e[{1 + (i % 24)};{1 + (i % 60)}H{i}\e[32mgreen\e[m");
        }

        Resize((42, 20));
        Assert.True(IsExact());
        Print("\e[5;5Hnarrow");
        Resize((120, 40));
        Print(string.Concat(Enumerable.Range(0, 4000).Select(i => $"\e[{1 + (i % 39)};{1 + (i % 99)}H{i}")));
        Assert.True(IsExact());
        Print("\e[?1049l$ ");
        Assert.True(IsExact());
    }

    private void Begin((ushort Columns, ushort Rows) size)
    {
        _life.Clear();
        _history = new TerminalHistory(size);
        _size = size;
        _life.Add(new Drawn(size.Columns, size.Rows, []));
    }

    private void Resize((ushort Columns, ushort Rows) size)
    {
        _size = size;
        _history.Resize(size);
        _life.Add(new Drawn(size.Columns, size.Rows, []));
    }

    private void Print(string text)
    {
        if (_life.Count == 0)
        {
            Begin(_size);
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var part in bytes.Chunk(8191))
        {
            _history.Append(part);
        }

        _life[^1] = _life[^1] with { Bytes = [.. _life[^1].Bytes, .. bytes] };
    }

    /// <summary>A new page shows what the old one does; false when the old one's emulator failed.</summary>
    private bool IsExact(bool scrollback = true)
    {
        if (_xterm.Shows(_life, scrollback) is not { } expected)
        {
            return false;
        }

        Assert.Equal(expected, _xterm.Shows(Xterm.Parts(_history.Restore()), scrollback));
        return true;
    }
}
