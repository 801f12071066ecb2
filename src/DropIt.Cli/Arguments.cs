namespace DropIt.Cli;

/// <summary>What was asked on the command line.</summary>
/// <param name="Command">The first word.</param>
/// <param name="Words">The words after it that are no options.</param>
/// <param name="Program">What stands after <c>--</c>.</param>
internal sealed record Arguments(string Command, IReadOnlyList<string> Words, IReadOnlyList<string> Program)
{
    public const string Help = """
        dropit-cli: the workspaces of a drop.it server, from a shell

          dropit-cli list                        slug, state, stack and name of each
          dropit-cli create STACK [--name NAME]  makes one; prints its slug and address
          dropit-cli open SLUG                   wakes it, waits until it serves, prints its address
          dropit-cli exec SLUG -- COMMAND...     runs a command in a terminal of the workspace
          dropit-cli cp SLUG:PATH LOCAL          copies a file or folder out of a workspace
          dropit-cli cp LOCAL SLUG:PATH          ... and into it
          dropit-cli logs SLUG [-f]              what the running server printed; -f: and prints, until Ctrl-C

          --server URL     the server (else DROPIT_URL, else http://localhost:7700)
          --token TOKEN    an API token, made on the account's page (else DROPIT_TOKEN, which other users of this machine cannot see)

        Exit codes: 0 done; 1 refused or failed, standard error says why; 2 wrong command line; exec: the command's, or 125 when it could not be run.

        """;

    private const string DefaultServer = "http://localhost:7700";

    public string? Server { get; private set; }

    public string? Token { get; private set; }

    public string? Name { get; private set; }

    public bool Follow { get; private set; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="CliException">There is no such option, or it lacks its value.</exception>
    public static Arguments Read(string[] line)
    {
        var end = Array.IndexOf(line, "--") is >= 0 and var found ? found : line.Length;
        var words = new List<string>();
        var asked = new Arguments(line[0], words, line[Math.Min(end + 1, line.Length)..]);
        for (var i = 1; i < end; i++)
        {
            switch (line[i])
            {
                case "--server":
                    asked.Server = Value();
                    break;
                case "--token":
                    asked.Token = Value();
                    break;
                case "--name":
                    asked.Name = Value();
                    break;
                case "-f" or "--follow":
                    asked.Follow = true;
                    break;
                case ['-', _, ..]:
                    throw new CliException($"There is no option {line[i]}. dropit-cli --help lists them.", CliException.Usage);
                default:
                    words.Add(line[i]);
                    break;
            }

            string Value() => ++i < end ? line[i]
                : throw new CliException($"{line[i - 1]} needs a value after it.", CliException.Usage);
        }

        return asked;
    }

    /// <summary>The words, when there are so many.</summary>
    /// <exception cref="CliException">There are fewer or more.</exception>
    public IReadOnlyList<string> Take(int count) => Words.Count == count ? Words
        : throw new CliException($"{Command} takes {count} words, not {Words.Count}. dropit-cli --help shows which.", CliException.Usage);

    /// <summary>The server that is meant.</summary>
    /// <exception cref="CliException">No token, or no address.</exception>
    public ServerClient Connect()
    {
        var address = Server ?? Environment.GetEnvironmentVariable("DROPIT_URL") ?? DefaultServer;
        var token = Token ?? Environment.GetEnvironmentVariable("DROPIT_TOKEN");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var origin) || origin.Scheme is not ("http" or "https"))
        {
            throw new CliException($"\"{address}\" is no address of a server. Give --server or DROPIT_URL one such as {DefaultServer}.", CliException.Usage);
        }

        return string.IsNullOrWhiteSpace(token)
            ? throw new CliException($"There is no API token. Make one on the account's page of {origin} and put it into DROPIT_TOKEN.", CliException.Usage)
            : new ServerClient(origin, token.Trim());
    }
}
