namespace DropIt.Browser.Tests.Harness;

/// <summary>Where the things under test are, found from the folder that the tests run in.</summary>
internal static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The server's program; built by <c>./dropit build</c>.</summary>
    public static string Server => Built("DROPIT_SERVER", "artifacts/server/dropit-server");

    /// <summary>The runner's program.</summary>
    public static string Runner => Built("DROPIT_RUNNER", "artifacts/runner/dropit-runner");

    /// <summary>The page's files.</summary>
    public static string Web => Path.Combine(Root, "web/dist");

    /// <summary>The stacks.</summary>
    public static string Templates => Path.Combine(Root, "templates");

    /// <summary>Where screenshots go; made when missing.</summary>
    public static string Screenshots => Directory.CreateDirectory(Path.Combine(Root, "artifacts/screenshots")).FullName;

    private static string Built(string variable, string path)
    {
        var file = Environment.GetEnvironmentVariable(variable) ?? Path.Combine(Root, path);
        return File.Exists(file)
            ? file
            : throw new FileNotFoundException($"{file} is not built. Run ./dropit build, or name another one in {variable}.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DropIt.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests do not run below the folder of DropIt.slnx.");
    }
}
