using System.Globalization;
using DropIt.Protocol.Workspaces;

namespace DropIt.Storage.Journal.Rabbit;

/// <summary>How the journal lies in RabbitMQ.</summary>
public sealed record RabbitOptions
{
    /// <summary><c>amqp://user:password@host:port/vhost</c>, or <c>amqps</c>. All queues of one installation lie in one vhost.</summary>
    public required Uri Address { get; init; }

    /// <summary>
    /// Number of queues: as many persisters can share the work. The same in every process of an installation, for its life.
    /// </summary>
    internal int Partitions { get; init; } = 8;

    /// <summary>
    /// Most deliveries of a partition that the persister holds unacked: 20 s of 100 workspaces typed in at once. Their bodies take at most
    /// <see cref="DeliverySpool.MemoryBytes"/>, beyond it disk.
    /// </summary>
    internal ushort Window { get; init; } = 2000;

    /// <summary>Bytes published and not confirmed yet, beyond which an entry is asked to come again.</summary>
    internal long InFlightBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Bytes waiting in one partition: an hour's outage of the object store for a busy installation.</summary>
    internal long PartitionBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>A confirm takes milliseconds; a broker that takes this long is away, and the connection to it is opened anew.</summary>
    internal TimeSpan ConfirmIn { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a persister may take to say that a workspace is settled.</summary>
    internal TimeSpan SettleIn { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Deliveries of an entry without an ack before it is no longer tried but set aside. A lost connection counts too, so it is far above what an outage
    /// makes.
    /// </summary>
    internal int SuspectAfter { get; init; } = 500;

    /// <summary>Entries that were set aside.</summary>
    internal string Dead => Prefix + ".dead";

    /// <summary>Exchange by which processes tell each other what to forget.</summary>
    internal string Forget => Prefix + ".forget";

    /// <summary>Begins the name of everything in the broker.</summary>
    internal string Prefix { get; init; } = "dropit.journal";

    /// <summary>The queue of a partition.</summary>
    internal string Queue(int partition) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}.{partition}");

    /// <summary>The queue of a workspace.</summary>
    internal string Queue(Slug workspace) => Queue(JournalPartition.Of(workspace, Partitions));

    /// <summary>What people may see: the address without the password.</summary>
    public override string ToString() => $"{Address.Scheme}://{Address.Host}:{(Address.Port > 0 ? Address.Port : 5672)}";
}
