namespace DropIt.Server.Tests.Harness;

/// <summary>Where the programs under test are: those that the environment names (`./dropit test` names the published ones), else this build's.</summary>
internal static class Built
{
    public static string Server { get; } =
        Environment.GetEnvironmentVariable("DROPIT_SERVER") ?? Output("DropIt.Server", "dropit-server");

    public static string Runner { get; } =
        Environment.GetEnvironmentVariable("DROPIT_RUNNER") ?? Output("DropIt.Runner", "dropit-runner");

    public static string Cli { get; } =
        Environment.GetEnvironmentVariable("DROPIT_CLI") ?? Output("DropIt.Cli", "dropit-cli");

    public static string Templates { get; } = Path.Combine(Checkout.Root, "templates");

    private static string Output(string project, string program)
    {
        // bin/<configuration>/<framework> of this very assembly tells which build it belongs to.
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Checkout.Root, "src", project, "bin", framework.Parent!.Name, framework.Name, program);
    }
}
