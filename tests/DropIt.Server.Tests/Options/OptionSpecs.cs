using DropIt.Server.Options;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Options;

public sealed class OptionSpecs
{
    private static readonly string[] s_valid = ["--runner", Built.Runner, "--templates", Built.Templates, "--data", "/tmp/d"];

    [Fact]
    public void Without_options_the_server_is_for_this_machine_only()
    {
        var (options, problems) = Read(s_valid);
        Assert.Empty(problems);
        Assert.Equal("127.0.0.1", options!.Bind.ToString());
        Assert.Equal("http://localhost:7700", options.Origin);
        Assert.Equal("localhost", options.Domain);
        Assert.Equal(TimeSpan.FromMinutes(15), options.Idle);
    }

    [Fact]
    public void Every_problem_is_told_at_once()
    {
        var (options, problems) = Read(["--port", "70000", "--bind", "here", "--origin", "nowhere", "--nonsense", "--runner", "/no/runner"]);
        Assert.Null(options);
        foreach (var name in (string[])["--port 70000", "--bind here", "--origin nowhere", "--nonsense", "--runner /no/runner"])
        {
            Assert.Single(problems, p => p.StartsWith(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_command_line_goes_before_the_environment_and_that_before_the_file()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, """{ "port": 1001, "bind": "0.0.0.0", "domain": "file.example" }""");
        var (options, _) = OptionReader.Read(
            [.. s_valid, "--config", file, "--port", "1003"],
            name => name switch { "DROPIT_PORT" => "1002", "DROPIT_BIND" => "127.0.0.2", _ => null },
            "/nowhere");
        Assert.Equal(1003, options!.Port);
        Assert.Equal("127.0.0.2", options.Bind.ToString());
        Assert.Equal("file.example", options.Domain);
        File.Delete(file);
    }

    [Fact]
    public void A_role_that_does_not_exist_and_roles_left_out_are_refused()
    {
        Assert.Contains("no role 'cook'", Assert.Single(Read([.. s_valid, "--roles", "control,storage,orchestrator,gateway,persister,cook"]).Problems));
        Assert.Contains("persister must run in this process too", Assert.Single(Read([.. s_valid, "--roles", "control,storage,orchestrator,gateway"]).Problems));
    }

    [Fact]
    public void A_data_folder_too_deep_for_sockets_is_refused() =>
        Assert.Contains("too long for the sockets", Assert.Single(Read([.. s_valid, "--data", "/" + new string('x', 90)]).Problems));

    private static (ServerOptions? Options, IReadOnlyList<string> Problems) Read(string[] args) =>
        OptionReader.Read(args, _ => null, "/nowhere");
}
