using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.History;
using DropIt.Storage.Journal;
using DropIt.Storage.Journal.Rabbit;
using DropIt.Storage.Kept;
using DropIt.Storage.Metrics;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;
using DropIt.Storage.Persisting;
using DropIt.Storage.Templates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace DropIt.Storage;

/// <summary>Puts storage into a server.</summary>
public static class StorageSetup
{
    /// <summary>A start does not wait for a silent store as a put would.</summary>
    private static readonly TimeSpan s_trial = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Adds <see cref="WorkspaceStore"/> and what it and the parts below stand on: object store and queue. The data folder is opened when the first of
    /// them is asked for;
    /// an unwritable one throws <see cref="IOException"/> with the cure.
    /// </summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, StorageOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<StorageFolders>();
        services.AddMetrics();
        services.AddSingleton<StorageMetrics>();
        services.AddSingleton<IObjectStore>(provider => new MeteredObjectStore(
            options.S3 is { } s3 ? new S3ObjectStore(s3) : new DiskObjectStore(provider.GetRequiredService<StorageFolders>().Store),
            provider.GetRequiredService<StorageMetrics>()));
        services.AddSingleton<PackReader>();
        services.AddSingleton<HeadBook>();
        services.AddSingleton<TemplateShelf>();
        services.AddSingleton(provider => new WorkspaceHistory(
            provider.GetRequiredService<HeadBook>(), provider.GetRequiredService<PackReader>()));
        services.AddSingleton<IJournalQueue>(provider => options.Rabbit is { } rabbit
            ? new RabbitJournalQueue(
                rabbit,
                new DeliverySpool(provider.GetRequiredService<StorageFolders>().Spool),
                provider.GetRequiredService<ILogger<RabbitJournalQueue>>())
            : new FileJournalQueue(provider.GetRequiredService<StorageFolders>().Journal, new JournalBounds(), options.SyncJournal));
        services.AddSingleton<JournalIntake>();
        return services.AddSingleton(provider => new WorkspaceStore(
            provider.GetRequiredService<IObjectStore>(),
            provider.GetRequiredService<HeadBook>(),
            provider.GetRequiredService<PackReader>(),
            provider.GetRequiredService<TemplateShelf>(),
            provider.GetRequiredService<IJournalQueue>(),
            provider.GetRequiredService<JournalIntake>(),
            provider.GetRequiredService<StorageFolders>(),
            provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>
    /// Tries the object store before a server starts on it. The trouble is null when it does what storage needs; when it is misconfigured, the server
    /// should not start; when it only does not answer, it may yet.
    /// </summary>
    public static async Task<ObjectStoreException?> TroubleAsync(StorageOptions options, CancellationToken cancel = default)
    {
        if (options.S3 is not { } s3)
        {
            return null;
        }

        try
        {
            using var store = new S3ObjectStore(s3 with { AttemptTimeout = s_trial });
            await store.CheckAsync(cancel);
            return null;
        }
        catch (ObjectStoreException e)
        {
            return e;
        }
    }

    /// <summary>Adds what runners send to.</summary>
    public static IServiceCollection AddIntake(this IServiceCollection services) => services
        .AddSingleton<UploadShelf>()
        .AddSingleton<KeptShelf>()
        .AddSingleton<RunnerRoutes>()
        .AddHostedService<QueueWatch>();

    /// <summary>Adds what reads the journal and writes workspaces.</summary>
    public static IServiceCollection AddPersister(this IServiceCollection services)
    {
        services.AddSingleton<Compactor>();
        services.AddSingleton<Thinner>();
        services.AddSingleton<WorkspaceWriter>();
        services.AddSingleton<Collector>();
        services.AddHostedService<Persister>();
        services.AddHostedService<CollectorSchedule>();
        return services;
    }

    /// <summary>Maps the routes of <see cref="AddIntake"/> (docs/protocol.md, "Runner and storage").</summary>
    public static WebApplication MapStorage(this WebApplication app)
    {
        app.Services.GetRequiredService<RunnerRoutes>().Map(app);
        return app;
    }
}
