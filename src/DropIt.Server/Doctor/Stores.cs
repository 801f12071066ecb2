using DropIt.Control.Database;
using DropIt.Storage;
using DropIt.Storage.Access;
using DropIt.Storage.Journal.Rabbit;
using DropIt.Storage.Objects;

namespace DropIt.Server.Doctor;

/// <summary>Checks of what keeps workspaces and rows outside the data folder.</summary>
internal static class Stores
{
    /// <summary>Does the bucket answer, take the key, and keep conditional puts?</summary>
    public static async Task<Finding> BucketAsync(string data, S3Options s3, CancellationToken cancel)
    {
        var trouble = await StorageSetup.TroubleAsync(new StorageOptions { DataFolder = data, PublicKey = () => null, S3 = s3 }, cancel);
        return trouble is null ? Finding.Good($"The object store {s3} takes, keeps apart and gives back.") : Told(trouble.Message);
    }

    /// <summary>Does the broker answer, and does it hold entries that could not be stored?</summary>
    public static async Task<Finding> BrokerAsync(RabbitOptions rabbit, CancellationToken cancel)
    {
        try
        {
            var dead = await new DeadLetters(rabbit).ListAsync(cancel);
            return dead.Count == 0
                ? Finding.Good($"The message broker {rabbit} has the queues of the journal.")
                : Finding.Warning(
                    $"The message broker {rabbit} works, and {dead.Count} entries of the journal could not be stored.",
                    "dropit-server journal dead list says which and why; journal dead replay stores them once the cause is removed.");
        }
        catch (IOException e)
        {
            return Told(e.Message);
        }
    }

    /// <summary>Does the database answer, is it new enough, and may its user make tables?</summary>
    public static async Task<Finding> DatabaseAsync(PostgresOptions postgres, CancellationToken cancel)
    {
        try
        {
            return Finding.Good(await PostgresTrial.RunAsync(postgres, cancel));
        }
        catch (DatabaseException e)
        {
            return Told(e.Message);
        }
    }

    /// <summary>What these parts say of themselves: the cause, and behind the first full stop the cure.</summary>
    private static Finding Told(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? Finding.Bad(message, "docs/operations.md says what the server needs of it.") : Finding.Bad(message[..(end + 1)], message[(end + 2)..]);
    }
}
