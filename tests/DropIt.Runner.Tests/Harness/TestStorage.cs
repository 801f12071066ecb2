using System.Net;
using DropIt.Protocol.Workspaces;
using DropIt.Storage;
using DropIt.Storage.Access;
using DropIt.Storage.History;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Runner.Tests.Harness;

/// <summary>The real storage service on a Unix socket, in the test's process. It can be stopped and started on the same data.</summary>
internal sealed class TestStorage(string socket, string folder, string publicKey) : IAsyncDisposable
{
    private WebApplication? _app;
    private long _received;

    /// <summary>Sees every request first; true: it was answered.</summary>
    public Func<HttpContext, Task<bool>>? Intercept { get; set; }

    /// <summary>A port that the next start listens on too.</summary>
    public int? Port { get; set; }

    /// <summary>What the next start lets workspaces hold; null: as usual.</summary>
    public Quota? Quota { get; set; }

    /// <summary>Bytes of all request bodies.</summary>
    public long Received => Volatile.Read(ref _received);

    public WorkspaceStore Store => _app!.Services.GetRequiredService<WorkspaceStore>();

    public WorkspaceHistory History => _app!.Services.GetRequiredService<WorkspaceHistory>();

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(socket);
            if (Port is { } port)
            {
                kestrel.Listen(IPAddress.Loopback, port);
            }
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        var options = new StorageOptions { DataFolder = folder, PublicKey = () => publicKey };
        builder.Services.AddStorage(Quota is { } quota ? options with { Quota = quota } : options).AddIntake().AddPersister();
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            Interlocked.Add(ref _received, context.Request.ContentLength ?? 0);
            if (Intercept is not { } intercept || !await intercept(context))
            {
                await next(context);
            }
        });
        _app.UseRouting();
        _app.MapStorage();
        _app.UseEndpoints(_ => { });
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
        File.Delete(socket);
    }

    /// <summary>The text of a stored file, once everything that was acknowledged is applied; null when there is none.</summary>
    public async Task<string?> TextAsync(Slug slug, string path)
    {
        await Store.SettledAsync(slug);
        var opened = await Store.OpenFileAsync(slug, path);
        if (opened.Value is not { } file)
        {
            return null;
        }

        await using (file)
        {
            using var reader = new StreamReader(file.Content);
            return await reader.ReadToEndAsync();
        }
    }

    /// <summary>The stored paths, once everything that was acknowledged is applied.</summary>
    public async Task<IReadOnlyList<WorkspacePathInfo>> PathsAsync(Slug slug)
    {
        await Store.SettledAsync(slug);
        return (await Store.ListAsync(slug)).Value!.Paths;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await StopAsync();
        }
    }
}
