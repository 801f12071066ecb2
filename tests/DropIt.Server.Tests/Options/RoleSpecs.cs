using System.Security.Cryptography;
using DropIt.Server.Options;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Options;

public sealed class RoleSpecs
{
    private const string Broker = "amqp://u:secret@broker/";
    private static readonly string[] s_front = ["--runner", Built.Runner, "--templates", Built.Templates];
    private static readonly string[] s_shared = ["--data", "/tmp/d", "--s3", "s3://bucket/", "--s3-region", "us-east-1"];

    [Fact]
    public void Without_roles_a_process_has_all_of_them()
    {
        var (options, problems) = Read(["--data", "/tmp/d", .. s_front], broker: null);
        Assert.Empty(problems);
        Assert.Equal(Roles.All, options!.Roles);
        Assert.Null(options.Broker);
    }

    [Fact]
    public void Each_part_starts_with_what_it_needs_and_no_more()
    {
        var key = Path.GetTempFileName();
        using (var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            File.WriteAllText(key, Convert.ToBase64String(ecdsa.ExportSubjectPublicKeyInfo()) + "\n");
        }

        Assert.Equal(Roles.Persister, Read([.. s_shared, "--roles", "persister"]).Options!.Roles);
        var storage = Read([.. s_shared, "--roles", "storage", "--public-key", key, "--storage-listen", "127.0.0.1:7701"]).Options!;
        Assert.Equal(Roles.Storage, storage.Roles);
        Assert.Equal(File.ReadAllText(key).Trim(), storage.PublicKey);
        var front = Read([.. s_shared, .. s_front, "--roles", "control, gateway,orchestrator", "--storage-at", "http://127.0.0.1:7701"]).Options!;
        Assert.Equal(Roles.Front, front.Roles);
        Assert.Equal("http://127.0.0.1:7701", front.StorageAt);
        Assert.Equal(new Uri(Broker), front.Broker);
        File.Delete(key);
    }

    [Theory]
    [InlineData("control,storage,cook", "no role 'cook'")]
    [InlineData(",", "name at least one")]
    [InlineData("control,storage", "Name all three for one process")]
    public void A_list_that_makes_no_server_is_refused(string roles, string cause) =>
        Assert.Contains(Read([.. s_shared, .. s_front, "--roles", roles]).Problems, problem => problem.Contains(cause, StringComparison.Ordinal));

    [Fact]
    public void A_part_without_what_joins_it_to_the_others_is_refused_with_cause_and_cure()
    {
        var problems = Read(["--data", "/tmp/d", "--roles", "persister"], broker: null).Problems;
        Assert.Contains(problems, problem => problem.Contains("DROPIT_RABBITMQ", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("--s3", StringComparison.Ordinal));
        Assert.Contains("--public-key", Assert.Single(Read([.. s_shared, "--roles", "storage"]).Problems), StringComparison.Ordinal);
        Assert.Contains(
            "--storage-at",
            Assert.Single(Read([.. s_shared, .. s_front, "--roles", "control,gateway,orchestrator"]).Problems),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_read_is_told_without_the_password()
    {
        Assert.Contains("public.key", Assert.Single(Read([.. s_shared, "--roles", "storage", "--public-key", "/no/such"]).Problems), StringComparison.Ordinal);
        Assert.Contains("--storage-at here", Assert.Single(Read([.. s_shared, .. s_front, "--storage-at", "here"]).Problems), StringComparison.Ordinal);
        var broker = Assert.Single(Read([.. s_shared, "--roles", "persister"], broker: "http://u:secret@broker/").Problems);
        Assert.Contains("amqp://", broker, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", broker, StringComparison.Ordinal);
    }

    private static (ServerOptions? Options, IReadOnlyList<string> Problems) Read(string[] args, string? broker = Broker) =>
        OptionReader.Read(args, name => name == "DROPIT_RABBITMQ" ? broker : null, "/nowhere");
}
