using DropIt.Protocol.Workspaces;
using DropIt.Storage.Journal.Rabbit;

namespace DropIt.Server;

/// <summary><c>dropit-server journal dead list|replay|drop</c>: entries of the journal that could not be stored.</summary>
internal static class JournalCommand
{
    /// <summary>What <c>--help</c> says of it.</summary>
    public const string Help = """
        journal dead list              entries that were set aside because they could not be stored, and why
        journal dead replay [SLUG]     give them to the persister again, once the cause is removed; of one workspace or of all
        journal dead drop SLUG         give up their changes for good, so that the workspace takes new ones again

        """;

    /// <summary>How many words of the command line are the command's; 0 when it is none.</summary>
    public static int Words(IReadOnlyList<string> args) =>
        args is not ["journal", ..] ? 0 : args.TakeWhile(word => !word.StartsWith("--", StringComparison.Ordinal)).Count();

    /// <summary>Runs it; the answer is the exit code.</summary>
    /// <param name="words">The command's words.</param>
    /// <param name="broker">Null when there is none.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, RabbitOptions? broker)
    {
        Slug? slug = null;
        if (words.Count == 4)
        {
            if (!Slug.TryParse(words[3], out var named))
            {
                return Refuse($"{words[3]}: not the name of a workspace. ./dropit journal dead list shows those that have entries.");
            }

            slug = named;
        }

        if (broker is null)
        {
            return Refuse("Without a message broker (DROPIT_RABBITMQ) nothing is ever set aside: what cannot be stored stays in the journal, and the log says why.");
        }

        var letters = new DeadLetters(broker);
        try
        {
            switch (words)
            {
                case ["journal", "dead", "list"]:
                    Print(await letters.ListAsync(CancellationToken.None));
                    return 0;
                case ["journal", "dead", "replay", ..] when words.Count <= 4:
                    Console.WriteLine($"{await letters.ReplayAsync(slug, CancellationToken.None)} entries are with the persister again.");
                    return 0;
                case ["journal", "dead", "drop", _] when slug is { } one:
                    Console.WriteLine($"{await letters.DropAsync(one, CancellationToken.None)} entries of {one} were given up.");
                    return 0;
                default:
                    return Refuse($"{string.Join(' ', words)}: there is no such command. There are\n{Help}");
            }
        }
        catch (IOException e)
        {
            return Refuse(e.Message);
        }
    }

    private static void Print(IReadOnlyList<DeadLetter> letters)
    {
        const int MaxPaths = 3;
        foreach (var letter in letters)
        {
            var paths = letter.Paths is { } all
                ? string.Join(", ", all.Take(MaxPaths)) + (all.Count > MaxPaths ? $" and {all.Count - MaxPaths} more" : "")
                : "unreadable";
            Console.WriteLine($"{letter.Workspace} {letter.Epoch}.{letter.Sequence} {letter.Bytes} bytes [{paths}]{(letter.Late ? " (late)" : "")}: {letter.Cause}");
        }

        Console.WriteLine($"{letters.Count} entries were set aside.");
    }

    private static int Refuse(string problem)
    {
        Console.Error.WriteLine("dropit: " + problem);
        return 2;
    }
}
