namespace DropIt.Runner.Formatting;

/// <summary>A program that formats a text: from its standard input to its standard output, or a file where it only works on files.</summary>
/// <param name="Name">What users call it.</param>
/// <param name="Command">The program's file, and its arguments.</param>
/// <param name="InPlace">It changes the file that it is given; <see cref="Formatters.FileArgument"/> stands for its path.</param>
internal sealed record Formatter(string Name, IReadOnlyList<string> Command, bool InPlace = false);

/// <summary>Which program formats a file, by its name and by what is installed. Pure but for the question whether a program is there.</summary>
internal static class Formatters
{
    /// <summary>Stands for the path of the file to change.</summary>
    public const string FileArgument = "{file}";

    private static readonly HashSet<string> OfPrettier = new(StringComparer.Ordinal)
    {
        "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "css", "scss", "less", "html", "vue", "json", "jsonc", "md", "mdx", "yaml", "yml", "graphql",
    };

    private static readonly HashSet<string> OfClang = new(StringComparer.Ordinal) { "c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "proto" };

    /// <summary>The formatter of a file; null with a sentence for the user when there is none, or its program is missing.</summary>
    /// <param name="path">In the workspace.</param>
    /// <param name="find">The program of a name on the PATH; null when it is not installed.</param>
    /// <param name="findInWorkspace">The program of a path in the file's folder or one above it; null when there is none.</param>
    /// <param name="own">What dropit.json says for an ending: a shell command.</param>
    /// <param name="shell">The shell's file.</param>
    /// <param name="known">Whether some program formats such files; false with a null answer means that none does.</param>
    /// <param name="problem">What to tell the user.</param>
    public static Formatter? Of(
        string path,
        Func<string, string?> find,
        Func<string, string?> findInWorkspace,
        IReadOnlyDictionary<string, string> own,
        string shell,
        out bool known,
        out string problem)
    {
        problem = "";
        known = true;
        var name = path[(path.LastIndexOf('/') + 1)..];
        var ending = name[(name.LastIndexOf('.') + 1)..].ToLowerInvariant();
        if (own.TryGetValue(ending, out var command))
        {
            return new Formatter(command.Split(' ')[0], [shell, "-c", command]);
        }

        if (OfPrettier.Contains(ending))
        {
            problem = "Prettier is not installed in this workspace. Run \"npm install --save-dev prettier\" in a terminal.";
            return findInWorkspace("node_modules/.bin/prettier") is { } prettier
                ? new Formatter("Prettier", [prettier, "--stdin-filepath", path])
                : null;
        }

        if (OfClang.Contains(ending))
        {
            problem = "clang-format is not installed here. Install it with \"apt install clang-format\".";
            return find("clang-format") is { } clang ? new Formatter("clang-format", [clang, $"--assume-filename={path}"]) : null;
        }

        switch (ending)
        {
            case "py" or "pyi":
                problem = "Neither Black nor Ruff is installed in this workspace. Run \"pip install black\" in a terminal.";
                return (findInWorkspace(".venv/bin/black") ?? find("black")) is { } black
                    ? new Formatter("Black", [black, "-q", "--stdin-filename", path, "-"])
                    : (findInWorkspace(".venv/bin/ruff") ?? find("ruff")) is { } ruff
                        ? new Formatter("Ruff", [ruff, "format", "--stdin-filename", path, "-"])
                        : null;
            case "go":
                problem = "gofmt is not installed here. It comes with Go, from go.dev/dl or with \"apt install golang\".";
                return find("gofmt") is { } gofmt ? new Formatter("gofmt", [gofmt]) : null;
            case "rs":
                problem = "rustfmt is not installed here. It comes with Rust, from rustup.rs.";
                return find("rustfmt") is { } rustfmt ? new Formatter("rustfmt", [rustfmt, "--edition", "2021"]) : null;
            case "sh" or "bash":
                problem = "shfmt is not installed here. Install it with \"apt install shfmt\".";
                return find("shfmt") is { } shfmt ? new Formatter("shfmt", [shfmt, "-filename", path]) : null;
            case "cs":
                problem = "dotnet format is not installed here. It comes with the .NET SDK from dot.net.";
                return find("dotnet") is { } dotnet
                    ? new Formatter("dotnet format", [dotnet, "format", "whitespace", "--folder", "--include", FileArgument], InPlace: true)
                    : null;
            default:
                known = false;
                problem = $"Nothing is known to format \"{name}\". Name a command for it under \"format\" in dropit.json: "
                    + $"{{ \"{ending}\": \"command that reads the text and prints it formatted\" }}.";
                return null;
        }
    }
}
