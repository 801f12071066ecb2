using System.Text;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Tests.Terminals;

public sealed class TerminalHistorySpecs
{
    private readonly TerminalHistory _history = new();

    [Fact]
    public void What_fits_is_restored_as_it_was()
    {
        Print("one\r\n\e[31mtwo\e[0m\r\n$ ");
        Assert.Equal("one\r\n\e[31mtwo\e[0m\r\n$ ", Restored());
    }

    [Fact]
    public void A_cut_begins_at_a_line_with_the_modes_that_held_there()
    {
        Print("\e]0;my title\a\e[?2004h\e[?1h\e[?25l\e=\e[1;32m");
        for (var i = 0; i < 100_000; i++)
        {
            Print($"line {i}\r\n");
        }

        var restored = Restored();
        Assert.InRange(restored.Length, TerminalHistory.MaxMain - 20_000, TerminalHistory.MaxMain + 200);
        Assert.StartsWith("\e]2;my title\a\e[?1h\e[?25l\e[?2004h\e=\e[m\e[1;32mline ", restored, StringComparison.Ordinal);
        Assert.EndsWith("line 99999\r\n", restored, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_never_falls_into_a_sequence_or_a_character()
    {
        for (var i = 0; i < 60_000; i++)
        {
            Print("\e[38;2;10;20;30m\u4f60\u597d\e[m");
        }

        var restored = Restored();
        Assert.DoesNotContain('\ufffd', restored);
        Assert.True(
            restored.StartsWith('\e') || restored.StartsWith('\u4f60') || restored.StartsWith('\u597d'), restored[..20]);
        Assert.Equal(restored.Count(c => c == '\e'), restored.Split('\e').Count(p => p.StartsWith('[')));
    }

    [Fact]
    public void Leaving_the_alternate_screen_forgets_it_and_keeps_what_it_changed()
    {
        Print("before\r\n\e[?1049h");
        Print("drawn\e[?2004l\e[?1000h");
        Assert.True(_history.Alternate);
        Assert.Contains("drawn", Restored());
        Print("more\e[?1049lafter");
        Assert.False(_history.Alternate);
        Assert.Equal("before\r\n\e[?1049h\e[?1049l\e[?1000hafter", Restored());
    }

    [Fact]
    public void A_long_session_in_the_alternate_screen_is_restored_with_its_modes_and_asks_for_a_repaint()
    {
        Print("before\r\n\e[?1049h\e[?1h\e[?1000;1006h");
        Assert.False(_history.NeedsRepaint);
        for (var i = 0; i < 20_000; i++)
        {
            Print($"\e[{i % 24};1Hcell {i}");
        }

        Assert.True(_history.NeedsRepaint);
        var restored = Restored();
        Assert.StartsWith("before\r\n\e[?1049h\e[?1h\e[?1000h\e[?1006h", restored, StringComparison.Ordinal);
        Assert.InRange(restored.Length, 1, TerminalHistory.MaxAlternate + 1000);
        Assert.EndsWith("cell 19999", restored, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reset_forgets_every_mode()
    {
        var modes = new TerminalModes();
        modes.Advance("\e[?1049h\e[?25l\e]2;t\a\ec"u8);
        Assert.True(modes.Alternate);
        modes.Advance("\e[?25l\e]2;t\a\ec"u8);
        Assert.False(modes.Alternate);
        Assert.Equal("", modes.Difference());
    }

    [Theory]
    [InlineData("\e[?25l", "\e[?25l")]
    [InlineData("\e[?25l\e[?25h", "")]
    [InlineData("\e[5;20r", "\e[5;20r")]
    [InlineData("\e[1m\e[31m", "\e[m\e[1m\e[31m")]
    [InlineData("\e[1m\e[0m", "")]
    [InlineData("\e[1m\e[0;4m", "\e[m\e[0;4m")]
    [InlineData("\e(0", "\e(0")]
    [InlineData("\e[3 q", "\e[3 q")]
    [InlineData("\e]2;broken\e[?1h", "\e]2;broken\a\e[?1h")]
    [InlineData("\eP+q544e\e\\\e[?1h", "\e[?1h")]
    [InlineData("\e[?1\x18\e[?2004h", "\e[?2004h")]
    [InlineData("\e[?99999999999h", "")]
    public void The_state_is_what_the_sequences_say(string output, string expected)
    {
        // In one go and byte by byte.
        foreach (var step in (int[])[int.MaxValue, 1])
        {
            var modes = new TerminalModes();
            foreach (var part in Encoding.UTF8.GetBytes(output).Chunk(step))
            {
                modes.Advance(part);
            }

            Assert.Equal(expected, modes.Difference());
        }
    }

    [Fact]
    public void The_last_lines_are_plain_text()
    {
        Print("one\r\n\e[31mtwo\e[0m\r\n 10%\r 20%\r 100%\r\n\e]0;title\athree \u4f60\r\n\r\n");
        Assert.Equal("two\n 100%\nthree \u4f60", _history.LastLines(3));
    }

    private void Print(string output)
    {
        foreach (var part in Encoding.UTF8.GetBytes(output).Chunk(7))
        {
            _history.Append(part);
        }
    }

    private string Restored() => Encoding.UTF8.GetString(_history.Restore());
}
