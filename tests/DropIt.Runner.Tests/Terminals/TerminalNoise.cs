using System.Globalization;
using System.Text;

namespace DropIt.Runner.Tests.Terminals;

/// <summary>Random output as programs might print it: text, controls, and every sequence that terminals know.</summary>
internal sealed class TerminalNoise(int seed)
{
    private static readonly string[] Words =
        ["hello", " ", "world ", "你好", "e\u0301", "ﬁ", "🙂", "─│┌", "a", "the quick brown fox ", "\t", "\b", "\r", "\r\n", "\n", "\v"];

    private static readonly string[] Modes =
        ["?7", "?7", "?25", "?1", "?2004", "4", "?6", "?45", "?1049", "?1047", "?47", "?1048", "?1000", "?1006", "?1004"];

    private readonly Random _random = new(seed);

    /// <summary>Switches between the screens now and then.</summary>
    public bool Alternate { get; init; } = true;

    public bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    public (ushort Columns, ushort Rows) Size() => ((ushort)_random.Next(8, 120), (ushort)_random.Next(3, 40));

    public string Output(int pieces)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pieces; i++)
        {
            text.Append(Piece());
        }

        return text.ToString();
    }

    private string Piece() => _random.Next(12) switch
    {
        < 5 => Words[_random.Next(Words.Length)],
        5 => string.Create(CultureInfo.InvariantCulture, $"\e[{_random.Next(0, 40)};{_random.Next(0, 120)}H"),
        6 => Sgr(),
        7 => string.Create(CultureInfo.InvariantCulture, $"\e[{(Chance(3) ? "" : _random.Next(0, 7))}{"ABCDEFGIZdae`"[_random.Next(13)]}"),
        8 => string.Create(CultureInfo.InvariantCulture, $"\e[{(Chance(3) ? "" : _random.Next(0, 4))}{"JKLMPSTX@"[_random.Next(9)]}"),
        9 => Escape(),
        10 => Mode(),
        _ => string.Create(CultureInfo.InvariantCulture, $"\e[{_random.Next(0, 10)};{_random.Next(0, 40)}r"),
    };

    private string Escape()
    {
        string[] all = ["\e7", "\e8", "\eD", "\eE", "\eM", "\eH", "\e(0", "\e(B", "\e)0", "\x0e", "\x0f", "\e[3g", "\e[g", "\e]0;title\a", "\ePq\e\\", "\e[!p", "\e#8"];
        return Chance(4) ? all[_random.Next(all.Length)] : all[_random.Next(8)];
    }

    private string Mode()
    {
        var mode = Modes[_random.Next(Modes.Length)];
        return !Alternate && mode is "?1049" or "?1047" or "?47" ? "" : $"\e[{mode}{(Chance(2) ? 'h' : 'l')}";
    }

    private string Sgr() => _random.Next(6) switch
    {
        0 => "\e[m",
        1 => string.Create(CultureInfo.InvariantCulture, $"\e[38;5;{_random.Next(256)}m"),
        2 => string.Create(CultureInfo.InvariantCulture, $"\e[48;2;{_random.Next(256)};{_random.Next(256)};{_random.Next(256)}m"),
        3 => string.Create(CultureInfo.InvariantCulture, $"\e[4:{_random.Next(6)}m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\e[{_random.Next(0, 50)};{_random.Next(90, 108)}m"),
    };
}
