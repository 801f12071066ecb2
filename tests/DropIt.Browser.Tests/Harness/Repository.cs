namespace DropIt.Browser.Tests.Harness;

/// <summary>Where the things under test are.</summary>
internal static class Repository
{
    /// <summary>The server's program; built by <c>./dropit build</c>.</summary>
    public static string Server => Built("DROPIT_SERVER", "artifacts/server/dropit-server");

    /// <summary>The runner's program.</summary>
    public static string Runner => Built("DROPIT_RUNNER", "artifacts/runner/dropit-runner");

    /// <summary>The page's files.</summary>
    public static string Web => Path.Combine(Checkout.Root, "web/dist");

    /// <summary>The stacks.</summary>
    public static string Templates => Path.Combine(Checkout.Root, "templates");

    /// <summary>Where screenshots go; made when missing.</summary>
    public static string Screenshots => Directory.CreateDirectory(Path.Combine(Checkout.Root, "artifacts/screenshots")).FullName;

    private static string Built(string variable, string path)
    {
        var file = Environment.GetEnvironmentVariable(variable) ?? Path.Combine(Checkout.Root, path);
        return File.Exists(file)
            ? file
            : throw new FileNotFoundException($"{file} is not built. Run ./dropit build, or name another one in {variable}.");
    }
}
