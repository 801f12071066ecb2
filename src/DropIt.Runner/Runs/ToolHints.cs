namespace DropIt.Runner.Runs;

/// <summary>What to say about a command that is not installed.</summary>
internal static class ToolHints
{
    private static readonly Dictionary<string, (string Name, string Cure)> Known = new(StringComparer.Ordinal)
    {
        ["node"] = ("Node.js", "install it from nodejs.org or with \"apt install nodejs npm\""),
        ["npm"] = ("npm", "it comes with Node.js from nodejs.org, or with \"apt install npm\""),
        ["npx"] = ("npx", "it comes with Node.js from nodejs.org, or with \"apt install npm\""),
        ["python3"] = ("Python", "install it with \"apt install python3 python3-venv\""),
        ["python"] = ("Python", "install it with \"apt install python3 python-is-python3\""),
        ["pip"] = ("pip", "install it with \"apt install python3-pip\""),
        ["pip3"] = ("pip", "install it with \"apt install python3-pip\""),
        ["go"] = ("Go", "install it from go.dev/dl or with \"apt install golang\""),
        ["g++"] = ("g++", "install it with \"apt install g++\""),
        ["gcc"] = ("gcc", "install it with \"apt install gcc\""),
        ["clang++"] = ("clang++", "install it with \"apt install clang\""),
        ["make"] = ("make", "install it with \"apt install make\""),
        ["cmake"] = ("CMake", "install it with \"apt install cmake\""),
        ["dotnet"] = (".NET", "install the SDK from dot.net"),
        ["cargo"] = ("Rust", "install it from rustup.rs"),
        ["java"] = ("Java", "install it with \"apt install default-jdk\""),
        ["ruby"] = ("Ruby", "install it with \"apt install ruby\""),
        ["php"] = ("PHP", "install it with \"apt install php-cli\""),
    };

    /// <summary>One sentence for one or more missing commands, such as <c>Go is not installed here: ...</c></summary>
    public static string Sentence(IReadOnlyList<string> missing) =>
        string.Join(" ", missing.Select(tool => Known.TryGetValue(tool, out var hint)
            ? $"{hint.Name} is not installed here: {hint.Cure} on the machine that runs this workspace."
            : $"{tool} is not installed here: put it on the PATH of the machine that runs this workspace, "
                + $"or take it out of \"tools\" in {Protocol.Workspaces.Project.FileName}."));
}
