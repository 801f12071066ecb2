using System.Text;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Tests.Terminals;

public sealed class TerminalHistorySpecs
{
    private readonly TerminalHistory _history = new((80, 24));

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
        Assert.InRange(restored.Length, TerminalHistory.MaxMain - 20_000, TerminalHistory.MaxMain + 2_000);
        Assert.Contains("\e]2;my title\a\e[?1h\e[?25l\e[?2004h\e=", restored, StringComparison.Ordinal);
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
    public void A_short_visit_to_the_alternate_screen_is_kept_as_it_was()
    {
        Print("before\r\n\e[?1049hdrawn\e[?1049lafter");
        Assert.Equal("before\r\n\e[?1049hdrawn\e[?1049lafter", Restored());
    }

    [Fact]
    public void A_long_visit_to_the_alternate_screen_is_forgotten_but_for_the_modes_that_it_changed()
    {
        Print("before\r\n\e[?1049hdrawn\e[?2004l\e[?1000h");
        Assert.Contains("drawn", Restored());
        Print(new string('x', 40_000));
        Print("\e[?1049lafter");
        Assert.Equal("before\r\n\e[?1049h\e[?1049l\e[?1000hafter", Restored());
    }

    [Fact]
    public void A_bell_counts_and_the_end_of_a_title_does_not()
    {
        Print("\a\e]0;title\aone\a");
        Assert.Equal(2, _history.Bells);
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

    private string Restored() =>
        string.Concat(Xterm.Parts(_history.Restore()).Select(part => Encoding.UTF8.GetString(part.Bytes)));
}
