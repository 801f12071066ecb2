using DropIt.Protocol.Editing;

namespace DropIt.Protocol.Tests.Editing;

/// <summary>Random texts and changes, lone surrogates and all.</summary>
internal static class RandomTexts
{
    private static readonly string[] Pieces =
        ["a", "b", "word", " ", "  ", "\n", "\n\n", "line\n", "{", "}", "\r", "é", "€", "😀", "\ud83d", "\ude00"];

    public static string Text(Random random, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(most + 1)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    public static ChangeSet Changes(Random random, int length)
    {
        var changes = ChangeSet.Empty(length);
        for (var n = random.Next(4); n > 0; n--)
        {
            var from = random.Next(changes.NewLength + 1);
            var to = random.Next(2) == 0 ? from : Math.Min(changes.NewLength, from + random.Next(8));
            changes = changes.Compose(ChangeSet.Replace(changes.NewLength, from, to, Text(random, 4)));
        }

        return changes;
    }
}
