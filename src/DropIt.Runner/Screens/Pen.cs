using System.Globalization;
using System.Text;

namespace DropIt.Runner.Screens;

/// <summary>What a pen does to the text beside its colours.</summary>
[Flags]
internal enum PenStyle : ushort
{
    /// <summary>Plain.</summary>
    None = 0,

    /// <summary>SGR 1.</summary>
    Bold = 1,

    /// <summary>SGR 2.</summary>
    Dim = 2,

    /// <summary>SGR 3.</summary>
    Italic = 4,

    /// <summary>SGR 5.</summary>
    Blink = 8,

    /// <summary>SGR 7.</summary>
    Inverse = 16,

    /// <summary>SGR 8.</summary>
    Invisible = 32,

    /// <summary>SGR 9.</summary>
    Strike = 64,

    /// <summary>SGR 53.</summary>
    Overline = 128,
}

/// <summary>How text is drawn. A value; the default one is plain.</summary>
/// <param name="Foreground">0: the default colour; <see cref="Sixteen"/>, <see cref="Palette"/>: with the index; <see cref="Direct"/>: with red, green, blue.</param>
/// <param name="Background">As the foreground.</param>
/// <param name="Style">The rest.</param>
/// <param name="Underline">0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed.</param>
/// <param name="UnderlineColour">As the foreground; 0: that of the text.</param>
internal readonly record struct Pen(uint Foreground, uint Background, PenStyle Style, byte Underline, uint UnderlineColour)
{
    /// <summary>One of the 16 named colours.</summary>
    public const uint Sixteen = 0x1000000;

    /// <summary>One of 256.</summary>
    public const uint Palette = 0x2000000;

    /// <summary>Any.</summary>
    public const uint Direct = 0x3000000;

    private const uint Kind = 0xff000000;

    private static readonly (PenStyle Style, int Code)[] Codes =
    [
        (PenStyle.Bold, 1), (PenStyle.Dim, 2), (PenStyle.Italic, 3), (PenStyle.Blink, 5), (PenStyle.Inverse, 7),
        (PenStyle.Invisible, 8), (PenStyle.Strike, 9), (PenStyle.Overline, 53),
    ];

    /// <summary>The pen of a cell that was erased with this one.</summary>
    public Pen Erased => new(0, Background, PenStyle.None, 0, 0);

    /// <summary>True when an empty cell looks as one with a background alone.</summary>
    public bool IsGround => this == Erased;

    /// <summary>The pen behind an SGR sequence.</summary>
    public Pen After(ReadOnlySpan<ControlParameter> parameters)
    {
        var pen = this;
        if (parameters.IsEmpty)
        {
            return default;
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            // Parts behind a colon belong to the number before them.
            var parts = i + 1;
            while (parts < parameters.Length && parameters[parts].Part)
            {
                parts++;
            }

            var code = parameters[i].Value;
            if (code is 38 or 48 or 58)
            {
                var colour = parts > i + 1
                    ? ColourOfParts(parameters[(i + 1)..parts])
                    : ColourOfList(parameters[(i + 1)..], out parts, i + 1);
                pen = colour is { } found ? pen.WithColour(code, found) : pen;
            }
            else if (code == 4 && parts > i + 1)
            {
                var style = parameters[i + 1].Value;
                pen = pen with { Underline = (byte)(style is >= 0 and <= 5 ? style : 1) };
            }
            else
            {
                pen = pen.AfterCode(code);
            }

            i = parts - 1;
        }

        return pen;
    }

    /// <summary>Writes the sequence that turns the plain pen into this one; nothing for the plain one.</summary>
    public void Write(StringBuilder to)
    {
        if (this == default)
        {
            return;
        }

        to.Append("\e[");
        foreach (var (style, code) in Codes)
        {
            if ((Style & style) != 0)
            {
                to.Append(CultureInfo.InvariantCulture, $"{code};");
            }
        }

        if (Underline > 0)
        {
            to.Append(CultureInfo.InvariantCulture, $"4:{Underline};");
        }

        WriteColour(to, Foreground, 30, 38);
        WriteColour(to, Background, 40, 48);
        WriteColour(to, UnderlineColour, 0, 58);
        to.Length--;
        to.Append('m');
    }

    private static void WriteColour(StringBuilder to, uint colour, int named, int other)
    {
        var value = colour & ~Kind;
        switch (colour & Kind)
        {
            case Sixteen when named > 0:
                to.Append(CultureInfo.InvariantCulture, $"{(value < 8 ? named + value : named + 60 + value - 8)};");
                break;
            case Sixteen or Palette:
                to.Append(CultureInfo.InvariantCulture, $"{other}:5:{value};");
                break;
            case Direct:
                to.Append(CultureInfo.InvariantCulture, $"{other}:2::{value >> 16}:{(value >> 8) & 255}:{value & 255};");
                break;
        }
    }

    private static uint? ColourOfParts(ReadOnlySpan<ControlParameter> parts) => (parts[0].Value, parts.Length) switch
    {
        (5, >= 2) => Palette | (uint)Math.Clamp(parts[1].Value, 0, 255),
        (2, >= 5) => Rgb(parts[2].Value, parts[3].Value, parts[4].Value),
        (2, 4) => Rgb(parts[1].Value, parts[2].Value, parts[3].Value),
        _ => null,
    };

    private static uint? ColourOfList(ReadOnlySpan<ControlParameter> rest, out int next, int at)
    {
        if (rest.Length >= 2 && rest[0].Value == 5)
        {
            next = at + 2;
            return Palette | ((uint)Math.Max(0, rest[1].Value) & 255);
        }

        if (rest.Length >= 4 && rest[0].Value == 2)
        {
            next = at + 4;
            return Rgb(rest[1].Value, rest[2].Value, rest[3].Value);
        }

        next = at + rest.Length;
        return null;
    }

    private static uint Rgb(int red, int green, int blue) =>
        Direct | ((uint)Math.Max(0, red) & 255) << 16 | ((uint)Math.Max(0, green) & 255) << 8 | ((uint)Math.Max(0, blue) & 255);

    private Pen WithColour(int code, uint colour) => code switch
    {
        38 => this with { Foreground = colour },
        48 => this with { Background = colour },
        _ => this with { UnderlineColour = colour },
    };

    private Pen AfterCode(int code) => code switch
    {
        <= 0 => default,
        1 => this with { Style = Style | PenStyle.Bold },
        2 => this with { Style = Style | PenStyle.Dim },
        3 => this with { Style = Style | PenStyle.Italic },
        4 => this with { Underline = 1 },
        5 => this with { Style = Style | PenStyle.Blink },
        7 => this with { Style = Style | PenStyle.Inverse },
        8 => this with { Style = Style | PenStyle.Invisible },
        9 => this with { Style = Style | PenStyle.Strike },
        21 => this with { Underline = 2 },
        22 => this with { Style = Style & ~(PenStyle.Bold | PenStyle.Dim) },
        23 => this with { Style = Style & ~PenStyle.Italic },
        24 => this with { Underline = 0 },
        25 => this with { Style = Style & ~PenStyle.Blink },
        27 => this with { Style = Style & ~PenStyle.Inverse },
        28 => this with { Style = Style & ~PenStyle.Invisible },
        29 => this with { Style = Style & ~PenStyle.Strike },
        >= 30 and <= 37 => this with { Foreground = Sixteen | (uint)(code - 30) },
        39 => this with { Foreground = 0 },
        >= 40 and <= 47 => this with { Background = Sixteen | (uint)(code - 40) },
        49 => this with { Background = 0 },
        53 => this with { Style = Style | PenStyle.Overline },
        55 => this with { Style = Style & ~PenStyle.Overline },
        59 => this with { UnderlineColour = 0 },
        >= 90 and <= 97 => this with { Foreground = Sixteen | (uint)(code - 90 + 8) },
        >= 100 and <= 107 => this with { Background = Sixteen | (uint)(code - 100 + 8) },
        _ => this,
    };
}
