using System.Net.Sockets;
using System.Reflection;
using DropIt.Control;
using DropIt.Control.Database;
using DropIt.Control.Importing;
using DropIt.Control.Tickets;
using DropIt.Gateway;
using DropIt.Gateway.Ingresses;
using DropIt.Orchestrator;
using DropIt.Orchestrator.Sandboxes;
using DropIt.Server;
using DropIt.Server.Admin;
using DropIt.Server.Doctor;
using DropIt.Server.Observing;
using DropIt.Server.Options;
using DropIt.Storage;
using DropIt.Storage.Access;
using DropIt.Storage.Journal.Rabbit;

// 1. What is asked?
var signIn = args is ["signin", ..];
var doctor = args is ["doctor", ..];
var upkeep = args is ["storage", ..];
var journal = args[..JournalCommand.Words(args)];
if (args.Contains("--help") || args.Contains("-h"))
{
    Console.Write(OptionReader.Help);
    return 0;
}

var (command, mistake) = upkeep ? StorageCommand.Parse(args[1..]) : (null, null);
if (mistake is not null)
{
    return Refuse([mistake]);
}

var (options, problems) = OptionReader.Read(
    command?.Options ?? (signIn || doctor ? args[1..] : args[journal.Length..]),
    Environment.GetEnvironmentVariable,
    AppContext.BaseDirectory,
    dataOnly: signIn || upkeep || journal.Length > 0);
if (options is null)
{
    return Refuse(problems);
}

var rabbit = options.Broker is { } broker ? new RabbitOptions { Address = broker } : null;
if (journal.Length > 0)
{
    return await JournalCommand.RunAsync(journal, rabbit);
}

if (command is not null)
{
    return await command.RunAsync(options);
}

if (signIn)
{
    return await SignInCommand.RunAsync(options.Data);
}

if (doctor)
{
    return await DoctorCommand.RunAsync(options, Console.Out);
}

// 2. The data folder is ours until the process ends.
var (folder, taken) = DataFolder.Take(options.Data);
if (folder is null)
{
    return Refuse([taken!]);
}

using var held = folder;
var front = options.Roles.HasFlag(Roles.Front);
using var key = !front ? null
    : options.Postgres is null ? SigningKey.Open(options.Data, TimeProvider.System)
    : new SigningKey(TimeProvider.System);

// 3. A store that storage cannot live with is told now; one that only does not answer may yet.
var storage = new StorageOptions
{
    DataFolder = options.Data,
    PublicKey = () => key is null ? options.PublicKey : key.PublicKeyIfThere,
    S3 = options.S3,
    Rabbit = rabbit,
    Quota = options.Quota,
    Retention = options.History,
    MaxCacheBytes = options.CacheBytes,
};
if (await StorageSetup.TroubleAsync(storage) is { } trouble)
{
    if (trouble.Misconfigured)
    {
        return Refuse([trouble.Message]);
    }

    Console.Error.WriteLine("dropit: " + trouble.Message);
}

// 4. Is there a sandbox for workspaces? Tried before anything else only where nothing may run without one.
var sandbox = front && options.Kubernetes is null ? new Sandbox(options.Sandbox, options.Runner, options.Data) : null;
if (sandbox is not null && options.Sandbox.Choice == SandboxChoice.Bubblewrap && await sandbox.TrialAsync() is { Works: false } shown)
{
    return Refuse([$"--sandbox bubblewrap: {shown.Why}. {shown.Cure}"]);
}

// 5. The roles.
WildcardCertificate? certificate = null;
if (options is { TlsCertificate: { } chain, TlsKey: { } tlsKey })
{
    (certificate, var unusable) = WildcardCertificate.Open(chain, tlsKey, TimeProvider.System, text => Console.Error.WriteLine("dropit: " + text));
    if (certificate is null)
    {
        return Refuse([unusable!]);
    }
}

var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
builder.Logging.AddLogs(options);
builder.AddTelemetry(options);
builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(options, certificate));
builder.Services.AddRouting();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(options);
builder.Services.AddSingleton<ReadyWord>();
builder.Services.AddReadiness(options.Roles);
builder.Services.AddServerAdmin();
builder.Services.AddStorage(storage);
if (options.Roles.HasFlag(Roles.Storage))
{
    builder.Services.AddIntake();
}

if (options.Roles.HasFlag(Roles.Persister))
{
    builder.Services.AddPersister();
}

if (key is not null)
{
    AddFront(builder.Services, options, key, sandbox);
}

// Every runner may take its time to save what is left; see RunnerProcesses.
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));

// 6. The way of a request. A workspace's host ends at the gateway; what comes after is the page's own origin or a socket.
await using var app = builder.Build();
if (front)
{
    app.UseWhen(http => Listeners.CameThrough(http) == Door.Public, site =>
    {
        site.UseTrustedProxies(options);
        site.UseGateway();
        site.UseHostCheck(options);
        site.UseControl();
    });
}

app.UseDoors();
app.UseRouting();
app.UseLogs();
app.MapReadiness();
app.MapTelemetry(options);
if (front)
{
    app.UseRouteGuard();
    app.UseUserInLogs();
    app.MapSignInCommand();
    app.MapControl();
    app.MapServerAdmin();
}
else
{
    app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<ReadyWord>().Say(RolesReader.Describe(options.Roles)));
}

if (options.Roles.HasFlag(Roles.Storage))
{
    app.MapStorage();
}

// Else while the first page is read, before anyone needs the answer.
app.Lifetime.ApplicationStarted.Register(() => _ = sandbox?.TrialAsync());
StorageCommand.Map(app);
try
{
    await app.RunAsync();
    return 0;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    return Refuse([$"--port {options.Port}: another program already listens on {options.Bind}:{options.Port}. End it, or choose another with --port."]);
}
catch (DatabaseException e)
{
    return Refuse([e.Message]);
}
catch (Exception e) when (DatabaseTrouble.CauseOf(e) is { } cause)
{
    return Refuse([$"The database cannot be used: {cause}. Start the server again when it can."]);
}
catch (OperationCanceledException)
{
    return 0; // told to stop while it was starting
}
catch (SocketException e)
{
    return Refuse([$"--bind {options.Bind} --port {options.Port}: cannot listen there ({e.Message}). "
        + "Choose an address of this machine and a port from 1024 up."]);
}

static void AddFront(IServiceCollection services, ServerOptions options, SigningKey key, Sandbox? sandbox)
{
    services.AddControl(Describe(options, sandbox), key);
    services.AddGateway();
    var orchestrator = new OrchestratorOptions
    {
        DataFolder = options.Data,
        Runner = options.Runner,
        Storage = options.StorageAt ?? "unix:" + DataFolder.StorageSocket(options.Data),
        Sleep = options.Sleep,
        CacheBytes = options.CacheBytes,
    };
    if (options.Kubernetes is { } cluster)
    {
        services.AddIngresses(new IngressOptions(cluster.Namespace, cluster.IngressClass, options.Domain));
        services.AddOrchestrator(orchestrator, cluster);
    }
    else
    {
        services.AddOrchestrator(orchestrator, sandbox!);
    }

    services.AddHostedService<Announcement>();
}

static ControlOptions Describe(ServerOptions options, Sandbox? sandbox) => new()
{
    DataFolder = options.Data,
    Origin = options.Origin,
    Domain = options.Domain,
    Templates = options.Templates,
    Web = options.Web,
    Sleep = options.Sleep,
    Postgres = options.Postgres,
    Accounts = options.Accounts,
    AuditAge = options.AuditAge,
    WorkspacesEach = options.WorkspacesEach,
    AwakeEach = options.AwakeEach,
    UpgradesPerMinute = options.UpgradesPerMinute,
    Limits = stack => options.Kubernetes is { } cluster ? Task.FromResult(cluster.LimitsOf(stack)) : sandbox!.LimitsAsync(),
    Imports = new()
    {
        MaxBytes = options.ImportBytes,
        MaxUpload = Math.Min(options.ImportBytes, new ImportOptions().MaxUpload),
        AllowPrivate = options.ImportPrivate,
    },
    Version = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3),
};

static int Refuse(IReadOnlyList<string> problems)
{
    foreach (var problem in problems)
    {
        Console.Error.WriteLine("dropit: " + problem);
    }

    return 2;
}
