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
        Assert.Equal(TimeSpan.FromMinutes(15), options.Sleep.Left);
    }

    [Fact]
    public void Accounts_are_off_until_someone_says_who_may_have_one()
    {
        Assert.Null(Read(s_valid).Options!.Accounts);
        Assert.Equal("Invitation", Read([.. s_valid, "--accounts", "invitation"]).Options!.Accounts!.SignUp.ToString());
        foreach (var (wrong, words) in ((string[], string)[])
            [(["--accounts", "yes"], "say off, closed"),
             (["--accounts", "open", "--openid-client-id", "x"], "Give all three"),
             (["--accounts", "open", "--github-client-id", "x"], "DROPIT_GITHUB_CLIENT_SECRET")])
        {
            Assert.Contains(words, Assert.Single(Read([.. s_valid, .. wrong]).Problems), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_sandbox_is_made_where_it_can_be_unless_someone_says_otherwise()
    {
        var sandbox = Read([.. s_valid, "--key-file", "/etc/hostname", "--database", "Host=h"]).Options!.Sandbox;
        Assert.Equal(("Auto", 4096), (sandbox.Choice.ToString(), sandbox.Processes));
        Assert.Contains("/etc/hostname", sandbox.Secrets);
        Assert.Equal(("None", 300L << 20), (Read([.. s_valid, "--sandbox", "none"]).Options!.Sandbox.Choice.ToString(), Read([.. s_valid, "--sandbox-memory-megabytes", "300"]).Options!.Sandbox.MemoryBytes));
        foreach (var (option, wrong, words) in ((string, string, string)[])
            [("--sandbox", "docker", "say auto, bubblewrap or none"), ("--sandbox", "1", "say auto, bubblewrap or none"), ("--sandbox-processes", "3", "from 32"),
             ("--sandbox-memory-megabytes", "1", "from 128"), ("--sandbox-share", "relative", "no folder"), ("--sandbox-share", "/nowhere-at-all", "no folder"),
             ("--sandbox-share", "/usr,/", "apart from the data folder")])
        {
            Assert.Contains(words, Assert.Single(Read([.. s_valid, option, wrong]).Problems), StringComparison.Ordinal);
        }
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
    public void How_long_versions_are_kept_is_the_operators_choice()
    {
        Assert.Equal(TimeSpan.FromDays(365), Read(s_valid).Options!.History.Daily);
        var chosen = Read([.. s_valid, "--history-all-hours", "2", "--history-hourly-days", "3", "--history-daily-days", "30"]).Options!.History;
        Assert.Equal((2, 3, 30), (chosen.All.TotalHours, chosen.Hourly.TotalDays, chosen.Daily.TotalDays));
        Assert.Contains("at least as far back", Assert.Single(Read([.. s_valid, "--history-all-hours", "400"]).Problems));
        Assert.Contains("--history-daily-days 0", Assert.Single(Read([.. s_valid, "--history-daily-days", "0"]).Problems));
    }

    [Fact]
    public void A_database_needs_a_server_and_its_password_stays_off_the_command_line()
    {
        Assert.Contains("names no server", Assert.Single(Read([.. s_valid, "--database", "Database=dropit"]).Problems));
        Assert.Contains("not a connection string", Assert.Single(Read([.. s_valid, "--database", "postgres://u:geheim@host/db"]).Problems));
        var shown = Assert.Single(Read([.. s_valid, "--database", "Host=h;Password=geheim"]).Problems);
        Assert.Contains("DROPIT_DATABASE_PASSWORD", shown);
        Assert.DoesNotContain("geheim", shown);

        var (options, _) = OptionReader.Read(
            [.. s_valid, "--database", "Host=h"], name => name == "DROPIT_DATABASE_PASSWORD" ? "geheim" : null, "/nowhere");
        Assert.Contains("Password=geheim", options!.Postgres!.ConnectionString);
        Assert.DoesNotContain("geheim", options.ToString());
    }

    [Fact]
    public void A_data_folder_too_deep_for_sockets_is_refused() =>
        Assert.Contains("too long for the sockets", Assert.Single(Read([.. s_valid, "--data", "/" + new string('x', 90)]).Problems));

    [Fact]
    public void A_bucket_is_read_with_its_prefix_and_a_server_of_ones_own_is_spoken_to_in_the_older_way()
    {
        var s3 = Read([.. s_valid, "--s3", "s3://company/dropit/one"]).Options!.S3!;
        Assert.Equal(("company", "dropit/one/", false, true), (s3.Bucket, s3.Prefix, s3.PathStyle, s3.Checksums));
        Assert.Null(s3.Credentials);
        s3 = Read([.. s_valid, "--s3", "s3://company/", "--s3-endpoint", "http://10.0.0.7:9000"]).Options!.S3!;
        Assert.Equal(("company", "", true, false), (s3.Bucket, s3.Prefix, s3.PathStyle, s3.Checksums));
        Assert.Null(Read(s_valid).Options!.S3);
    }

    [Fact]
    public void A_secret_on_the_command_line_is_refused_and_never_repeated()
    {
        var problem = Assert.Single(Read([.. s_valid, "--s3", "s3://company", "--s3-secret-key", "hush"]).Problems);
        Assert.Contains("DROPIT_S3_SECRET_KEY", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--s3 company", "not a bucket")]
    [InlineData("--s3 s3://Company", "not a bucket")]
    [InlineData("--s3 s3://company/../x", "not a bucket")]
    [InlineData("--s3 s3://company --s3-endpoint 10.0.0.7:9000", "not an address")]
    [InlineData("--s3 s3://company --s3-path-style maybe", "say yes or no")]
    [InlineData("--s3 s3://company --s3-checksums none", "say supported or required")]
    [InlineData("--s3-region eu-west-1", "says nothing without --s3")]
    public void What_cannot_be_meant_of_a_bucket_is_refused(string line, string problem) =>
        Assert.Contains(problem, Assert.Single(Read([.. s_valid, .. line.Split(' ')]).Problems), StringComparison.Ordinal);

    private static (ServerOptions? Options, IReadOnlyList<string> Problems) Read(string[] args) =>
        OptionReader.Read(args, _ => null, "/nowhere");
}
