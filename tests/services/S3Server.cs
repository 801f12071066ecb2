using Amazon.Runtime;
using Amazon.S3;
using DropIt.Storage.Objects;

namespace DropIt.Tests.Services;

/// <summary>A real S3 server (s3.sh beside this file) on a folder and ports of its own, with one bucket.</summary>
public class S3Server : IAsyncDisposable
{
    /// <summary>The one bucket.</summary>
    public const string Bucket = "workspaces";

    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-s3-").FullName;
    private readonly Dictionary<string, string> _said = [];
    private readonly int _port = Script.FreePorts(first: 20_000, step: 32); // it uses 21

    /// <summary>As <c>--s3-endpoint</c> wants it.</summary>
    public string Endpoint => _said["S3_ENDPOINT"];

    /// <summary>As DROPIT_S3_ACCESS_KEY.</summary>
    public string AccessKey => _said["S3_ACCESS_KEY"];

    /// <summary>As DROPIT_S3_SECRET_KEY.</summary>
    public string SecretKey => _said["S3_SECRET_KEY"];

    /// <summary>A place of one's own in the bucket.</summary>
    public static string FreshPrefix() => Guid.NewGuid().ToString("n") + "/";

    /// <summary>Starts it and makes the bucket.</summary>
    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        using var client = Client();
        await client.PutBucketAsync(Bucket);
    }

    /// <summary>What storage needs to use it.</summary>
    public S3Options Options(string prefix) => new()
    {
        Bucket = Bucket,
        Prefix = prefix,
        Endpoint = new Uri(Endpoint),
        PathStyle = true,
        Checksums = false,
        Credentials = new S3Credentials(AccessKey, SecretKey, null),
    };

    /// <summary>A client that shares nothing with the product's.</summary>
    public AmazonS3Client Client() => new(new BasicAWSCredentials(AccessKey, SecretKey), new AmazonS3Config
    {
        ServiceURL = Endpoint,
        ForcePathStyle = true,
        AuthenticationRegion = "us-east-1",
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });

    /// <summary>Starts what does not run.</summary>
    public async Task StartAsync()
    {
        foreach (var line in (await RunAsync("start")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = line.Split('=', 2) is [var n, var v] ? (n, v) : throw new InvalidOperationException(line);
            _said[name] = value;
        }
    }

    /// <summary>kill -9 of the gateway.</summary>
    public Task KillAsync() => RunAsync("kill", "gateway");

    /// <summary>SIGSTOP of the gateway.</summary>
    public Task PauseAsync() => RunAsync("pause", "gateway");

    /// <summary>SIGCONT of the gateway.</summary>
    public Task ResumeAsync() => RunAsync("resume", "gateway");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await RunAsync("wipe");
        GC.SuppressFinalize(this);
    }

    private Task<string> RunAsync(string command, params string[] daemons) => Script.RunAsync("s3.sh", [command, _folder, $"{_port}", .. daemons]);
}
