namespace DropIt.Tests.Services;

/// <summary>A real RabbitMQ (rabbitmq.sh beside this file) on a folder and ports of its own.</summary>
public sealed partial class RabbitServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-rabbitmq-").FullName;
    private readonly int _port = Script.FreePorts(first: 31_300, step: 4); // it uses 3

    /// <summary>As <c>DROPIT_RABBITMQ</c> wants it.</summary>
    public Uri Address => new($"amqp://test:test@127.0.0.1:{_port}/");

    /// <summary>The port that clients connect to.</summary>
    public int Port => _port;

    /// <summary>The folder of all that it stores.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>Starts it.</summary>
    public async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>Starts what does not run.</summary>
    public Task StartAsync() => RunAsync("start");

    /// <summary>kill -9 of the broker.</summary>
    public Task KillAsync() => RunAsync("kill", "node");

    /// <summary>SIGSTOP of the broker.</summary>
    public Task PauseAsync() => RunAsync("pause", "node");

    /// <summary>SIGCONT of the broker.</summary>
    public Task ResumeAsync() => RunAsync("resume", "node");

    /// <summary>From now on the disk counts as full, or again as it is.</summary>
    public Task FillDiskAsync(bool full) => RunAsync("ctl", "set_disk_free_limit", full ? "100000GB" : "50MB");

    /// <summary>From now on the broker has used more memory than it may, or again as it is.</summary>
    public Task FillMemoryAsync(bool full) => RunAsync("ctl", "set_vm_memory_high_watermark", "absolute", full ? "1MB" : "1GB");

    /// <summary>The address of a vhost that nobody else uses: an installation of its own.</summary>
    public async Task<Uri> FreshAsync()
    {
        var name = Guid.NewGuid().ToString("n");
        await ControlAsync("add_vhost", name);
        await ControlAsync("set_permissions", "-p", name, "test", ".*", ".*", ".*");
        return new Uri(Address, name);
    }

    /// <summary>What <c>rabbitmqctl</c> prints.</summary>
    public Task<string> ControlAsync(params string[] arguments) => RunAsync("ctl", arguments);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await RunAsync("wipe");

    private Task<string> RunAsync(string command, params string[] more) => Script.RunAsync("rabbitmq.sh", [command, _folder, $"{_port}", .. more]);
}
