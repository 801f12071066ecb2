namespace DropIt.Runner.Screens;

/// <summary>Characters with others on top of them. Past <see cref="Max"/> different ones a screen shows further ones plain.</summary>
internal sealed class JoinedCharacters
{
    /// <summary>More than anybody reads; a program that makes up new ones all the time is not worth more memory.</summary>
    public const int Max = 4096;

    /// <summary>Longest in UTF-16 units: what is put on top past it is left out.</summary>
    public const int MaxLength = 16;

    private readonly List<string> _texts = [];
    private readonly Dictionary<string, int> _places = [];

    /// <summary>The character's text.</summary>
    public string TextOf(int character) =>
        character >= ScreenCell.FirstJoined ? _texts[character - ScreenCell.FirstJoined] : char.ConvertFromUtf32(character);

    /// <summary>The character with another on top; the same when a bound is reached.</summary>
    public int Join(int character, int mark)
    {
        var text = (character == 0 ? "" : TextOf(character)) + char.ConvertFromUtf32(mark);
        if (text.Length > MaxLength)
        {
            return character;
        }

        if (!_places.TryGetValue(text, out var place))
        {
            if (_texts.Count == Max)
            {
                return character;
            }

            place = _texts.Count;
            _texts.Add(text);
            _places.Add(text, place);
        }

        return ScreenCell.FirstJoined + place;
    }
}
