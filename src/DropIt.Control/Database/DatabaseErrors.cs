using System.Data.Common;
using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DropIt.Control.Database;

/// <summary>Counts what the database did not do.</summary>
internal static class DatabaseErrors
{
    private static readonly Meter s_meter = new("DropIt.Control");

    private static readonly Counter<long> s_errors = s_meter.CreateCounter<long>(
        "dropit.database.errors", description: "Connections and commands that the database refused or did not answer");

    /// <summary>Sees every connection and command.</summary>
    public static IInterceptor[] Counter { get; } = [new Connections(), new Commands()];

    /// <summary>One more.</summary>
    public static void Count() => s_errors.Add(1);

    private sealed class Connections : DbConnectionInterceptor
    {
        public override Task ConnectionFailedAsync(
            DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
        {
            Count();
            return Task.CompletedTask;
        }
    }

    private sealed class Commands : DbCommandInterceptor
    {
        public override Task CommandFailedAsync(
            DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
        {
            Count();
            return Task.CompletedTask;
        }
    }
}
