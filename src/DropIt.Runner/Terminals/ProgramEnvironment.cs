using System.Globalization;
using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Terminals;

/// <summary>What programs of the workspace are started with. Pure: the runner's environment comes from outside.</summary>
internal sealed class ProgramEnvironment
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private readonly List<string> _variables = [];
    private readonly Func<IReadOnlyDictionary<string, string>> _set;
    private readonly string _root;

    /// <summary>Of one workspace.</summary>
    /// <param name="options">Root, slug and PORT.</param>
    /// <param name="own">A variable of the runner's own environment, null when unset.</param>
    /// <param name="set">What the workspace's people set, now; it goes before what is passed on.</param>
    public ProgramEnvironment(RunnerOptions options, Func<string, string?> own, Func<IReadOnlyDictionary<string, string>> set)
    {
        (_root, _set) = (options.Root, set);
        Path = own("PATH") ?? DefaultPath;
        ShellPath = Find("bash") ?? "/bin/sh";
        foreach (var name in ProgramVariables.PassedOn)
        {
            if (own(name) is { } value)
            {
                _variables.Add($"{name}={value}");
            }
        }

        Default("HOME", options.Root);
        Default("PATH", DefaultPath);
        _variables.Add("TERM=xterm-256color");
        _variables.Add("COLORTERM=truecolor");
        _variables.Add("LANG=C.UTF-8");
        _variables.Add("SHELL=" + ShellPath);
        _variables.Add("PROMPT_DIRTRIM=1"); // the folders above the workspace say nothing to its user
        _variables.Add("DROPIT_WORKSPACE=" + options.Workspace);
        if (options.Port is { } port)
        {
            _variables.Add("PORT=" + port.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Where programs are looked for.</summary>
    public string Path { get; }

    /// <summary>All variables, as a program that is started now gets them.</summary>
    public IEnumerable<(string Name, string Value)> Variables => Now().Select(variable =>
    {
        var at = variable.IndexOf('=', StringComparison.Ordinal);
        return (variable[..at], variable[(at + 1)..]);
    });

    /// <summary>The shell: bash where there is one.</summary>
    public string ShellPath { get; }

    /// <summary>An interactive shell in a folder; null: the workspace's root.</summary>
    public PtyProgram Shell(string? folder = null) => new(ShellPath, [System.IO.Path.GetFileName(ShellPath), "-i"], folder ?? _root, Now());

    /// <summary>A shell command in the workspace's root.</summary>
    /// <param name="command">As in <c>dropit.json</c>.</param>
    /// <param name="port">PORT when the runner was given none; null leaves it unset.</param>
    public PtyProgram Command(string command, int? port = null)
    {
        var variables = Now();
        variables = port is null || variables.Exists(v => v.StartsWith("PORT=", StringComparison.Ordinal))
            ? variables
            : [.. variables, "PORT=" + port.Value.ToString(CultureInfo.InvariantCulture)];
        return new(ShellPath, [System.IO.Path.GetFileName(ShellPath), "-c", command], _root, variables);
    }

    /// <summary>The path of a command, or null when it is not installed.</summary>
    public string? Find(string tool)
    {
        foreach (var folder in Path.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var file = System.IO.Path.Combine(folder, tool);
            if (File.Exists(file) && Libc.Access(file, Libc.MayExecute) == 0)
            {
                return file;
            }
        }

        return null;
    }

    private List<string> Now()
    {
        var set = _set();
        return set.Count == 0
            ? _variables
            : [.. _variables.Where(v => !set.ContainsKey(v[..v.IndexOf('=', StringComparison.Ordinal)])), .. set.Select(v => $"{v.Key}={v.Value}")];
    }

    private void Default(string name, string value)
    {
        if (!_variables.Exists(v => v.StartsWith(name + "=", StringComparison.Ordinal)))
        {
            _variables.Add($"{name}={value}");
        }
    }
}
