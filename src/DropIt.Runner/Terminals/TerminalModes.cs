using System.Buffers;
using System.Globalization;
using System.Text;

namespace DropIt.Runner.Terminals;

/// <summary>
/// Reads a program's output for what holds apart from what is drawn: modes, the title, the cursor's style, which screen is shown;
/// and for the bell.
/// </summary>
internal sealed class TerminalModes
{
    private const int MaxSequence = 128;
    private const int MaxTitle = 256;

    /// <summary>DEC private modes that are kept: cursor keys, reverse, origin, wrap, mouse, blink, cursor, keypad, focus, paste.</summary>
    private static readonly int[] Kept = [1, 5, 6, 7, 9, 12, 25, 45, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 2004];

    private static readonly SearchValues<byte> Ends = SearchValues.Create(0x1b, 0x07);

    private static readonly uint OnByDefault = Bit(7) | Bit(25);

    private readonly byte[] _sequence = new byte[MaxSequence];
    private int _sequenceLength;
    private State _state;
    private uint _modes = OnByDefault;
    private bool _keypad;
    private bool _insert;
    private string _cursorStyle = "";
    private string _title = "";

    private enum State
    {
        Ground,
        Escape,
        Control,
        Title,
        TitleEscape,
        Text,
        TextEscape,
    }

    /// <summary>The alternate screen is shown.</summary>
    public bool Alternate { get; private set; }

    /// <summary>The private mode that switched to it: 47, 1047 or 1049.</summary>
    public int AlternateMode { get; private set; } = 1049;

    /// <summary>Bells rung since the start.</summary>
    public int Bells { get; private set; }

    /// <summary>A copy that goes its own way.</summary>
    public TerminalModes Copy()
    {
        var copy = new TerminalModes();
        copy.Take(this);
        _sequence.AsSpan(0, _sequenceLength).CopyTo(copy._sequence);
        copy._sequenceLength = _sequenceLength;
        copy._state = _state;
        return copy;
    }

    /// <summary>Reads output up to its end or to just behind a switch of <see cref="Alternate"/>; returns the number of bytes read.</summary>
    public int Advance(ReadOnlySpan<byte> bytes)
    {
        var alternate = Alternate;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (_state == State.Ground)
            {
                var next = bytes[i..].IndexOfAny(Ends);
                if (next < 0)
                {
                    return bytes.Length;
                }

                i += next;
            }

            Step(bytes[i]);
            if (Alternate != alternate)
            {
                return i + 1;
            }
        }

        return bytes.Length;
    }

    /// <summary>Sequences that bring an emulator from the state <paramref name="from"/> (null: reset) to this one; the screen itself apart.</summary>
    public string Difference(TerminalModes? from = null)
    {
        from ??= new TerminalModes();
        var text = new StringBuilder();
        if (_title != from._title)
        {
            text.Append("\e]2;").Append(_title).Append('\a');
        }

        for (var i = 0; i < Kept.Length; i++)
        {
            if (((_modes ^ from._modes) >> i & 1) != 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"\e[?{Kept[i]}{((_modes >> i & 1) != 0 ? 'h' : 'l')}");
            }
        }

        Append(text, _keypad != from._keypad, _keypad ? "\e=" : "\e>");
        Append(text, _insert != from._insert, _insert ? "\e[4h" : "\e[4l");
        Append(text, _cursorStyle != from._cursorStyle, "\e[" + _cursorStyle + " q");
        return text.ToString();
    }

    private static void Append(StringBuilder to, bool when, string text)
    {
        if (when)
        {
            to.Append(text);
        }
    }

    private static uint Bit(int mode)
    {
        var index = Array.IndexOf(Kept, mode);
        return index < 0 ? 0 : 1u << index;
    }

    private void Take(TerminalModes other)
    {
        _modes = other._modes;
        _keypad = other._keypad;
        _insert = other._insert;
        _cursorStyle = other._cursorStyle;
        _title = other._title;
        Alternate = other.Alternate;
        AlternateMode = other.AlternateMode;
    }

    private void Step(byte b)
    {
        switch (_state)
        {
            case State.Ground:
                StepGround(b);
                break;
            case State.Escape:
                StepEscape(b);
                break;
            case State.Control:
                StepControl(b);
                break;
            case State.Title or State.Text:
                StepText(b);
                break;
            default:
                // An ESC inside a string: its end when a backslash follows, else the string is broken off.
                EndText();
                _state = State.Ground;
                if (b != '\\')
                {
                    _state = State.Escape;
                    StepEscape(b);
                }

                break;
        }
    }

    private void StepGround(byte b)
    {
        switch (b)
        {
            case 0x1b:
                _state = State.Escape;
                break;
            case 0x07:
                Bells++;
                break;
        }
    }

    private void StepEscape(byte b)
    {
        _sequenceLength = 0;
        _state = State.Ground;
        switch (b)
        {
            case (byte)'[':
                _state = State.Control;
                break;
            case (byte)']':
                _state = State.Title;
                break;
            case (byte)'P' or (byte)'X' or (byte)'^' or (byte)'_':
                _state = State.Text;
                break;
            case (byte)'=' or (byte)'>':
                _keypad = b == '=';
                break;
            case (byte)'c':
                Take(new TerminalModes());
                break;
            case 0x1b:
                _state = State.Escape;
                break;
            case >= 0x20 and <= 0x2f:
                _state = State.Escape;
                break;
        }
    }

    private void StepControl(byte b)
    {
        switch (b)
        {
            case 0x1b:
                _state = State.Escape;
                break;
            case 0x18 or 0x1a:
                _state = State.Ground;
                break;
            case >= 0x40 and <= 0x7e:
                _state = State.Ground;
                if (_sequenceLength <= MaxSequence)
                {
                    Apply(b);
                }

                break;
            case >= 0x20:
                Keep(b);
                break;
        }
    }

    private void StepText(byte b)
    {
        switch (b)
        {
            case 0x07:
                EndText();
                _state = State.Ground;
                break;
            case 0x18 or 0x1a:
                _state = State.Ground;
                break;
            case 0x1b:
                _state = _state == State.Title ? State.TitleEscape : State.TextEscape;
                break;
            default:
                Keep(b);
                break;
        }
    }

    /// <summary>Past the bound only the length grows by one, which marks the sequence as one to ignore.</summary>
    private void Keep(byte b)
    {
        if (_sequenceLength < MaxSequence)
        {
            _sequence[_sequenceLength++] = b;
        }
        else
        {
            _sequenceLength = MaxSequence + 1;
        }
    }

    private void EndText()
    {
        if (_state is not (State.Title or State.TitleEscape) || _sequenceLength is < 2 or > MaxSequence)
        {
            return;
        }

        var text = Encoding.UTF8.GetString(_sequence, 0, _sequenceLength);
        if (text.StartsWith("0;", StringComparison.Ordinal) || text.StartsWith("2;", StringComparison.Ordinal))
        {
            _title = text.Length > MaxTitle ? text[2..MaxTitle] : text[2..];
        }
    }

    private void Apply(byte final)
    {
        var text = Encoding.Latin1.GetString(_sequence, 0, _sequenceLength);
        switch ((char)final)
        {
            case 'h' or 'l' when text.StartsWith('?'):
                foreach (var part in text[1..].Split(';'))
                {
                    SetPrivate(part, final == 'h');
                }

                break;
            case 'h' or 'l' when text == "4":
                _insert = final == 'h';
                break;
            case 'q' when text.EndsWith(' '):
                _cursorStyle = text[..^1];
                break;
            case 'p' when text == "!":
                SoftReset();
                break;
        }
    }

    private void SetPrivate(string number, bool on)
    {
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var mode))
        {
            return;
        }

        if (mode is 47 or 1047 or 1049)
        {
            Alternate = on;
            AlternateMode = mode;
            return;
        }

        _modes = on ? _modes | Bit(mode) : _modes & ~Bit(mode);
    }

    private void SoftReset()
    {
        var (alternate, mode, title) = (Alternate, AlternateMode, _title);
        Take(new TerminalModes());
        (Alternate, AlternateMode, _title) = (alternate, mode, title);
    }
}
