using System.Globalization;
using System.Text;

namespace DropIt.Protocol.Editing;

/// <summary>Numbers and strings of JSON, with lone surrogates as <c>\udXXX</c> both ways.</summary>
internal ref struct JsonText(string json)
{
    private int _at;

    /// <summary>Nothing but white space is left.</summary>
    public bool AtEnd
    {
        get
        {
            SkipSpace();
            return _at == json.Length;
        }
    }

    /// <summary>Writes a string with its quotes, escaped as <c>JSON.stringify</c> does.</summary>
    public static void Write(StringBuilder to, string text)
    {
        to.Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var pair = i + 1 < text.Length && char.IsSurrogatePair(c, text[i + 1]);
            if (pair)
            {
                to.Append(c).Append(text[++i]);
            }
            else if (c is '"' or '\\')
            {
                to.Append('\\').Append(c);
            }
            else if (c < ' ' && "\b\t\n\f\r".Contains(c, StringComparison.Ordinal))
            {
                to.Append('\\').Append("btn\0fr"[c - '\b']);
            }
            else if (c < ' ' || char.IsSurrogate(c))
            {
                to.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                to.Append(c);
            }
        }

        to.Append('"');
    }

    public bool Take(char expected)
    {
        SkipSpace();
        if (_at == json.Length || json[_at] != expected)
        {
            return false;
        }

        _at++;
        return true;
    }

    /// <summary>A whole number that is not negative.</summary>
    public bool TryNumber(out int value)
    {
        SkipSpace();
        var start = _at;
        while (_at < json.Length && char.IsAsciiDigit(json[_at]))
        {
            _at++;
        }

        return int.TryParse(json.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    public bool TryString(out string text)
    {
        text = "";
        if (!Take('"'))
        {
            return false;
        }

        var result = new StringBuilder();
        while (_at < json.Length)
        {
            var c = json[_at++];
            if (c == '"')
            {
                text = result.ToString();
                return true;
            }

            if (c < ' ' || (c == '\\' && !TryEscape(out c)))
            {
                return false;
            }

            result.Append(c);
        }

        return false;
    }

    private bool TryEscape(out char c)
    {
        c = _at < json.Length ? json[_at++] : '\0';
        switch (c)
        {
            case '"' or '\\' or '/':
                return true;
            case 'b' or 't' or 'n' or 'f' or 'r':
                c = "\b\t\n\f\r"["btnfr".IndexOf(c, StringComparison.Ordinal)];
                return true;
            case 'u' when _at + 4 <= json.Length
                && ushort.TryParse(json.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                _at += 4;
                c = (char)unit;
                return true;
            default:
                return false;
        }
    }

    private void SkipSpace()
    {
        while (_at < json.Length && json[_at] is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
    }
}
