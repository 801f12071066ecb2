using DropIt.Server.Tests.Harness;
using DropIt.Server.Tests.Storage;
using DropIt.Tests.Services;
using Npgsql;

namespace DropIt.Server.Tests.Doctor;

/// <summary>What `dropit-server doctor` says of a real S3 server, broker and database.</summary>
[Collection(S3Suite.Name)]
public sealed class StoresSpecs(S3Fixture s3, RabbitServer broker, PostgresServer postgres) : IClassFixture<RabbitServer>
{
    [Fact]
    public async Task Stores_that_work_are_well()
    {
        var database = new NpgsqlConnectionStringBuilder(await postgres.DatabaseAsync());
        var (_, lines) = await AskAsync(
            $"s3://{S3Server.Bucket}/{S3Server.FreshPrefix()}", s3.SecretKey, broker.Address.ToString(), database.ConnectionString);
        Assert.Contains("✓ bucket ", lines, StringComparison.Ordinal);
        Assert.Contains("✓ broker ", lines, StringComparison.Ordinal);
        Assert.Contains(
            $"✓ database     The PostgreSQL at {database.Host}:{database.Port} (database {database.Database}) answers", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_a_broker_and_a_database_that_are_not_there_are_named_with_the_cure()
    {
        await postgres.StartAsync();
        var (code, lines) = await AskAsync("s3://nowhere/x", s3.SecretKey, $"amqp://test:test@127.0.0.1:{ServerRig.FreePort()}", postgres.Connect("nowhere"));
        Assert.Equal(1, code);
        Assert.Contains("✗ bucket       There is no bucket nowhere", lines, StringComparison.Ordinal);
        Assert.Contains("Make it, or name another with --s3.", lines, StringComparison.Ordinal);
        Assert.Contains("✗ broker ", lines, StringComparison.Ordinal);
        Assert.Contains("is DROPIT_RABBITMQ right?", lines, StringComparison.Ordinal);
        Assert.Contains("✗ database ", lines, StringComparison.Ordinal);
        Assert.Contains("Make it with CREATE DATABASE", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_a_password_and_a_user_that_are_refused_are_told()
    {
        var database = (await postgres.DatabaseAsync()).Replace("Username=test", "Username=stranger", StringComparison.Ordinal);
        var (code, lines) = await AskAsync(
            $"s3://{S3Server.Bucket}/x", "wrong", broker.Address.ToString().Replace("test:test", "test:wrong", StringComparison.Ordinal), database);
        Assert.Equal(1, code);
        Assert.Contains("refuses the key", lines, StringComparison.Ordinal);
        Assert.Contains("✗ broker ", lines, StringComparison.Ordinal);
        Assert.Contains("Correct the user in --database", lines, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Lines)> AskAsync(string bucket, string secret, string rabbit, string database)
    {
        var data = Directory.CreateTempSubdirectory("dropit-stores-").FullName;
        var config = Path.Combine(data, "config.json");
        await File.WriteAllTextAsync(config, System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["s3-access-key"] = s3.AccessKey,
            ["s3-secret-key"] = secret,
            ["rabbitmq"] = rabbit,
            ["database-password"] = PostgresServer.Password,
        }), TestContext.Current.CancellationToken);
        var (code, output, errors) = await ServerRig.RunAsync(
            "doctor", "--data", data, "--config", config, "--s3", bucket, "--s3-endpoint", s3.Endpoint, "--database", database,
            "--runner", Built.Runner, "--templates", Built.Templates);
        Directory.Delete(data, recursive: true);
        return (code, output + errors);
    }
}
