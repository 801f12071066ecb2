using System.Runtime.CompilerServices;

namespace DropIt.Runner.Screens;

/// <summary>A number of a control sequence.</summary>
/// <param name="Value">-1 when it was left out.</param>
/// <param name="Part">It stands behind a colon: a part of the number before it.</param>
internal readonly record struct ControlParameter(int Value, bool Part);

/// <summary>The numbers and marks of the control sequence under way.</summary>
internal sealed class ControlSequence
{
    /// <summary>Numbers kept; further ones are left out, as in xterm.js.</summary>
    private const int Max = 32;

    /// <summary>Larger numbers count as this.</summary>
    private const int Largest = 0x7fffffff / 16;

    private Numbers _numbers;
    private int _count;
    private bool _full;

    /// <summary>The byte behind the bracket, such as <c>?</c>; 0 when there is none.</summary>
    public byte Prefix { get; private set; }

    /// <summary>The byte ahead of the last, such as a space; 0 when there is none, 0xff when there are several.</summary>
    public byte Intermediate { get; private set; }

    /// <summary>The numbers.</summary>
    public ReadOnlySpan<ControlParameter> Parameters => ((ReadOnlySpan<ControlParameter>)_numbers)[.._count];

    /// <summary>A new one begins.</summary>
    public void Clear() => (_count, _full, Prefix, Intermediate) = (0, false, 0, 0);

    /// <summary>Takes a byte from 0x20 to 0x3f.</summary>
    public void Take(byte b)
    {
        switch (b)
        {
            case >= 0x3c:
                Prefix = b;
                break;
            case < 0x30:
                Intermediate = Intermediate == 0 ? b : (byte)0xff;
                break;
            case (byte)';' or (byte)':':
                if (_count == 0)
                {
                    Add(new ControlParameter(-1, false));
                }

                Add(new ControlParameter(-1, b == ':'));
                break;
            default:
                TakeDigit(b - '0');
                break;
        }
    }

    /// <summary>A number, or <paramref name="otherwise"/> when it is left out or 0.</summary>
    public int Or(int index, int otherwise) => index < _count && _numbers[index].Value > 0 ? _numbers[index].Value : otherwise;

    /// <summary>A number; 0 when it is left out.</summary>
    public int At(int index) => Or(index, 0);

    private void TakeDigit(int digit)
    {
        if (_count == 0)
        {
            Add(new ControlParameter(0, false));
        }

        if (!_full)
        {
            var last = _numbers[_count - 1];
            _numbers[_count - 1] = last with { Value = Math.Min(Largest, (Math.Max(0, last.Value) * 10) + digit) };
        }
    }

    private void Add(ControlParameter number)
    {
        _full = _count == Max;
        if (!_full)
        {
            _numbers[_count++] = number;
        }
    }

    [InlineArray(Max)]
    private struct Numbers
    {
        private ControlParameter _first;
    }
}
