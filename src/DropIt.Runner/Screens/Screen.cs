using DropIt.Runner.Terminals;

namespace DropIt.Runner.Screens;

/// <summary>
/// What a terminal shows after some output: the cells of both screens, the cursor and all that the next output depends on. It
/// follows xterm.js, which draws the same output in the page, but keeps no scrollback. Held for output that is let go of, so
/// that a page can begin behind it (<see cref="ScreenWriter"/>).
/// </summary>
/// <remarks>
/// <code>bytes -> Screen.Advance (characters, controls, sequences) -> ScreenCommands (what they do) -> ScreenBuffer (rows)</code>
/// </remarks>
internal sealed class Screen
{
    /// <summary>Lines that the page keeps above the screen.</summary>
    public const int Scrollback = 10_000;

    private const byte Escape = 0x1b;

    private readonly ScreenCommands _commands;
    private readonly ControlSequence _sequence = new();
    private State _state;
    private byte _intermediate;
    private int _character;
    private int _missing;

    /// <summary>An empty one.</summary>
    /// <param name="modes">Modes that hold from the start.</param>
    /// <param name="alternate">The alternate screen is shown.</param>
    public Screen(int columns, int rows, TerminalModes? modes = null, bool alternate = false)
    {
        Modes = modes?.Copy() ?? new TerminalModes();
        Main = new ScreenBuffer(columns, rows, scrollsAway: true);
        Alternate = alternate ? new ScreenBuffer(columns, rows, scrollsAway: false) : null;
        _commands = new ScreenCommands(this);
    }

    private enum State
    {
        Ground,
        Escape,
        EscapeIntermediate,
        Control,
        ControlIgnore,
        Text,
        TextEscape,
    }

    /// <summary>Modes, title, cursor style.</summary>
    public TerminalModes Modes { get; }

    /// <summary>The main screen.</summary>
    public ScreenBuffer Main { get; }

    /// <summary>The alternate screen while it is shown; else null.</summary>
    public ScreenBuffer? Alternate { get; set; }

    /// <summary>The one that is shown.</summary>
    public ScreenBuffer Active => Alternate ?? Main;

    /// <summary>How the next character is drawn.</summary>
    public Pen Pen { get; set; }

    /// <summary>Which of the four character sets draw lines.</summary>
    public bool[] LineDrawing { get; } = new bool[4];

    /// <summary>The set in use.</summary>
    public int CharacterSet { get; set; }

    /// <summary>The set in use draws lines; DECRC may say so apart from the sets.</summary>
    public bool DrawsLines { get; set; }

    /// <summary>DECOM: rows count from the top of the scroll region.</summary>
    public bool Origin { get; set; }

    /// <summary>DECAWM: behind the last column comes the next line.</summary>
    public bool Wraps { get; set; } = true;

    /// <summary>A backspace goes back over the end of a wrapped line.</summary>
    public bool WrapsBack { get; set; }

    /// <summary>IRM: what is drawn pushes the rest of the line to the right.</summary>
    public bool Inserts { get; set; }

    /// <summary>Texts of characters with marks.</summary>
    public JoinedCharacters Joined { get; } = new();

    /// <summary>Neither a sequence nor a character is under way: output may be cut here.</summary>
    public bool AtRest => _state == State.Ground && _missing == 0;

    /// <summary>Reads output.</summary>
    public void Advance(ReadOnlySpan<byte> bytes)
    {
        for (var rest = bytes; !rest.IsEmpty;)
        {
            rest = rest[Modes.Advance(rest)..];
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            if (_state == State.Ground && _missing == 0 && bytes[i] is >= 0x20 and < 0x7f)
            {
                var length = bytes[i..].IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e);
                length = length < 0 ? bytes.Length - i : length;
                _commands.PrintPlain(bytes.Slice(i, length));
                i += length - 1;
            }
            else
            {
                Step(bytes[i]);
            }
        }
    }

    /// <summary>Another size from here on.</summary>
    public void Resize(int columns, int rows)
    {
        Main.Resize(columns, rows);
        Alternate?.Resize(columns, rows);
    }

    private void Step(byte b)
    {
        if (b >= 0x80)
        {
            StepCharacter(b);
            return;
        }

        _missing = 0; // a character that was broken off is left out
        if (b == Escape)
        {
            _state = _state is State.Text or State.TextEscape ? State.TextEscape : State.Escape;
            return;
        }

        if (b is 0x18 or 0x1a)
        {
            _state = State.Ground;
            return;
        }

        switch (_state)
        {
            case State.Ground:
                if (b < 0x20)
                {
                    _commands.Control(b);
                }
                else if (b < 0x7f)
                {
                    _commands.Print(b);
                }

                break;
            case State.Escape or State.EscapeIntermediate:
                StepEscape(b);
                break;
            case State.Control or State.ControlIgnore:
                StepControl(b);
                break;
            case State.Text:
                _state = b == 7 ? State.Ground : State.Text;
                break;
            case State.TextEscape:
                _state = State.Escape;
                if (b == '\\')
                {
                    _state = State.Ground;
                }
                else
                {
                    _intermediate = 0;
                    StepEscape(b);
                }

                break;
        }
    }

    private void StepEscape(byte b)
    {
        if (b < 0x20)
        {
            _commands.Control(b);
            return;
        }

        if (_state == State.Escape)
        {
            _intermediate = 0;
        }

        switch (b)
        {
            case >= 0x20 and <= 0x2f:
                _intermediate = _state == State.Escape ? b : (byte)0xff;
                _state = State.EscapeIntermediate;
                return;
            case (byte)'[' when _intermediate == 0:
                _sequence.Clear();
                _state = State.Control;
                return;
            case (byte)']' or (byte)'P' or (byte)'X' or (byte)'^' or (byte)'_' when _intermediate == 0:
                _commands.Break();
                _state = State.Text;
                return;
            case 0x7f:
                return;
        }

        _state = State.Ground;
        _commands.Escape(_intermediate, b);
    }

    private void StepControl(byte b)
    {
        switch (b)
        {
            case < 0x20:
                _commands.Control(b);
                break;
            case < 0x40:
                _sequence.Take(b);
                break;
            case < 0x7f:
                _state = State.Ground;
                _commands.Sequence(_sequence, b);
                break;
        }
    }

    private void StepCharacter(byte b)
    {
        if (_state is not State.Ground)
        {
            if (_state is State.Escape or State.EscapeIntermediate or State.Control)
            {
                _state = State.Ground;
            }

            return;
        }

        if (b < 0xc0)
        {
            if (_missing == 0)
            {
                return;
            }

            _character = (_character << 6) | (b & 0x3f);
            if (--_missing == 0 && _character is >= 0xa0 and <= 0x10ffff and not (>= 0xd800 and <= 0xdfff))
            {
                _commands.Print(_character);
            }

            return;
        }

        (_character, _missing) = b switch
        {
            < 0xe0 => (b & 0x1f, 1),
            < 0xf0 => (b & 0x0f, 2),
            < 0xf8 => (b & 0x07, 3),
            _ => (0, 0),
        };
    }
}
